"""Runs one command to its end and says what it took. A script of its own, run with -I -S, because it has to be small.

What the kernel calls the most memory of a child is never less than what its parent had when it was started.
"""

import json
import os
import select
import signal
import sys
import time


def run(command: list[str], environment: dict[str, str], folder: str, seconds: float, output: str) -> dict[str, object]:
    """Wall and processor seconds, the most memory of any process of it, and its exit code (None: it was killed)."""
    told = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    empty = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            os.chdir(folder)
            for number, source in enumerate((empty, told, told)):
                os.dup2(source, number)
            os.execvpe(command[0], command, environment)  # noqa: S606 - no shell between
        finally:
            os._exit(127)
    watched = os.pidfd_open(child)
    ended = bool(select.select([watched], [], [], seconds)[0])
    if not ended:
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - began
    return {
        "seconds": wall,
        "processor": usage.ru_utime + usage.ru_stime,
        "mib": usage.ru_maxrss / 1024,
        "code": os.waitstatus_to_exitcode(status) if ended else None,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(**json.load(sys.stdin))))
