"""Waking: changes wait until they rest, other reasons do not, and nobody can keep us from looking."""

import threading

import pytest

from clawmend.loop.wakes import Reason, Wake, Wakes
from system.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def wakes(clock: FakeClock) -> Wakes:
    return Wakes(clock, debounce=1.0, longest=10.0)


def test_nothing_is_due_at_first(wakes: Wakes) -> None:
    assert (wakes.remaining(), wakes.take()) == (None, None)


def test_a_change_is_due_when_nothing_has_changed_for_a_second(wakes: Wakes, clock: FakeClock) -> None:
    wakes.changed("/a")
    assert (wakes.remaining(), wakes.take()) == (1.0, None)
    clock.time += 0.6
    wakes.changed("/b")
    clock.time += 0.6
    assert wakes.take() is None
    clock.time += 0.4
    assert wakes.take() == Wake(frozenset({Reason.CHANGE}), frozenset({"/a", "/b"}))
    assert wakes.remaining() is None


def test_a_storm_is_looked_at_every_ten_seconds_and_no_more_often(wakes: Wakes, clock: FakeClock) -> None:
    looks = 0
    for _ in range(6_000):  # one minute of a hundred changes a second
        wakes.changed("/a")
        looks += wakes.take() is not None
        clock.time += 0.01
    assert looks in {5, 6}


@pytest.mark.parametrize("reason", [one for one in Reason if one is not Reason.CHANGE])
def test_every_other_reason_is_due_at_once_and_takes_the_changes_with_it(wakes: Wakes, reason: Reason) -> None:
    wakes.changed("/a")
    wakes.ring(reason)
    wake = wakes.take()
    assert wake == Wake(frozenset({Reason.CHANGE, reason}), frozenset({"/a"}))
    assert wakes.take() is None


def test_after_a_sweep_or_a_change_the_signatures_decide() -> None:
    assert {reason for reason in Reason if not Wake(frozenset({reason})).is_full} == {Reason.SWEEP, Reason.CHANGE}


@pytest.mark.parametrize("how", ["ring", "nudge", "close", "changed"])
def test_waiting_ends_when_another_thread_says_so(how: str) -> None:
    wakes = Wakes(FakeClock(), debounce=0.0, longest=0.0)
    ways = {
        "ring": lambda: wakes.ring(Reason.SWEEP),
        "nudge": wakes.nudge,
        "close": wakes.close,
        "changed": lambda: wakes.changed("/a"),
    }
    other = threading.Thread(target=ways[how])
    other.start()
    wakes.wait(30.0)
    other.join()
    assert wakes.is_closed is (how == "close")


def test_a_nudge_ends_one_waiting_and_not_the_next(wakes: Wakes, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(wakes._bell, "wait", waited.append)
    wakes.nudge()
    wakes.wait(30.0)
    assert waited == []
    wakes.wait(30.0)
    assert waited == [30.0]
