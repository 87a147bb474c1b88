"""The bytes that were: one file per content, named by its SHA-256, never changed, verified whenever it is read.

They are kept as they were, not packed: with nothing but `cp` a person can take their file back.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from clawmend.core.errors import ClawmendError
from clawmend.system.durable import TEMPORARY_MARK, changing, write_beside

_NAME = re.compile("[0-9a-f]{64}")


def digest(data: bytes | None) -> str | None:
    """The SHA-256 of some bytes in hex; None for an absent file."""
    return None if data is None else hashlib.sha256(data).hexdigest()


class Blobs:
    """A folder of blobs, each 0400."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def path(self, sha256: str) -> str:
        """Where these bytes are kept."""
        return os.path.join(self.folder, sha256)

    def keep(self, contents: Iterable[bytes]) -> None:
        """Store contents durably, all of them before it returns; OSError as the system says it.

        A content that is there is verified first; one that is damaged is replaced, for what it should be is at hand.
        """
        written: list[tuple[str, str]] = []
        try:
            for data in dict.fromkeys(contents):
                sha256 = str(digest(data))
                with suppress(ClawmendError):
                    self.read(sha256)
                    continue
                written.append((write_beside(self.path(sha256), data, 0o400), self.path(sha256)))
            if written:
                with changing(self.folder):
                    for temporary, path in written:
                        os.rename(temporary, path)
        except BaseException:
            for temporary, _ in written:
                with suppress(FileNotFoundError):
                    os.unlink(temporary)
            raise

    def read(self, sha256: str) -> bytes:
        """Return stored bytes, verified; ClawmendError when they are missing or not what they were."""
        path = self.path(sha256)
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise ClawmendError(f"the backup {path} cannot be read: {error.strerror}") from error
        if digest(data) != sha256:
            raise ClawmendError(f"the backup {path} is damaged: its content does not match its name")
        return data

    def damage(self, names: Iterable[str]) -> Iterator[str]:
        """Read the blobs of these names; yield one sentence for each that is missing or not what it was."""
        for name in sorted(names):
            try:
                self.read(name)
            except ClawmendError as error:
                yield error.message

    def sizes(self) -> dict[str, int]:
        """The size in bytes of every blob there is; what has another name than ours was not put there by us."""
        try:
            with os.scandir(self.folder) as entries:
                return {
                    entry.name: entry.stat(follow_symlinks=False).st_size
                    for entry in entries
                    if _NAME.fullmatch(entry.name)
                }
        except FileNotFoundError:
            return {}

    def remove(self, names: Iterable[str]) -> None:
        """Remove blobs for good; OSError as the system says it."""
        with changing(self.folder):
            for name in names:
                with suppress(FileNotFoundError):
                    os.unlink(self.path(name))

    def sweep(self) -> None:
        """Remove what a crash has left half written. Only for whoever holds the store's lock."""
        with suppress(FileNotFoundError), os.scandir(self.folder) as entries:
            for entry in entries:
                if TEMPORARY_MARK in entry.name:
                    os.unlink(entry.path)
