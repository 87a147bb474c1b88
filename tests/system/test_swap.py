"""Replacing, removing and writing in place, with somebody else at work at every seam."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedWriter
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.errors import ClawmendError, StaleError, StrayError
from clawmend.core.state import Identity
from clawmend.system import durable, slot, swap
from clawmend.system.lease import Answer
from clawmend.system.reading import identity_of
from clawmend.system.slot import Slot
from system.fakes import tree

LABEL = "20270115T080000Z-abcdef"
_CLOSED = Identity(0, 0, 0o600, 0, 0, 0, 1_600_000_000_000_000_001)
TEMPORARY = f".a.clawmend-{LABEL}"

_OPEN = """
import sys
with open(sys.argv[1], "r+b"):
    print(flush=True)
    sys.stdin.read()
"""

_WAITING = """
import os, sys
meant = os.open(sys.argv[1], os.O_PATH)
try:
    os.close(os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK))
    print("may write", flush=True)
except BlockingIOError:
    print("has to wait", flush=True)
with open(f"/proc/self/fd/{meant}", "a") as file:
    file.write(" and theirs")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "a"
    path.parent.mkdir()
    path.write_bytes(b"old")
    path.chmod(0o640)
    return path


def _replace(path: Path, data: bytes = b"new", **options: Any) -> None:
    swap.replace(str(path), data, **({"expected": b"old", "label": LABEL} | options))


def _remove(path: Path, **options: Any) -> None:
    swap.remove(str(path), **({"expected": b"old", "label": LABEL} | options))


def _names(path: Path) -> list[str]:
    return sorted(os.listdir(path.parent))


def _in_place(path: Path) -> None:
    path.write_bytes(b"theirs")


def _same_length(path: Path) -> None:
    """Same size and same time: only the bytes differ."""
    status = path.stat()
    path.write_bytes(b"oLd")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _renamed_over(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"theirs")
    other.rename(path)


def _removed(path: Path) -> None:
    path.unlink()


def _link(path: Path) -> None:
    (path.parent.parent / "victim").write_bytes(b"old")
    path.unlink()
    path.symlink_to(path.parent.parent / "victim")


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "theirs").write_bytes(b"theirs")


def _chmod(path: Path) -> None:
    path.chmod(0o600)


CONTENTS = [_in_place, _same_length, _renamed_over]
OTHERS = [_removed, _link, _dangling, _chmod]
NO_FILES = [(_fifo, "is not a regular file"), (_folder, "is a directory")]
Meddler = Callable[[Path], None]


def _meddle(monkeypatch: pytest.MonkeyPatch, seam: str, meddler: Callable[[], None], *, after: bool = False) -> None:
    """Let somebody else come in just before or just after the first time that the seam is passed."""
    owner: Any = swap if seam == "write_temporary" else Slot
    real = getattr(owner, seam)
    came: list[str] = []

    def meddled(*arguments: Any, **options: Any) -> Any:
        first = not came
        came.append(seam)
        if first and not after:
            meddler()
        result = real(*arguments, **options)
        if first and after:
            meddler()
        return result

    monkeypatch.setattr(owner, seam, meddled)


def _no_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def unknown(_descriptor: int) -> Iterator[Answer]:
        yield Answer.UNKNOWN

    monkeypatch.setattr(swap, "read_lease", unknown)


def _left_as_they_made_it(path: Path, work: Callable[[], None], expected: dict[str, Any]) -> None:
    with pytest.raises(StaleError, match="was changed by somebody else") as raised:
        work()
    assert type(raised.value) is StaleError
    assert tree(path.parent) == expected


@pytest.fixture
def made(tmp_path: Path) -> Callable[[Meddler], dict[str, Any]]:
    """What a meddler makes of the folder when nobody else is at work."""

    def make(meddler: Meddler) -> dict[str, Any]:
        other = tmp_path / "alone" / "folder" / "a"
        other.parent.mkdir(parents=True)
        other.write_bytes(b"old")
        other.chmod(0o640)
        meddler(other)
        found = tree(other.parent)
        return {
            name: (mode, str(content).replace("/alone/", "/") if isinstance(content, str) else content)
            for name, (mode, content) in found.items()
        }

    return make


