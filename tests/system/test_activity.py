"""Turns in flight, by the files that they leave."""

import json
import os
from pathlib import Path

import pytest

from clawmend.core.activity import SessionLock, Written, why_busy
from clawmend.core.snapshot import Agent, OpenClaw
from clawmend.core.state import Absent
from clawmend.system.activity import traces_of, wait_until_quiet
from system.fakes import FakeClock

LONG_AGO = 1000.0
GONE = 2**22 + 1  # above the greatest process number of Linux


@pytest.fixture
def openclaw(tmp_path: Path) -> OpenClaw:
    folder = tmp_path / "agents" / "main" / "agent"
    folder.mkdir(parents=True)
    absent = Absent(str(folder / "x"))
    agent = Agent("main", str(folder), absent, absent, absent, absent)
    return OpenClaw(str(tmp_path), None, absent, None, (agent,))


def put(path: Path, text: str, time: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (time, time))
    return path


def test_locks_sessions_and_databases_are_looked_at_and_nothing_else(openclaw: OpenClaw, tmp_path: Path) -> None:
    sessions, agent = tmp_path / "agents" / "main" / "sessions", tmp_path / "agents" / "main" / "agent"
    mine = put(sessions / "a.jsonl.lock", json.dumps({"pid": os.getpid()}), LONG_AGO)
    gone = put(sessions / "b.jsonl.lock", json.dumps({"pid": GONE}), LONG_AGO)
    session = put(sessions / "a.jsonl", "", LONG_AGO)
    put(sessions / "sessions.json", "", LONG_AGO)
    wal = put(agent / "openclaw-agent.sqlite-wal", "", LONG_AGO)
    assert set(traces_of(openclaw)) == {
        SessionLock(str(mine), LONG_AGO, os.getpid(), alive=True),
        SessionLock(str(gone), LONG_AGO, GONE, alive=False),
        Written(str(session), LONG_AGO),
        Written(str(wal), LONG_AGO),
    }


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "7"}', '{"pid": true}', '{"pid": -1}'])
def test_a_lock_that_names_nobody_is_no_turn(openclaw: OpenClaw, tmp_path: Path, text: str) -> None:
    put(tmp_path / "agents" / "main" / "sessions" / "a.jsonl.lock", text, LONG_AGO)
    (trace,) = traces_of(openclaw)
    assert isinstance(trace, SessionLock)
    assert (trace.pid, trace.alive) == (None, False)


def test_a_number_that_no_process_can_have_is_taken_for_one_of_another_user(openclaw: OpenClaw, tmp_path: Path) -> None:
    put(tmp_path / "agents" / "main" / "sessions" / "a.jsonl.lock", json.dumps({"pid": 2**70}), LONG_AGO)
    (trace,) = traces_of(openclaw)
    assert isinstance(trace, SessionLock)
    assert trace.alive


def test_without_sessions_nothing_runs(openclaw: OpenClaw) -> None:
    assert list(traces_of(openclaw)) == []


def test_it_waits_until_the_lock_is_gone(openclaw: OpenClaw, tmp_path: Path) -> None:
    clock = FakeClock(time=LONG_AGO)
    lock = put(tmp_path / "agents" / "main" / "sessions" / "a.jsonl.lock", json.dumps({"pid": os.getpid()}), LONG_AGO)
    clock.on_sleep = lambda: lock.unlink() if len(clock.slept) == 3 else None
    assert wait_until_quiet(openclaw, clock, 300) is None
    assert clock.slept == [1.0, 1.0, 1.0]


def test_it_gives_up_at_the_deadline_and_says_why(openclaw: OpenClaw, tmp_path: Path) -> None:
    clock = FakeClock(time=LONG_AGO)
    lock = put(tmp_path / "agents" / "main" / "sessions" / "a.jsonl.lock", json.dumps({"pid": os.getpid()}), LONG_AGO)
    assert wait_until_quiet(openclaw, clock, 5) == f"process {os.getpid()} holds {lock}"
    assert sum(clock.slept) == 5.0
    assert why_busy(traces_of(openclaw), LONG_AGO) is not None
