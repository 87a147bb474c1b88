"""A process is known by its number and by when it started."""

import os
import signal
import subprocess
import sys

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
