"""What keeps coming back is left alone until it changes, stays away for a day, or a person says so."""

from dataclasses import replace

import pytest

from clawmend.core.contested import WATCH, Contest, contests, reason
from clawmend.core.receipt import Fault, Receipt

A = Fault("a", "OC101", "stale-model-cache", "error", "~/a", "a is wrong")
HELD = replace(A, held="contested: it was repaired 2 times within a day and came back")
NOW = 1_000_000.0
DAY = 86_400.0


def mended(ago: float, by: str = WATCH, verdict: str = "repaired") -> Receipt:
    return Receipt("r", NOW - ago, by, "/home/ana", None, verdict, 0.1, mended=(A,))


def left(ago: float, fault: Fault = HELD, by: str = WATCH) -> Receipt:
    return Receipt("r", NOW - ago, by, "/home/ana", None, "needs-you", 0.1, left=(fault,))


def healthy(ago: float) -> Receipt:
    return Receipt("r", NOW - ago, WATCH, "/home/ana", None, "healthy", 0.1)


def test_twice_within_a_day_is_contested() -> None:
    assert contests([mended(10), mended(3600)], NOW) == {"a": Contest(2, NOW - 10)}
    assert contests([mended(10)], NOW) == {}
    assert contests([mended(10), mended(DAY + 10)], NOW) == {}


def test_it_stays_contested_after_the_day_of_its_repairs() -> None:
    row = [left(DAY + 5), mended(DAY + 10), mended(DAY + 3600)]
    assert contests(row, NOW) == {"a": Contest(2, NOW - DAY - 5)}


def test_the_newest_receipt_holds_however_old_it_is() -> None:
    assert set(contests([left(10 * DAY)], NOW)) == {"a"}
    assert contests([healthy(10 * DAY), left(10 * DAY + 1)], NOW) == {}


def test_a_person_who_repairs_it_begins_anew() -> None:
    assert contests([mended(5, by="repair"), left(10), mended(20), mended(30)], NOW) == {}
    assert set(contests([mended(1), mended(2), mended(5, by="repair")], NOW)) == {"a"}


def test_an_undo_and_a_repair_that_was_rolled_back_count_for_nothing() -> None:
    undo = Receipt("r", NOW - 10, "undo", "/home/ana", None, "undone", 0.1)
    assert contests([undo, mended(20, verdict="rolled-back"), mended(30)], NOW) == {}


def test_what_is_left_for_another_reason_is_not_contested() -> None:
    assert contests([left(5, replace(A, held="allow it with --yes"))], NOW) == {}


def test_the_reason_names_who_wrote_it_where_that_is_known() -> None:
    assert "came back; process 12 has it open" in reason(Contest(2, NOW), "process 12 has it open")
    assert reason(Contest(3, NOW), "").startswith("contested: it was repaired 3 times within a day and came back; to")


@pytest.mark.parametrize("by", [WATCH, "repair"])
def test_what_a_person_has_undone_is_left_alone_until_a_person_repairs_it(by: str) -> None:
    undo = Receipt("r", NOW - 10, "undo", "/home/ana", None, "undone", 0.1, undoes="c1")
    row = [undo, replace(mended(20, by=by), checkpoint="c1")]
    assert contests(row, NOW) == {"a": Contest(0, NOW - 10)}
    assert "its repair was undone" in reason(Contest(0, NOW), "somebody")
    assert contests([mended(5, by="repair"), *row], NOW) == {}
    later = left(5, replace(A, held=reason(Contest(0, NOW), "")))
    assert contests([replace(later, time=NOW - 9 * DAY)], NOW) == {"a": Contest(0, NOW - 9 * DAY)}
