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


_WHY = {
    errno.EACCES: "may not be accessed by this user",
    errno.EPERM: "may not be changed by this user, or by nobody (immutable)",
    errno.EROFS: "lies on a read-only file system",
    errno.ENOSPC: "lies on a full disk",
    errno.EDQUOT: "lies on a full disk",
    errno.ELOOP: "is a loop of symbolic links",
    errno.EBUSY: "is a mount point of its own",
    errno.EMFILE: "cannot be opened because too many files are open",
    errno.ENFILE: "cannot be opened because too many files are open",
    errno.ENOENT: "has no folder to be in any more",
    errno.ENOTDIR: "lies below something that is no folder",
    errno.EFBIG: "would grow beyond the size that this process may write",
    errno.EIO: "lies on a disk that fails (EIO)",
}


def why(error: OSError) -> str:
    """What the system says of a file, as the end of a sentence that begins with its path."""
    code = error.errno or 0
    return _WHY.get(code, f"cannot be used ({errno.errorcode.get(code, 'unknown error')})")


def remedy_for(error: OSError, path: str) -> str:
    """What the person can do about it."""
    match error.errno:
        case errno.EPERM:
            return f"see who owns it and whether it is immutable: ls -ld {path}; lsattr -d {path}"
        case errno.EACCES:
            return f"see who owns it with: ls -ld {path}"
        case errno.EROFS:
            return "make the file system writable and run clawmend again"
        case errno.ENOSPC | errno.EDQUOT:
            return "free some space and run clawmend again"
        case _:
            return f"look at it with: ls -ld {path}"


def is_full(error: OSError) -> bool:
    """Whether it was for want of space."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def elsewhere(error: OSError) -> str:
    """What the person can do when clawmend's own state cannot be written; room helps only against a lack of it."""
    return f"{'free some space, or ' if is_full(error) else ''}name another folder with --state-dir"
