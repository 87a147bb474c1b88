"""The one seam to other people's files: reading, and compare-and-swap writing that keeps what a file is.

`RealFiles` works on the disk, `DryRunFiles` remembers its writes so that verification runs in a dry run too, and
`ReadOnlyFiles` may not write at all. The cycle never asks which one it holds.
"""

import os
import stat
from contextlib import suppress
from typing import Protocol

from clawmend.core.errors import ClawmendError, StaleError
from clawmend.core.state import Absent, Contents, Found, Identity, Unreadable
from clawmend.system.durable import changing, write_temporary
from clawmend.system.sentences import as_sentence, remedy_for, why

MAX_BYTES = 64 * 2**20
_CHUNK = 2**20


class Files(Protocol):
    """What the cycle may do to files. Paths are absolute; a symbolic link is followed and its target is meant."""

    def read(self, path: str, limit: int = MAX_BYTES) -> Contents:
        """Read a regular file whole; anything else is a state, not an exception."""
        ...

    def names(self, directory: str) -> tuple[str, ...]:
        """List a folder, sorted; empty when it is absent or may not be read."""
        ...

    def listing_problem(self, directory: str) -> Unreadable | None:
        """Say why a folder that is there cannot be listed; None when it can be, or when there is none."""
        ...

    def is_directory(self, path: str) -> bool:
        """Tell whether there is a folder at the path."""
        ...

    def obstacle(self, path: str) -> str | None:
        """Say in one sentence why the file could not be replaced; None when nothing is known to be in the way."""
        ...

    def replace(self, path: str, data: bytes, *, expected: bytes | None, identity: Identity | None = None) -> None:
        """Make `data` the content of the file if its content still is `expected` (None: it is absent).

        Mode, owner and extended attributes stay those of the file that is replaced; `identity` gives mode, owner
        and modification time when a file is put back. Raises StaleError when the file is another by now, and
        ClawmendError when it cannot be written; in both cases it is as it was.
        """
        ...

    def remove(self, path: str, *, expected: bytes) -> None:
        """Remove the file if its content still is `expected`; errors as for `replace`."""
        ...


