"""What wakes the watcher. A reason only says that it is time to look; what is found decides what is done.

Changes are waited for until nothing has changed for a while (the debounce), but never longer than `longest`, so that
somebody who writes all the time cannot keep us from looking. Every other reason is due at once.
"""

import threading
from enum import Enum

from clawmend.core.frozen import dataclass
from clawmend.system.machine import Clock


class Reason(Enum):
    """Why it is time to look."""

    START = "start"
    CHANGE = "change"
    SWEEP = "sweep"
    AGAIN = "again"  # a restart or a verdict that had to wait
    REARMED = "re-armed"  # watches were set anew: what happened meanwhile was not seen
    SETTINGS = "settings"  # SIGHUP
    WOKEN = "woken"  # the machine slept, or its clock was set


# After these, nobody knows what was missed.
MISSED = frozenset({Reason.START, Reason.REARMED, Reason.SETTINGS, Reason.WOKEN, Reason.AGAIN})


@dataclass(frozen=True, slots=True)
class Wake:
    """One waking: all the reasons since the last, and the paths that changed."""

    reasons: frozenset[Reason]
    paths: frozenset[str] = frozenset()

    @property
    def is_full(self) -> bool:
        """Whether a look is owed whatever the files' signatures say."""
        return bool(self.reasons & MISSED)


class Wakes:
    """Collects reasons from any thread; one thread waits for them."""

    def __init__(self, clock: Clock, *, debounce: float, longest: float) -> None:
        self._clock = clock
        self._bell = threading.Condition()
        self._reasons: set[Reason] = set()
        self._paths: set[str] = set()
        self._first: float | None = None
        self._last = 0.0
        self.debounce, self.longest = debounce, longest
        self._closed = self._nudged = False

    def changed(self, path: str) -> None:
        """A file that matters has changed."""
        with self._bell:
            now = self._clock.monotonic()
            self._first = now if self._first is None else self._first
            self._last = now
            self._reasons.add(Reason.CHANGE)
            self._paths.add(path)
            self._bell.notify()

    def ring(self, reason: Reason) -> None:
        """It is time to look for another reason."""
        with self._bell:
            self._reasons.add(reason)
            self._bell.notify()

    def nudge(self) -> None:
        """Something else than a look is to be done: stop waiting."""
        with self._bell:
            self._nudged = True
            self._bell.notify()

    def close(self) -> None:
        """Nobody shall wait any more."""
        with self._bell:
            self._closed = True
            self._bell.notify()

    @property
    def is_closed(self) -> bool:
        """Whether it is time to end."""
        return self._closed

    def remaining(self) -> float | None:
        """Seconds until something is due, 0 for now; None when nothing is."""
        with self._bell:
            return self._remaining()

    def take(self) -> Wake | None:
        """What is due, once; None when nothing is."""
        with self._bell:
            if self._remaining() != 0:
                return None
            wake = Wake(frozenset(self._reasons), frozenset(self._paths))
            self._reasons.clear()
            self._paths.clear()
            self._first = None
            return wake

    def wait(self, longest: float) -> None:
        """Wait until something is due or may be, for `longest` seconds at most."""
        with self._bell:
            remaining = self._remaining()
            if not (self._closed or self._nudged or remaining == 0):
                self._bell.wait(longest if remaining is None else min(remaining, longest))
            self._nudged = False

    def _remaining(self) -> float | None:
        if self._reasons - {Reason.CHANGE}:
            return 0.0
        if self._first is None:
            return None
        now = self._clock.monotonic()
        due = min(self._last + self.debounce, self._first + self.longest)
        return max(0.0, due - now)
