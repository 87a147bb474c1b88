"""What is remembered between two runs: its form, what is no memory, and the starts that others made."""

import json
from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.budget import By, Fault, Restarted
from clawmend.core.gateway import Condition, GatewayHealth
from clawmend.core.memory import Memory, Pause, Rejected, Seen, memory_json, memory_of

NOW = 1_800_000_000.0
HOME = "/home/ana/.openclaw"
FAULT = Fault("9f2c", "0123")
FULL = Memory(
    restarts=(
        Restarted(time=NOW - 9, directory=HOME, by=By.OTHERS),
        Restarted(time=NOW, directory=HOME, by=By.US, faults=(FAULT,), fresh=True, reset=True),
    ),
    rejected=(Rejected(FAULT, NOW, "it got worse"),),
    seen=(
        Seen(directory=HOME, time=NOW, pid=7, started=NOW - 5, boot_id="b", restarts=3),
        Seen(directory="/srv/\udcff", time=NOW),
    ),
    paused=Pause(NOW, NOW + 60),
    contested={"OC101": {"since": 1.0}},
    others={"later": [1, 2]},
)


def healthy(pid: int | None = 7, started: float | None = NOW - 100, **more: Any) -> GatewayHealth:
    return GatewayHealth(condition=Condition.READY, why="", pid=pid, started=started, **more)


class TestItsForm:
    @pytest.mark.parametrize("memory", [Memory(), FULL, replace(FULL, paused=Pause(NOW))])
    def test_it_comes_back_as_it_was(self, memory: Memory) -> None:
        assert memory_of(json.loads(json.dumps(memory_json(memory)))) == memory

    def test_one_of_a_newer_clawmend_is_not_guessed_at(self) -> None:
        assert memory_of({"schema": 2}).problem == "was written by a newer clawmend"

    @pytest.mark.parametrize(
        "change",
        [
            {"restarts": [{"time": "x"}]},
            {
                "restarts": [
                    {"time": float("nan"), "directory": "", "by": "clawmend", "faults": [], "fresh": 0, "reset": 0}
                ]
            },
            {"restarts": [{"time": 1, "directory": "", "by": "nobody", "faults": [], "fresh": 0, "reset": 0}]},
            {"rejected": 7},
            {"seen": [7]},
            {"paused": "yes"},
            {"contested": None},
            {"schema": None, "restarts": None},
        ],
    )
    def test_one_that_makes_no_sense_is_damaged_and_not_empty(self, change: dict[str, Any]) -> None:
        assert memory_of({**memory_json(FULL), **change}).problem

    @pytest.mark.parametrize("document", [None, [], "x", {}, 7])
    def test_what_is_no_memory_at_all_is_damaged(self, document: Any) -> None:
        assert memory_of(document) == Memory(problem="is damaged")


class TestThePause:
    def test_it_ends_by_itself_at_its_moment(self) -> None:
        memory = Memory(paused=Pause(NOW, NOW + 60))
        assert memory.pause_at(NOW + 59) == Pause(NOW, NOW + 60)
        assert memory.pause_at(NOW + 60) is None

    def test_without_a_moment_it_lasts(self) -> None:
        assert Memory(paused=Pause(NOW)).pause_at(NOW + 1e9) == Pause(NOW)
        assert Memory().pause_at(NOW) is None


class TestRejected:
    def test_it_is_known_for_the_same_fault_and_the_same_input_only(self) -> None:
        assert FULL.rejects(FAULT) == Rejected(FAULT, NOW, "it got worse")
        assert FULL.rejects(Fault("9f2c", "other")) is None

    def test_the_latest_word_counts_and_two_hundred_are_kept(self) -> None:
        memory = FULL.with_rejected((Rejected(FAULT, NOW + 1, "again"),))
        assert [one.why for one in memory.rejected] == ["again"]
        many = memory.with_rejected(tuple(Rejected(Fault(str(n), ""), NOW) for n in range(300)))
        assert len(many.rejected) == 200


class TestStartsByOthers:
    def starts(self, memory: Memory, health: GatewayHealth, now: float = NOW) -> list[float]:
        seen = memory.having_seen(HOME, health, now)
        new = [one for one in seen.restarts if one not in memory.restarts]
        assert {one.by for one in new} <= {By.OTHERS}
        return [round(now - one.time) for one in seen.restarts if one.by is By.OTHERS and one.directory == HOME]

    def test_at_the_first_look_its_own_start_and_those_that_were_counted(self) -> None:
        assert self.starts(Memory(), healthy()) == [100]
        assert self.starts(Memory(), healthy(restarts=2)) == [100, 100, 100]

    def test_one_that_does_not_run_and_is_not_counted_is_none(self) -> None:
        assert self.starts(Memory(), healthy(None, None)) == []
        assert self.starts(Memory(), healthy(None, None, restarts=2)) == [0, 0]

    def test_the_same_one_at_the_next_look_is_none(self) -> None:
        memory = Memory().having_seen(HOME, healthy(restarts=2), NOW - 50)
        assert self.starts(memory, healthy(restarts=2, started=NOW - 99)) == [100, 100, 100]

    @pytest.mark.parametrize(
        "health",
        [healthy(8, NOW - 20), healthy(7, NOW - 20), healthy(7, NOW - 100, boot_id="c"), healthy(8, None)],
    )
    def test_another_process_or_another_boot_is_one(self, health: GatewayHealth) -> None:
        memory = Memory().having_seen(HOME, healthy(boot_id="b"), NOW - 50)
        assert len(self.starts(memory, health)) == 2

    def test_the_managers_count_tells_of_those_in_between(self) -> None:
        memory = Memory().having_seen(HOME, healthy(restarts=2), NOW - 50)
        assert self.starts(memory, healthy(9, NOW - 10, restarts=6))[-4:] == [10] * 4

    def test_a_count_that_began_anew_tells_of_all_in_it(self) -> None:
        memory = Memory().having_seen(HOME, healthy(restarts=9), NOW - 50)
        assert self.starts(memory, healthy(9, NOW - 10, restarts=1))[10:] == [10]

    def test_one_that_has_gone_is_no_start(self) -> None:
        memory = Memory().having_seen(HOME, healthy(), NOW - 50)
        assert self.starts(memory, healthy(None, None)) == [100]

    def test_ours_is_not_counted_twice(self) -> None:
        us = Restarted(time=NOW - 12, directory=HOME, by=By.US)
        memory = Memory().having_seen(HOME, healthy(), NOW - 50).with_restart(us)
        assert self.starts(memory, healthy(8, NOW - 10)) == [100]
        assert self.starts(Memory().with_restart(us), healthy(8, NOW - 10)) == []

    def test_a_count_without_sense_does_not_fill_the_memory(self) -> None:
        assert len(self.starts(Memory(), healthy(restarts=10**9))) == 50

    def test_another_gateway_is_another_one(self) -> None:
        memory = Memory().having_seen("/elsewhere", healthy(), NOW - 50)
        assert self.starts(memory, healthy()) == [100]
        assert len(memory.having_seen(HOME, healthy(), NOW).seen) == 2