class RealFiles:
    """The disk."""

    def read(self, path: str, limit: int = MAX_BYTES) -> Contents:
        """See Files.read. Never blocks on a FIFO or a device."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | getattr(os, "O_NOCTTY", 0))
        except FileNotFoundError:
            if os.path.islink(path):
                return Unreadable(path, "is a symbolic link that leads nowhere", f"look at it with: ls -l {path}")
            return Absent(path)
        except NotADirectoryError:
            return Absent(path)
        except OSError as error:
            return Unreadable(path, why(error), remedy_for(error, path))
        try:
            return _read_open(descriptor, path, limit)
        except OSError as error:
            return Unreadable(path, why(error), remedy_for(error, path))
        finally:
            os.close(descriptor)

    def names(self, directory: str) -> tuple[str, ...]:
        """See Files.names."""
        try:
            return tuple(sorted(os.listdir(directory)))
        except OSError:
            return ()

    def listing_problem(self, directory: str) -> Unreadable | None:
        """See Files.listing_problem."""
        try:
            os.scandir(directory).close()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return Unreadable(directory, why(error), remedy_for(error, directory))
        return None

    def is_directory(self, path: str) -> bool:
        """See Files.is_directory."""
        return os.path.isdir(path)

    def obstacle(self, path: str) -> str | None:
        """See Files.obstacle: the right to write beside the file, its owner, its other names."""
        target = os.path.realpath(path)
        folder = os.path.dirname(target)
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"the folder {folder} cannot be written by this user"
        try:
            status = os.stat(target)
        except FileNotFoundError:
            return None
        except OSError as error:
            return f"{path} {why(error)}"
        if os.geteuid() not in {0, status.st_uid}:
            return f"{path} belongs to another user; run clawmend as its owner"
        if status.st_nlink > 1:
            return f"{path} has {status.st_nlink} names (hard links), and replacing one would part it from the others"
        return None

    def replace(self, path: str, data: bytes, *, expected: bytes | None, identity: Identity | None = None) -> None:
        """See Files.replace: temporary file beside the target, fsync, compare, rename, fsync of the folder."""
        with as_sentence("write", path):
            target = os.path.realpath(path)
            current = self._expect(target, path, expected)
            _refuse_hard_links(target, current)
            temporary = write_temporary(
                target,
                data,
                like=identity or (current.identity if current else None),
                times=identity is not None,
                attributes_of=target if current else None,
            )
            try:
                with changing(os.path.dirname(target)):
                    self._expect(target, path, expected)
                    os.rename(temporary, target)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(temporary)
                raise

    def remove(self, path: str, *, expected: bytes) -> None:
        """See Files.remove. Of a symbolic link the target is removed and the link stays."""
        with as_sentence("remove", path):
            target = os.path.realpath(path)
            with changing(os.path.dirname(target)):
                self._expect(target, path, expected)
                os.unlink(target)

    def _expect(self, target: str, path: str, expected: bytes | None) -> Found | None:
        """Return the file as it is now if it is what is expected, else raise StaleError."""
        match self.read(target):
            case Absent():
                if expected is None:
                    return None
            case Found() as found:
                if found.data == expected:
                    return found
            case Unreadable() as unreadable:
                raise ClawmendError(f"{path} {unreadable.problem}", unreadable.remedy)
        raise StaleError(f"{path} was changed by somebody else while clawmend was at work; it was left as it is")


class ReadOnlyFiles:
    """Another Files without the right to write: `check` runs on it."""

    def __init__(self, inner: Files) -> None:
        self._inner = inner

    def read(self, path: str, limit: int = MAX_BYTES) -> Contents:
        """See Files.read."""
        return self._inner.read(path, limit)

    def names(self, directory: str) -> tuple[str, ...]:
        """See Files.names."""
        return self._inner.names(directory)

    def listing_problem(self, directory: str) -> Unreadable | None:
        """See Files.listing_problem."""
        return self._inner.listing_problem(directory)

    def is_directory(self, path: str) -> bool:
        """See Files.is_directory."""
        return self._inner.is_directory(path)

    def obstacle(self, path: str) -> str | None:
        """See Files.obstacle."""
        return self._inner.obstacle(path)

    def replace(self, path: str, data: bytes, *, expected: bytes | None, identity: Identity | None = None) -> None:
        """Refuse: a write through here is a bug."""
        del data, expected, identity
        raise AssertionError(f"a write to {path} in a mode that only looks")

    def remove(self, path: str, *, expected: bytes) -> None:
        """Refuse: a removal through here is a bug."""
        del expected
        raise AssertionError(f"a removal of {path} in a mode that only looks")


class DryRunFiles(ReadOnlyFiles):
    """Another Files seen through the writes that were not made."""

    def __init__(self, inner: Files) -> None:
        super().__init__(inner)
        self._written: dict[str, bytes | None] = {}

    def read(self, path: str, limit: int = MAX_BYTES) -> Contents:
        """See Files.read; a remembered write hides what is on the disk."""
        found = self._inner.read(path, limit)
        if path not in self._written:
            return found
        data = self._written[path]
        if data is None:
            return Absent(path)
        identity = found.identity if isinstance(found, Found) else Identity(0, 0, 0o600, 0, 0, len(data), 0)
        return Found(path, identity, data)

    def replace(self, path: str, data: bytes, *, expected: bytes | None, identity: Identity | None = None) -> None:
        """Remember the write after the same comparison as the real one."""
        del identity
        self._compare(path, expected)
        self._written[path] = data

    def remove(self, path: str, *, expected: bytes) -> None:
        """Remember the removal after the same comparison as the real one."""
        self._compare(path, expected)
        self._written[path] = None

    def _compare(self, path: str, expected: bytes | None) -> None:
        found = self.read(path)
        if (found.data if isinstance(found, Found) else None) != expected:
            raise StaleError(f"{path} was changed by somebody else while clawmend was at work")


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


def _read_open(descriptor: int, path: str, limit: int) -> Contents:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        return Unreadable(path, f"is {kind}", f"move it out of the way: mv {path} {path}.aside")
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


def _refuse_hard_links(path: str, found: Found | None) -> None:
    """A rename would leave the other names with the old content, and nobody could tell which one is meant."""
    if found is not None and found.identity.links > 1:
        raise ClawmendError(
            f"{path} has {found.identity.links} names (hard links); replacing one would part it from the others",
            f"find the others with: find ~ -samefile {path}",
        )
