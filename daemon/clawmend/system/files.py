"""The one seam to other people's files: reading, and compare-and-swap writing that keeps what a file is.

`RealFiles` works on the disk; pretend.py has one that remembers its writes, so that verification runs in a dry run
too, and one that may not write at all. The cycle never asks which one it holds.
"""

import os
from contextlib import nullcontext
from typing import Protocol

from clawmend.core.state import Absent, Contents, Identity, Unreadable
from clawmend.system import swap
from clawmend.system.durable import attributes_of
from clawmend.system.reading import MAX_BYTES, identity_of, read_open
from clawmend.system.sentences import as_sentence, remedy_for, why
from clawmend.system.swap import Guard


class Files(Protocol):
    """What the cycle may do to files. Paths are absolute; a symbolic link is followed and its target is meant."""

    def read(self, path: str, limit: int = MAX_BYTES) -> Contents:
        """Read a regular file whole; anything else is a state, not an exception."""
        ...

    def identity(self, path: str) -> Identity | None:
        """What the file system says of a file or folder, without reading it; None when that cannot be told."""
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

    def is_special(self, path: str) -> bool:
        """Tell whether what is at the path is no regular file: a folder, a pipe, a device."""
        ...

    def obstacle(self, path: str) -> str | None:
        """Say in one sentence why the file could not be replaced; None when nothing is known to be in the way."""
        ...

    def attributes(self, path: str) -> tuple[tuple[str, bytes], ...]:
        """Read the extended attributes of a file, for putting it back after it is gone."""
        ...

    def replace(
        self,
        path: str,
        data: bytes,
        *,
        expected: bytes | None,
        identity: Identity | None = None,
        label: str = "",
        guard: Guard = nullcontext,
    ) -> None:
        """Make `data` the content of the file if its content still is `expected` (None: it is absent).

        Mode, owner and extended attributes stay those of the file that is replaced; `identity` gives mode, owner
        and modification time when a file is put back. `label` settles the name of the temporary file, so that
        recovery finds it; `guard` is held only while the file is compared and swapped.

        Raises StaleError when the file is another by now or is open for writing, MountedError when nothing can take
        its place, and other ClawmendErrors when it cannot be written; in all cases it is as it was.
        """
        ...

    def remove(self, path: str, *, expected: bytes, label: str = "", guard: Guard = nullcontext) -> None:
        """Remove the file if its content still is `expected`; otherwise as for `replace`."""
        ...

    def overwrite(
        self,
        path: str,
        data: bytes,
        *,
        expected: bytes,
        identity: Identity | None = None,
        label: str = "",
        guard: Guard = nullcontext,
    ) -> None:
        """Write a file in place, for one that is a mount point: a crash can tear it, so the journal must know first."""
        ...

    def leftover(self, path: str, label: str) -> bytes | None:
        """What an interrupted write with this label has left beside the file; None when there is nothing."""
        ...

    def discard(self, path: str, label: str) -> None:
        """Remove what an interrupted write with this label has left beside the file."""
        ...


class RealFiles:
    """The disk."""

    def read(self, path: str, limit: int = MAX_BYTES) -> Contents:
        """See Files.read. Never blocks on a FIFO or a device."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | getattr(os, "O_NOCTTY", 0))
        except FileNotFoundError:
            if os.path.islink(path):
                look = f"look at it with: ls -l {path}"
                return Unreadable(path, "is a symbolic link that leads nowhere", look, dangling=True)
            return Absent(path)
        except NotADirectoryError:
            return Absent(path)
        except OSError as error:
            return Unreadable(path, why(error), remedy_for(error, path))
        try:
            return read_open(descriptor, path, limit)
        except OSError as error:
            return Unreadable(path, why(error), remedy_for(error, path))
        finally:
            os.close(descriptor)

    def identity(self, path: str) -> Identity | None:
        """See Files.identity."""
        try:
            return identity_of(os.stat(path))
        except OSError:
            return None

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

    def is_special(self, path: str) -> bool:
        """See Files.is_special."""
        return os.path.exists(path) and not os.path.isfile(path)

    def obstacle(self, path: str) -> str | None:
        """See Files.obstacle: the right to write beside the file, its owner, its other names."""
        target = os.path.realpath(path)
        folder = os.path.dirname(target)
        if not os.access(folder, os.W_OK | os.X_OK):
            if os.path.isdir(folder) and os.statvfs(folder).f_flag & os.ST_RDONLY:
                return f"the folder {folder} lies on a read-only file system"
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

    def attributes(self, path: str) -> tuple[tuple[str, bytes], ...]:
        """See Files.attributes."""
        with as_sentence("read", path):
            return attributes_of(path)

    def replace(
        self,
        path: str,
        data: bytes,
        *,
        expected: bytes | None,
        identity: Identity | None = None,
        label: str = "",
        guard: Guard = nullcontext,
    ) -> None:
        """See Files.replace: temporary file beside the target, fsync, swap, compare, fsync of the folder."""
        with as_sentence("write", path):
            swap.replace(path, data, expected=expected, identity=identity, label=label, guard=guard)

    def remove(self, path: str, *, expected: bytes, label: str = "", guard: Guard = nullcontext) -> None:
        """See Files.remove. Of a symbolic link the target is removed and the link stays."""
        with as_sentence("remove", path):
            swap.remove(path, expected=expected, label=label, guard=guard)

    def overwrite(
        self,
        path: str,
        data: bytes,
        *,
        expected: bytes,
        identity: Identity | None = None,
        label: str = "",
        guard: Guard = nullcontext,
    ) -> None:
        """See Files.overwrite."""
        with as_sentence("write", path):
            swap.overwrite(path, data, expected=expected, identity=identity, label=label, guard=guard)

    def leftover(self, path: str, label: str) -> bytes | None:
        """See Files.leftover."""
        with as_sentence("read", path):
            return swap.leftover(path, label)

    def discard(self, path: str, label: str) -> None:
        """See Files.discard."""
        with as_sentence("remove", path):
            swap.discard(path, label)
