"""Moments and pauses as people read them, in local time."""

import time

from clawmend.core.memory import Pause

PAUSED_UNTIL = "clawmend is paused until "


def moment_words(moment: float, now: float) -> str:
    """A moment in seconds since the epoch: its time, and its day when that is another one than now's."""
    there, here = time.localtime(moment), time.localtime(now)
    return time.strftime("%H:%M:%S" if there[:3] == here[:3] else "%Y-%m-%d %H:%M:%S", there)


def pause_words(pause: Pause, now: float) -> str:
    """A pause as a clause."""
    until = "clawmend resume" if pause.until is None else moment_words(pause.until, now)
    return f"{PAUSED_UNTIL}{until}"
