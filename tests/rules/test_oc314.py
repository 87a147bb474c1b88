"""OC314: what the log of the gateway adds, and what is told in words."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.finding import Confidence, Finding
from clawmend.core.state import Parsed
from clawmend.rules.oc314 import RULE
from support.build import CONFIG, identity, openclaw, parsed, snapshot
from support.clock import NOW

BEFORE = {
    "meta": {"lastTouchedVersion": "2026.7.1"},
    "gateway": {"mode": "local"},
    "agents": {"defaults": {"model": "a/b"}},
    "channels": {f"c{number}": {"x": 1} for number in range(9)},
}
WANTED = {"gateway": {"mode": "local"}, "agents": {"defaults": {"model": "a/c"}}, "channels": BEFORE["channels"]}


def at(path: str, value: Any) -> Parsed:
    return replace(parsed(path, value), identity=identity())


def findings(wanted: Any = WANTED, *events: Event, on: str = "2026.7.1") -> list[Finding]:
    home = openclaw(
        at(CONFIG, BEFORE),
        copies=(at(f"{CONFIG}.bak", BEFORE),),
        clobbered=(at(f"{CONFIG}.clobbered.1", wanted),),
        evidence=Evidence(events, 0.0, None, complete=True),
    )
    return [one for one in RULE.check(snapshot(home, on=on)) if isinstance(one, Finding)]


def event(kind: Kind, age: float = 3600.0) -> Event:
    return Event(NOW - age, kind, None, None, None, None, "")


@pytest.mark.parametrize(
    ("events", "confidence"),
    [
        ((), Confidence.LIKELY),
        ((event(Kind.CONFIG_RESTORED),), Confidence.CERTAIN),
        ((event(Kind.CONFIG_RESTORED, 86_400),), Confidence.LIKELY),
        ((event(Kind.INVALID_CONFIG, 86_400),), Confidence.LIKELY),
    ],
)
def test_the_log_makes_it_certain(events: tuple[Event, ...], confidence: Confidence) -> None:
    (finding,) = findings(WANTED, *events)
    assert finding.confidence is confidence
    assert bool(finding.evidence) is (confidence is Confidence.CERTAIN)


def test_what_was_refused_at_that_time_is_not_made_again() -> None:
    assert not findings(WANTED, event(Kind.INVALID_CONFIG))


def test_what_it_was_and_why_are_told() -> None:
    (finding,) = findings()
    assert finding.summary == (
        "OpenClaw took an edit of agents.defaults.model in openclaw.json back, because it had no meta; "
        "it is kept in ~/.openclaw/openclaw.json.clobbered.1"
    )


def test_many_members_are_counted() -> None:
    many = {**WANTED, "channels": {f"c{number}": {"x": 2} for number in range(9)}}
    (finding,) = findings(many)
    assert "channels.c1.x, channels.c2.x and 6 more" in finding.summary


@pytest.mark.parametrize("on", ["2026.4.21", "2026.5.3", "2026.6.8"])
def test_versions_that_keep_what_they_read_take_nothing_back(on: str) -> None:
    assert not findings(on=on)
    assert findings(on="2026.4.22")
    assert findings(on="2026.6.9")
