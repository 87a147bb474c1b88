"""What an edit said before OpenClaw took it back."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.era import Era
from clawmend.core.reverted import reverted_edit
from clawmend.core.state import Absent, Parsed
from support.build import CONFIG, identity, malformed, openclaw, parsed

NOW = {"meta": {"a": 1}, "gateway": {"mode": "local", "port": 1}, "agents": {"x": 1, "y": [1, {"b": 1, "c": 2}]}}
ASIDE = f"{CONFIG}.clobbered.1"


def at(path: str, value: Any, age: float = 3600.0) -> Parsed:
    return replace(parsed(path, value), identity=identity(age))


def test_the_three_reasons_are_told() -> None:
    wanted = {"gateway": {"port": 1}, "agents": {"x": 2}}
    home = openclaw(at(CONFIG, NOW), copies=(at(f"{CONFIG}.bak", NOW),), clobbered=(at(ASIDE, wanted),))
    found = reverted_edit(home, Era.D)
    assert found is not None
    assert found.reasons == ("it had no meta", "it had no gateway.mode", "it had less than half of the bytes")
    assert [(edit.pointer, edit.value) for edit in found.edits] == [(("agents", "x"), 2)]
    assert found.removed == (("agents", "y"),)


def test_members_in_another_order_are_the_same_also_in_lists() -> None:
    wanted = {"agents": {"y": [1, {"c": 2, "b": 1}], "x": 1}, "gateway": {"port": 1, "mode": "local"}}
    home = openclaw(at(CONFIG, NOW), copies=(at(f"{CONFIG}.bak", NOW),), clobbered=(at(ASIDE, wanted),))
    assert reverted_edit(home, Era.D) is None


@pytest.mark.parametrize("aside", [Absent(ASIDE), malformed(ASIDE), None])
def test_without_a_file_that_parses_there_was_none(aside: Any) -> None:
    clobbered = () if aside is None else (aside,)
    assert reverted_edit(openclaw(at(CONFIG, NOW), clobbered=clobbered), Era.D) is None


@pytest.mark.parametrize("config", [None, [], malformed(CONFIG)])
def test_without_a_configuration_nothing_is_compared(config: Any) -> None:
    assert reverted_edit(openclaw(config, clobbered=(at(ASIDE, {"agents": {"x": 2}}),)), Era.D) is None


def test_a_copy_that_does_not_parse_proves_nothing() -> None:
    home = openclaw(
        at(CONFIG, NOW),
        copies=(malformed(f"{CONFIG}.bak"),),
        clobbered=(at(ASIDE, {"gateway": {"mode": "local", "port": 1}, "agents": {"x": 2, "y": NOW["agents"]["y"]}}),),
    )
    assert reverted_edit(home, Era.D) is None
