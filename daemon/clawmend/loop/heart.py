"""Whether the watcher's own thread still comes round, and telling the service manager so.

Between two turns the thread comes round every few seconds and says so itself; nobody else needs to wake. A turn may
take minutes (a restart), and so may a chore: there the timetable's thread speaks for it, until it is overdue.
"""

from collections.abc import Callable

from clawmend.loop.jobs import PULSE_SECONDS
from clawmend.system.machine import Clock
from clawmend.system.sdnotify import Notifier

# How long the thread may be silent: between two turns, and in one.
_IDLE_SECONDS, _TURN_SECONDS = 3 * PULSE_SECONDS, 1800.0


class Heart:
    """Of one thread, which rests and works in turns. `assist` has the timetable call `tell` at every pulse, or not."""

    def __init__(self, clock: Clock, notifier: Notifier, assist: Callable[[bool], None]) -> None:
        self._clock, self._notifier, self._assist = clock, notifier, assist
        self._until = float("inf")
        self._next = clock.monotonic() + PULSE_SECONDS

    @property
    def beats(self) -> bool:
        """Whether it is not overdue."""
        return self._clock.monotonic() < self._until

    def work(self) -> None:
        """Something begins that may take long."""
        self._until = self._clock.monotonic() + _TURN_SECONDS
        self._assist(True)

    def rest(self, wait: Callable[[float], None]) -> bool:
        """Wait, for as many seconds as the next pulse is away at most; True when it is due."""
        self._assist(False)
        now = self._clock.monotonic()
        self._until = now + _IDLE_SECONDS
        self._notifier.alive()
        wait(max(0.0, self._next - now))
        now = self._clock.monotonic()
        if now < self._next:
            return False
        self._next = now + PULSE_SECONDS
        return True

    def tell(self) -> None:
        """Say that we live, if we do; from any thread."""
        if self.beats:
            self._notifier.alive()
