"""Calling a running watcher: it is told, and nobody else ever is."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from clawmend.loop.calling import call_watcher
from clawmend.loop.status import Status, write_status
from clawmend.system.liveness import command_of, start_of_process

# It says that it is ready, and ends with 7 when it hears SIGHUP, with 0 when nobody calls.
LISTENS = """
import signal, sys
signal.signal(signal.SIGHUP, lambda *_: sys.exit(7))
print(flush=True)
sys.stdin.read()
"""


@contextmanager
def process(*words: str) -> Iterator[tuple[subprocess.Popen[bytes], Status]]:
    """A process with these words in its command line, and what its status file would say."""
    command = [sys.executable, "-c", LISTENS, *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as one:
        assert one.stdout is not None
        one.stdout.readline()
        started = start_of_process(one.pid)
        assert started is not None
        yield one, Status(one.pid, started, started, "0.1.0", "/h", "auto", started)
        one.communicate()


def test_the_watcher_that_runs_is_told(tmp_path: Path) -> None:
    with process("clawmend", "--home", "/h", "watch") as (watcher, status):
        write_status(str(tmp_path), status)
        assert call_watcher(str(tmp_path))
        assert watcher.wait(10) == 7


def test_one_that_only_tells_is_told_and_repairs_nothing(tmp_path: Path) -> None:
    with process("clawmend", "watch") as (watcher, status):
        write_status(str(tmp_path), replace(status, mode="report"))
        assert not call_watcher(str(tmp_path))
        assert watcher.wait(10) == 7


def test_one_that_is_held_is_told_and_does_nothing_yet(tmp_path: Path) -> None:
    with process("clawmend", "watch") as (watcher, status):
        write_status(str(tmp_path), status)
        watcher.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, watcher.pid, os.WSTOPPED | os.WNOWAIT)
        assert not call_watcher(str(tmp_path))
        watcher.send_signal(signal.SIGCONT)
        assert watcher.wait(10) == 7


@pytest.mark.parametrize("changes", [{"started": 1.0}, {"stopped": 2.0}, {"pid": 1}, {"pid": 0}, {"pid": -1}])
def test_who_is_not_the_one_that_wrote_the_file_is_left_alone(tmp_path: Path, changes: dict[str, float]) -> None:
    with process("clawmend", "watch") as (other, status):
        write_status(str(tmp_path), replace(status, **changes))  # type: ignore[arg-type]
        assert not call_watcher(str(tmp_path))
        other.communicate()
        assert other.returncode == 0


def test_a_process_that_is_no_watcher_is_left_alone_whatever_its_number_and_age(tmp_path: Path) -> None:
    with process("clawmend", "repair") as (other, status):
        write_status(str(tmp_path), status)
        assert not call_watcher(str(tmp_path))
        other.communicate()
        assert other.returncode == 0


def test_where_nobody_has_written_what_can_be_understood_nobody_is_called(tmp_path: Path) -> None:
    assert not call_watcher(str(tmp_path))
    (tmp_path / "status.json").write_text("{}")
    assert not call_watcher(str(tmp_path))


def test_one_that_may_not_be_told_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_pid: int, _number: int) -> None:
        raise PermissionError

    with process("clawmend", "watch") as (_, status):
        write_status(str(tmp_path), status)
        with monkeypatch.context() as patch:
            patch.setattr(os, "kill", refused)
            assert not call_watcher(str(tmp_path))


def test_the_words_of_a_process_that_is_gone_are_none() -> None:
    with process("clawmend", "watch") as (one, _):
        assert command_of(one.pid)[-1] == "watch"
        one.send_signal(signal.SIGKILL)
        one.wait()
        assert command_of(one.pid) == ()
