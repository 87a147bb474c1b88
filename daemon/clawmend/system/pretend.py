"""Files that are not written: one that only looks, and one that remembers what it would have written."""

from contextlib import nullcontext

from clawmend.core.errors import StaleError
from clawmend.core.state import Absent, Contents, Found, Identity, Unreadable
from clawmend.system.files import Files
from clawmend.system.reading import MAX_BYTES
from clawmend.system.swap import Guard


class ReadOnlyFiles:
    """Another Files without the right to write: `check` runs on it."""

    def __init__(self, inner: Files) -> None:
        self._inner = inner

    def read(self, path: str, limit: int = MAX_BYTES) -> Contents:
        """See Files.read."""
        return self._inner.read(path, limit)

    def identity(self, path: str) -> Identity | None:
        """See Files.identity."""
        return self._inner.identity(path)

    def names(self, directory: str) -> tuple[str, ...]:
        """See Files.names."""
        return self._inner.names(directory)

    def listing_problem(self, directory: str) -> Unreadable | None:
        """See Files.listing_problem."""
        return self._inner.listing_problem(directory)

    def is_directory(self, path: str) -> bool:
        """See Files.is_directory."""
        return self._inner.is_directory(path)

    def is_special(self, path: str) -> bool:
        """See Files.is_special."""
        return self._inner.is_special(path)

    def obstacle(self, path: str) -> str | None:
        """See Files.obstacle."""
        return self._inner.obstacle(path)

    def attributes(self, path: str) -> tuple[tuple[str, bytes], ...]:
        """See Files.attributes."""
        return self._inner.attributes(path)

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
        """Refuse: a write through here is a bug."""
        del data, expected, identity, label, guard
        raise AssertionError(f"a write to {path} in a mode that only looks")

    def remove(self, path: str, *, expected: bytes, label: str = "", guard: Guard = nullcontext) -> None:
        """Refuse: a removal through here is a bug."""
        del expected, label, guard
        raise AssertionError(f"a removal of {path} in a mode that only looks")

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
        """Refuse: a write through here is a bug."""
        del data, expected, identity, label, guard
        raise AssertionError(f"a write to {path} in a mode that only looks")

    def leftover(self, path: str, label: str) -> bytes | None:
        """See Files.leftover."""
        return self._inner.leftover(path, label)

    def discard(self, path: str, label: str) -> None:
        """Refuse: a removal through here is a bug."""
        raise AssertionError(f"a removal beside {path} ({label}) in a mode that only looks")


class DryRunFiles(ReadOnlyFiles):
    """Another Files seen through the writes that were not made."""

    def __init__(self, inner: Files) -> None:
        super().__init__(inner)
        self._written: dict[str, bytes | None] = {}
        self._given: dict[str, Identity] = {}

    def read(self, path: str, limit: int = MAX_BYTES) -> Contents:
        """See Files.read; a remembered write hides what is on the disk."""
        found = self._inner.read(path, limit)
        if path not in self._written:
            return found
        data = self._written[path]
        if data is None:
            return Absent(path)
        own = found.identity if isinstance(found, Found) else Identity(0, 0, 0o600, 0, 0, len(data), 0)
        return Found(path, self._given.get(path, own), data)

    def identity(self, path: str) -> Identity | None:
        """See Files.identity; that of a remembered write hides what is on the disk."""
        if path not in self._written:
            return self._inner.identity(path)
        found = self.read(path)
        return found.identity if isinstance(found, Found) else None

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
        """Remember the write after the same comparison as the real one."""
        del label, guard
        self._compare(path, expected)
        self._written[path] = data
        if identity is not None:
            self._given[path] = identity

    def remove(self, path: str, *, expected: bytes, label: str = "", guard: Guard = nullcontext) -> None:
        """Remember the removal after the same comparison as the real one."""
        del label, guard
        self._compare(path, expected)
        self._written[path] = None

    def _compare(self, path: str, expected: bytes | None) -> None:
        found = self.read(path)
        if (found.data if isinstance(found, Found) else None) != expected:
            raise StaleError(f"{path} was changed by somebody else while clawmend was at work")
