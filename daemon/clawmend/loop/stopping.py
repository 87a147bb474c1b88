"""Ending within two seconds at any moment: idle at once, in a cycle as soon as it comes to a rest, else by force.

A repair that is cut off leaves every file whole, and the next start finishes or undoes what was begun; so nothing is
lost by not waiting. Sleeping is where a cycle spends its long times (a restart, a lock), and sleeping ends at once.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType

from clawmend.system.machine import RealClock

PATIENCE = 1.2


class StoppedError(BaseException):
    """Somebody wants us to end. No Exception: nothing on the way may take it for a failure of its own."""


class StoppableClock(RealClock):
    """The computer's clock, whose sleep ends when we are to end."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    @property
    def is_stopping(self) -> bool:
        """Whether we are to end."""
        return self._stop.is_set()

    def stop(self) -> None:
        """End every sleep, now and from now on."""
        self._stop.set()

    def sleep(self, seconds: float) -> None:
        """Wait; StoppedError when we are to end."""
        if self._stop.wait(seconds):
            raise StoppedError


def stop_on_signals(clock: StoppableClock, wake: Callable[[], None], reload: Callable[[], None]) -> None:
    """Let SIGTERM and SIGINT end us, and SIGHUP have the settings read again. For the main thread only."""

    def end(_number: int, _frame: FrameType | None) -> None:
        if not clock.is_stopping:
            signal.signal(signal.SIGALRM, _cut_off)
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        clock.stop()
        wake()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, lambda _number, _frame: reload())


def no_more_signals() -> None:
    """We are ending by ourselves now: nothing needs to cut us off any more."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)


def _cut_off(_number: int, _frame: FrameType | None) -> None:
    raise StoppedError
