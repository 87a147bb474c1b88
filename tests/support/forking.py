"""Starts watchers quickly: a process that has read everything already forks one for every line that it is given.

python -m support.forking     a line holds the arguments, as JSON; each is answered by a process number and, when
                              it has ended, by a line with its exit code and the moment of its end
"""

import importlib
import json
import os
import sys
import time

from clawmend.cli.main import entry

# What a watcher imports when it begins. Nothing of it is started here: threads do not survive a fork.
MODULES = (
    "apscheduler.executors.pool", "apscheduler.schedulers.background", "apscheduler.triggers.interval", "loguru",
    "psutil", "watchdog.observers", "clawmend.loop.daemon", "clawmend.loop.watching", "clawmend.repair.tools",
    "clawmend.system.instance",
)  # fmt: skip


def main() -> None:
    for name in MODULES:
        importlib.import_module(name)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            sys.argv = ["clawmend", *json.loads(line)]
            entry()
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {time.monotonic()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
