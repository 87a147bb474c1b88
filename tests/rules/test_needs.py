"""What each fix says that it needs of a running gateway, against the one table of what a gateway does."""

from pathlib import Path

import pytest

from clawmend.core.finding import Need
from clawmend.core.reload import need_of_edits
from clawmend.repair.planning import look
from support.cases import Case, all_cases
from support.machine import Machine, forget_the_real_machine
from support.trees import fresh

CASES = all_cases()
# A gateway that runs has refused the very file that OC307 mends: it holds an earlier one, and whatever it makes of the
# mended one is waited for.
REFUSED = frozenset({"OC307"})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fix_needs_what_the_table_says(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_the_real_machine(monkeypatch, case.gateway)
    home = fresh(tmp_path / "home")
    case.lay_down(home)
    machine = Machine(home, fresh(tmp_path / "state"), case.environment(home))
    diagnosis = look(machine.real(), case.options)
    needs = [
        (finding.rule, finding.fix.need, need_of_edits(diagnosis.snapshot, finding.fix.edits))
        for finding in diagnosis.findings
        if finding.fix is not None
    ]
    assert [need for need in needs if need[1] is not need[2] and need[0] not in REFUSED] == []
    assert all(need is Need.HOT_RELOAD for rule, need, _ in needs if rule in REFUSED)
