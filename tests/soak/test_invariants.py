"""Every invariant of a soak can fail: a world in which it holds, and the same world broken."""

import pytest

from clawmend.core.contested import REASON
from clawmend.core.receipt import Fault, Receipt
from soak import invariants
from soak.invariants import BOUND, Tree

GOOD: Tree = {"openclaw.json": ("aa", 0o600), "notes.md": ("bb", 0o644)}


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (GOOD, []),
        ({"notes.md": ("bb", 0o644)}, ["openclaw.json is gone"]),
        ({**GOOD, "new.md": ("cc", 0o600)}, ["new.md has come from nowhere"]),
        ({**GOOD, "notes.md": ("cc", 0o644)}, ["notes.md is not what it was"]),
        ({**GOOD, "openclaw.json": ("aa", 0o644)}, ["openclaw.json has the mode 644 and had 600"]),
    ],
)
def test_a_persons_files_stay(after: Tree, said: list[str]) -> None:
    assert invariants.changed(GOOD, after) == said


def test_what_the_fault_is_about_may_change_and_nothing_else() -> None:
    after = {"openclaw.json": ("dd", 0o600), "notes.md": ("ee", 0o644)}
    assert invariants.changed(GOOD, after, ["openclaw.json"]) == ["notes.md is not what it was"]


def test_nothing_of_clawmend_is_left_lying() -> None:
    assert invariants.strays(["a/openclaw.json", "a/openclaw.json.bak", "a/.claude.json.lock"]) == []
    assert invariants.strays(["a/.openclaw.json.clawmend-12ab"]) == ["a/.openclaw.json.clawmend-12ab was left lying"]


def test_what_clawmend_replaced_is_kept() -> None:
    assert invariants.lost("aa", {"aa"}, [], ours=True) == []
    assert invariants.lost("aa", {"bb"}, ["aa"], ours=True) == []
    assert invariants.lost("aa", {"bb"}, ["cc"], ours=False) == []
    assert invariants.lost(None, set(), [], ours=True) == []
    assert invariants.lost("aa", {"bb"}, ["cc"], ours=True) != []


def test_a_repair_comes_in_time() -> None:
    assert invariants.late(BOUND) == []
    assert invariants.late(BOUND + 1) != []
    assert invariants.late(None) == ["not repaired within 75 s"]


def test_a_finding_where_nothing_is_wrong_is_an_alarm() -> None:
    finding = {"rule": "OC101", "severity": "warning", "summary": "s"}
    assert invariants.alarms([]) == []
    assert invariants.alarms([finding | {"severity": "info"}]) == []
    assert invariants.alarms([finding]) == ["OC101 is found where nothing is wrong: s"]


def test_only_the_fault_is_mended() -> None:
    assert invariants.meddling([("OC101", "~/a")], ["OC101"]) == []
    assert invariants.meddling([("OC101", "~/a"), ("OC304", "~/b")], ["OC101"]) == ["OC304 changed ~/b"]
    assert invariants.meddling([("OC101", "~/a")], []) == ["OC101 changed ~/a"]


@pytest.mark.parametrize(
    ("restarts", "said"),
    [
        ([], 0),
        ([(0.0, ["f"]), (30.0, ["g"])], 0),
        ([(0.0, ["f"]), (30.0, ["g"]), (60.0, ["h"])], 0),
        ([(0.0, ["f"]), (30.0, ["g"]), (59.0, ["h"])], 1),
        ([(59.0, ["h"]), (0.0, ["f"]), (30.0, ["g"])], 1),
        ([(number * 100.0, ["f"]) for number in range(3)], 0),
        ([(number * 100.0, ["f"]) for number in range(4)], 1),
        ([(number * 10.0, ["f", "f"]) for number in range(4)], 2),
    ],
)
def test_no_restart_is_over_the_budget(restarts: list[tuple[float, list[str]]], said: int) -> None:
    assert len(invariants.too_many_restarts(restarts)) == said


def receipt(by: str, *, mended: str = "", contested: str = "") -> Receipt:
    repaired = [Fault(one, "CC101", "n", "error", "p", "s") for one in mended]
    left = [Fault(one, "CC101", "n", "error", "p", "s", REASON) for one in contested]
    return Receipt("i", 1.0, by, "h", None, "v", 0.1, mended=tuple(repaired), left=tuple(left))


def test_nothing_is_contested_that_was_not_repaired_twice() -> None:
    told, ours, theirs = receipt("watch", contested="f"), receipt("watch", mended="f"), receipt("repair", mended="f")
    other = receipt("watch", mended="g")
    assert invariants.contested_for_nothing([told, ours, other, ours], "CC101") == []
    for broken in ([told, ours, other], [told, ours, theirs, ours], [ours, ours], []):
        assert len(invariants.contested_for_nothing(broken, "CC101")) == 1


def test_the_watcher_repairs_nothing_a_third_time() -> None:
    ours, theirs = receipt("watch", mended="fg"), receipt("repair", mended="f")
    third = invariants.fought([ours, ours, theirs, ours, receipt("watch", mended="f")])
    assert third == ["the watcher has repaired g 3 times"]
    assert invariants.fought([ours, theirs, ours, receipt("watch", mended="f")]) == []


def test_a_gateway_that_needs_no_restart_is_the_process_that_it_was() -> None:
    assert invariants.restarted_for_nothing((1, 2.0), (1, 2.0), may=False) == []
    assert invariants.restarted_for_nothing((1, 2.0), (3, 4.0), may=True) == []
    assert invariants.restarted_for_nothing((1, 2.0), (3, 4.0), may=False) != []


def test_a_watcher_that_grows_is_seen() -> None:
    flat = [(age * 10.0, 40.0 + age % 2) for age in range(60)]
    leaking = [(age * 10.0, 40.0 + age * 0.1) for age in range(60)]
    assert invariants.grown([invariants.growth(flat)]) == []
    assert len(invariants.grown([invariants.growth(flat), invariants.growth(leaking)])) == 1


def test_a_life_that_was_short_says_nothing_of_growth() -> None:
    assert invariants.growth([(age * 1.0, 40.0 + age) for age in range(119)]) is None
    assert invariants.grown([None]) == []
