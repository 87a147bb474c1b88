"""Leases (Linux): is a file open for writing, and did anybody try to open it while we were at work?

While a read lease is held, whoever opens the file for writing waits in open(2) until we let go, and we can see that
somebody waits. So a writer that writes in place cannot slip in between our comparison and our rename. Taking one
costs about 30 microseconds. Source: fcntl(2), "Leases"; measured here on ext4 and tmpfs.
"""

import errno
import fcntl
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import Enum

_SET, _GET, _SIGNAL = (getattr(fcntl, name, None) for name in ("F_SETLEASE", "F_GETLEASE", "F_SETSIG"))


class Answer(Enum):
    """What the attempt to take a lease told."""

    HELD = "nobody has it open for writing, and nobody can while we hold it"
    WRITER = "somebody else has it open (for a read lease: for writing)"
    UNKNOWN = "this system or file system has no leases, or the file is not ours"


def read_lease(descriptor: int) -> AbstractContextManager[Answer]:
    """Try to hold a read lease on an open file (opened for reading only)."""
    return _lease(descriptor, fcntl.F_RDLCK)


def write_lease(descriptor: int) -> AbstractContextManager[Answer]:
    """Try to be the only one who has a file open (here for writing): readers too wait in open(2) until we let go."""
    return _lease(descriptor, fcntl.F_WRLCK)


@contextmanager
def _lease(descriptor: int, kind: int) -> Iterator[Answer]:
    answer = _take(descriptor, kind)
    try:
        yield answer
    finally:
        if answer is Answer.HELD and _SET is not None:
            fcntl.fcntl(descriptor, _SET, fcntl.F_UNLCK)


def is_waited_for(descriptor: int) -> bool:
    """Tell whether somebody waits for us to give up the lease that we hold on the file."""
    return _GET is not None and fcntl.fcntl(descriptor, _GET) != fcntl.F_RDLCK


def _take(descriptor: int, kind: int) -> Answer:
    if _SET is None or _SIGNAL is None:
        return Answer.UNKNOWN
    try:
        # The kernel announces a waiting writer by a signal; the usual one would end us, this one is ignored.
        fcntl.fcntl(descriptor, _SIGNAL, signal.SIGURG)
        fcntl.fcntl(descriptor, _SET, kind)
    except OSError as error:
        return Answer.WRITER if error.errno in {errno.EAGAIN, errno.EBUSY} else Answer.UNKNOWN
    return Answer.HELD
