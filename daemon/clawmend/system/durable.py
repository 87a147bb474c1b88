"""Durable writing: a temporary file beside the target, its identity before its bytes, fsync of file and folder."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from clawmend.core.state import Identity

TEMPORARY_MARK = ".clawmend-"
# Labels that belong to the file itself; the others (security.*, trusted.*) are the system's to give.
_OWN_ATTRIBUTES = ("user.", "system.posix_acl_")


def adopt(target: int | str, folder: str) -> None:
    """Give a new file or folder of ours to the owner of the folder it is in: root works for a user, not instead."""
    if os.geteuid() == 0:
        owner = os.stat(folder)
        if owner.st_uid != 0:
            os.chown(target, owner.st_uid, owner.st_gid)


def sync_write(path: str, data: bytes, mode: int = 0o600) -> None:
    """Write a file of our own (state folder) durably: temporary file, fsync, rename, fsync of the folder."""
    temporary = f"{path}{TEMPORARY_MARK}{secrets.token_hex(4)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        try:
            adopt(descriptor, os.path.dirname(path))
            write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with changing(os.path.dirname(path)):
            os.rename(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def write_temporary(
    target: str, data: bytes, *, like: Identity | None, times: bool = False, attributes_of: str | None = None
) -> str:
    """Write and fsync new content beside `target` and return the temporary file's path.

    Owner and mode come from `like` (0600 without one) and are set before the bytes; `times` also takes over its
    modification time; extended attributes are copied from the file `attributes_of`. OSError as the system says it.
    """
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name[:200]}{TEMPORARY_MARK}{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            if like is not None:
                status = os.fstat(descriptor)
                if (status.st_uid, status.st_gid) != (like.uid, like.gid):
                    os.fchown(descriptor, like.uid, like.gid)
                os.fchmod(descriptor, like.mode)
            if attributes_of is not None:
                _copy_attributes(attributes_of, descriptor)
            write_all(descriptor, data)
            if like is not None and times:
                os.utime(descriptor, ns=(like.mtime_ns, like.mtime_ns))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    return temporary


def _copy_attributes(source: str, descriptor: int) -> None:
    """Copy extended attributes (ACLs among them) where the system has them; what it refuses is refused loudly."""
    if not hasattr(os, "listxattr"):
        return
    try:
        names = os.listxattr(source)
    except OSError as error:
        if error.errno in {errno.ENOTSUP, errno.EOPNOTSUPP}:
            return
        raise
    for name in names:
        if name.startswith(_OWN_ATTRIBUTES):
            os.setxattr(descriptor, name, os.getxattr(source, name))


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: a disk that is nearly full takes some of them and says so only by their number."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


@contextmanager
def changing(folder: str) -> Iterator[None]:
    """Make the renames and removals inside durable. A folder that cannot be opened is refused before they happen."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield
        try:
            os.fsync(descriptor)
        except OSError as error:
            # Some network file systems cannot sync a folder; the change itself is made and no failure.
            if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}:
                raise
    finally:
        os.close(descriptor)
