"""Locks: ours, so that one clawmend at a time changes a home, and other people's, which we honour.

Claude Code guards its file with a directory `<path>.lock`, OpenClaw 2026.2.17 to 2026.6.1 guards auth-profiles.json
with a file `<path>.lock` that holds pid and time (a directory up to 2026.2.12). Both are held for milliseconds.
Sources: facts on Claude Code ("How the client writes"), facts on OpenClaw ("Credentials").
"""

import fcntl
import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.system.durable import adopt
from clawmend.system.machine import Clock

_CLAUDE_STALE_SECONDS = 10.0
_OPENCLAW_STALE_SECONDS = 30.0
_WAIT_SECONDS = 15.0


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


@contextmanager
def owners_lock(path: str, clock: Clock) -> Iterator[None]:
    """Hold the lock that the owner of a file uses for it; files without such a lock need none.

    BusyError when the owner does not let go of it within 15 s.
    """
    name = os.path.basename(path)
    if name in {".claude.json", ".config.json"}:
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
            os.mkdir(lock, 0o700)
            break
        except FileExistsError:
            pass
        except OSError as error:
            raise ClawmendError(f"cannot take the lock {lock}: {error.strerror}") from error
        touched = _touched(lock)
        if touched is not None and clock.now() - touched / 1e9 > _CLAUDE_STALE_SECONDS:
            if stale == touched:
                with suppress(OSError):
                    os.rmdir(lock)
            stale = touched
        _pause(lock, deadline, clock)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            os.rmdir(lock)


@contextmanager
def _file_lock(lock: str, clock: Clock) -> Iterator[None]:
    """An exclusively created file is the lock; it is stale after 30 s or when its process is gone.

    OpenClaw up to 2026.2.12 makes a folder of that name instead: each keeps the other out.
    """
    deadline = clock.monotonic() + _WAIT_SECONDS
    while True:
        try:
            descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            break
        except FileExistsError:
            pass
        except OSError as error:
            raise ClawmendError(f"cannot take the lock {lock}: {error.strerror}") from error
        if _is_abandoned(lock, clock):
            with suppress(OSError):
                (os.rmdir if os.path.isdir(lock) else os.unlink)(lock)
        _pause(lock, deadline, clock)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump({"pid": os.getpid(), "createdAt": _iso(clock.now())}, file)
        yield
    finally:
        with suppress(FileNotFoundError):
            os.unlink(lock)


def _is_abandoned(lock: str, clock: Clock) -> bool:
    touched = _touched(lock)
    if touched is not None and clock.now() - touched / 1e9 > _OPENCLAW_STALE_SECONDS:
        return True
    try:
        with open(lock, "rb") as file:
            pid = json.loads(file.read(4096)).get("pid")
    except (OSError, ValueError, AttributeError, RecursionError):
        return False
    if not isinstance(pid, int) or pid <= 0:
        return False
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
