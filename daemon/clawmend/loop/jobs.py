"""What happens by the clock: APScheduler rings, and the watcher's own thread does the work.

No job does anything itself but ring, so that nothing ever runs beside a repair, and a job that was missed while the
machine slept rings once.
"""

import threading
from collections.abc import Callable
from enum import Enum
from typing import Any

PULSE_SECONDS = 10.0
POLL_SECONDS = 5.0
_DAY = 86_400.0


class Chore(Enum):
    """What the watcher's thread does beside looking."""

    PULSE = "pulse"  # has the clock jumped, has a restart waited long enough, is something to be sent
    SWEEP = "sweep"
    POLL = "poll"  # only where changes go unnoticed
    PROVE = "prove"  # would a change be noticed
    RETENTION = "retention"
    DIGEST = "digest"


# These read or take away whole stores. The others ring, or take two seconds.
LONG = frozenset({Chore.RETENTION, Chore.DIGEST})


def load_timetable() -> tuple[Any, Any]:
    """APScheduler's scheduler and the executor of its jobs; the first call takes 60 ms.

    The executor runs a job in the scheduler's own thread: ringing takes no time, and a pool would wake one thread more.
    """
    from apscheduler.executors.debug import DebugExecutor  # noqa: PLC0415 - only the watcher has a timetable
    from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415 - as above

    return BackgroundScheduler, DebugExecutor


class Jobs:
    """The timetable. `ring` is called from another thread with what is due."""

    def __init__(self, ring: Callable[[Chore], None], *, sweep: float, digest: int | None) -> None:
        scheduler, executor = load_timetable()
        self._ring = ring
        self._only_now: set[Chore] = set()
        self._scheduler: Any = scheduler(
            executors={"default": executor()},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            daemon=True,
        )
        self._every(Chore.PROVE, 300.0)
        self._every(Chore.RETENTION, _DAY)
        self.change(sweep=sweep, digest=digest)

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def change(self, *, sweep: float, digest: int | None) -> None:
        """Follow other settings."""
        self._every(Chore.SWEEP, sweep)
        if digest is not None:
            self._scheduler.add_job(
                self._ring, "cron", [Chore.DIGEST], hour=digest // 60, minute=digest % 60,
                id=Chore.DIGEST.value, replace_existing=True,
            )  # fmt: skip
        elif self._scheduler.get_job(Chore.DIGEST.value) is not None:
            self._scheduler.remove_job(Chore.DIGEST.value)

    def poll(self, wanted: bool) -> None:
        """Look every few seconds from now on, or no longer."""
        self._while(Chore.POLL, POLL_SECONDS, wanted)

    def pulse(self, wanted: bool) -> None:
        """Ring at every pulse from now on, or no longer: only a thread that works needs somebody else for it."""
        self._while(Chore.PULSE, PULSE_SECONDS, wanted)

    def close(self) -> None:
        """End; what a job has begun is only a ring."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _while(self, chore: Chore, seconds: float, wanted: bool) -> None:
        if wanted and chore not in self._only_now:
            self._only_now.add(chore)
            self._every(chore, seconds)
        elif chore in self._only_now and not wanted:
            self._only_now.remove(chore)
            self._scheduler.remove_job(chore.value)

    def _every(self, chore: Chore, seconds: float) -> None:
        self._scheduler.add_job(self._ring, "interval", [chore], seconds=seconds, id=chore.value, replace_existing=True)


class Chores:
    """What is due, rung from any thread and taken by one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due: set[Chore] = set()

    def add(self, chore: Chore) -> None:
        """Something is due."""
        with self._lock:
            self._due.add(chore)

    def take(self) -> frozenset[Chore]:
        """Everything that is due, once."""
        with self._lock:
            due = frozenset(self._due)
            self._due.clear()
        return due
