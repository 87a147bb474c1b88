"""What may be pruned, and what never may."""

from dataclasses import replace

import pytest

from clawmend.core.state import Identity
from clawmend.system.records import Checkpoint, Entry, Kind
from clawmend.system.retention import NEWEST, Policy, good_checkpoints, in_use, newest_contents, surplus

_DAY = 86_400.0
_NOW = 2_000 * _DAY
_IDENTITY = Identity(0, 0, 0o600, 0, 0, 1, 0)


def checkpoint(
    number: int, *, age: float, path: str = "/h/a", kind: Kind = Kind.REPAIR, done: bool = True, undone: bool = False
) -> Checkpoint:
    """A checkpoint that is `age` days old and keeps a content of its own."""
    entry = Entry(path, f"blob{number}", f"blob{number}x", _IDENTITY)
    return Checkpoint(f"c{number:04d}", _NOW - age * _DAY, kind, "/h", (entry,), done=done, undone=undone)


def gone(*checkpoints: Checkpoint, policy: Policy, size: int = 1, now: float = _NOW) -> list[str]:
    """The ids of what may go."""
    sizes = {name: size for one in checkpoints for name in one.blobs}
    return [one.id for one in surplus(checkpoints, sizes, now, policy).checkpoints]


def many(count: int, *, age: float = 300) -> list[Checkpoint]:
    """Undone repairs, the oldest first, each a minute younger than the one before."""
    return [checkpoint(number, age=age - number / 1440, undone=True) for number in range(count)]


def test_what_is_old_goes_but_the_first_and_the_newest_twenty_stay() -> None:
    assert gone(*many(30), policy=Policy()) == [f"c{number:04d}" for number in range(1, 10)]


def test_what_is_young_stays() -> None:
    assert gone(*many(30, age=80), policy=Policy()) == []


def test_beyond_the_number_the_oldest_go() -> None:
    assert gone(*many(50, age=10), policy=Policy(checkpoints=25)) == [f"c{number:04d}" for number in range(1, 26)]


def test_beyond_the_size_the_oldest_go() -> None:
    assert gone(*many(40, age=10), size=2**20, policy=Policy(megabytes=30)) == [
        f"c{number:04d}" for number in range(1, 11)
    ]


def test_the_first_content_of_every_path_stays_for_ever() -> None:
    firsts = [
        checkpoint(900, age=3_000, path="/h/b", undone=True),
        checkpoint(901, age=2_900, path="/h/c", undone=True),
    ]
    assert not {"c0900", "c0901"} & set(gone(*firsts, *many(60), policy=Policy(days=0, checkpoints=1, megabytes=0)))


def test_the_last_repair_of_a_home_stays() -> None:
    known = [checkpoint(800, age=400, undone=True), checkpoint(801, age=390), *many(40)]
    assert "c0801" not in gone(*known, policy=Policy())
    undone = [known[0], checkpoint(801, age=390, undone=True), *many(40)]
    assert "c0801" in gone(*undone, policy=Policy())


def test_what_is_unfinished_stays() -> None:
    open_one = checkpoint(500, age=350, done=False)
    known = [*many(5), open_one, *many(40)[5:]]
    assert "c0500" not in gone(*known, policy=Policy())


def test_a_clock_that_jumps_ahead_leaves_the_newest() -> None:
    known = many(30, age=1)
    assert len(gone(*known, policy=Policy(), now=_NOW + 200_000 * _DAY)) == 9


def test_a_clock_that_jumps_back_removes_nothing() -> None:
    assert gone(*many(30), policy=Policy(), now=0) == []


@pytest.mark.parametrize("count", [1, 3, 5])
def test_of_what_is_known_good_the_newest_three_of_every_path_stay(count: int) -> None:
    first = checkpoint(800, age=1_000, undone=True)
    good = [checkpoint(number, age=900 - number, kind=Kind.GOOD) for number in range(count)]
    assert gone(first, *good, policy=Policy()) == [f"c{number:04d}" for number in range(max(0, count - 3))]
    assert [one.id for one in good_checkpoints(good, "/h/a")] == [one.id for one in reversed(good)]


def test_what_was_not_finished_is_not_known_good() -> None:
    assert good_checkpoints([checkpoint(1, age=1, kind=Kind.GOOD, done=False)], "/h/a") == ()


def test_contents_that_nobody_names_go_and_those_that_are_shared_stay() -> None:
    kept = checkpoint(1, age=1)
    found = surplus([kept], {"blob1": 5, "nobody": 7}, _NOW, Policy())
    assert dict(found.blobs) == {"nobody": 7}
    assert found.bytes == 7


class TestInUse:
    def test_the_newest_contents_of_every_path_are_in_use_and_what_is_older_is_not(self) -> None:
        others = [checkpoint(900 + number, age=1, path=f"/h/{number}", kind=Kind.UNDO) for number in range(20)]
        known = [checkpoint(number, age=10, kind=Kind.UNDO) for number in range(30)]
        assert in_use([*known, *others]) == {one.id for one in (*known[-NEWEST:], *others)}

    def test_a_content_that_comes_back_counts_once(self) -> None:
        again = replace(checkpoint(1, age=5, kind=Kind.UNDO), id="again")
        others = [checkpoint(900 + number, age=1, path=f"/h/{number}", kind=Kind.UNDO) for number in range(20)]
        known = [checkpoint(number, age=10, kind=Kind.UNDO) for number in range(9)]
        assert {one.id for one in known} - in_use([*known, again, *others]) == {"c0000", "c0001"}

    def test_known_good_and_the_last_repair_of_a_home_are_in_use_however_old(self) -> None:
        good = checkpoint(1, age=900, kind=Kind.GOOD)
        older, last, undone = checkpoint(2, age=800), checkpoint(3, age=700), checkpoint(4, age=600, undone=True)
        found = in_use([good, older, last, undone, *many(40)])
        assert {"c0001", "c0003"} <= found
        assert not {"c0002", "c0004"} & found

    def test_a_file_that_was_not_there_has_no_content(self) -> None:
        made = replace(checkpoint(900, age=9), entries=(Entry("/h/a", None, "x", None),), undone=True)
        assert made.id not in in_use([made, *many(20)])

    def test_the_newest_contents_of_a_path_are_told_once_each(self) -> None:
        again = replace(checkpoint(1, age=5), id="again")
        known = [checkpoint(1, age=9), checkpoint(2, age=8), again, checkpoint(3, age=4, path="/h/b")]
        assert [sha256 for _, sha256 in newest_contents(known, "/h/a")] == ["blob1", "blob2"]
