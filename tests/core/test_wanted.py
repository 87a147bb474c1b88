"""Gateways that a plan would start again, and what they wait for."""

from dataclasses import replace

import pytest

from clawmend.core.finding import Confidence, Finding, Fix, Need, Restart, Safety, SetKey, Severity
from clawmend.core.plan import make_plan
from clawmend.core.wanted import NOT_STARTED, wanted_restarts
from support.build import CONFIG, openclaw, snapshot

DOWN = Finding(
    rule="OC402",
    name="gateway-down",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    confidence=Confidence.CERTAIN,
    path=CONFIG,
    summary="the gateway is down",
    fix=Fix((Restart(CONFIG, reset_failed=True),), Need.RESTART),
)
FAULT = replace(DOWN, rule="OC307", name="invalid-auth-metadata", fix=None, safety=Safety.ADVISE)


def plan_of(*findings: Finding) -> tuple[list[Restart], list[tuple[str, str]]]:
    plan = make_plan(snapshot(openclaw({})), iter(findings), lambda _finding: False)
    assert not plan.changes
    return [wanted.edit for wanted in plan.restarts], [(held.finding.rule, held.reason) for held in plan.held]


def test_a_restart_is_collected_and_held_until_somebody_carries_it_out() -> None:
    assert plan_of(DOWN) == ([Restart(CONFIG, reset_failed=True)], [("OC402", NOT_STARTED)])


def test_a_gateway_is_not_started_on_an_openclaw_json_with_an_error_in_it() -> None:
    restarts, held = plan_of(DOWN, FAULT)
    assert restarts == []
    assert held[0] == (
        "OC402",
        "OC307 (invalid-auth-metadata) comes first: the gateway would not start on this openclaw.json",
    )


@pytest.mark.parametrize("other", [replace(FAULT, severity=Severity.WARNING), replace(FAULT, path="/elsewhere")])
def test_a_warning_or_a_fault_elsewhere_keeps_no_gateway_from_being_started(other: Finding) -> None:
    restarts, _ = plan_of(DOWN, other)
    assert restarts == [Restart(CONFIG, reset_failed=True)]


def test_a_restart_that_is_held_for_its_own_reason_is_not_wanted() -> None:
    assert plan_of(replace(DOWN, hold="look first")) == ([], [("OC402", "look first")])


def test_a_finding_without_a_restart_wants_none() -> None:
    assert wanted_restarts(FAULT) == ()
    assert wanted_restarts(replace(DOWN, fix=Fix((SetKey(CONFIG, ("a",), 1),)))) == ()
