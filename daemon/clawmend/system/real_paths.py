"""Resolves many paths below the same folders: `os.path.realpath` asks for every part of every path anew."""

import os
import stat
from contextlib import suppress

_DEEP = 64  # levels; beyond them nothing is gained, and our own stack has an end


class RealPaths:
    """What paths really are. For one look: a link that is changed meanwhile is not noticed."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The same as `os.path.realpath`; a folder is resolved once for all that is below it."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._resolved(path)
        return known

    def target_of(self, link: str) -> str | None:
        """The file that a symbolic link leads to, there or still to come; None for folders, loops and devices.

        Devices are written by everybody all the time: a link to `/dev/null` is how people say that a file stays empty.
        """
        with suppress(OSError):
            return self.of(os.path.join(os.path.dirname(link), os.readlink(link))) if _may_be_a_file(link) else None
        return None

    def _resolved(self, path: str) -> str:
        folder, name = os.path.split(path)
        if not folder or name in {"", ".", ".."} or path.count("/") > _DEEP:
            return os.path.realpath(path)
        found = os.path.join(self.of(folder), name)
        return os.path.realpath(path) if os.path.islink(found) else found


def _may_be_a_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True
