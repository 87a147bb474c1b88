"""The history: appended durably, read from the end, and never in the way of anything else."""

import os
import stat
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.core.receipt import Deed, Receipt
from clawmend.system import history as module
from clawmend.system.history import History

ONE = Receipt("r0", 1.0, "watch", "/home/ana", "2026.3.2", "healthy", 0.1)


def numbered(count: int, note: str = "") -> list[Receipt]:
    return [replace(ONE, id=f"r{number}", time=float(number), note=note) for number in range(count)]


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(str(tmp_path / "state"))


def test_nothing_was_kept_yet(history: History, tmp_path: Path) -> None:
    assert list(history.newest_first()) == []
    assert history.last("/home/ana") is None
    assert not (tmp_path / "state").exists()


def test_the_newest_comes_first_and_all_of_it_is_private(history: History, tmp_path: Path) -> None:
    for receipt in numbered(3):
        history.append(receipt)
    assert [one.id for one in history.newest_first()] == ["r2", "r1", "r0"]
    assert stat.S_IMODE(os.stat(history.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(tmp_path / "state").st_mode) == 0o700


def test_lines_longer_and_shorter_than_a_block_come_back_whole(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 1000)
    receipts = [replace(one, note="ü" * (int(one.time) * 37 % 2500)) for one in numbered(60)]
    for receipt in receipts:
        history.append(receipt)
    assert list(history.newest_first()) == receipts[::-1]


def test_only_what_is_asked_for_is_read(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    for receipt in numbered(50, note="x" * 4000):
        history.append(receipt)
    read = 0
    whole = os.path.getsize(history.path)
    real = module._lines_from_the_end

    def counted(path: str) -> object:
        nonlocal read
        for line in real(path):
            read += len(line)
            yield line

    monkeypatch.setattr(module, "_lines_from_the_end", counted)
    assert [one.id for one in islice(history.newest_first(), 2)] == ["r49", "r48"]
    assert read < whole / 10


def test_a_line_that_a_crash_cut_short_is_passed_over(history: History) -> None:
    for receipt in numbered(2):
        history.append(receipt)
    with open(history.path, "ab") as file:
        file.write(b'{"schema":2,"event":"receipt","rec')
    assert [one.id for one in history.newest_first()] == ["r1", "r0"]
    history.append(replace(ONE, id="r9"))
    assert [one.id for one in history.newest_first()] == ["r9", "r1", "r0"]


def test_a_damaged_line_hides_no_other(history: History) -> None:
    for receipt in numbered(3):
        history.append(receipt)
    lines = Path(history.path).read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b"healthy", b"heelthy")
    Path(history.path).write_bytes(b"\n".join(lines))
    assert [one.id for one in history.newest_first()] == ["r2", "r0"]


def test_a_file_that_is_no_history_ends_it(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST_LINE", 5000)
    history.append(ONE)
    Path(history.path).write_bytes(b"\0" * 200_000 + b"\n")
    assert list(history.newest_first()) == []


def test_when_it_has_grown_it_takes_the_place_of_the_older_one(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONGEST_FILE", 2000)
    for receipt in numbered(30):
        history.append(receipt)
    kept = [one.id for one in history.newest_first()]
    assert kept == [f"r{number}" for number in range(29, 29 - len(kept), -1)]
    assert 5 <= len(kept) < 30
    assert sorted(os.listdir(os.path.dirname(history.path))) == ["history.1.jsonl", "history.jsonl"]


def test_the_last_of_a_home_is_what_a_look_has_left(history: History) -> None:
    for receipt in (ONE, replace(ONE, id="other", home="/home/ben"), replace(ONE, id="undone", by="undo")):
        history.append(receipt)
    found = history.last("/home/ana")
    assert found is not None
    assert found.id == "r0"


def test_what_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "state"
    (blocked / "history.jsonl").mkdir(parents=True)
    with pytest.raises(ClawmendError, match="cannot be written: Is a directory; what was done stays done"):
        History(str(blocked)).append(replace(ONE, deeds=(Deed("~/a", "edit", ("OC101",)),)))


def test_where_nothing_was_done_nothing_is_said_to_stay(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").mkdir()
    with pytest.raises(ClawmendError, match=r"Is a directory; name another folder with --state-dir$"):
        History(str(tmp_path)).append(replace(ONE, deeds=()))


def test_what_cannot_be_read_is_one_sentence(history: History) -> None:
    history.append(ONE)
    os.rename(history.path, history.path + ".moved")
    os.symlink(history.path + ".moved", history.path)
    with pytest.raises(ClawmendError, match="cannot be read"):
        list(history.newest_first())
