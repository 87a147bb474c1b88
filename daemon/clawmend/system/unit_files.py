"""The file of our own service: read, written in one step, kept before it is replaced, and taken away."""

import os
from contextlib import suppress

from clawmend.core.errors import ClawmendError
from clawmend.core.state import Absent, Unreadable
from clawmend.system.durable import changing, private_folder, replace_whole
from clawmend.system.files import RealFiles
from clawmend.system.machine import Clock
from clawmend.system.sentences import as_sentence


def read_unit(path: str) -> bytes | None:
    """What the file holds; None when there is none. ClawmendError for one that is a link or cannot be read."""
    if os.path.islink(path):
        target = os.readlink(path)
        remedy = "unmask it first: systemctl --user unmask clawmend" if target == "/dev/null" else f"remove it: {path}"
        raise ClawmendError(f"{path} is a link to {target}, so it was left as it is", remedy)
    found = RealFiles().read(path)
    if isinstance(found, Absent):
        return None
    if isinstance(found, Unreadable):
        raise ClawmendError(f"{path} {found.problem}", found.remedy)
    return found.data


def write_unit(path: str, text: str) -> None:
    """Put a new file there in one step; its folder is made when it is not there."""
    with as_sentence("write", path):
        folder = os.path.dirname(path)
        os.makedirs(folder, exist_ok=True)
        with changing(folder):
            replace_whole(path, text.encode(), 0o644)


def keep_unit(path: str, data: bytes, state: str, clock: Clock) -> str:
    """Keep what a file held, in our state folder, before it is replaced or removed; where it is kept."""
    folder = os.path.join(state, "units")
    name = os.path.join(folder, f"{os.path.basename(path)}.{clock.now():.0f}")
    kept = next(one for one in (name, *(f"{name}-{count}" for count in range(1, 1000))) if not os.path.lexists(one))
    with as_sentence("write", kept):
        private_folder(folder)
        replace_whole(kept, data)
    return kept


def remove_unit(path: str) -> None:
    """Take the file away."""
    with as_sentence("remove", path), changing(os.path.dirname(path)), suppress(FileNotFoundError):
        os.unlink(path)
