"""The timetable only rings, and what is due is taken once."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from apscheduler.schedulers import base

from clawmend.loop import jobs as clawmend_jobs
from clawmend.loop.jobs import Chore, Chores, Jobs


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    jobs = Jobs(lambda _chore: None, sweep=60.0, digest=None)
    yield jobs
    jobs.close()


def every(jobs: Jobs) -> dict[str, float]:
    """Seconds between two rings of everything that rings in intervals."""
    found = {one.id: getattr(one.trigger, "interval", None) for one in jobs._scheduler.get_jobs()}
    return {name: interval.total_seconds() for name, interval in found.items() if interval is not None}


def first(jobs: Jobs, now: datetime | None = None) -> dict[str, float]:
    """Seconds until everything rings next."""
    now = now or datetime.now(UTC)
    return {one.id: (one.next_run_time - now).total_seconds() for one in jobs._scheduler.get_jobs()}


def test_what_rings_and_how_often(jobs: Jobs) -> None:
    assert every(jobs) == {"prove": 300.0, "retention": 86_400.0, "sweep": 60.0}
    jobs.start()
    assert 0 < first(jobs)["sweep"] <= 60
    assert 0 < first(jobs)["retention"] <= 600  # of a machine that is switched off every evening, too


def test_a_clock_that_is_set_back_delays_nothing(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.change(sweep=60.0, digest=8 * 60)
    jobs.poll(True)
    jobs.start()
    earlier = datetime.now(UTC) - timedelta(days=400)

    class SetBack(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return earlier.astimezone(tz)

    monkeypatch.setattr(base, "datetime", SetBack)
    monkeypatch.setattr(clawmend_jobs, "datetime", SetBack)
    assert first(jobs, earlier)["sweep"] > 300 * 86_400
    jobs.plan_anew()
    waits = first(jobs, earlier)
    assert {name: round(wait) for name, wait in waits.items() if name != "digest"} == {
        "poll": 5, "sweep": 60, "prove": 300, "retention": 600,
    }  # fmt: skip
    assert 0 < waits["digest"] <= 25 * 3600  # the day that is an hour longer


def test_what_fell_into_a_sleep_rings_before_it_is_planned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[Chore] = []
    jobs = Jobs(rung.append, sweep=60.0, digest=8 * 60)
    jobs.start()
    later = datetime.now(UTC) + timedelta(days=2)

    class Woken(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return later.astimezone(tz)

    monkeypatch.setattr(base, "datetime", Woken)
    monkeypatch.setattr(clawmend_jobs, "datetime", Woken)
    jobs.plan_anew()
    assert set(rung) == {Chore.SWEEP, Chore.PROVE, Chore.RETENTION, Chore.DIGEST}
    assert min(first(jobs, later).values()) > 0
    jobs.close()


def test_other_settings_take_the_place_of_the_earlier_ones(jobs: Jobs) -> None:
    jobs.change(sweep=10.0, digest=8 * 60 + 30)
    assert every(jobs)["sweep"] == 10.0
    digest = jobs._scheduler.get_job("digest")
    assert {str(field) for field in digest.trigger.fields if field.name in {"hour", "minute"}} == {"8", "30"}
    jobs.change(sweep=60.0, digest=None)
    assert jobs._scheduler.get_job("digest") is None
    jobs.change(sweep=60.0, digest=None)
    assert every(jobs)["sweep"] == 60.0


def test_polling_begins_and_ends_once(jobs: Jobs) -> None:
    jobs.poll(False)
    jobs.poll(True)
    first = jobs._scheduler.get_job("poll")
    jobs.poll(True)
    assert jobs._scheduler.get_job("poll").trigger is first.trigger
    jobs.poll(False)
    assert "poll" not in every(jobs)


def test_what_is_due_rings_from_another_thread_and_nothing_rings_after_the_end() -> None:
    rung: list[tuple[Chore, int]] = []
    bell = threading.Event()

    def ring(chore: Chore) -> None:
        rung.append((chore, threading.get_ident()))
        bell.set()

    jobs = Jobs(ring, sweep=0.05, digest=None)
    jobs.close()  # before its begin: nothing to end
    jobs.start()
    assert bell.wait(10)
    jobs.close()
    assert rung[0][0] is Chore.SWEEP
    assert rung[0][1] != threading.get_ident()


def test_what_has_rung_is_taken_once() -> None:
    chores = Chores()
    chores.add(Chore.PULSE)
    chores.add(Chore.SWEEP)
    chores.add(Chore.PULSE)
    assert chores.take() == {Chore.PULSE, Chore.SWEEP}
    assert chores.take() == frozenset()
