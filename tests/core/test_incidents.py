"""Incidents: from the look that found a fault to the one that no longer does."""

from dataclasses import replace

from clawmend.core.incidents import End, Incident, incidents
from clawmend.core.receipt import Fault, Receipt

A = Fault("a", "OC101", "stale-model-cache", "error", "~/a", "a is wrong")
B = Fault("b", "OC201", "shadowing-credential", "warning", "~/b", "b is wrong")


def at(time: float, *left: Fault, mended: tuple[Fault, ...] = (), **more: str) -> Receipt:
    verdict = "repaired" if mended else "needs-you" if left else "healthy"
    parts = {"by": "watch", "home": "/home/ana", "version": "2026.3.2", "verdict": verdict, **more}
    return replace(
        Receipt(id=f"r{time:.0f}", time=time, seconds=0.1, left=left, mended=mended, **parts),  # type: ignore[arg-type]
        checkpoint=f"c{time:.0f}" if mended else None,
    )


def only(*receipts: Receipt) -> Incident:
    (found,) = incidents(receipts)
    return found


def test_a_fault_that_is_repaired_at_once_begins_and_ends_there() -> None:
    found = only(at(100, mended=(A,)))
    assert (found.began, found.ended, found.end, found.repairs) == (100, 100, End.REPAIRED, 1)
    assert (found.checkpoint, found.receipts) == ("c100", ("r100",))


def test_a_fault_lasts_from_the_first_look_to_the_repair() -> None:
    found = only(at(100, A), at(160, A), at(340, mended=(A,), restart="done"))
    assert (found.began, found.ended, found.restarts) == (100, 340, 1)
    assert found.lasted(now=9_999) == 240
    assert found.receipts == ("r100", "r160", "r340")


def test_a_fault_that_nobody_has_ended_lasts_until_now() -> None:
    found = only(at(100, A))
    assert (found.ended, found.end, found.lasted(now=130)) == (None, End.OPEN, 30)
    assert found.lasted(now=50) == 0  # a clock that was set back


def test_a_fault_that_goes_without_us_is_gone() -> None:
    found = only(at(100, A), at(200))
    assert (found.ended, found.end, found.receipts) == (200, End.GONE, ("r100", "r200"))


def test_a_fault_that_is_back_within_an_hour_never_ended() -> None:
    found = only(at(100, mended=(A,)), at(3_000, A), at(4_000, mended=(A,)))
    assert (found.began, found.ended, found.repairs, found.checkpoint) == (100, 4_000, 2, "c4000")


def test_a_fault_that_is_back_after_more_than_an_hour_is_another_incident() -> None:
    first, second = incidents([at(100, mended=(A,)), at(4_000, A)])
    assert (first.end, second.end) == (End.REPAIRED, End.OPEN)
    assert (first.began, second.began) == (100, 4_000)


def test_two_faults_are_two_incidents_and_one_may_end_alone() -> None:
    first, second = incidents([at(100, A, B), at(200, B, mended=(A,))])
    assert [(one.fault.rule, one.end) for one in (first, second)] == [("OC101", End.REPAIRED), ("OC201", End.OPEN)]


def test_another_home_says_nothing_of_this_one() -> None:
    found = incidents([at(100, A), at(200, home="/home/ben")])
    assert [one.end for one in found] == [End.OPEN]


def test_a_repair_that_was_rolled_back_ends_nothing() -> None:
    found = only(at(100, A, verdict="rolled-back"))
    assert (found.end, found.rolled_back, found.repairs) == (End.OPEN, 1, 0)


def test_who_wrote_it_is_remembered_once() -> None:
    found = only(replace(at(100, A), writers=("x",)), replace(at(200, A), writers=("x", "y")))
    assert found.writers == ("x", "y")


def test_an_undo_has_not_looked_and_ends_nothing() -> None:
    assert only(at(100, A), at(200, by="undo")).end is End.OPEN
