"""One watcher per home and per state folder; the next one may come as soon as the first is gone, however it went."""

import errno
import fcntl
import os
import stat
import sys
from pathlib import Path

import pytest

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.system import instance
from clawmend.system.instance import only_watcher


def lock_of(state: Path) -> Path:
    return state / "watch.lock"


def test_the_second_one_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    with (
        only_watcher(state, "/home/a"),
        pytest.raises(BusyError, match=rf"watches /home/a already \(process {os.getpid()}\); see: clawmend status"),
    ):
        only_watcher(state, "/home/a").__enter__()
    with only_watcher(state, "/home/a"):
        pass


def test_two_homes_do_not_share_a_state_folder_and_the_second_one_is_told_what_to_do(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    with (
        only_watcher(state, "/home/a"),
        pytest.raises(
            BusyError,
            match=rf"the state folder {state} is used by the clawmend that watches /home/a \(process {os.getpid()}\); "
            "name another one for /home/b with --state-dir",
        ),
    ):
        only_watcher(state, "/home/b").__enter__()
    with only_watcher(state, "/home/b"):
        pass


class TestAcrossStateFolders:
    """One home has one watcher, wherever that keeps its state; nothing is made in the home for it."""

    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        (tmp_path / "home").mkdir()
        return tmp_path / "home"

    @pytest.fixture
    def everybody_is_a_watcher(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also this process, which holds the first lock."""
        monkeypatch.setattr(instance, "is_watcher", lambda _pid: True)

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel does not say who holds a lock")
    @pytest.mark.usefixtures("everybody_is_a_watcher")
    def test_the_second_one_is_told_who_the_first_one_is(self, tmp_path: Path, home: Path) -> None:
        (tmp_path / "link").symlink_to(home)
        who = rf"already \(process {os.getpid()}\); stop that one.* ps -fp {os.getpid()}"
        with only_watcher(str(tmp_path / "a"), str(home)):
            for path in (home, tmp_path / "link"):
                with pytest.raises(BusyError, match=f"another state folder watches {path} {who}"):
                    only_watcher(str(tmp_path / "b"), str(path)).__enter__()
            with only_watcher(str(tmp_path / "c"), str(tmp_path)):
                pass
        with only_watcher(str(tmp_path / "b"), str(home)):
            assert list(home.iterdir()) == []

    def test_whoever_else_locks_the_home_keeps_nobody_from_watching(self, tmp_path: Path, home: Path) -> None:
        """As `flock ~ backup.sh` does, or another user, who may read the folder."""
        descriptor = os.open(home, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            with only_watcher(str(tmp_path / "a"), str(home)):
                pass
        finally:
            os.close(descriptor)

    @pytest.mark.usefixtures("everybody_is_a_watcher")
    def test_where_the_kernel_names_nobody_or_several_nobody_is_accused(
        self, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert instance._holder(2**62) is None
        monkeypatch.setattr(instance, "_holder", lambda _inode: None)
        with only_watcher(str(tmp_path / "a"), str(home)), only_watcher(str(tmp_path / "b"), str(home)):
            pass

    def test_a_file_system_without_locks_keeps_nobody_from_watching(
        self, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flock = fcntl.flock

        def no_locks(descriptor: int, operation: int) -> None:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(errno.EBADF, "Bad file descriptor")  # as NFS says of a folder open for reading
            flock(descriptor, operation)

        monkeypatch.setattr(fcntl, "flock", no_locks)
        with only_watcher(str(tmp_path / "a"), str(home)), only_watcher(str(tmp_path / "b"), str(home)):
            pass

    def test_a_home_that_is_not_there_yet_may_be_watched(self, tmp_path: Path) -> None:
        with only_watcher(str(tmp_path / "a"), str(tmp_path / "later")):
            pass


def test_the_same_home_by_another_path_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "home")
    state = str(tmp_path / "state")
    with only_watcher(state, str(tmp_path / "home")), pytest.raises(BusyError):
        only_watcher(state, str(tmp_path / "link")).__enter__()


def test_the_lock_is_private_and_holds_one_number(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with only_watcher(str(state), "/home/a"):
        pass
    lock_of(state).write_text("4711471147114711\n")
    with only_watcher(str(state), "/home/a"):
        assert lock_of(state).read_text() == f"{os.getpid()}\n/home/a\n"
    assert stat.S_IMODE(lock_of(state).stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_a_lock_of_somebody_who_has_not_said_a_number_yet(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with only_watcher(str(state), "/home/a"):
        lock_of(state).write_text("")
        with pytest.raises(BusyError, match="process unknown"):
            only_watcher(str(state), "/home/a").__enter__()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with only_watcher(str(state), "/home/a"):
        pass
    lock = lock_of(state)
    lock.unlink()
    (tmp_path / "precious").write_text("precious")
    lock.symlink_to(tmp_path / "precious")
    with pytest.raises(ClawmendError, match=r"cannot use the state folder [^;]*; name another folder with --state-dir"):
        only_watcher(str(state), "/home/a").__enter__()
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(instance, "write_all", full)
    with (
        pytest.raises(ClawmendError, match=r"No space left on device; free some space"),
        only_watcher(str(tmp_path), str(tmp_path)),
    ):
        pass
    monkeypatch.undo()
    with only_watcher(str(tmp_path), str(tmp_path)):
        assert lock_of(tmp_path).exists()
