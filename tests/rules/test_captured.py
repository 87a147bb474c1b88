"""Every state that a real OpenClaw or Claude Code left on disk, broken or not: what is said about it, and no more."""

from pathlib import Path

import pytest

from clawmend.core.finding import Severity
from clawmend.core.verdict import Verdict
from clawmend.repair.cycle import repair
from clawmend.repair.planning import Options, look
from support.captured import State, all_states
from support.machine import Machine, forget_the_real_machine
from support.trees import read_tree

STATES = all_states()


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_what_is_said_about_a_captured_state(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_the_real_machine(monkeypatch)
    machine = Machine(tmp_path / "home", tmp_path / "state")
    machine.environment = state.lay_down(machine.home)
    before = read_tree(machine.home)
    options = Options(version=state.version)
    diagnosis = look(machine.looking(), options)
    said = [f"{one.rule} {one.severity.value} {one.safety.value}" for one in diagnosis.findings]
    said += [f"{blind.rule} could not look" for blind in diagnosis.blind]
    assert said == state.findings
    outcome = repair(machine.dry(), options, dry_run=True)
    assert outcome.verdict.value == state.verdict
    assert read_tree(machine.home) == before
    if state.works:
        loud = {finding.rule for finding in diagnosis.findings if finding.severity is not Severity.INFO}
        assert loud == set(state.although)
    if state.works and not state.although:
        assert outcome.verdict is Verdict.HEALTHY
        assert not outcome.changes


def test_a_rule_speaks_of_a_state_that_works_only_where_it_is_written_why() -> None:
    exceptions = {(state.name, rule) for state in STATES for rule in state.although}
    assert exceptions == {
        ("openclaw-2026.9/legacy-auth-json-on-9.6/after", "OC201"),
        ("openclaw-2026.9/stale-models-json-runtime/before", "OC103"),
    }
    assert all(state.works for state in STATES if state.although)
    assert all(reason.endswith(".") for state in STATES for reason in state.although.values())


def test_states_that_work_and_states_that_do_not_are_both_there() -> None:
    answers = [state.works for state in STATES]
    assert answers.count(True) > 50
    assert answers.count(False) > 30
