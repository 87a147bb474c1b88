"""The status file survives its JSON, and what is none is no status."""

import json
from dataclasses import replace

import pytest

from clawmend.core.document import Json
from clawmend.core.receipt import Fault
from clawmend.loop.status import Contested, Gateway, Mishap, Repaired, Status, Watched, status_json, status_of

STATUS = Status(
    pid=12,
    process_started=1.5,
    started=2.5,
    updated=3.5,
    version="0.1.0",
    home="/home/ana",
    mode="auto",
    openclaw="2026.9.6",
    how="inotify",
    watched=(Watched("~/.openclaw", True),),
    looks=3,
    last_look=3.0,
    next_look=63.0,
    last_repair=Repaired(3.0, "repaired", "c1", "one says X"),
    left=(Fault("a", "OC201", "shadowing-credential", "error", "~/x", "two keys", "ask"),),
    blind=("~/y cannot be read",),
    contested=(Contested("b", "OC101", "~/z", 1.0, "a program"),),
    gateways=(Gateway("~/.openclaw", "ready", "It is ready."),),
    budget=("none of it is used",),
    paused=True,
    paused_until=99.0,
    mishaps=(Mishap(1.0, "a mistake"),),
)


@pytest.mark.parametrize("status", [STATUS, replace(STATUS, last_repair=None, paused_until=None, openclaw=None)])
def test_a_status_is_the_same_after_a_journey_through_json(status: Status) -> None:
    assert status_of(json.loads(json.dumps(status_json(status)))) == status


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"schema": 2}, {"schema": 1}, status_json(STATUS) | {"watched": [{}]},
     status_json(STATUS) | {"mishaps": [{"time": True, "text": ""}]}],
)  # fmt: skip
def test_what_is_no_status_is_none(value: Json) -> None:
    assert status_of(value) is None


def test_a_list_that_is_none_is_empty_and_a_repair_without_a_way_back_is_told() -> None:
    repaired = {"time": 1, "verdict": "repaired", "checkpoint": None, "summary": "x"}
    found = status_of(status_json(STATUS) | {"blind": None, "last_repair": repaired})
    assert found is not None
    assert (found.blind, found.last_repair) == ((), Repaired(1.0, "repaired", None, "x"))
