"""Errors of the system as sentences for people: the path, what is wrong with it, what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from clawmend.core.errors import ClawmendError


@contextmanager
def as_sentence(verb: str, path: str) -> Iterator[None]:
    """Turn what the system says into one sentence with the path and a remedy."""
    try:
        yield
    except OSError as error:
        raise ClawmendError(f"cannot {verb} {path}: it {why(error)}", remedy_for(error, path)) from error


def why(error: OSError) -> str:
    """What the system says of a file, as the end of a sentence that begins with its path."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return "may not be accessed by this user"
        case errno.EROFS:
            return "lies on a read-only file system"
        case errno.ENOSPC | errno.EDQUOT:
            return "lies on a full disk"
        case errno.ELOOP:
            return "is a loop of symbolic links"
        case errno.EBUSY:
            return "is a mount point of its own"
        case errno.EMFILE | errno.ENFILE:
            return "cannot be opened because too many files are open"
        case _:
            return f"cannot be used ({errno.errorcode.get(error.errno or 0, 'unknown error')})"


def remedy_for(error: OSError, path: str) -> str:
    """What the person can do about it."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return f"see who owns it with: ls -ld {path}"
        case errno.EROFS:
            return "make the file system writable and run clawmend again"
        case errno.ENOSPC | errno.EDQUOT:
            return "free some space and run clawmend again"
        case _:
            return f"look at it with: ls -ld {path}"
