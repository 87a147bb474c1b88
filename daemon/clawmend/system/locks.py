"""Locks: ours, so that one clawmend at a time changes a home, and other people's, which we honour.

Claude Code guards its file with a directory `<path>.lock`, OpenClaw 2026.2.17 to 2026.6.1 guards auth-profiles.json
with a file `<path>.lock` that holds pid and time (a directory up to 2026.2.12). Both are held for milliseconds.
Sources: facts on Claude Code ("How the client writes"), facts on OpenClaw ("Credentials").
"""

import fcntl
import json
import os
import random
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.system.durable import adopt, write_all
from clawmend.system.machine import Clock

_CLAUDE_STALE_SECONDS = 10.0
_OPENCLAW_STALE_SECONDS = 30.0
_WAIT_SECONDS = 15.0
_MARK = "user.clawmend.pid"
# The sticky bit means nothing on a folder that nobody else may enter; it tells our locks from those of Claude Code.
_OUR_MODE = 0o1700
_MARKED_SECONDS = 1.0
_HELD: set[str] = set()
_CLAUDE_NAMES = frozenset({".claude.json", ".config.json"})


@contextmanager
def own_lock(state: str) -> Iterator[None]:
    """Hold clawmend's own lock in its state folder; BusyError when another clawmend is at work."""
    path = os.path.join(state, "lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ClawmendError(
            f"cannot use the state folder {state}: {error.strerror}", "name another one with --state-dir"
        ) from error
    try:
        adopt(descriptor, state)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError("another clawmend is changing something right now", "try again in a moment") from error
        yield
    finally:
        os.close(descriptor)


