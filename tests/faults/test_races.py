"""Two write the same file at the same time, thousands of times: whose entries are there at the end?"""

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from clawmend.core.verdict import Verdict
from clawmend.repair.cycle import repair
from clawmend.repair.planning import Options
from clawmend.repair.tools import Tools, real_tools
from clawmend.system import slot
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.exchange import exchange
from clawmend.system.files import RealFiles
from clawmend.system.machine import Place, RealClock
from faults.figures import note
from faults.racing import PATIENCE, Count, OurSide, Put, finished, fresh, other, race, with_care, without_care
from support.machine import Machine

pytestmark = pytest.mark.faults

NAMES = {
    "in-place": "models.json",
    "holding": "models.json",
    "rename": "openclaw.json",
    "aside": "settings.json",
    "waiting": ".claude.json",
    "impatient": ".claude.json",
}
STYLES = tuple(NAMES)
ENTRIES = 1000
CHANCE = random.SystemRandom()


class HurriedClock(RealClock):
    """The real time, but waits for somebody's lock are short: there are more meetings in a minute."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / 50)


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    return real_tools(Place(str(tmp_path), str(tmp_path / "state"), environment={}), HurriedClock())


def _race(put: Put, path: Path, style: str, entries: int, enough: Callable[[OurSide], bool]) -> Count:
    """Race until there are as many entries, and enough has happened besides: how quick each of them is, who knows."""
    ours = OurSide(str(path / NAMES[style]), RealFiles().read, put)
    return race(path / NAMES[style], style, ours, lambda ours: ours.theirs >= entries and enough(ours))


def _assert_a_reader_saw_whole_files_only(counted: Count) -> None:
    assert counted.reads > 100
    assert counted.absent == 0 or counted.style == "aside"  # that writer leaves a moment without a file
    if counted.style in {
        "in-place",
        "holding",
    }:  # such a writer tears the file itself: then it lacks its end, and nothing else
        assert [broken for broken in counted.broken if not (broken["cut"] or broken["moved"])] == []
    else:
        assert counted.broken == []


@pytest.mark.parametrize("style", STYLES)
def test_whatever_somebody_else_writes_is_kept(tools: Tools, tmp_path: Path, style: str) -> None:
    counted = _race(with_care(tools), tmp_path, style, ENTRIES, lambda ours: ours.set >= 100)
    counted.tell("the write seam")
    assert counted.ours.set >= 100
    assert counted.overwritten == []
    # Nobody can hide from a writer without a lock what stood in the file for an instant, nor hold up one who has looked
    # up the name and not yet opened the file. Both take microseconds: more than a few in a thousand is something else.
    assert len(counted.glimpsed) + len(counted.late) <= counted.written // 300
    if style == "waiting":
        assert (counted.gone, counted.ours.lost, counted.unlocked) == (0, 0, 0)
    _assert_a_reader_saw_whole_files_only(counted)


@pytest.mark.parametrize("style", ["in-place", "holding", "rename", "aside", "impatient"])
def test_a_write_between_our_last_look_and_our_swap_is_kept(
    tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    """The moment that takes microseconds is made to take up to 2 ms, so that others hit it hundreds of times."""
    hesitant: list[bool] = []
    late = 0

    def slow_exchange(folder: int, first: str, second: str) -> bool:
        nonlocal late
        if hesitant:
            hesitant.clear()
            time.sleep(CHANCE.uniform(0, 0.002))
        else:
            late += 1  # a swap that is taken back
        return exchange(folder, first, second)

    def put(path: str, data: bytes, expected: bytes) -> None:
        hesitant[:] = [True]
        with_care(tools)(path, data, expected)

    monkeypatch.setattr(slot, "exchange", slow_exchange)
    counted = _race(put, tmp_path, style, ENTRIES, lambda _ours: late >= 30)
    counted.tell(f"a slow swap, taken back {late} times,")
    assert late >= 30
    assert counted.overwritten == []
    assert len(counted.glimpsed) + len(counted.late) <= late // 6
    _assert_a_reader_saw_whole_files_only(counted)


@pytest.mark.parametrize("style", STYLES)
def test_a_careless_tool_loses_their_entries(tmp_path: Path, style: str) -> None:
    """The control: these writers do meet us, and an atomic rename alone does not help them."""
    counted = _race(without_care, tmp_path, style, 50, lambda ours: ours.set >= 200)
    counted.tell("control, rename without lock or comparison,")
    assert counted.gone > 20


@pytest.mark.parametrize("style", ["waiting", "impatient"])
def test_whole_repairs_lose_nothing(machine: Machine, style: str) -> None:
    """Claude Code adds entries and logs out now and then, and each time the flag is repaired."""
    drop, patience = 5, time.monotonic() + PATIENCE
    file = machine.home / ".claude.json"
    file.write_text(json.dumps(fresh(), indent=2))
    tools = real_tools(machine.place, HurriedClock())
    options = Options(only=frozenset({"CC101"}))
    verdicts: Counter[Verdict] = Counter()
    repairs = 0
    with other("reader", str(file)) as reader, other(style, str(file), str(drop)) as writer:
        while (repairs < 50 or len(json.loads(file.read_bytes())["theirs"]) < 500) and time.monotonic() < patience:
            outcome = repair(tools, options, dry_run=False)
            verdicts[outcome.verdict] += 1
            repairs += bool(outcome.changes)
        report, seen = finished(writer), finished(reader)
    assert repair(tools, options, dry_run=False).verdict in {Verdict.REPAIRED, Verdict.HEALTHY}
    end, count = json.loads(file.read_bytes()), report["written"]
    outcomes = ", ".join(f"{verdict} {number}" for verdict, number in verdicts.items())
    note(
        f"races: whole repairs against {style}: theirs kept {len(end['theirs'])}/{count}, flag dropped {count // drop} "
        f"times, repaired {repairs} times ({outcomes}); reader: {seen['reads']} reads, {len(seen['broken'])} broken"
    )
    assert sorted(end["theirs"].values()) == list(range(count))
    assert end["hasCompletedOnboarding"] is True
    assert repairs >= 50
    # It needs somebody when the flag is lost once more before the cycle looks whether it helped.
    assert set(verdicts) <= {Verdict.REPAIRED, Verdict.NEEDS_YOU, Verdict.HEALTHY, Verdict.STALE}
    if style == "waiting":
        assert repairs <= count // drop  # none of ours was overwritten and had to be made again
        assert report["unlocked"] == 0
    assert (seen["broken"], seen["absent"]) == ([], 0)
    assert CheckpointStore(str(machine.state)).damage() == ()
