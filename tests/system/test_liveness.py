"""A process is known by its number and by when it started."""

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

from clawmend.system import liveness
from clawmend.system.liveness import Life, life_of, start_of_process


def test_it_is_alive_until_it_ends_and_another_of_its_number_is_not_it() -> None:
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        started = start_of_process(process.pid)
        assert started is not None
        assert life_of(process.pid, started) is Life.ALIVE
        assert life_of(process.pid, started - 60) is Life.GONE
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        assert life_of(process.pid, started) is Life.HALTED
        process.send_signal(signal.SIGCONT)
        assert process.stdin is not None
        process.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert life_of(process.pid, started) is Life.GONE  # it has ended, and nobody has asked how
    assert start_of_process(process.pid) is None
    assert life_of(process.pid, started) is Life.GONE


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        (("-m", "clawmend", "watch"), True),
        (("/x/bin/clawmend", "--home", "/h", "watch"), True),
        (("clawmend", "check"), False),
        (("sleep", "watch"), False),
        ((), False),
    ],
)
def test_a_watcher_is_told_by_its_command_line(
    words: tuple[str, ...], is_one: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "command_of", lambda _pid: words)
    assert liveness.is_watcher(4711) is is_one


def test_whose_process_counts_is_this_users_or_roots(monkeypatch: pytest.MonkeyPatch) -> None:
    assert liveness.is_trusted(os.getpid())
    assert not liveness.is_trusted(2**22 + 1)  # there is none of that number
    monkeypatch.setattr(psutil.Process, "uids", lambda _self: SimpleNamespace(effective=0))
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert liveness.is_trusted(1)
    monkeypatch.setattr(psutil.Process, "uids", lambda _self: SimpleNamespace(effective=4712))
    assert not liveness.is_trusted(1)
