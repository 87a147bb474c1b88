"""The regression gate: ratios of one run, each against a limit with its reason in gate_limits.json.

Everything is measured beside a bare Python of the same moment, in turns, so that a slow or busy machine slows both.
Start-up and one-shot work is judged by processor time, which neighbours disturb least, and by wall time more loosely.
"""

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.figures import ratio
from bench.latency import SHORTEST, Side
from bench.sandbox import TESTS, scratch
from bench.watcher import agents_of
from bench.within import timed
from repair.home import Home, cache
from support.watching import Watch

LIMITS = Path(__file__).with_name("gate_limits.json")
_ROUNDS = 15
_TRIALS = 15
_IDLE = 60.0  # with one sweep in it
_RENAME = """\
import os
for name in ('a', 'b', 'c', 'd'):
    with open(name + '.new', 'wb') as file:
        file.write(b'{}'); file.flush(); os.fsync(file.fileno())
    os.replace(name + '.new', name)
"""
# Waking costs what the machine makes of it: a virtual one may take its memory away from whoever sleeps.
_RING = """\
from apscheduler.schedulers.blocking import BlockingScheduler
scheduler = BlockingScheduler()
scheduler.add_job(int, 'interval', seconds=10)
scheduler.start()
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Excess:
    """A ratio over its limit."""

    name: str
    found: float
    at_most: float
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.found:g}, and at most {self.at_most:g} is allowed. {self.why}"


def over(found: dict[str, float], limits: dict[str, dict[str, Any]]) -> list[Excess]:
    """What is over its limit. A ratio without a limit, or a limit of nothing, is a mistake of ours."""
    if found.keys() != limits.keys():
        raise ValueError(f"measured and limited differ: {sorted(found.keys() ^ limits.keys())}")
    return [
        Excess(name, found[name], limit["at_most"], limit["why"])
        for name, limit in limits.items()
        if found[name] > limit["at_most"]
    ]


def measure() -> dict[str, float]:
    """Every ratio."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(TESTS.parent / "daemon")], check=True)
    with scratch() as folder:
        return {**_commands(folder), **_watcher(folder)}


def _commands(folder: Path) -> dict[str, float]:
    """Commands in turns: bare Python, one that flushes and renames four files, and ours."""
    ours = [sys.executable, "-m", "clawmend", "--openclaw-version", "2026.3.2"]
    commands = {
        "bare": [sys.executable, "-c", "pass"],
        "renames": [sys.executable, "-c", _RENAME],
        "help": [*ours, "--help"],
        "check": [*ours, "check"],
        "repair": [*ours, "repair"],
    }
    series: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    for number in range(_ROUNDS):
        for name, command in commands.items():
            home = Home(folder / f"{name}{number}", 9, now=time.time()).healthy()
            if name == "repair":
                home.write(home.models, cache("https://old.example.com/v1"))
            result = timed(command, _environment(home), str(home.path), 60.0)
            if result["code"] != 0:
                raise RuntimeError(f"{name} ended with {result['code']}")
            series[name].append(result)

    def times(name: str, what: str) -> list[float]:
        return [result[what] for result in series[name]]

    against = {"help": "bare", "check": "bare", "repair": "renames"}
    return {
        f"{name}_{what}": ratio(times(name, what), times(base, what))
        for name, base in against.items()
        for what in ("processor", "seconds")
    }


def _environment(home: Home) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HOME": str(home.path),
        "PYTHONPATH": str(TESTS.parent / "daemon"),
        "CLAWMEND_STATE_DIR": str(home.state),
    }


def _watcher(folder: Path) -> dict[str, float]:
    """The watcher: what it does while nothing happens, and how long its own work on a repair takes."""
    home = Home(folder / "watched", 9, now=time.time()).healthy()
    home.write(home.path / ".config" / "clawmend" / "config.toml", f"[watch]\ndebounce = {SHORTEST}\n")
    side = Side("watcher", agents_of(home, _TRIALS), SHORTEST)
    watcher = Watch(home).ready()
    ringing = subprocess.Popen([sys.executable, "-c", _RING])
    bare = []
    try:
        time.sleep(5.0)
        wakings, processors = watcher.wakings, [_processor(watcher.process.pid), _processor(ringing.pid)]
        time.sleep(_IDLE)
        woken = watcher.wakings - wakings
        ours, rings = _processor(watcher.process.pid) - processors[0], _processor(ringing.pid) - processors[1]
        for number in range(_TRIALS):
            side.trial(number)
            renaming = [sys.executable, "-c", _RENAME]
            bare.append(timed(renaming, _environment(home), str(home.root), 60.0)["seconds"])
    finally:
        watcher.kill()
        ringing.kill()
        ringing.wait()
    own = [value - side.waits for value in side.repaired]
    return {
        "idle_wakings_per_second": round(woken / _IDLE, 2),
        "idle_processor": round(ours / rings, 2),
        "watched_repair": ratio(own, bare),
    }


def _processor(pid: int) -> int:
    """Nanoseconds of the processor that the threads of a process have used."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir())


def main() -> int:
    """Measure, say what was found, and say whether that is allowed."""
    limits = json.loads(LIMITS.read_text())
    found = measure()
    for name, value in found.items():
        sys.stdout.write(f"{name:<26} {value:>8g}  (at most {limits.get(name, {}).get('at_most', '?')})\n")
    excesses = over(found, limits)
    for excess in excesses:
        sys.stdout.write(f"FAILED {excess}\n")
    sys.stdout.write("bench gate: failed\n" if excesses else "bench gate: all within their limits\n")
    return 1 if excesses else 0
