import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.system.journal import SCHEMA, Journal, Lines
from system.fakes import tree


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "manifest.jsonl"


@pytest.fixture
def journal(path: Path) -> Journal:
    return Journal(str(path))


def _names(lines: Lines) -> list[object]:
    return [record.get("event") for record in lines.records]


def _append(journal: Journal, *names: str) -> None:
    for name in names:
        journal.append({"event": name})


def test_a_record_is_sealed_and_read_back_with_its_schema(journal: Journal, path: Path) -> None:
    journal.append({"event": "begin", "text": 'a "check":" b'})

    line = path.read_bytes()
    body, _, seal = line.rpartition(b',"check":"')
    assert seal == hashlib.sha256(body).hexdigest()[:16].encode() + b'"}\n'
    assert json.loads(line)["schema"] == SCHEMA
    (record,) = journal.read().records
    assert (record["event"], record["text"]) == ("begin", 'a "check":" b')


def test_records_keep_their_order(journal: Journal) -> None:
    _append(journal, "one", "two", "three")
    assert _names(journal.read()) == ["one", "two", "three"]
    assert journal.read().damaged == ()


def test_it_is_private_and_appears_with_the_first_record(journal: Journal, path: Path) -> None:
    assert journal.read() == Lines(())
    assert not path.exists()
    _append(journal, "one")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_in_its_place_is_not_followed(journal: Journal, path: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"theirs")
    path.symlink_to("theirs")
    with pytest.raises(OSError, match="symbolic links"):
        _append(journal, "one")
    assert (tmp_path / "theirs").read_bytes() == b"theirs"


def test_one_that_cannot_be_read_is_a_sentence(journal: Journal, path: Path) -> None:
    path.mkdir()
    with pytest.raises(ClawmendError, match="cannot read the backups"):
        journal.read()


def test_a_last_line_cut_short_anywhere_was_never_begun(journal: Journal, path: Path) -> None:
    _append(journal, "one")
    whole = path.read_bytes()
    _append(journal, "two")
    both = path.read_bytes()
    for length in range(len(whole), len(both)):
        path.write_bytes(both[:length])
        assert _names(journal.read()) == ["one"]
        assert journal.read().damaged == ()


def test_the_line_after_one_that_was_cut_short_says_so_and_nothing_is_damaged(journal: Journal, path: Path) -> None:
    _append(journal, "one")
    whole = path.read_bytes()
    _append(journal, "two")
    both = path.read_bytes()
    for length in range(len(whole) + 1, len(both)):
        path.write_bytes(both[:length])
        _append(journal, "three", "four")
        lines = journal.read()
        assert _names(lines)[-2:] == ["three", "four"]
        assert [record.get("torn") for record in lines.records][-2:] == [True, None]
        assert lines.damaged == ()


def test_a_line_in_the_middle_that_was_cut_short_without_a_word_is_damage(journal: Journal, path: Path) -> None:
    _append(journal, "one", "two", "three")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:20] + b"\n" + lines[2])
    assert _names(journal.read()) == ["one", "three"]
    assert journal.read().damaged == (2,)


def test_two_damaged_lines_one_after_the_other_are_two_and_an_announced_tear_excuses_only_one(
    journal: Journal, path: Path
) -> None:
    _append(journal, "one", "two")
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first.replace(b"one", b"eno") + second[:9])
    _append(journal, "three")
    assert journal.read().damaged == (1,)


_FLIPS: list[tuple[str, Callable[[int], int]]] = [
    *((f"bit {bit}", lambda byte, bit=bit: byte ^ (1 << bit)) for bit in range(8)),
    *((f"becomes {new!r}", lambda _byte, new=new: ord(new)) for new in '0139 "}x\n'),
]


@pytest.mark.parametrize(("name", "flip"), _FLIPS, ids=[name for name, _ in _FLIPS])
def test_a_byte_that_has_changed_anywhere_is_found(
    journal: Journal, path: Path, name: str, flip: Callable[[int], int]
) -> None:
    """All but the last line end: without it the last line is one that was cut short."""
    del name
    _append(journal, "one", "two", "three")
    whole = path.read_bytes()
    unseen: list[tuple[int, bytes]] = []
    for at, byte in enumerate(whole[:-1]):
        if flip(byte) != byte:
            path.write_bytes(whole[:at] + bytes([flip(byte)]) + whole[at + 1 :])
            if not journal.read().damaged:
                unseen.append((at, whole[max(0, at - 12) : at + 5]))
    assert unseen == []


def test_a_line_that_is_gone_from_the_middle_takes_no_other_with_it(journal: Journal, path: Path) -> None:
    _append(journal, "one", "two", "three")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[2])
    assert _names(journal.read()) == ["one", "three"]


def test_lines_of_a_newer_schema_are_counted_and_left_alone(journal: Journal, path: Path) -> None:
    _append(journal, "one")
    body = b'{"schema":3,"event":"unheard of"'
    seal = hashlib.sha256(body).hexdigest()[:16].encode()
    with path.open("ab") as file:
        file.write(body + b',"check":"' + seal + b'"}\n')
    _append(journal, "two")
    lines = journal.read()
    assert (_names(lines), lines.newer, lines.damaged) == (["one", "two"], 1, ())


def test_lines_of_schema_1_have_no_checksum_and_are_read(journal: Journal, path: Path) -> None:
    path.write_bytes(b'{"schema": 1, "event": "one"}\n{"schema": 1, "eve\n{"schema": 1, "event": "two"}\n')
    _append(journal, "three")
    lines = journal.read()
    assert (_names(lines), lines.damaged, lines.newer) == (["one", "two", "three"], (), 0)


@pytest.mark.parametrize("room", [0, 1, 30])
def test_an_append_that_fails_is_taken_back_to_the_last_byte(
    journal: Journal, path: Path, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _append(journal, "one")
    whole = path.read_bytes()
    write, left = os.write, [room]

    def nearly_full(descriptor: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(28, "No space left on device")
        written = write(descriptor, bytes(data)[: left[0]])
        left[0] -= written
        return written

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", nearly_full)
        with pytest.raises(OSError, match="No space left"):
            _append(journal, "two")

    assert path.read_bytes() == whole
    _append(journal, "three")
    assert _names(journal.read()) == ["one", "three"]
    assert "torn" not in journal.read().records[1]


def test_an_append_that_cannot_be_synced_is_taken_back_too(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _append(journal, "one")
    whole = path.read_bytes()

    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="Input/output error"):
            _append(journal, "two")
    assert path.read_bytes() == whole


def test_every_record_is_on_disk_and_the_first_one_with_its_name(
    journal: Journal, tmp_path: Path, synced: list[str]
) -> None:
    _append(journal, "one")
    assert synced == ["manifest.jsonl", tmp_path.name]
    _append(journal, "two")
    assert synced == ["manifest.jsonl", tmp_path.name, "manifest.jsonl"]
    assert list(tree(tmp_path)) == ["manifest.jsonl"]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    fsync = os.fsync

    def record(descriptor: int) -> None:
        names.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    return names
