"""Resolves many paths below the same folders: `os.path.realpath` asks for every part of every path anew."""

import os
import stat

_DEEP = 64  # levels; beyond them nothing is gained, and our own stack has an end


def target_of(link: str) -> str | None:
    """The file that a symbolic link leads to, there or still to come; None for folders, loops and devices.

    Devices are written by everybody all the time: a link to `/dev/null` is how people say that a file stays empty.
    """
    try:
        if not stat.S_ISREG(os.stat(link).st_mode):
            return None
    except FileNotFoundError:
        pass
    except OSError:
        return None
    return os.path.realpath(link)


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

    def _resolved(self, path: str) -> str:
        folder, name = os.path.split(path)
        if not folder or name in {"", ".", ".."} or path.count("/") > _DEEP:
            return os.path.realpath(path)
        found = os.path.join(self.of(folder), name)
        return os.path.realpath(path) if os.path.islink(found) else found
