"""One watcher per home: a lock that the kernel gives back whatever happens to us."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.system.durable import adopt, private_folder, write_all
from clawmend.system.sentences import elsewhere


@contextmanager
def only_watcher(state: str, home: str) -> Iterator[None]:
    """Be the only watcher of a home; BusyError with the process number when there is one."""
    name = hashlib.sha256(os.path.realpath(home).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    path = os.path.join(state, f"watch-{name}.lock")
    try:
        private_folder(state)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _useless(state, error) from error
    try:
        adopt(descriptor, state)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            raise BusyError(
                f"a clawmend watches {home} already (process {pid or 'unknown'})", "see: clawmend status"
            ) from error
        try:
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            write_all(descriptor, f"{os.getpid()}\n".encode())
        except OSError as error:
            raise _useless(state, error) from error
        yield
    finally:
        os.close(descriptor)


def _useless(state: str, error: OSError) -> ClawmendError:
    return ClawmendError(f"cannot use the state folder {state}: {error.strerror}", elsewhere(error))
