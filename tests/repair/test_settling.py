"""Looking again after 5 and 60 seconds, because an older Claude Code may write its old state back."""

from collections.abc import Callable

import pytest

from clawmend.core.verdict import Verdict
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.planning import Options
from clawmend.repair.settling import Settled, may_be_written_back, settle
from clawmend.repair.tools import Tools
from repair.home import Home
from system.fakes import FakeClock

_OPTIONS = Options(version="2026.3.2")
_OLD = '{\n  "numStartups": 3\n}'


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tools(home: Home, clock: FakeClock) -> Tools:
    return home.tools(clock=clock)


def repaired(home: Home, tools: Tools) -> Outcome:
    home.write(home.claude, _OLD)
    outcome = repair(tools, _OPTIONS, dry_run=False)
    assert outcome.verdict is Verdict.REPAIRED
    return outcome


def writing_back(home: Home, times: int) -> Callable[[], None]:
    """An older client that writes its old state so many times, each time somebody waits."""
    left = [times]

    def write() -> None:
        if left[0]:
            left[0] -= 1
            home.claude.write_text(_OLD)

    return write


def test_a_repair_that_holds_is_looked_at_after_5_and_60_seconds(home: Home, tools: Tools, clock: FakeClock) -> None:
    assert settle(tools, _OPTIONS, repaired(home, tools)) == Settled()
    assert clock.slept == [5.0, 55.0]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_what_is_written_back_is_repaired_again(home: Home, tools: Tools, clock: FakeClock, times: int) -> None:
    outcome = repaired(home, tools)
    clock.on_sleep = writing_back(home, times)
    settled = settle(tools, _OPTIONS, outcome)
    assert settled.held
    assert len(set(settled.repeated)) == times
    assert '"hasCompletedOnboarding": true' in home.claude.read_text()
    assert clock.slept[-2:] == [5.0, 55.0]


def test_after_three_times_it_is_left_to_them(home: Home, tools: Tools, clock: FakeClock) -> None:
    outcome = repaired(home, tools)
    clock.on_sleep = writing_back(home, 99)
    settled = settle(tools, _OPTIONS, outcome)
    assert (len(settled.repeated), settled.held, settled.problem) == (3, False, "")
    assert home.claude.read_text() == _OLD
    assert sum(clock.slept) < 600


def test_a_repair_of_another_file_is_not_waited_for(home: Home, tools: Tools, clock: FakeClock) -> None:
    home.write(home.models, "{")
    outcome = repair(tools, _OPTIONS, dry_run=False)
    assert not may_be_written_back(outcome)
    assert settle(tools, _OPTIONS, outcome) == Settled()
    assert clock.slept == []


def test_what_cannot_be_repaired_again_is_said_and_no_exception(home: Home, tools: Tools, clock: FakeClock) -> None:
    outcome = repaired(home, tools)

    def write_back_and_break_the_store() -> None:
        home.claude.write_text(_OLD)
        manifest = home.state / "checkpoints" / "manifest.jsonl"
        manifest.write_bytes(manifest.read_bytes().replace(b'"begin"', b'"begun"'))

    clock.on_sleep = write_back_and_break_the_store
    settled = settle(tools, _OPTIONS, outcome)
    assert not settled.held
    assert "is damaged in line 1" in settled.problem
