"""One lock around every restart of a gateway, for all the clawmends that share a state folder of ours.

It is the kernel's lock on a file, so that it ends with its process. Who has waited for it looks at the gateway again:
it may have been restarted meanwhile.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.system.durable import adopt
from clawmend.system.machine import Clock

_LOOK_AGAIN = 0.5


@contextmanager
def restart_lock(state: str, directory: str, clock: Clock, patience: float) -> Iterator[None]:
    """Hold the lock of one gateway's restart. `state` is our state folder, `directory` the gateway's.

    BusyError when another clawmend holds it for longer than `patience` seconds.
    """
    name = hashlib.sha256(os.path.realpath(directory).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    path = os.path.join(state, f"restart-{name}.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ClawmendError(
            f"cannot use the state folder {state}: {error.strerror}", "name another one with --state-dir"
        ) from error
    try:
        adopt(descriptor, state)
        _take(descriptor, clock, patience)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, clock: Clock, patience: float) -> None:
    deadline = clock.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if clock.monotonic() >= deadline:
                raise BusyError("another clawmend is restarting this gateway", "try again in a moment") from error
            clock.sleep(_LOOK_AGAIN)
        else:
            return
