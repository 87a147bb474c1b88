"""Whether the thread still comes round, who says so meanwhile, and when the next pulse is due."""

from dataclasses import dataclass, field

from clawmend.loop.heart import Heart
from clawmend.loop.jobs import PULSE_SECONDS
from clawmend.system.sdnotify import Notifier
from system.fakes import FakeClock


@dataclass
class Told(Notifier):
    """A service manager that counts what it was told."""

    said: list[str] = field(default_factory=list)

    def _send(self, *lines: str) -> bool:
        self.said += lines
        return True


class Bed:
    """A heart, a clock that is wound by hand, and what the timetable was asked for."""

    def __init__(self) -> None:
        self.clock, self.notifier = FakeClock(), Told(None)
        self.notifier.said = []
        self.asked: list[bool] = []
        self.waited: list[float] = []
        self.heart = Heart(self.clock, self.notifier, self.asked.append)

    def rest(self, passes: float) -> bool:
        def wait(seconds: float) -> None:
            self.waited.append(seconds)
            self.clock.sleep(passes)

        return self.heart.rest(wait)

    @property
    def told(self) -> int:
        return self.notifier.said.count("WATCHDOG=1")


def test_who_rests_says_so_itself_and_asks_for_nobody() -> None:
    bed = Bed()
    assert bed.rest(PULSE_SECONDS)
    assert bed.told == 1
    assert bed.waited == [PULSE_SECONDS]
    assert bed.asked == [False]


def test_a_pulse_is_due_in_time_however_often_the_rest_is_disturbed() -> None:
    bed = Bed()
    assert [bed.rest(4.0) for _ in range(4)] == [False, False, True, False]
    assert bed.waited == [PULSE_SECONDS, PULSE_SECONDS - 4, PULSE_SECONDS - 8, PULSE_SECONDS]
    assert bed.told == 4


def test_whoever_works_is_spoken_for_until_it_is_overdue() -> None:
    bed = Bed()
    bed.heart.work()
    assert bed.asked == [True]
    bed.clock.sleep(1799.0)
    bed.heart.tell()
    assert bed.told == 1
    bed.clock.sleep(1.0)
    bed.heart.tell()
    assert bed.told == 1
    assert not bed.heart.beats


def test_a_pulse_that_was_missed_in_a_long_turn_is_due_at_once() -> None:
    bed = Bed()
    bed.heart.work()
    bed.clock.sleep(60.0)
    assert bed.rest(0.0)
    assert bed.waited == [0.0]
    assert bed.asked == [True, False]


def test_between_two_turns_it_is_overdue_after_three_pulses() -> None:
    bed = Bed()
    bed.rest(0.0)
    bed.clock.sleep(3 * PULSE_SECONDS - 1)
    assert bed.heart.beats
    bed.clock.sleep(1.0)
    assert not bed.heart.beats
