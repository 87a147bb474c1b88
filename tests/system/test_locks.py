import errno
import fcntl
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.system import locks
from clawmend.system.locks import _HELD, _is_abandoned, is_at_work, own_lock, owners_lock, remove_dead_lock
from system.fakes import FakeClock, as_another_user, tree

CLAUDE = ".claude.json"
PROFILES = "auth-profiles.json"


_HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print(flush=True)
sys.stdin.read()
"""


def _age(lock: Path, clock: FakeClock, seconds: float) -> None:
    touched = int((clock.now() - seconds) * 1e9)
    os.utime(lock, ns=(touched, touched))


def _dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-S", "-c", ""])
    child.wait()
    return child.pid


class TestOurOwn:
    def test_it_is_held_by_one_at_a_time_and_freed_at_the_end(self, tmp_path: Path) -> None:
        with (
            own_lock(str(tmp_path)),
            pytest.raises(BusyError, match="another clawmend is changing something right now"),
            own_lock(str(tmp_path)),
        ):
            raise AssertionError("both hold it")
        with own_lock(str(tmp_path)):
            pass

    def test_it_is_freed_after_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ZeroDivisionError), own_lock(str(tmp_path)):
            raise ZeroDivisionError
        with own_lock(str(tmp_path)):
            pass

    def test_others_can_tell_that_somebody_is_at_work_and_make_nothing_for_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert not is_at_work(str(tmp_path))
        assert list(tmp_path.iterdir()) == []
        with own_lock(str(tmp_path)):
            assert is_at_work(str(tmp_path))
        assert not is_at_work(str(tmp_path))

        def no_locks(_descriptor: int, _operation: int) -> None:
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", no_locks)
        assert not is_at_work(str(tmp_path))

    def test_a_process_that_died_does_not_hold_it(self, tmp_path: Path) -> None:
        holder = subprocess.Popen(
            [sys.executable, "-c", _HOLDER, str(tmp_path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert holder.stdout is not None
        assert holder.stdin is not None
        holder.stdout.readline()
        with pytest.raises(BusyError), own_lock(str(tmp_path)):
            raise AssertionError("both hold it")
        holder.kill()
        holder.wait()
        holder.stdout.close()
        holder.stdin.close()
        with own_lock(str(tmp_path)):
            pass

    def test_it_is_private(self, tmp_path: Path) -> None:
        with own_lock(str(tmp_path)):
            assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("prepare", [lambda _lock: None, lambda lock: lock.symlink_to("/etc/passwd")])
    def test_a_folder_where_it_cannot_be_is_a_sentence(self, tmp_path: Path, prepare: Callable[[Path], None]) -> None:
        folder = tmp_path / "state"
        if prepare(tmp_path / "lock") is None and (tmp_path / "lock").is_symlink():
            folder = tmp_path
        with pytest.raises(ClawmendError, match="cannot use the state folder"), own_lock(str(folder)):
            raise AssertionError("it was taken")


class TestClaudesFolder:
    def test_it_is_there_while_the_file_is_written_and_gone_afterwards(self, tmp_path: Path) -> None:
        clock = FakeClock()
        with owners_lock(str(tmp_path / CLAUDE), clock):
            assert (tmp_path / f"{CLAUDE}.lock").is_dir()
        assert tree(tmp_path) == {}
        assert clock.slept == []

    def test_the_legacy_file_has_one_too(self, tmp_path: Path) -> None:
        with owners_lock(str(tmp_path / ".config.json"), FakeClock()):
            assert (tmp_path / ".config.json.lock").is_dir()

    def test_it_lies_beside_the_link_and_not_beside_the_target(self, tmp_path: Path) -> None:
        (tmp_path / "dotfiles").mkdir()
        (tmp_path / CLAUDE).symlink_to("dotfiles/claude.json")
        with owners_lock(str(tmp_path / CLAUDE), FakeClock()):
            assert (tmp_path / f"{CLAUDE}.lock").is_dir()
            assert list((tmp_path / "dotfiles").iterdir()) == []

    @pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, ClawmendError])
    def test_it_is_never_left_behind(self, tmp_path: Path, error: type[BaseException]) -> None:
        with pytest.raises(error), owners_lock(str(tmp_path / CLAUDE), FakeClock()):
            raise error("")
        assert tree(tmp_path) == {}

    def test_it_waits_for_its_owner(self, tmp_path: Path) -> None:
        lock = tmp_path / f"{CLAUDE}.lock"
        lock.mkdir()
        clock = FakeClock()

        def leave_at_the_third_look() -> None:
            _age(lock, clock, 0)
            if len(clock.slept) == 3:
                lock.rmdir()
                clock.on_sleep = None

        clock.on_sleep = leave_at_the_third_look
        with owners_lock(str(tmp_path / CLAUDE), clock):
            assert len(clock.slept) == 3

    def test_one_that_is_kept_fresh_is_respected_to_the_end(self, tmp_path: Path) -> None:
        lock = tmp_path / f"{CLAUDE}.lock"
        lock.mkdir()
        clock = FakeClock()
        _age(lock, clock, 0)
        clock.on_sleep = lambda: _age(lock, clock, 0)
        begun = clock.now()

        with pytest.raises(BusyError, match="has been held for 15 seconds"), owners_lock(str(tmp_path / CLAUDE), clock):
            raise AssertionError("it was taken")

        assert 15 <= clock.now() - begun < 15.5
        assert lock.is_dir()

    def test_one_that_is_old_at_one_look_and_fresh_at_the_next_is_respected(self, tmp_path: Path) -> None:
        lock = tmp_path / f"{CLAUDE}.lock"
        lock.mkdir()
        clock = FakeClock()
        _age(lock, clock, 20)
        clock.on_sleep = lambda: _age(lock, clock, 11)

        with pytest.raises(BusyError), owners_lock(str(tmp_path / CLAUDE), clock):
            raise AssertionError("it was taken")

    def test_one_that_is_old_at_two_looks_is_taken_over(self, tmp_path: Path) -> None:
        lock = tmp_path / f"{CLAUDE}.lock"
        lock.mkdir()
        clock = FakeClock()
        _age(lock, clock, 11)
        with owners_lock(str(tmp_path / CLAUDE), clock):
            assert lock.is_dir()
            assert len(clock.slept) == 2
        assert tree(tmp_path) == {}

    def test_one_that_becomes_old_while_we_wait_is_taken_over(self, tmp_path: Path) -> None:
        lock = tmp_path / f"{CLAUDE}.lock"
        lock.mkdir()
        clock = FakeClock()
        _age(lock, clock, 2)
        begun = clock.now()
        with owners_lock(str(tmp_path / CLAUDE), clock):
            assert 8 < clock.now() - begun < 9

    def test_an_old_one_that_cannot_be_removed_is_waited_for(self, tmp_path: Path) -> None:
        lock = tmp_path / f"{CLAUDE}.lock"
        lock.mkdir()
        (lock / "something").write_bytes(b"")
        clock = FakeClock()
        _age(lock, clock, 100)
        with pytest.raises(BusyError), owners_lock(str(tmp_path / CLAUDE), clock):
            raise AssertionError("it was taken")
        assert (lock / "something").exists()

    def test_a_folder_that_may_not_be_written_is_a_sentence(self) -> None:
        def work() -> None:
            with owners_lock(f"/proc/{CLAUDE}", FakeClock()):
                raise AssertionError("it was taken")

        with pytest.raises(ClawmendError, match=f"cannot take the lock /proc/{CLAUDE}.lock"):
            as_another_user(work)


class TestOpenClawsFile:
    def test_it_names_us_while_the_file_is_written_and_is_gone_afterwards(self, tmp_path: Path) -> None:
        lock = tmp_path / f"{PROFILES}.lock"
        with owners_lock(str(tmp_path / PROFILES), FakeClock()):
            assert json.loads(lock.read_text()) == {"pid": os.getpid(), "createdAt": "2027-01-15T08:00:00.000Z"}
            assert lock.stat().st_mode & 0o777 == 0o600
        assert tree(tmp_path) == {}

    @pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, ClawmendError])
    def test_it_is_never_left_behind(self, tmp_path: Path, error: type[BaseException]) -> None:
        with pytest.raises(error), owners_lock(str(tmp_path / PROFILES), FakeClock()):
            raise error("")
        assert tree(tmp_path) == {}

    def test_one_of_a_dead_process_is_taken_over(self, tmp_path: Path) -> None:
        lock = tmp_path / f"{PROFILES}.lock"
        lock.write_text(json.dumps({"pid": _dead_pid(), "createdAt": ""}))
        clock = FakeClock()
        _age(lock, clock, 0)
        with owners_lock(str(tmp_path / PROFILES), clock):
            assert len(clock.slept) == 1

    def test_one_older_than_30_seconds_is_taken_over_though_its_process_lives(self, tmp_path: Path) -> None:
        lock = tmp_path / f"{PROFILES}.lock"
        lock.write_text(json.dumps({"pid": os.getpid(), "createdAt": ""}))
        clock = FakeClock()
        _age(lock, clock, 31)
        with owners_lock(str(tmp_path / PROFILES), clock):
            assert len(clock.slept) == 1

    @pytest.mark.parametrize(
        "content", [json.dumps({"pid": os.getppid()}), "", "{", "[]", '{"pid": "7"}', '{"pid": -1}', "[" * 4000]
    )
    def test_a_fresh_one_of_anybody_is_respected_to_the_end(self, tmp_path: Path, content: str) -> None:
        lock = tmp_path / f"{PROFILES}.lock"
        lock.write_text(content)
        clock = FakeClock()
        _age(lock, clock, 0)
        with pytest.raises(BusyError), owners_lock(str(tmp_path / PROFILES), clock):
            raise AssertionError("it was taken")
        assert lock.read_text() == content

    def test_a_process_of_another_user_is_alive(self, public: Path) -> None:
        lock = public / f"{PROFILES}.lock"
        lock.write_text('{"pid": 1}')
        clock = FakeClock()
        _age(lock, clock, 0)
        assert as_another_user(lambda: _is_abandoned(str(lock), clock)) is False

    def test_the_folder_that_versions_up_to_2026_2_12_use_is_respected_and_taken_over_when_old(
        self, tmp_path: Path
    ) -> None:
        lock = tmp_path / f"{PROFILES}.lock"
        lock.mkdir()
        clock = FakeClock()
        _age(lock, clock, 0)
        clock.on_sleep = lambda: _age(lock, clock, 0)
        with pytest.raises(BusyError), owners_lock(str(tmp_path / PROFILES), clock):
            raise AssertionError("it was taken")

        clock.on_sleep = None
        _age(lock, clock, 31)
        with owners_lock(str(tmp_path / PROFILES), clock):
            assert lock.is_file()
        assert tree(tmp_path) == {}

    def test_a_folder_that_may_not_be_written_is_a_sentence(self) -> None:
        def work() -> None:
            with owners_lock(f"/proc/{PROFILES}", FakeClock()):
                raise AssertionError("it was taken")

        with pytest.raises(ClawmendError, match=f"cannot take the lock /proc/{PROFILES}.lock"):
            as_another_user(work)


@pytest.mark.parametrize("name", [CLAUDE, PROFILES])
def test_a_lock_that_cannot_be_made_is_a_sentence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> int:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "mkdir", fail)
    monkeypatch.setattr(os, "open", fail)
    lock = owners_lock(str(tmp_path / name), FakeClock())
    with pytest.raises(ClawmendError, match=r"cannot take the lock .*\.lock: Read-only file system"), lock:
        raise AssertionError("it was taken")


def test_other_files_need_no_lock(tmp_path: Path) -> None:
    with owners_lock(str(tmp_path / "openclaw.json"), FakeClock()):
        assert tree(tmp_path) == {}


class TestALockOfOurs:
    """It is marked, so that one that clawmend died over need not grow old like everybody's."""

    @pytest.fixture
    def lock(self, tmp_path: Path) -> Path:
        if not hasattr(os, "setxattr"):
            pytest.skip("this system has no extended attributes")
        return tmp_path / f"{CLAUDE}.lock"

    def left(self, lock: Path, pid: int | None, clock: FakeClock, *, age: float = 0) -> None:
        """A lock as clawmend leaves it when it is killed; None: before it was marked."""
        lock.mkdir(mode=0o1700)
        if pid is not None:
            os.setxattr(lock, "user.clawmend.pid", str(pid).encode())
        _age(lock, clock, age)

    def test_it_bears_our_mode_and_process(self, lock: Path, tmp_path: Path) -> None:
        with owners_lock(str(tmp_path / CLAUDE), FakeClock()):
            assert stat.S_IMODE(lock.stat().st_mode) == 0o1700
            assert int(os.getxattr(lock, "user.clawmend.pid")) == os.getpid()

    @pytest.mark.parametrize("pid", ["dead", "our own, and we do not hold it"])
    def test_of_a_process_that_is_gone_it_is_taken_over_at_once(self, lock: Path, tmp_path: Path, pid: str) -> None:
        clock = FakeClock()
        self.left(lock, _dead_pid() if pid == "dead" else os.getpid(), clock)
        with owners_lock(str(tmp_path / CLAUDE), clock):
            assert clock.slept == []
        assert not lock.exists()

    def test_of_a_process_that_lives_it_is_respected_to_the_end(self, lock: Path, tmp_path: Path) -> None:
        clock = FakeClock()
        self.left(lock, os.getppid(), clock)
        clock.on_sleep = lambda: _age(lock, clock, 0)
        with pytest.raises(BusyError), owners_lock(str(tmp_path / CLAUDE), clock):
            pytest.fail("it was taken from the living")

    def test_one_that_is_not_marked_yet_is_waited_for_a_second(self, lock: Path, tmp_path: Path) -> None:
        clock = FakeClock()
        self.left(lock, None, clock)
        with owners_lock(str(tmp_path / CLAUDE), clock):
            assert 1 <= sum(clock.slept) < 1.5

    def test_one_that_cannot_be_removed_is_waited_for_and_not_for_ever(
        self, lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = FakeClock()
        self.left(lock, _dead_pid(), clock)

        def refused(_path: str) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "rmdir", refused)
        with pytest.raises(BusyError), owners_lock(str(tmp_path / CLAUDE), clock):
            pytest.fail("it was never free")

    @pytest.mark.parametrize("name", [CLAUDE, PROFILES])
    def test_a_release_that_fails_once_is_tried_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        call = "rmdir" if name == CLAUDE else "unlink"
        real, failures = getattr(os, call), [OSError(5, "Input/output error")]

        def once(path: str) -> None:
            if failures:
                raise failures.pop()
            real(path)

        with owners_lock(str(tmp_path / name), FakeClock()):
            monkeypatch.setattr(os, call, once)
        assert not (tmp_path / f"{name}.lock").exists()
        assert not _HELD

    def test_the_dead_are_swept_without_waiting_and_the_living_and_the_others_stay(
        self, lock: Path, tmp_path: Path
    ) -> None:
        clock = FakeClock()
        self.left(lock, _dead_pid(), clock)
        remove_dead_lock(str(tmp_path / CLAUDE), clock)
        assert not lock.exists()
        assert clock.slept == []
        lock.mkdir(mode=0o755)  # Claude Code's, however old: not ours to sweep
        _age(lock, clock, 3_600)
        remove_dead_lock(str(tmp_path / CLAUDE), clock)
        assert lock.exists()
        lock.rmdir()
        self.left(lock, os.getppid(), clock)
        remove_dead_lock(str(tmp_path / CLAUDE), clock)
        assert lock.exists()


def test_the_lock_of_credentials_is_never_seen_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, "O_TMPFILE"):
        pytest.skip("this system has no files without a name")
    lock, real, seen = tmp_path / f"{PROFILES}.lock", locks.write_all, []

    def write(descriptor: int, data: bytes) -> None:
        seen.append(lock.exists())
        real(descriptor, data)

    monkeypatch.setattr(locks, "write_all", write)
    with owners_lock(str(tmp_path / PROFILES), FakeClock()):
        assert json.loads(lock.read_text())["pid"] == os.getpid()
    assert seen == [False]
