"""What one process costs: seconds on the wall and the most memory it ever had, as the kernel counts it.

    python -I -S costs.py COMMAND [ARGUMENT...]

It is run as a small process of its own. The kernel counts for a child also what its parent had in memory at the moment
at which the child became another program, and whoever measures is large.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

_KIBIBYTE = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes


class Cost(NamedTuple):
    """Of one run. `processor` are the seconds that it computed, which a busy machine does not stretch so much."""

    seconds: float
    processor: float
    memory_mib: float
    code: int = 0


def cost_of(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a command whose output nobody reads."""
    helper = [sys.executable, "-I", "-S", __file__, *command]
    done = subprocess.run(helper, env=dict(environment), stdout=subprocess.PIPE, check=True)
    return Cost(*json.loads(done.stdout))


def most_memory(pid: int) -> float:
    """The most memory that a running process has had since it became this program, in MiB (Linux)."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:"))


def point(
    size: float, unit: str, run: Callable[[], Cost], *, runs: int, patience: float, before: Callable[[], None]
) -> dict[str, Any]:
    """Run it several times, after `before` each time; fewer times where that would take more than `patience` seconds.

    Raises SystemExit when a run ends in a way that no figure may hide.
    """
    found: list[Cost] = []
    while len(found) < runs and (not found or sum(one.seconds for one in found) + found[-1].seconds < patience):
        before()
        found.append(run())
    seconds = [one.seconds for one in found]
    return {
        "size": size,
        "unit": unit,
        "runs": len(found),
        "seconds": {
            "median": round(statistics.median(seconds), 4),
            "least": round(min(seconds), 4),
            "most": round(max(seconds), 4),
        },
        "processor_seconds": round(statistics.median(one.processor for one in found), 4),
        "memory_mib": round(max(one.memory_mib for one in found), 1),
    }


def _run(command: list[str]) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, nothing, number) for number in (0, 1)]
    begun = time.monotonic()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, used = os.wait4(child, 0)
    seconds = time.monotonic() - begun
    memory = used.ru_maxrss * _KIBIBYTE / 2**20
    print(json.dumps([seconds, used.ru_utime + used.ru_stime, memory, os.waitstatus_to_exitcode(status)]))  # noqa: T201


if __name__ == "__main__":
    _run(sys.argv[1:])
