"""Durable writing: a temporary file beside the target, its identity before its bytes, fsync of file and folder."""

import errno
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from clawmend.core.state import Identity

TEMPORARY_MARK = ".clawmend-"
# Labels that belong to the file itself; the others (security.*, trusted.*) are the system's to give.
_OWN_ATTRIBUTES = ("user.", "system.posix_acl_")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_STEP = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def adopt(target: int | str, folder: int | str) -> None:
    """Give a new file or folder of ours to the owner of the folder it is in: root works for a user, not instead."""
    if os.geteuid() == 0:
        owner = os.stat(folder)
        if owner.st_uid != 0:
            if isinstance(target, str):  # never through a link that its owner has put there meanwhile
                os.chown(target, owner.st_uid, owner.st_gid, follow_symlinks=False)
            else:
                os.fchown(target, owner.st_uid, owner.st_gid)


def private_folder(path: str) -> None:
    """Create a folder of ours with its parents; the last one, and those created on the way, are 0700."""
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        private_folder(parent)  # makedirs would give its mode to the last folder only
    if not os.path.isdir(path):
        with suppress(FileExistsError):
            os.mkdir(path, 0o700)
            adopt(path, parent)


def temporary_name(name: str, label: str) -> str:
    """Name the temporary file for a file of that name: at most 255 bytes, and the same for the same label."""
    return f".{os.fsdecode(os.fsencode(name)[:180])}{TEMPORARY_MARK}{label or secrets.token_hex(4)}"


@contextmanager
def open_folder(path: str) -> Iterator[int]:
    """Open a folder whose path was resolved, step by step: a link swapped in on the way is refused (OSError)."""
    descriptor = os.open("/", _STEP)
    try:
        for name in filter(None, path.split("/")):
            below = os.open(name, _STEP, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    try:
        yield readable
    finally:
        os.close(readable)


def write_beside(path: str, data: bytes, mode: int = 0o600, *, label: str = "") -> str:
    """Write and fsync a temporary file of our own beside `path`, where it still has to be renamed to; its path."""
    temporary = f"{path}{TEMPORARY_MARK}{label or secrets.token_hex(4)}"
    descriptor = os.open(temporary, _NEW, mode)
    try:
        try:
            adopt(descriptor, os.path.dirname(path))
            write_all(descriptor, data)
            flush(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    return temporary


def replace_whole(path: str, data: bytes, mode: int = 0o600, *, exactly: bool = False) -> None:
    """Put a new file there in one step, and take away what others that were killed have left of theirs.

    The temporary file has the number of our process in its name. `exactly`: whatever the umask says.
    """
    _sweep_beside(path)
    temporary = write_beside(path, data, mode, label=f"{os.getpid():08x}")
    try:
        if exactly:
            os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _sweep_beside(path: str) -> None:
    """Remove the temporary files of this file whose process is no more, and one of ours; what cannot go stays."""
    folder, name = os.path.split(path)
    of_process = re.compile(re.escape(f"{name}{TEMPORARY_MARK}") + "([0-9a-f]{8})")
    with suppress(OSError):
        for other in os.listdir(folder):
            found = of_process.fullmatch(other)
            if found and _is_gone(int(found[1], 16)):
                with suppress(OSError):
                    os.unlink(os.path.join(folder, other))


def _is_gone(pid: int) -> bool:
    """Tell whether nobody is writing any more under this number; we are not, yet."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False
    return pid == os.getpid()


def write_temporary(folder: int, name: str, data: bytes, *, like: Identity | None, source: int | None = None) -> None:
    """Write and fsync new content under a temporary name in an open folder. OSError as the system says it.

    Owner and mode come from `like` (without one: 0600 and the folder's owner) and are set before the bytes. Extended
    attributes are copied from the open file `source`; without one, those of `like` and its modification time are set.
    """
    descriptor = os.open(name, _NEW, 0o600, dir_fd=folder)
    try:
        try:
            if like is None:
                adopt(descriptor, folder)
            else:
                status = os.fstat(descriptor)
                if (status.st_uid, status.st_gid) != (like.uid, like.gid):
                    os.fchown(descriptor, like.uid, like.gid)
                os.fchmod(descriptor, like.mode)
            for key, value in attributes_of(source) if source is not None else like.attributes if like else ():
                os.setxattr(descriptor, key, value)
            write_all(descriptor, data)
            if like is not None and source is None:
                os.utime(descriptor, ns=(like.mtime_ns, like.mtime_ns))
            flush(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)
        raise


def attributes_of(source: int | str) -> tuple[tuple[str, bytes], ...]:
    """Read a file's own extended attributes, ACLs among them; none where the system or the file system has none."""
    if not hasattr(os, "listxattr"):
        return ()
    try:
        names = os.listxattr(source)
    except OSError as error:
        if error.errno in {errno.ENOTSUP, errno.EOPNOTSUPP}:
            return ()
        raise
    return tuple((name, os.getxattr(source, name)) for name in sorted(names) if name.startswith(_OWN_ATTRIBUTES))


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: a disk that is nearly full takes some of them and says so only by their number."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def flush(descriptor: int) -> None:
    """Bring a file's content to the disk. On macOS fsync stops at the drive's own cache; another call goes further."""
    if hasattr(fcntl, "F_FULLFSYNC"):
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


@contextmanager
def changing(folder: str) -> Iterator[None]:
    """Make the renames and removals inside durable. A folder that cannot be opened is refused before they happen."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield
        sync_folder(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(descriptor: int) -> None:
    """Make the names of an open folder durable."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot sync a folder; the change itself is made and no failure.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}:
            raise