@pytest.mark.parametrize("leases", [True, False], ids=["leases", "no leases"])
@pytest.mark.parametrize("meddler", [*CONTENTS, *OTHERS])
class TestSomebodyBeforeTheSwap:
    @pytest.mark.parametrize(
        ("seam", "after"), [("write_temporary", False), ("write_temporary", True), ("swap", False)]
    )
    def test_what_they_did_stays_and_is_said(
        self,
        path: Path,
        meddler: Meddler,
        seam: str,
        leases: bool,
        after: bool,
        made: Callable[[Meddler], dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        if not leases:
            _no_leases(monkeypatch)
        if seam == "swap" and leases and meddler in {_in_place, _same_length}:
            pytest.skip("a writer in place would wait for us; see the tests with a second process")
        _meddle(monkeypatch, seam, lambda: meddler(path), after=after)
        _left_as_they_made_it(path, lambda: _replace(path), made(meddler))

    def test_a_removal_leaves_what_they_did(
        self,
        path: Path,
        meddler: Meddler,
        leases: bool,
        made: Callable[[Meddler], dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        if not leases:
            _no_leases(monkeypatch)
        elif meddler in {_in_place, _same_length}:
            pytest.skip("a writer in place would wait for us; see the tests with a second process")
        if meddler is _chmod:
            pytest.skip("the mode of what is removed goes with it")
        _meddle(monkeypatch, "move_away", lambda: meddler(path))
        _left_as_they_made_it(path, lambda: _remove(path), made(meddler))


@pytest.mark.parametrize(("meddler", "sentence"), NO_FILES)
class TestSomethingThatIsNoFile:
    @pytest.mark.parametrize("after", [False, True])
    def test_it_is_said_what_it_is_before_the_comparison(
        self,
        path: Path,
        meddler: Meddler,
        sentence: str,
        after: bool,
        made: Callable[[Meddler], dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        _meddle(monkeypatch, "write_temporary", lambda: meddler(path), after=after)
        with pytest.raises(ClawmendError, match=sentence):
            _replace(path)
        assert tree(path.parent) == made(meddler)

    @pytest.mark.parametrize(("seam", "work"), [("swap", _replace), ("move_away", _remove)])
    def test_it_comes_back_after_the_comparison(
        self,
        path: Path,
        meddler: Meddler,
        sentence: str,
        seam: str,
        work: Callable[[Path], None],
        made: Callable[[Meddler], dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        del sentence
        _meddle(monkeypatch, seam, lambda: meddler(path))
        _left_as_they_made_it(path, lambda: work(path), made(meddler))


class TestSomebodyAfterTheSwap:
    @pytest.mark.parametrize("meddler", [_in_place, _renamed_over, _removed, _link, _dangling, _fifo, _chmod])
    def test_what_is_written_over_ours_is_a_later_write_and_stays(
        self, path: Path, meddler: Meddler, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expected: list[object] = []

        def come() -> None:
            meddler(path)
            expected.append({name: one for name, one in tree(path.parent).items() if name != TEMPORARY})

        _meddle(monkeypatch, "swap", come, after=True)
        _replace(path)
        assert expected == [tree(path.parent)]

    def test_what_is_made_anew_after_a_removal_stays(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        _meddle(monkeypatch, "move_away", lambda: _in_place(path), after=True)
        _remove(path)
        assert path.read_bytes() == b"theirs"
        assert _names(path) == ["a"]

    @pytest.mark.parametrize("again", [_in_place, _renamed_over])
    def test_who_comes_twice_keeps_the_newest_and_the_other_lies_beside_it(
        self, path: Path, again: Meddler, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def first() -> None:
            path.unlink()
            path.write_bytes(b"theirs of a moment ago")

        _meddle(monkeypatch, "swap", first)
        _meddle(monkeypatch, "swap", lambda: again(path), after=True)
        with pytest.raises(StrayError, match="was changed twice"):
            _replace(path)
        assert path.read_bytes() == b"theirs"
        assert swap.leftover(str(path), LABEL) == b"theirs of a moment ago"
        swap.discard(str(path), LABEL)
        assert _names(path) == ["a"]

    @pytest.mark.parametrize("again", [_link, _dangling, _folder, _fifo])
    def test_who_comes_twice_with_what_is_no_file_keeps_that_too(
        self, path: Path, again: Meddler, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kinds: list[int] = []

        def second() -> None:
            again(path)
            kinds.append(stat.S_IFMT(path.lstat().st_mode))

        _meddle(monkeypatch, "swap", lambda: _renamed_over(path))
        _meddle(monkeypatch, "swap", second, after=True)
        with pytest.raises(StrayError, match="was changed twice"):
            _replace(path)
        assert [stat.S_IFMT(path.lstat().st_mode)] == kinds
        assert path.with_name(TEMPORARY).read_bytes() == b"theirs"

    def test_who_comes_twice_and_has_not_written_yet_loses_nothing(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ExitStack() as opened:
            files: list[BufferedWriter] = []
            _meddle(monkeypatch, "swap", lambda: _renamed_over(path))
            _meddle(monkeypatch, "swap", lambda: files.append(opened.enter_context(path.open("ab"))), after=True)
            with pytest.raises(StrayError, match="was changed twice"):
                _replace(path)
            files[0].write(b" and theirs")
        assert path.read_bytes() == b"new and theirs"
        assert swap.leftover(str(path), LABEL) == b"theirs"

    def test_who_comes_twice_and_removes_it_leaves_the_first_content_beside_it(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _meddle(monkeypatch, "swap", lambda: _renamed_over(path))
        _meddle(monkeypatch, "swap", lambda: _removed(path), after=True)
        with pytest.raises(StrayError):
            _replace(path)
        assert swap.leftover(str(path), LABEL) == b"theirs"

    def test_a_file_changed_and_made_anew_around_a_removal_is_both(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _meddle(monkeypatch, "move_away", lambda: _renamed_over(path))
        _meddle(monkeypatch, "move_away", lambda: path.write_bytes(b"theirs again"), after=True)
        with pytest.raises(StrayError):
            _remove(path)
        assert path.read_bytes() == b"theirs again"
        assert swap.leftover(str(path), LABEL) == b"theirs"


class TestANewFile:
    @pytest.mark.parametrize("meddler", [_in_place, _link, _dangling, _fifo, _folder])
    @pytest.mark.parametrize("without", [(), ("rename_to_free",), ("rename_to_free", "link")], ids=str)
    def test_a_name_that_somebody_takes_meanwhile_is_theirs(
        self,
        path: Path,
        meddler: Meddler,
        without: tuple[str, ...],
        made: Callable[[Meddler], dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        _without(monkeypatch, without)
        path.unlink()

        def come() -> None:
            path.write_bytes(b"")
            path.chmod(0o640)
            meddler(path)

        _meddle(monkeypatch, "take_free_name", come)
        _left_as_they_made_it(path, lambda: _replace(path, expected=None), made(meddler))


def _without(monkeypatch: pytest.MonkeyPatch, calls: tuple[str, ...]) -> None:
    """A system that does not have these calls."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    for name in calls:
        if name == "link":
            monkeypatch.setattr(os, "link", refuse)
        else:
            monkeypatch.setattr(slot, name, lambda *_arguments: False)


@pytest.mark.parametrize(
    "without",
    [("exchange",), ("exchange", "rename_to_free"), ("exchange", "rename_to_free", "link")],
    ids=" and ".join,
)
class TestWithoutTheNewRenames:
    @pytest.fixture(autouse=True)
    def _plain(self, without: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
        _without(monkeypatch, without)

    def test_a_file_is_replaced(self, path: Path) -> None:
        _replace(path)
        assert (path.read_bytes(), _names(path)) == (b"new", ["a"])
        assert path.stat().st_mode & 0o777 == 0o640

    def test_a_file_is_made(self, path: Path) -> None:
        path.unlink()
        _replace(path, expected=None)
        assert (path.read_bytes(), _names(path)) == (b"new", ["a"])

    def test_a_file_is_removed(self, path: Path) -> None:
        _remove(path)
        assert _names(path) == []

    @pytest.mark.parametrize("meddler", [_in_place, _renamed_over, _removed, _link, _dangling, _chmod])
    def test_whoever_writes_before_the_comparison_is_noticed(
        self,
        path: Path,
        meddler: Meddler,
        made: Callable[[Meddler], dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        _meddle(monkeypatch, "write_temporary", lambda: meddler(path), after=True)
        _left_as_they_made_it(path, lambda: _replace(path), made(meddler))

    @pytest.mark.parametrize("meddler", [_renamed_over, _link, _dangling])
    def test_what_a_removal_displaced_comes_back_as_it_was(
        self,
        path: Path,
        meddler: Meddler,
        made: Callable[[Meddler], dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        _meddle(monkeypatch, "move_away", lambda: meddler(path))
        _left_as_they_made_it(path, lambda: _remove(path), made(meddler))


@contextmanager
def _writer(path: Path) -> Iterator[None]:
    """Another process that has the file open for writing."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _OPEN, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        yield
        child.communicate(b"", timeout=10)


class TestWritersInPlace:
    @pytest.mark.parametrize("work", ["replace", "remove", "overwrite"])
    def test_a_file_that_somebody_has_open_for_writing_is_left(self, path: Path, work: str) -> None:
        before = tree(path.parent)
        calls: dict[str, Callable[[], None]] = {
            "replace": lambda: _replace(path),
            "remove": lambda: _remove(path),
            "overwrite": lambda: swap.overwrite(str(path), b"new", expected=b"old"),
        }
        with _writer(path), pytest.raises(StaleError, match="is open for writing by somebody else; it was left"):
            calls[work]()
        assert tree(path.parent) == before
        calls[work]()

    @pytest.mark.parametrize(("seam", "work"), [("swap", _replace), ("move_away", _remove)])
    @pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
    def test_who_wants_to_write_during_the_swap_waits_and_writes_the_file_that_it_meant(
        self, path: Path, seam: str, work: Callable[[Path], None], after: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if after and seam == "move_away":
            pytest.skip("there is nothing to open then")
        children: list[subprocess.Popen[str]] = []
        told: list[str] = []

        def come() -> None:
            child = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _WAITING, str(path)], stdout=subprocess.PIPE, text=True
            )
            assert child.stdout is not None
            told.append(child.stdout.readline())
            children.append(child)

        _meddle(monkeypatch, seam, come, after=after)
        if after:
            work(path)
        else:
            with pytest.raises(StaleError):
                work(path)
        children[0].communicate(timeout=10)
        assert told == ["may write\n" if after else "has to wait\n"]
        assert path.read_bytes() == (b"new and theirs" if after else b"old and theirs")
        assert _names(path) == ["a"]

    def test_where_every_lease_is_refused_alike_nobody_is_taken_for_a_writer(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        @contextmanager
        def refused(_descriptor: int) -> Iterator[Answer]:
            yield Answer.WRITER

        for module in (swap, slot):
            monkeypatch.setattr(module, "read_lease", refused)
        _replace(path)
        assert (path.read_bytes(), _names(path)) == (b"new", ["a"])
        swap.overwrite(str(path), b"old", expected=b"new")
        _remove(path)
        assert _names(path) == []


class TestHardLinks:
    def test_a_file_with_two_names_is_not_parted(self, path: Path) -> None:
        os.link(path, path.parent / "b")
        with pytest.raises(ClawmendError, match="has 2 names"):
            _replace(path)
        assert _names(path) == ["a", "b"]
        assert path.stat().st_ino == (path.parent / "b").stat().st_ino

    def test_one_that_gets_a_second_name_meanwhile_is_not_parted_either(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _meddle(monkeypatch, "write_temporary", lambda: os.link(path, path.parent / "b"), after=True)
        with pytest.raises(ClawmendError):
            _replace(path)
        assert path.stat().st_ino == (path.parent / "b").stat().st_ino
        assert _names(path) == ["a", "b"]


class TestFolders:
    def test_one_that_became_a_link_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to("real")
        with pytest.raises(OSError, match="link"), durable.open_folder(str(tmp_path / "link")):
            raise AssertionError("it was followed")
        (tmp_path / "real" / "below").mkdir()
        with pytest.raises(OSError, match="link"), durable.open_folder(str(tmp_path / "link" / "below")):
            raise AssertionError("it was followed")

    def test_one_that_is_exchanged_for_a_link_meanwhile_is_not_written_to(
        self, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "theirs").mkdir()
        (tmp_path / "theirs" / "a").write_bytes(b"old")

        def come() -> None:
            path.parent.rename(tmp_path / "moved")
            path.parent.symlink_to("theirs")

        _meddle(monkeypatch, "write_temporary", come)
        _replace(path)
        assert (tmp_path / "theirs" / "a").read_bytes() == b"old"
        assert (tmp_path / "moved" / "a").read_bytes() == b"new"

    def test_no_descriptor_stays_open(self, path: Path) -> None:
        before = os.listdir("/proc/self/fd")
        _replace(path)
        _replace(path, b"old", expected=b"new")
        with pytest.raises(StaleError):
            _replace(path, expected=b"other")
        _remove(path)
        assert os.listdir("/proc/self/fd") == before


class TestWhatAFileIs:
    def test_mode_time_and_attributes_come_back_after_a_removal(self, path: Path) -> None:
        try:
            os.setxattr(path, "user.note", b"\x00keep")
        except OSError:
            pytest.skip("this file system has no extended attributes")
        os.utime(path, ns=(5, 1_600_000_000_123_456_789))
        was = identity_of(path.stat())
        was = Identity(
            **{name: getattr(was, name) for name in was.__slots__} | {"attributes": durable.attributes_of(str(path))}
        )

        _remove(path)
        _replace(path, b"old", expected=None, identity=was)

        again = identity_of(path.stat())
        assert (again.mode, again.uid, again.gid, again.mtime_ns) == (was.mode, was.uid, was.gid, was.mtime_ns)
        assert os.getxattr(path, "user.note") == b"\x00keep"

    @pytest.mark.parametrize("name", ["x" * 255, "\u00e4" * 127, os.fsdecode(b"\xff" * 255), os.fsdecode(b"\xc3(")])
    def test_names_as_long_as_they_may_be_have_a_temporary_name(self, path: Path, name: str) -> None:
        other = path.with_name(name)
        other.write_bytes(b"old")
        assert len(os.fsencode(durable.temporary_name(name, LABEL))) <= 255
        _replace(other)
        assert other.read_bytes() == b"new"
        _remove(other, expected=b"new")
        assert _names(path) == ["a"]

    def test_the_label_settles_the_temporary_name_and_without_one_it_is_another_every_time(self) -> None:
        assert durable.temporary_name("a", LABEL) == TEMPORARY
        assert durable.temporary_name("a", "") != durable.temporary_name("a", "")

    def test_something_under_the_temporary_name_is_not_overwritten(self, path: Path) -> None:
        (path.parent / TEMPORARY).write_bytes(b"of an earlier crash")
        with pytest.raises(FileExistsError):
            _replace(path)
        assert path.read_bytes() == b"old"
        assert swap.leftover(str(path), LABEL) == b"of an earlier crash"


class TestWritingInPlace:
    def test_the_file_stays_the_same_file(self, path: Path) -> None:
        os.link(path, path.parent / "b")
        swap.overwrite(str(path), b"newer", expected=b"old")
        assert (path.parent / "b").read_bytes() == b"newer"
        swap.overwrite(str(path), b"n", expected=b"newer", identity=_CLOSED)
        assert (path.parent / "b").read_bytes() == b"n"
        assert path.stat().st_mtime_ns == 1_600_000_000_000_000_001

    @pytest.mark.parametrize("call", ["write", "ftruncate", "fsync"])
    @pytest.mark.parametrize("data", [b"", b"n", b"much longer than before"])
    def test_when_it_fails_the_old_content_is_put_back(
        self, path: Path, data: bytes, call: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if call == "write" and not data:
            pytest.skip("nothing is written then")
        real = getattr(os, call)
        failed: list[str] = []

        def fail_once(descriptor: int, *arguments: Any) -> Any:
            if failed:
                return real(descriptor, *arguments)
            failed.append(call)
            if call == "write":
                real(descriptor, arguments[0][:5])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, call, fail_once)
        with pytest.raises(OSError, match="No space"):
            swap.overwrite(str(path), data, expected=b"old")
        assert failed
        assert (path.read_bytes(), _names(path)) == (b"old", ["a"])

    def test_it_is_given_another_mode_before_the_bytes(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path.chmod(0o644)
        modes: list[int] = []
        write = os.write

        def recorded(descriptor: int, data: bytes) -> int:
            modes.append(os.fstat(descriptor).st_mode & 0o777)
            return write(descriptor, data)

        monkeypatch.setattr(os, "write", recorded)
        swap.overwrite(str(path), b"new", expected=b"old", identity=_CLOSED)
        assert (modes, path.stat().st_mode & 0o777) == ([0o600], 0o600)

    def test_for_another_mode_alone_nothing_is_written(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path.chmod(0o644)
        monkeypatch.setattr(os, "write", lambda *_arguments: pytest.fail("it was written"))
        monkeypatch.setattr(os, "ftruncate", lambda *_arguments: pytest.fail("it was cut"))
        swap.overwrite(str(path), b"old", expected=b"old", identity=_CLOSED)
        status = path.stat()
        assert (status.st_mode & 0o777, status.st_mtime_ns) == (0o600, _CLOSED.mtime_ns)

    @pytest.mark.parametrize("call", ["fchmod", "write"])
    def test_when_that_fails_content_and_mode_are_put_back(
        self, path: Path, call: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path.chmod(0o644)
        real = getattr(os, call)
        failed: list[str] = []

        def fail_once(descriptor: int, *arguments: Any) -> Any:
            if failed:
                return real(descriptor, *arguments)
            failed.append(call)
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, call, fail_once)
        with pytest.raises(PermissionError):
            swap.overwrite(str(path), b"new", expected=b"old", identity=_CLOSED)
        assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"old", 0o644)

    @pytest.mark.parametrize("meddler", [_in_place, _same_length, _renamed_over, _removed, _link, _dangling])
    def test_another_content_than_expected_is_left(
        self, path: Path, meddler: Meddler, made: Callable[[Meddler], dict[str, Any]]
    ) -> None:
        @contextmanager
        def guard() -> Iterator[None]:
            meddler(path)
            yield

        _left_as_they_made_it(
            path, lambda: swap.overwrite(str(path), b"new", expected=b"old", guard=guard), made(meddler)
        )


@pytest.mark.parametrize("work", [_replace, _remove])
class TestTheGuard:
    def test_one_that_refuses_keeps_the_file_and_leaves_nothing(self, path: Path, work: Callable[..., None]) -> None:
        @contextmanager
        def busy() -> Iterator[None]:
            raise ClawmendError("it is busy")
            yield

        before = tree(path.parent)
        with pytest.raises(ClawmendError, match="it is busy"):
            work(path, guard=busy)
        assert tree(path.parent) == before

    def test_whatever_is_written_while_it_is_waited_for_is_seen(self, path: Path, work: Callable[..., None]) -> None:
        @contextmanager
        def slow() -> Iterator[None]:
            _renamed_over(path)
            yield

        with pytest.raises(StaleError):
            work(path, guard=slow)
        assert (path.read_bytes(), _names(path)) == (b"theirs", ["a"])
