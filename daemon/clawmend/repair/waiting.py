"""Why nothing may be touched for now: maintenance mode, or OpenClaw at work on its own files."""

import os
from dataclasses import dataclass

from clawmend.repair.moments import pause_words
from clawmend.repair.planning import Options
from clawmend.repair.tools import Tools

_LOOK_AGAIN = 30.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why it waits, in one clause, and when it is worth looking again (seconds since the epoch); None: when told."""

    reason: str
    until: float | None


def why_waiting(tools: Tools, options: Options) -> Waiting | None:
    """Say why nothing may be touched now; None when nothing speaks against it."""
    now = tools.clock.now()
    pause = tools.memory.read().pause_at(now)
    if pause is not None and not options.even_if_paused:
        return Waiting(
            f"{pause_words(pause, now)}; to repair all the same: clawmend repair --even-if-paused", pause.until
        )
    somebody = tools.at_work(_owner(tools.place.home))
    if somebody is None:
        return None
    return Waiting(
        f"{somebody.doing} (process {somebody.pid}); nothing is touched until it has ended", now + _LOOK_AGAIN
    )


def _owner(home: str) -> int:
    """Whose processes matter: root may look after somebody else's home."""
    try:
        return os.stat(home).st_uid
    except OSError:
        return os.getuid()
