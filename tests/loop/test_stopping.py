"""Ending: sleep ends at once, and a turn that does not come to its end is cut off."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from clawmend.loop import stopping
from clawmend.loop.stopping import StoppableClock, StoppedError, no_more_signals, stop_on_signals

NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The handlers of this process are put back."""
    before = {number: signal.getsignal(number) for number in NUMBERS}
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_waiting_and_every_sleep(number: signal.Signals) -> None:
    clock, said = StoppableClock(), []
    stop_on_signals(clock, lambda: said.append("wake"), lambda: said.append("reload"))
    clock.sleep(0)
    os.kill(os.getpid(), number)
    assert clock.is_stopping
    assert said == ["wake"]
    with pytest.raises(StoppedError):
        clock.sleep(60)
    no_more_signals()


def test_sighup_reads_the_settings_again_and_ends_nothing() -> None:
    clock, said = StoppableClock(), []
    stop_on_signals(clock, lambda: said.append("wake"), lambda: said.append("reload"))
    os.kill(os.getpid(), signal.SIGHUP)
    assert (said, clock.is_stopping) == (["reload"], False)


def test_what_does_not_end_by_itself_is_cut_off_and_another_signal_gives_no_more_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stopping, "PATIENCE", 0.2)
    clock = StoppableClock()
    stop_on_signals(clock, lambda: None, lambda: None)
    begun = time.monotonic()

    def go_on_all_the_same() -> None:
        while time.monotonic() - begun < 10:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(StoppedError):
        go_on_all_the_same()
    assert time.monotonic() - begun < 5


def test_nothing_takes_being_told_to_end_for_a_failure_of_its_own() -> None:
    assert not issubclass(StoppedError, Exception)


def test_at_the_end_no_signal_does_anything() -> None:
    clock = StoppableClock()
    stop_on_signals(clock, lambda: None, lambda: None)
    no_more_signals()
    for number in NUMBERS:
        os.kill(os.getpid(), number)
    assert not clock.is_stopping
