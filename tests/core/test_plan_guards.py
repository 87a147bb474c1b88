"""What a plan does not let through, whatever a rule asks for."""

from clawmend.core.finding import Confidence, Edit, Finding, Fix, RemoveKey, Safety, SetKey, Severity
from clawmend.core.plan import Plan, make_plan
from clawmend.core.snapshot import Snapshot
from support.build import CONFIG, agent, openclaw, snapshot


def finding(*edits: Edit, rule: str = "OC999") -> Finding:
    return Finding(
        rule=rule,
        name="made-up",
        severity=Severity.WARNING,
        safety=Safety.SAFE,
        confidence=Confidence.CERTAIN,
        path=CONFIG,
        summary="it is wrong",
        fix=Fix(edits),
    )


def plan_for(shot: Snapshot, *findings: Finding) -> Plan:
    return make_plan(shot, findings, lambda _finding: True)


HERE = snapshot(openclaw({"list": ["a", "b", "c"], "other": ["d"], "rest": "x" * 200}, agent()))


def test_an_index_that_an_earlier_repair_has_moved_waits() -> None:
    first = finding(RemoveKey(CONFIG, ("list", 0)))
    late = finding(RemoveKey(CONFIG, ("list", 2)), rule="OC998")
    plan = plan_for(HERE, first, late)
    assert [change.rules for change in plan.changes] == [("OC999",)]
    assert "another repair of this list comes first" in plan.held[0].reason


def test_one_repair_may_take_several_out_of_a_list_from_its_end() -> None:
    (change,) = plan_for(HERE, finding(RemoveKey(CONFIG, ("list", 2)), RemoveKey(CONFIG, ("list", 0)))).changes
    assert b'"b"' in (change.after or b"")
    assert b'"a"' not in (change.after or b"")


def test_what_is_set_moves_nothing_and_other_lists_are_not_concerned() -> None:
    plan = plan_for(
        HERE,
        finding(SetKey(CONFIG, ("list", 1), "B")),
        finding(RemoveKey(CONFIG, ("list", 0)), rule="OC998"),
        finding(SetKey(CONFIG, ("other", 0), "D"), rule="OC997"),
    )
    assert [change.rules for change in plan.changes] == [("OC999", "OC998", "OC997")]
    assert not plan.held


def test_a_list_that_an_earlier_repair_took_away_has_no_place_left() -> None:
    plan = plan_for(
        HERE, finding(RemoveKey(CONFIG, ("list",))), finding(SetKey(CONFIG, ("list", 0), "A"), rule="OC998")
    )
    assert "another repair of this list comes first" in plan.held[0].reason


def test_less_than_half_of_openclaw_json_is_never_left() -> None:
    plan = plan_for(HERE, finding(RemoveKey(CONFIG, ("rest",))))
    assert not plan.changes
    assert "less than half of openclaw.json" in plan.held[0].reason
    assert "openclaw config unset" in plan.held[0].reason
