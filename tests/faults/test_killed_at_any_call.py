"""A run is killed before each of its system calls that change something; nothing is lost and all can be finished.

The kill happens in the kernel, at the entry of the call. Killing before every call covers every state that a killed
run can leave: between two such calls nothing on disk changes.
"""

import signal

import pytest

from faults.aftermath import Acts, first
from faults.figures import note
from faults.injection import Call, Kill
from faults.stage import RECOVER, REPAIR, UNDO
from faults.sweep import Nth, kill_sweep, share_of

pytestmark = pytest.mark.faults

SHARES = 4
MOVES = frozenset({"rename", "renameat", "renameat2", "unlink", "unlinkat"})


def _calls(acts: Acts, *words: str) -> list[Call]:
    calls: list[Call] = []
    acts.stage.run_watched(calls.append, *words)
    return calls


@pytest.mark.parametrize("share", range(SHARES))
def test_a_repair_killed_before_any_call_loses_nothing_and_can_be_done_again(acts: Acts, share: int) -> None:
    tally = kill_sweep(acts, acts.stage.lay, REPAIR, share_of(share, SHARES), kind="repair killed before call")
    tally.close()


def _repaired(acts: Acts) -> None:
    acts.stage.lay()
    assert acts.stage.run(*REPAIR, "-q").code == 0


@pytest.mark.parametrize("share", range(SHARES))
def test_an_undo_killed_before_any_call_loses_nothing_and_can_be_done_again(acts: Acts, share: int) -> None:
    tally = kill_sweep(acts, lambda: _repaired(acts), UNDO, share_of(share, SHARES), kind="undo killed before call")
    tally.close()


def _moments(acts: Acts) -> dict[str, int]:
    """The calls right after a file of the home was moved: the first, Claude Code's (its lock is held), the last."""
    acts.stage.lay()
    calls = _calls(acts, *REPAIR)
    home = str(acts.stage.home.path)
    moves = [n for n, call in enumerate(calls, 1) if call.name in MOVES and call.path.startswith(home)]
    claude = [n for n in moves if ".claude.json" in calls[n - 1].path]
    return {"first": moves[0] + 1, "claude": claude[0] + 1, "last": moves[-1] + 1}


@pytest.mark.parametrize("moment", ["first", "claude", "last"])
@pytest.mark.parametrize("share", range(2))
def test_a_recovery_killed_before_any_call_can_be_done_again(acts: Acts, moment: str, share: int) -> None:
    n = _moments(acts)[moment]

    def killed() -> None:
        acts.stage.lay()
        assert acts.stage.run_watched(Nth(n, Kill), *REPAIR).code == -signal.SIGKILL

    kind = f"recovery (of a repair killed at {n}) killed before call"
    kill_sweep(acts, killed, RECOVER, share_of(share, 2), kind=kind).close()


def test_a_repair_after_a_kill_needs_no_recovery_first(acts: Acts) -> None:
    """`repair` recovers by itself: whoever never types --recover is served as well."""
    moments = sorted({*_moments(acts).values()})
    problems = []
    for n in moments:
        acts.stage.lay()
        assert acts.stage.run_watched(Nth(n, Kill), *REPAIR).code == -signal.SIGKILL
        problems += [f"killed before call {n}: {problem}" for problem in first(acts.goes_on())]
    note(f"sweep: repair at once after a kill: {len(moments)} trials, {len(problems)} problems")
    assert not problems
