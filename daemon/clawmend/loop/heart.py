"""Whether the watcher's own thread still comes round, and telling the service manager so.

Between two turns the thread comes round every few seconds and says so itself; nobody else needs to wake. A turn may
take minutes (a restart), and so may a chore: there a thread of its own speaks for it, until it is overdue. That thread
waits by the monotonic clock: a timetable stands still where somebody sets the clock back.
"""

import threading
from collections.abc import Callable
from contextlib import suppress

from clawmend.loop.jobs import PULSE_SECONDS
from clawmend.system.machine import Clock
from clawmend.system.sdnotify import Notifier

# How long the thread may be silent: between two turns, and in one.
_IDLE_SECONDS, _TURN_SECONDS = 3 * PULSE_SECONDS, 1800.0
# Whoever is woken all the time need not say so each time.
_AGAIN_SECONDS = PULSE_SECONDS / 2


class Heart:
    """Of one thread, which rests and works in turns."""

    def __init__(self, clock: Clock, notifier: Notifier) -> None:
        self._clock, self._notifier = clock, notifier
        self._until = float("inf")
        self._told = float("-inf")
        self._next = clock.monotonic() + PULSE_SECONDS
        self._at_work = threading.Event()
        self._ended = threading.Event()
        self._speaker: threading.Thread | None = None

    @property
    def beats(self) -> bool:
        """Whether it is not overdue."""
        return self._clock.monotonic() < self._until

    def work(self) -> None:
        """Something begins that may take long."""
        self._until = self._clock.monotonic() + _TURN_SECONDS
        self.tell()
        self._at_work.set()
        if self._speaker is None:
            speaker = threading.Thread(target=self._speak, name="heart", daemon=True)
            with suppress(RuntimeError):  # the system gives no thread now; the next turn asks again
                speaker.start()
                self._speaker = speaker

    def rest(self, wait: Callable[[float], None]) -> None:
        """Wait, for as many seconds as the next pulse is away at most."""
        self._at_work.clear()
        now = self._clock.monotonic()
        self._until = now + _IDLE_SECONDS
        self.tell()
        wait(max(0.0, self._next - now))

    def take_pulse(self) -> bool:
        """Whether a pulse is due: once every few seconds, also where turn follows turn and nobody ever rests."""
        now = self._clock.monotonic()
        if now < self._next:
            return False
        self._next = now + PULSE_SECONDS
        return True

    def tell(self) -> None:
        """Say that we live, if we do and have not just said so; from any thread."""
        now = self._clock.monotonic()
        if self.beats and now - self._told >= _AGAIN_SECONDS:
            self._told = now
            self._notifier.alive()

    def end(self) -> None:
        """Say nothing any more."""
        self._ended.set()
        self._at_work.set()

    def _speak(self) -> None:
        while self._at_work.wait() and not self._ended.wait(PULSE_SECONDS):
            if self._at_work.is_set():
                self.tell()
