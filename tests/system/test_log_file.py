"""A log is read from where the last look ended, and only when it is one."""

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawmend.core.log_lines import LONGEST_LINE
from clawmend.system import log_file
from clawmend.system.log_file import MOST_AT_ONCE, Tail, is_private
from support.generated_documents import certain

ME = os.getuid()
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path / "openclaw.log"


def _read(tail: Tail) -> list[bytes]:
    return list(tail.lines())


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
    path.chmod(0o600)


def _given_away(look: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
    """What the system would say of a file that another user owns."""

    def found(*arguments: Any, **named: Any) -> os.stat_result:
        status = list(look(*arguments, **named))
        status[stat.ST_UID] = NOBODY
        return os.stat_result(status)

    return found


def _begin(tail: Tail) -> None:
    """The reader's part: the next line has begun an account."""
    tail.gap = False


def test_an_absent_file_has_nothing_new(path: Path) -> None:
    tail = Tail(str(path), ME)
    assert _read(tail) == []
    assert tail.problem is None
    assert _read(Tail(str(path / "below" / "x"), ME)) == []
    path.write_bytes(b"")
    assert _read(Tail(str(path / "below"), ME)) == []


def test_only_what_was_appended_is_read(path: Path) -> None:
    tail = Tail(str(path), ME)
    _append(path, b"one\ntwo\n\n")
    assert _read(tail) == [b"one", b"two"]
    assert _read(tail) == []
    _begin(tail)
    _append(path, b"three\n")
    assert _read(tail) == [b"three"]
    assert (tail.gap, tail.whole) == (False, True)


def test_a_line_that_is_not_complete_waits_for_its_end(path: Path) -> None:
    tail = Tail(str(path), ME)
    _append(path, b"one\ntw")
    assert _read(tail) == [b"one"]
    _append(path, b"o\nthree")
    assert _read(tail) == [b"two"]
    assert _read(tail) == []


def test_of_a_huge_file_the_end_is_read_from_the_begin_of_a_line(path: Path) -> None:
    line = b"x" * 99 + b"\n"
    _append(path, line * (3 * MOST_AT_ONCE // 100) + b"last\n")
    tail = Tail(str(path), ME)
    lines = _read(tail)
    assert MOST_AT_ONCE - 200 < sum(len(each) + 1 for each in lines) <= MOST_AT_ONCE
    assert set(lines) == {b"x" * 99, b"last"}
    assert tail.whole is False


def test_of_what_was_appended_while_nobody_looked_the_end_is_read(path: Path) -> None:
    tail = Tail(str(path), ME)
    _append(path, b"first\nbegun")
    _read(tail)
    _begin(tail)
    _append(path, b"\n" + b"x\n" * MOST_AT_ONCE)
    lines = _read(tail)
    assert b"begun" not in lines
    assert len(lines) <= MOST_AT_ONCE // 2
    assert (tail.gap, tail.whole) == (True, False)
    _append(path, b"y\n")
    assert _read(tail) == [b"y"]


def test_a_line_of_many_megabytes_is_left_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "MOST_AT_ONCE", 64 * 2**20)
    tail = Tail(str(path), ME)
    _append(path, b"one\n" + b"x" * (8 * 2**20))
    assert _read(tail) == [b"one"]
    _begin(tail)
    _append(path, b"x" * 2**20 + b"\ntwo\n")
    assert _read(tail) == [b"two"]
    _append(path, b"y" * LONGEST_LINE + b"\n")
    assert _read(tail) == [b"y" * LONGEST_LINE]
    _begin(tail)
    _append(path, b"z" * (LONGEST_LINE + 1) + b"\nthree\n")
    assert _read(tail) == [b"three"]
    assert (tail.gap, tail.whole) == (True, False)


class TestBegunAnew:
    def test_a_file_that_became_shorter(self, path: Path) -> None:
        tail = Tail(str(path), ME)
        _append(path, b"one\ntwo\nbegun")
        _read(tail)
        _begin(tail)
        path.write_bytes(b"new\n")
        assert _read(tail) == [b"new"]
        assert (tail.gap, tail.whole) == (True, False)

    def test_a_file_that_was_emptied_and_has_grown_beyond(self, path: Path) -> None:
        tail = Tail(str(path), ME)
        _append(path, b"one\n")
        _read(tail)
        path.write_bytes(b"other\nand more\n")
        assert _read(tail) == [b"other", b"and more"]

    def test_a_file_in_place_of_the_old_one(self, path: Path) -> None:
        tail = Tail(str(path), ME)
        _append(path, b"one\n")
        _read(tail)
        _begin(tail)
        path.rename(path.with_name("kept"))
        _append(path, b"one\nnew\n")
        assert _read(tail) == [b"one", b"new"]
        assert (tail.gap, tail.whole) == (True, False)

    def test_a_file_that_went_and_came(self, path: Path) -> None:
        tail = Tail(str(path), ME)
        _append(path, b"one\n")
        _read(tail)
        _begin(tail)
        path.unlink()
        assert _read(tail) == []
        assert tail.gap is True
        _append(path, b"new\n")
        assert _read(tail) == [b"new"]


class TestRotation:
    @pytest.mark.parametrize("name", ["openclaw.1.log", "openclaw.log.1"])
    def test_what_was_appended_last_is_read_under_the_new_name(self, path: Path, name: str) -> None:
        tail = Tail(str(path), ME)
        _append(path, b"one\n")
        _read(tail)
        _begin(tail)
        _append(path, b"two\n")
        path.rename(path.with_name(name))
        _append(path, b"three\n")
        assert _read(tail) == [b"two", b"three"]
        assert (tail.gap, tail.whole) == (False, True)

    def test_also_before_there_is_a_new_file(self, path: Path) -> None:
        tail = Tail(str(path), ME)
        _append(path, b"one\n")
        _read(tail)
        _begin(tail)
        _append(path, b"two\n")
        path.rename(path.with_name("openclaw.1.log"))
        assert _read(tail) == [b"two"]
        assert tail.gap is False

    def test_another_file_under_that_name_is_not_read(self, path: Path) -> None:
        tail = Tail(str(path), ME)
        _append(path, b"one\n")
        _read(tail)
        path.rename(path.with_name("kept"))
        _append(path.with_name("openclaw.1.log"), b"one\nother\n")
        path.with_name("openclaw.log.1").mkdir()
        _append(path, b"three\n")
        assert _read(tail) == [b"three"]
        assert tail.whole is False

    def test_what_was_rotated_away_before_the_first_look_is_missing(self, path: Path) -> None:
        _append(path.with_name("openclaw.1.log"), b"one\n")
        _append(path, b"two\n")
        tail = Tail(str(path), ME)
        assert _read(tail) == [b"two"]
        assert tail.whole is False


class TestWhatIsNotRead:
    def _problem(self, path: Path, owner: int = ME) -> str | None:
        tail = Tail(str(path), owner)
        assert _read(tail) == []
        return tail.problem

    def test_a_folder(self, path: Path) -> None:
        path.mkdir()
        assert self._problem(path) == "is a directory"

    def test_a_pipe_is_not_waited_for(self, path: Path) -> None:
        os.mkfifo(path)
        assert self._problem(path) == "is not a regular file"

    def test_a_socket(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("s.log")
            assert self._problem(tmp_path / "s.log") is not None

    def test_a_file_that_everybody_may_write(self, path: Path) -> None:
        _append(path, b"401\n")
        path.chmod(0o666)
        problem = self._problem(path)
        assert problem is not None
        assert "everybody" in problem

    def test_a_file_of_another_user(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        _append(path, b"401\n")
        monkeypatch.setattr(log_file.os, "fstat", _given_away(os.fstat))
        assert self._problem(path) == "belongs to another user"

    def test_a_link_that_another_user_made(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        target = path.with_name("private")
        _append(target, b"401\n")
        path.symlink_to(target)
        monkeypatch.setattr(log_file.os, "lstat", _given_away(os.lstat))
        assert self._problem(path) == "is a symbolic link that another user made"

    @pytest.mark.skipif(ME != 0, reason="only root can give something away")
    def test_what_was_really_given_away(self, path: Path) -> None:
        _append(path, b"401\n")
        os.chown(path, NOBODY, NOBODY)
        assert self._problem(path, owner=12345) == "belongs to another user"
        assert _read(Tail(str(path), NOBODY)) == [b"401"]
        link = path.with_name("link.log")
        link.symlink_to(path)
        os.lchown(link, NOBODY, NOBODY)
        assert self._problem(link, owner=12345) == "is a symbolic link that another user made"

    def test_a_link_of_our_own_is_followed(self, path: Path) -> None:
        target = path.with_name("elsewhere")
        _append(target, b"one\n")
        path.symlink_to(target)
        assert _read(Tail(str(path), ME)) == [b"one"]

    def test_a_link_that_leads_nowhere_or_round(self, path: Path) -> None:
        path.symlink_to(path)
        assert self._problem(path) == "is a loop of symbolic links"
        path.unlink()
        path.symlink_to(path.with_name("nowhere"))
        assert self._problem(path) is None

    @pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
    def test_a_name_that_no_file_can_have(self, tmp_path: Path, name: str) -> None:
        tail = Tail(f"{tmp_path}/{name}", ME)
        assert _read(tail) == []
        assert tail.problem == "is a name that no file can have"

    def test_a_disk_that_fails(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        _append(path, b"one\n")

        def fail(*_arguments: object) -> bytes:
            raise OSError(5, "EIO")

        monkeypatch.setattr(log_file.os, "pread", fail)
        assert self._problem(path) == "lies on a disk that fails (EIO)"

    def test_a_file_that_shrinks_while_it_is_read(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        _append(path, b"one\n")
        monkeypatch.setattr(log_file.os, "pread", lambda *_arguments: b"")
        tail = Tail(str(path), ME)
        assert _read(tail) == []
        assert tail.problem is None


def test_a_folder_for_temporary_files_is_private_or_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "openclaw"
    assert not is_private(str(folder), ME)
    folder.mkdir(mode=0o700)
    assert is_private(str(folder), ME)
    assert not is_private(str(folder), ME + 1)
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert not is_private(str(link), ME)
    folder.chmod(0o770)
    assert not is_private(str(folder), ME)


@certain
@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"\n", b"x" * 70, b"{}\n"]), max_size=8), st.data())
def test_it_does_not_matter_in_which_pieces_a_file_was_appended(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_file, "LONGEST_LINE", 64)
        patch.setattr(log_file, "_PIECE", data.draw(st.integers(1, 50)))
        folder = tmp_path_factory.mktemp("log")
        whole, grown = folder / "whole.log", folder / "grown.log"
        _append(whole, b"".join(pieces))
        grown.touch(0o600)
        tail = Tail(str(grown), ME)
        found = []
        for piece in pieces:
            _append(grown, piece)
            if data.draw(st.booleans()):
                found += _read(tail)
        assert [*found, *_read(tail)] == _read(Tail(str(whole), ME))
