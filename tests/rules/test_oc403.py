"""When a change waits for a restart, and when it only looks so."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.document import Syntax
from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.finding import Finding, Fix, Need, Restart, Safety, Severity
from clawmend.core.gateway import Condition, GatewayHealth
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, OpenClaw, Settings
from clawmend.rules import oc403
from support import build
from support.build import CONFIG, identity, snapshot
from support.clock import NOW

FAILED = "config reload failed: Error: EMFILE"
OFF = "config reload disabled (gateway.reload.mode=off)"
HOT = "config reload requires gateway restart; hot mode ignoring (auth)"
NEEDED = "config change requires gateway restart (auth) — deferring until 1 reply(ies) complete"


def said(kind: Kind, age: float, text: str = "") -> Event:
    return Event(NOW - age, kind, None, None, None, None, text)


def home(*events: Event, written: float = 3601.0, started: float = 7200.0, **fields: Any) -> OpenClaw:
    """A gateway that was started two hours ago; openclaw.json was written an hour and a second ago."""
    config = replace(build.parsed(CONFIG, {"models": {}}, Syntax.JSON5), identity=identity(written))
    given = {
        "gateway": GatewayRunning(1, NOW - started, 18789),
        "evidence": Evidence(events, 0.0, None, complete=True),
    }
    return build.openclaw(config, **(given | fields))


def found(openclaw: OpenClaw, on: str | None = "2026.3.2") -> list[Finding]:
    reports = list(oc403.RULE.check(snapshot(openclaw, on=on)))
    assert all(isinstance(report, Finding) for report in reports)
    return [report for report in reports if isinstance(report, Finding)]


@pytest.mark.parametrize("version", ["2026.1.29", "2026.3.2", "2026.5.7", "2026.7.1", "2026.9.6"])
def test_a_reload_that_failed_waits_for_a_restart(version: str) -> None:
    (finding,) = found(home(said(Kind.NOT_TAKEN, 3600, FAILED)), version)
    assert (finding.severity, finding.safety) == (Severity.WARNING, Safety.SAFE)
    assert finding.fix == Fix((Restart(CONFIG),), Need.RESTART)
    assert finding.summary == (
        "~/.openclaw/openclaw.json was changed while the gateway ran, and the gateway goes on with what it had: "
        f"its log says {FAILED}"
    )


@pytest.mark.parametrize("text", [OFF, HOT])
def test_where_somebody_chooses_the_moment_it_is_only_mentioned(text: str) -> None:
    (finding,) = found(home(said(Kind.NOT_TAKEN, 3600, text)))
    assert (finding.severity, finding.safety) == (Severity.INFO, Safety.ASK)
    assert finding.advice == ("clawmend repair --only OC403 --yes",)


def test_a_restart_that_was_promised_and_has_not_come_for_a_quarter_of_an_hour() -> None:
    (finding,) = found(home(said(Kind.RESTART_NEEDED, 901, NEEDED), written=902))
    assert (finding.severity, finding.safety) == (Severity.WARNING, Safety.SAFE)
    assert found(home(said(Kind.RESTART_NEEDED, 900, NEEDED), written=901)) == []


@pytest.mark.parametrize(
    "later",
    [
        Kind.RELOADED,
        Kind.RESTARTING,
        Kind.INVALID_CONFIG,
        Kind.CONFIG_RESTORED,
    ],
)
def test_what_was_said_later_decides(later: Kind) -> None:
    assert found(home(said(Kind.NOT_TAKEN, 3600, FAILED), said(later, 3599))) == []


def test_what_is_said_of_something_else_does_not() -> None:
    assert len(found(home(said(Kind.NOT_TAKEN, 3600, FAILED), said(Kind.AUTH, 1800)))) == 1


@pytest.mark.parametrize(
    "openclaw",
    [
        home(),
        home(said(Kind.NOT_TAKEN, 3600, FAILED), started=3599),
        home(said(Kind.NOT_TAKEN, 3600, FAILED), written=7201),
        home(said(Kind.NOT_TAKEN, 3600, FAILED), written=3590),
        home(said(Kind.NOT_TAKEN, 3600, FAILED), written=3661),
        home(said(Kind.NOT_TAKEN, 3600, FAILED), gateway=GatewayAbsent()),
        home(said(Kind.NOT_TAKEN, 3600, FAILED), settings=None),
        home(said(Kind.NOT_TAKEN, 3600, FAILED), settings=Settings({}, "it includes a file that is not there")),
        home(
            evidence=Evidence((said(Kind.NOT_TAKEN, 3600, FAILED),), 0.0, "a log could not be read", complete=True),
        ),
        home(
            said(Kind.NOT_TAKEN, 3600, FAILED),
            health=GatewayHealth(condition=Condition.READY, why="", uptime=3599.0),
        ),
    ],
    ids=[
        "nothing-said",
        "said-by-an-earlier-gateway",
        "written-before-the-start",
        "changed-again-since",
        "changed-long-before",
        "no-gateway",
        "not-understood",
        "not-understood-as-a-whole",
        "log-unreadable",
        "started-anew-within-its-process",
    ],
)
def test_what_only_looks_like_it_is_nothing(openclaw: OpenClaw) -> None:
    assert found(openclaw) == []


def test_a_gateway_that_has_been_up_since_before_has_it_pending() -> None:
    health = GatewayHealth(condition=Condition.READY, why="", uptime=7200.0)
    assert len(found(home(said(Kind.NOT_TAKEN, 3600, FAILED), health=health))) == 1


def test_one_that_does_not_parse_is_another_rules_business() -> None:
    broken = home(said(Kind.NOT_TAKEN, 3600, FAILED), settings=Settings({}))
    assert found(replace(broken, config=build.malformed(CONFIG))) == []


@pytest.mark.parametrize("version", [None, "2026.9.7", "2026.1.28"])
def test_of_a_version_that_nobody_measured_nothing_is_said(version: str | None) -> None:
    assert found(home(said(Kind.NOT_TAKEN, 3600, FAILED)), version) == []
