"""Whether the thread still comes round, who says so meanwhile, and when the next pulse is due."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from clawmend.loop import heart
from clawmend.loop.heart import Heart
from clawmend.loop.jobs import PULSE_SECONDS
from clawmend.system.sdnotify import Notifier
from system.fakes import FakeClock


@dataclass
class Told(Notifier):
    """A service manager that counts what it was told, and by which thread."""

    by: list[str] = field(default_factory=list)
    heard: threading.Event = field(default_factory=threading.Event)

    def _send(self, *lines: str) -> bool:
        assert lines == ("WATCHDOG=1",)
        self.by.append(threading.current_thread().name)
        if self.by[-1] == "heart":
            self.heard.set()
        return True


class Bed:
    """A heart, a clock that is wound by hand, and what was waited for."""

    def __init__(self) -> None:
        self.clock, self.notifier = FakeClock(), Told(None)
        self.notifier.by, self.notifier.heard = [], threading.Event()
        self.waited: list[float] = []
        self.heart = Heart(self.clock, self.notifier)

    def rest(self, passes: float) -> bool:
        """Rest for so long; whether a pulse is due then."""

        def wait(seconds: float) -> None:
            self.waited.append(seconds)
            self.clock.sleep(passes)

        self.heart.rest(wait)
        return self.heart.take_pulse()

    @property
    def told(self) -> int:
        return len(self.notifier.by)


@pytest.fixture
def bed() -> Iterator[Bed]:
    bed = Bed()
    yield bed
    bed.heart.end()


def test_who_rests_says_so_itself_and_needs_nobody(bed: Bed) -> None:
    assert bed.rest(PULSE_SECONDS)
    assert bed.told == 1
    assert bed.waited == [PULSE_SECONDS]
    assert bed.heart._speaker is None


def test_a_pulse_is_due_in_time_however_often_the_rest_is_disturbed(bed: Bed) -> None:
    assert [bed.rest(4.0) for _ in range(4)] == [False, False, True, False]
    assert bed.waited == [PULSE_SECONDS, PULSE_SECONDS - 4, PULSE_SECONDS - 8, PULSE_SECONDS]


def test_who_is_woken_all_the_time_does_not_say_so_each_time(bed: Bed) -> None:
    for _ in range(1000):
        bed.rest(0.01)
    assert bed.told == 2


def test_whoever_works_says_so_first_and_is_overdue_after_half_an_hour(bed: Bed) -> None:
    bed.heart.work()
    assert bed.notifier.by == [threading.current_thread().name]
    bed.clock.sleep(1799.0)
    bed.heart.tell()
    assert bed.told == 2
    bed.clock.sleep(1.0)
    bed.heart.tell()
    assert bed.told == 2
    assert not bed.heart.beats


def test_a_thread_speaks_for_whoever_works_and_for_nobody_who_rests(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heart, "PULSE_SECONDS", 0.001)
    monkeypatch.setattr(heart, "_AGAIN_SECONDS", 0.0)
    bed.heart.work()
    assert bed.notifier.heard.wait(10)
    bed.heart.rest(lambda _seconds: None)
    for _ in range(10_000):  # until it waits for work again: one that had begun to speak may end
        if bed.heart._at_work._cond._waiters:  # type: ignore[attr-defined]
            break
        threading.Event().wait(0.001)
    said = bed.notifier.by.count("heart")
    bed.notifier.heard.clear()
    assert not bed.notifier.heard.wait(0.02)
    assert bed.notifier.by.count("heart") == said
    bed.heart.work()
    assert bed.notifier.heard.wait(10)


def test_at_the_end_nobody_speaks_any_more(bed: Bed) -> None:
    bed.heart.work()
    speaker = bed.heart._speaker
    assert speaker is not None
    bed.heart.end()
    speaker.join(10)
    assert not speaker.is_alive()


def test_where_turn_follows_turn_the_pulse_is_due_all_the_same(bed: Bed) -> None:
    due = []
    for _ in range(5):
        bed.heart.work()
        bed.clock.sleep(6.0)
        due.append(bed.heart.take_pulse())
    assert due == [False, True, False, True, False]


def test_without_a_thread_it_goes_on_and_asks_again(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        bed.heart.work()
    assert bed.told == 1
    assert bed.heart._speaker is None
    bed.heart.work()
    assert bed.heart._speaker is not None


def test_a_pulse_that_was_missed_in_a_long_turn_is_due_at_once(bed: Bed) -> None:
    bed.heart.work()
    bed.clock.sleep(60.0)
    assert bed.rest(0.0)
    assert bed.waited == [0.0]


def test_between_two_turns_it_is_overdue_after_three_pulses(bed: Bed) -> None:
    bed.rest(0.0)
    bed.clock.sleep(3 * PULSE_SECONDS - 1)
    assert bed.heart.beats
    bed.clock.sleep(1.0)
    assert not bed.heart.beats
