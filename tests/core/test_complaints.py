"""Why a gateway did not start, in its own words; the lines were recorded from real gateways."""

import json
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.complaints import Bundle, complaints_of
from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.gateway import Cause, Complaint
from clawmend.core.log_events import read_line

LINES = json.loads((Path(__file__).parents[1] / "cases" / "_logs" / "starts.json").read_text())
BLOCKED = "Gateway start blocked: existing config is missing gateway.mode."


def told(*events: Event | None, bundles: tuple[Bundle, ...] = ()) -> tuple[Complaint, ...]:
    found = tuple(event for event in events if event is not None)
    return complaints_of(Evidence(found, 0.0, None, complete=True), bundles)


@pytest.mark.parametrize("row", LINES, ids=lambda row: row["proves"])
def test_a_line_of_a_real_log_tells(row: dict[str, Any]) -> None:
    found = told(read_line(json.dumps(row["line"])))
    assert [(each.cause.name, each.member) for each in found] == ([tuple(row["cause"])] if row["cause"] else [])


def event(kind: Kind, text: str, time: float = 5.0) -> Event:
    return Event(time, kind, None, None, None, None, text)


def test_a_reload_that_was_skipped_is_no_start() -> None:
    assert told(event(Kind.INVALID_CONFIG, "config reload skipped (invalid config): a: b")) == ()


def test_a_refused_key_is_no_start() -> None:
    assert told(event(Kind.AUTH, "401")) == ()


@pytest.mark.parametrize(
    ("text", "cause", "member"),
    [
        ("Config invalid: ~/.openclaw/openclaw.json", Cause.CONFIG, None),
        ("Invalid config at /h/openclaw.json:\\n- gateway.port: Expected number", Cause.CONFIG, "gateway.port"),
        ('Invalid config at /h/openclaw.json: a.b: Unrecognized key: "c"', Cause.CONFIG, "a.b.c"),
        ('Invalid config at /h/openclaw.json: Unrecognized member: "…(51 chars)"', Cause.CONFIG, None),
        ("Invalid config at /h/openclaw.json: <root>: Invalid input", Cause.CONFIG, None),
    ],
)
def test_a_config_that_was_refused_names_its_member(text: str, cause: Cause, member: str | None) -> None:
    assert told(event(Kind.INVALID_CONFIG, text)) == (Complaint(5.0, cause, text, member),)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (BLOCKED, Cause.UNCONFIGURED),
        ("Gateway failed to start: listen EADDRINUSE: address already in use 127.0.0.1:18789", Cause.PORT),
        ("Gateway failed to start: another gateway instance is already listening on ws://1", Cause.ALREADY_RUNNING),
        ("Gateway failed to start: Cannot find module 'ws'", Cause.MISSING_MODULE),
        ("Gateway failed to start: spawn ENOMEM", Cause.MEMORY),
        ("Gateway failed to start: boom", Cause.OTHER),
    ],
)
def test_a_start_that_failed_has_a_cause(text: str, cause: Cause) -> None:
    assert [each.cause for each in told(event(Kind.START_FAILED, text))] == [cause]


def test_what_it_left_behind_counts_in_the_order_of_its_time() -> None:
    early = Bundle(1.0, "AUTH_PROFILE_MIGRATION_REQUIRED", "a store has to be migrated")
    late = Bundle(9.0, None, "boom")
    found = told(event(Kind.MIGRATION_REQUIRED, "Auth profile store x"), bundles=(late, early))
    assert [(each.time, each.cause) for each in found] == [
        (1.0, Cause.LEGACY_CREDENTIALS),
        (5.0, Cause.LEGACY_CREDENTIALS),
        (9.0, Cause.OTHER),
    ]
