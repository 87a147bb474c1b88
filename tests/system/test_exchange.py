import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clawmend.system import exchange as exchanging
from clawmend.system.exchange import exchange, rename_to_free


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def _supported(folder: int, tmp_path: Path) -> None:
    for name in ("probe", "other"):
        (tmp_path / name).write_bytes(b"")
    can = exchange(folder, "probe", "other")
    for name in ("probe", "other"):
        (tmp_path / name).unlink()
    if not can:
        pytest.skip("this file system cannot swap")


def _saying(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Let the system call fail with that code."""

    def function(*_arguments: object) -> int:
        return -1

    monkeypatch.setattr(exchanging, "_function", lambda: function)
    monkeypatch.setattr(exchanging.ctypes, "get_errno", lambda: code)


@pytest.mark.usefixtures("_supported")
class TestSwapping:
    def test_two_files_have_each_others_name_and_are_themselves(self, folder: int, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"of a")
        (tmp_path / "b").write_bytes(b"of b")
        inodes = [(tmp_path / name).stat().st_ino for name in ("a", "b")]

        assert exchange(folder, "a", "b")

        assert ((tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()) == (b"of b", b"of a")
        assert [(tmp_path / name).stat().st_ino for name in ("b", "a")] == inodes

    def test_a_link_is_swapped_and_not_followed(self, folder: int, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to("elsewhere")
        (tmp_path / "b").write_bytes(b"of b")
        assert exchange(folder, "a", "b")
        assert os.readlink(tmp_path / "b") == "elsewhere"
        assert (tmp_path / "a").read_bytes() == b"of b"

    def test_names_may_hold_any_bytes(self, folder: int, tmp_path: Path) -> None:
        first, second = os.fsdecode(b"\xff\xfe"), "new\nline"
        (tmp_path / first).write_bytes(b"1")
        (tmp_path / second).write_bytes(b"2")
        assert exchange(folder, first, second)
        assert (tmp_path / first).read_bytes() == b"2"

    @pytest.mark.parametrize("there", ["a", "b"])
    def test_a_name_that_is_not_there_is_an_error_and_nothing_is_renamed(
        self, folder: int, tmp_path: Path, there: str
    ) -> None:
        (tmp_path / there).write_bytes(b"x")
        with pytest.raises(FileNotFoundError):
            exchange(folder, "a", "b")
        assert os.listdir(tmp_path) == [there]


@pytest.mark.usefixtures("_supported")
class TestTakingAFreeName:
    def test_a_free_name_is_taken(self, folder: int, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"x")
        assert rename_to_free(folder, "a", "b")
        assert os.listdir(tmp_path) == ["b"]

    def test_a_name_that_is_taken_is_an_error_and_both_stay(self, folder: int, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"of a")
        (tmp_path / "b").write_bytes(b"of b")
        with pytest.raises(FileExistsError):
            rename_to_free(folder, "a", "b")
        assert ((tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()) == (b"of a", b"of b")

    def test_a_link_that_leads_nowhere_takes_a_name_too(self, folder: int, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"x")
        (tmp_path / "b").symlink_to("gone")
        with pytest.raises(FileExistsError):
            rename_to_free(folder, "a", "b")


@pytest.mark.parametrize("work", [exchange, rename_to_free])
class TestWhereTheSystemCannot:
    def test_a_library_without_the_function_says_no(
        self, folder: int, work: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exchanging.ctypes, "CDLL", lambda *_arguments, **_options: object())
        exchanging._function.cache_clear()
        try:
            assert work(folder, "a", "b") is False
        finally:
            exchanging._function.cache_clear()

    @pytest.mark.parametrize("code", [errno.ENOSYS, errno.EINVAL, errno.ENOTSUP])
    def test_a_system_that_does_not_know_it_says_no(
        self, folder: int, work: Any, code: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _saying(monkeypatch, code)
        assert work(folder, "a", "b") is False

    @pytest.mark.parametrize("code", [errno.ENOENT, errno.EEXIST, errno.EIO, errno.ENOSPC, errno.EROFS, errno.EBUSY])
    def test_a_failure_is_an_error_and_no_no(
        self, folder: int, work: Any, code: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _saying(monkeypatch, code)
        with pytest.raises(OSError, match="b") as raised:
            work(folder, "a", "b")
        assert (raised.value.errno, raised.value.filename) == (code, "b")