def is_at_work(state: str) -> bool:
    """Whether a clawmend holds its lock in this state folder right now; nothing is made to find out."""
    try:
        descriptor = os.open(os.path.join(state, "lock"), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


@contextmanager
def owners_lock(path: str, clock: Clock) -> Iterator[None]:
    """Hold the lock that the owner of a file uses for it; files without such a lock need none.

    BusyError when the owner does not let go of it within 15 s.
    """
    name = os.path.basename(path)
    if name in _CLAUDE_NAMES:
        with _directory_lock(f"{path}.lock", clock):
            yield
    elif name == "auth-profiles.json":
        with _file_lock(f"{path}.lock", clock):
            yield
    else:
        yield


@contextmanager
def _directory_lock(lock: str, clock: Clock) -> Iterator[None]:
    """Creating the folder is the lock. One whose time has not moved for 10 s, seen twice, is taken over."""
    deadline = clock.monotonic() + _WAIT_SECONDS
    stale: int | None = None
    while True:
        try:
            os.mkdir(lock, _OUR_MODE)
            _mark(lock)
            break
        except FileExistsError:
            pass
        except OSError as error:
            raise ClawmendError(f"cannot take the lock {lock}: {error.strerror}") from error
        if _is_of_dead_clawmend(lock, clock) and _removed(lock):
            continue
        touched = _touched(lock)
        if touched is not None and clock.now() - touched / 1e9 > _CLAUDE_STALE_SECONDS:
            if stale == touched:
                _removed(lock)
            stale = touched
        _pause(lock, deadline, clock)
    with _held(lock, os.rmdir):
        yield


@contextmanager
def _held(lock: str, release: Callable[[str], None]) -> Iterator[None]:
    """Remember that the lock is ours, and give it back whatever happens."""
    _HELD.add(lock)
    try:
        yield
    finally:
        _HELD.discard(lock)
        with suppress(FileNotFoundError):
            try:
                release(lock)
            except FileNotFoundError:
                raise
            except OSError:
                release(lock)  # left behind it would keep everybody out: once more, and only then it is an error


def remove_dead_lock(path: str, clock: Clock) -> None:
    """Remove the lock of a file if a clawmend that is gone has left it; that it cannot be removed is no failure.

    One of ours that bears no process yet is looked at again after a second: whoever lives marks it at once.
    """
    lock = f"{path}.lock"
    with suppress(OSError):
        if os.path.basename(path) in _CLAUDE_NAMES and stat.S_IMODE(os.stat(lock).st_mode) == _OUR_MODE:
            if not _is_of_dead_clawmend(lock, clock):
                clock.sleep(_MARKED_SECONDS * 1.1)
            if _is_of_dead_clawmend(lock, clock):
                os.rmdir(lock)
        elif os.path.basename(path) == "auth-profiles.json" and _is_abandoned(lock, clock):
            os.unlink(lock)


def _removed(lock: str) -> bool:
    """Remove the folder that is a lock; False when it cannot be, and whoever wants it has to wait."""
    try:
        os.rmdir(lock)
    except OSError:
        return False
    return True


def _mark(lock: str) -> None:
    """Write our process into the folder's attributes, where there are any: one we die over need not grow old."""
    with suppress(OSError):  # not worth losing the lock for: then it has to grow old, as everybody's
        adopt(lock, os.path.dirname(lock))
        if hasattr(os, "setxattr"):
            os.setxattr(lock, _MARK, str(os.getpid()).encode(), follow_symlinks=False)


def _is_of_dead_clawmend(lock: str, clock: Clock) -> bool:
    """Tell whether a clawmend made this lock and is gone. One that is not marked yet was made a moment ago."""
    try:
        status = os.stat(lock, follow_symlinks=False)
    except OSError:
        return False
    if stat.S_IMODE(status.st_mode) != _OUR_MODE or not hasattr(os, "getxattr"):
        return False
    try:
        return _is_gone(int(os.getxattr(lock, _MARK)), lock)
    except (OSError, ValueError):
        return clock.now() - status.st_mtime > _MARKED_SECONDS


def _is_gone(pid: int, lock: str) -> bool:
    """Tell whether whoever made the lock is gone; one of our own that we do not hold is left of a failed release."""
    return lock not in _HELD if pid == os.getpid() else _is_dead(pid)


@contextmanager
def _file_lock(lock: str, clock: Clock) -> Iterator[None]:
    """An exclusively created file is the lock; it is stale after 30 s or when its process is gone.

    OpenClaw up to 2026.2.12 makes a folder of that name instead: each keeps the other out.
    """
    deadline = clock.monotonic() + _WAIT_SECONDS
    while True:
        try:
            _create_lock(lock, json.dumps({"pid": os.getpid(), "createdAt": _iso(clock.now())}).encode())
            break
        except FileExistsError:
            pass
        except OSError as error:
            raise ClawmendError(f"cannot take the lock {lock}: {error.strerror}") from error
        if _is_abandoned(lock, clock):
            with suppress(OSError):
                (os.rmdir if os.path.isdir(lock) else os.unlink)(lock)
        _pause(lock, deadline, clock)
    with _held(lock, os.unlink):
        yield


def _create_lock(lock: str, content: bytes) -> None:
    """Create the lock with its content in one step where the system can: an empty one names nobody to be dead."""
    folder = os.path.dirname(lock)
    unnamed = getattr(os, "O_TMPFILE", 0)
    if unnamed:
        with suppress(OSError):
            descriptor = os.open(folder, os.O_WRONLY | unnamed | os.O_CLOEXEC, 0o600)
            try:
                adopt(descriptor, folder)
                write_all(descriptor, content)
                try:
                    # Only with a folder given does Python follow the link in /proc to the file without a name.
                    os.link(f"/proc/self/fd/{descriptor}", lock, src_dir_fd=descriptor, follow_symlinks=True)
                except FileExistsError:
                    pass
                else:
                    return
            finally:
                os.close(descriptor)
    descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        adopt(descriptor, folder)
        write_all(descriptor, content)
    except BaseException:
        os.unlink(lock)  # an empty one would keep everybody out until it is old
        raise
    finally:
        os.close(descriptor)


def _is_abandoned(lock: str, clock: Clock) -> bool:
    touched = _touched(lock)
    if touched is not None and clock.now() - touched / 1e9 > _OPENCLAW_STALE_SECONDS:
        return True
    try:
        with open(lock, "rb") as file:
            pid = json.loads(file.read(4096)).get("pid")
    except (OSError, ValueError, AttributeError, RecursionError):
        return False
    return isinstance(pid, int) and pid > 0 and _is_gone(pid, lock)


def _is_dead(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _pause(lock: str, deadline: float, clock: Clock) -> None:
    if clock.monotonic() >= deadline:
        raise BusyError(f"{lock} has been held for {_WAIT_SECONDS:.0f} seconds", "try again in a moment")
    clock.sleep(0.05 + random.random() / 10)  # noqa: S311 - jitter, so that two waiters do not march in step


def _touched(path: str) -> int | None:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


def _iso(seconds: float) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415 - only a lock that is really taken needs it

    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
