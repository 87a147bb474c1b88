"""Reading a file that is open: whole or not at all, never a FIFO, a device or something endless."""

import os
import shlex
import stat

from clawmend.core.state import Contents, Found, Identity, Unreadable

MAX_BYTES = 64 * 2**20
_CHUNK = 2**20


def identity_of(status: os.stat_result) -> Identity:
    """Turn a stat result into the noun."""
    return Identity(
        device=status.st_dev,
        inode=status.st_ino,
        mode=stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        links=status.st_nlink,
    )


def read_open(descriptor: int, path: str, limit: int = MAX_BYTES) -> Contents:
    """Read an open file from its start; `path` is for the sentence when it is not to be read."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        return Unreadable(path, f"is {kind}", _instead(descriptor, status.st_mode, shlex.quote(path)))
    if status.st_size > limit:
        size = status.st_size // 2**20
        return Unreadable(path, f"is {size} MB, more than the {limit // 2**20} MB clawmend reads", "make it smaller")
    chunks: list[bytes] = []
    total = 0
    while chunk := os.read(descriptor, _CHUNK):
        chunks.append(chunk)
        total += len(chunk)
        if total > limit:
            return Unreadable(path, f"grows beyond {limit // 2**20} MB while it is read", "try again later")
    return Found(path, identity_of(os.fstat(descriptor)), b"".join(chunks))


def _instead(descriptor: int, mode: int, path: str) -> str:
    """What to do about something that is no file; nothing that could lose what is in a folder, or a device."""
    if stat.S_ISDIR(mode):
        with os.scandir(descriptor) as entries:
            if next(entries, None) is None:
                return f"it is empty: rmdir {path}"
        return f"a file has to be there, or another one be named; look into the folder first: ls {path}"
    if stat.S_ISFIFO(mode):
        return f"move it out of the way: mv {path} {path}.aside"
    return f"see what it is: ls -ld {path}"
