"""One watcher per home and per state folder: locks that the kernel gives back whatever happens to us.

The lock in the state folder says who has it. The lock on the home itself is for watchers with other state folders; it
is on the folder, so that nothing of ours is made there. Anybody who may read a folder may lock it (`flock ~ backup`):
it counts only where the kernel names one process that holds it (Linux), and that is a watcher of this user or of root.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.system.durable import adopt, private_folder, write_all
from clawmend.system.liveness import is_trusted, is_watcher
from clawmend.system.sentences import elsewhere

_NAME = "watch.lock"
_MOST_BYTES = 8192


@contextmanager
def only_watcher(state: str, home: str) -> Iterator[None]:
    """Be the only watcher of a home, and the only one with this state folder; BusyError when there is one already."""
    with _lock_of_state(state, home), _lock_of_home(home):
        yield


@contextmanager
def _lock_of_state(state: str, home: str) -> Iterator[None]:
    real = os.path.realpath(home)
    try:
        private_folder(state)
        path = os.path.join(state, _NAME)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _useless(state, error) from error
    try:
        adopt(descriptor, state)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid, _, theirs = os.fsdecode(os.pread(descriptor, _MOST_BYTES, 0)).rstrip("\n").partition("\n")
            raise _taken(state, home, pid, theirs if theirs != real else "") from error
        try:
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            write_all(descriptor, os.fsencode(f"{os.getpid()}\n{real}\n"))
        except OSError as error:
            raise _useless(state, error) from error
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _lock_of_home(home: str) -> Iterator[None]:
    """Hold the home itself; without it where it cannot be opened, its file system knows no locks, or others lock it."""
    try:
        descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            who = _holder(os.fstat(descriptor).st_ino) if error.errno == errno.EWOULDBLOCK else None
            if who is not None and is_watcher(who) and is_trusted(who):
                raise BusyError(
                    f"a clawmend with another state folder watches {home} already (process {who})",
                    f"stop that one, or use its state folder; see: ps -fp {who}",
                ) from error
        yield
    finally:
        os.close(descriptor)


def _holder(inode: int) -> int | None:
    """The process that holds a lock on a file, where the kernel names exactly one: two disks share their numbers."""
    found = set()
    with suppress(OSError), open("/proc/locks", encoding="ascii", errors="replace") as file:
        for line in file:
            # 1: FLOCK  ADVISORY  WRITE 4711 08:01:131090 0 EOF
            words = line.split()
            if len(words) == 8 and words[1] == "FLOCK" and words[5].endswith(f":{inode}"):
                found.add(int(words[4]))
    return found.pop() if len(found) == 1 else None


def _taken(state: str, home: str, pid: str, other: str) -> BusyError:
    who = f"process {pid or 'unknown'}"
    if other:
        return BusyError(
            f"the state folder {state} is used by the clawmend that watches {other} ({who})",
            f"name another one for {home} with --state-dir",
        )
    return BusyError(f"a clawmend watches {home} already ({who})", "see: clawmend status")


def _useless(state: str, error: OSError) -> ClawmendError:
    return ClawmendError(f"cannot use the state folder {state}: {error.strerror}", elsewhere(error))
