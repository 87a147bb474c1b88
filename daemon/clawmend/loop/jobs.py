"""What happens by the clock: APScheduler rings, and the watcher's own thread does the work.

No job does anything itself but ring, so that nothing ever runs beside a repair, and a job that was missed while the
machine slept rings once.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

PULSE_SECONDS = 10.0
POLL_SECONDS = 5.0
_DAY = 86_400.0
# What is wanted once a day is wanted also of a machine that is switched off every evening.
_SOON = 600.0


class Chore(Enum):
    """What the watcher's thread does beside looking."""

    PULSE = "pulse"  # has the clock jumped, has a restart waited long enough, is something to be sent
    SWEEP = "sweep"
    POLL = "poll"  # only where changes go unnoticed
    PROVE = "prove"  # would a change be noticed
    RETENTION = "retention"
    DIGEST = "digest"


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
        self._intervals: dict[Chore, float] = {}
        self._digest: int | None = None
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
        self._digest = digest
        self._daily(digest)

    def poll(self, wanted: bool) -> None:
        """Look every few seconds from now on, or no longer."""
        if wanted and Chore.POLL not in self._intervals:
            self._every(Chore.POLL, POLL_SECONDS)
        elif Chore.POLL in self._intervals and not wanted:
            del self._intervals[Chore.POLL]
            self._scheduler.remove_job(Chore.POLL.value)

    def plan_anew(self) -> None:
        """Begin every wait anew: the clock was set, and what is planned by it may be hours away.

        What is overdue by now, after a sleep, rings first: planned anew it would be for tomorrow.
        """
        now = datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            due = getattr(job, "next_run_time", None)  # none before the start
            if due is not None and due <= now:
                self._ring(Chore(job.id))
        for chore, seconds in tuple(self._intervals.items()):
            self._every(chore, seconds)
        self._daily(self._digest)

    def close(self) -> None:
        """End; what a job has begun is only a ring."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _every(self, chore: Chore, seconds: float) -> None:
        self._intervals[chore] = seconds
        self._scheduler.add_job(
            self._ring, "interval", [chore], seconds=seconds, id=chore.value, replace_existing=True,
            start_date=datetime.now(UTC) + timedelta(seconds=min(seconds, _SOON)),
        )  # fmt: skip

    def _daily(self, minute: int | None) -> None:
        if minute is not None:
            self._scheduler.add_job(
                self._ring, "cron", [Chore.DIGEST], hour=minute // 60, minute=minute % 60,
                id=Chore.DIGEST.value, replace_existing=True,
            )  # fmt: skip
        elif self._scheduler.get_job(Chore.DIGEST.value) is not None:
            self._scheduler.remove_job(Chore.DIGEST.value)


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
