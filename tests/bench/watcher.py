"""Measures the watcher: break to repaired, quiet and in a storm, its cost idle, and how soon a missed change shows.

    PYTHONPATH=daemon:tests python -m bench.watcher [--trials 300] [--idle 300] [--agents 20]

Every figure is of this machine and this run. A trial breaks another agent's cache with another URL, so that nothing is
contested; the time runs from the rename that broke it to the moment at which the file is repaired on disk; medians
and the like are in ms.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

from bench.figures import spread
from repair.home import PLAN_URL, Home, cache
from support.watching import REPAIRED, Watch, until

# The debounce and a look, several times over.
_AT_REST = 5.0


def agents_of(home: Home, count: int) -> list[Path]:
    """The caches of as many agents, all in order."""
    caches = [home.config.parent / "agents" / f"agent{n}" / "agent" / "models.json" for n in range(count)]
    for path in caches:
        home.write(path, cache(PLAN_URL))
        (path.parents[1] / "sessions").mkdir()
    return caches


def break_it(path: Path, number: int) -> float:
    """Break one cache as OpenClaw writes it; the moment at which it was broken."""
    new = path.with_name("new.tmp")
    new.write_text(cache(f"https://old{number}.example.com/v1"))
    new.chmod(0o600)
    begun = time.monotonic()
    os.replace(new, path)
    return begun


def repaired_after(path: Path, begun: float) -> float:
    """The seconds from a moment until the cache is repaired on disk."""
    while path.read_text() != REPAIRED:
        if time.monotonic() - begun > 90:
            raise SystemExit(f"not repaired within 90 s: {path}")
        time.sleep(0.002)
    return time.monotonic() - begun


def trial(path: Path, number: int) -> float:
    """Break one cache; the seconds until it is repaired on disk."""
    return repaired_after(path, break_it(path, number))


class Storm:
    """Writes into sessions and a workspace, which are nobody's business, as fast as it is told to."""

    def __init__(self, home: Home, per_second: int) -> None:
        self._folders = [home.config.parent / "agents" / "agent0" / "sessions", home.config.parent / "workspace"]
        self._folders[1].mkdir(exist_ok=True)
        self._pause = 50 / per_second
        self._stop = threading.Event()
        self.writes = 0
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.wait(self._pause):
            for _ in range(50):
                path = self._folders[self.writes % 2] / f"{self.writes % 500}.jsonl"
                path.write_text("x")
                self.writes += 1

    def __enter__(self) -> Self:
        self._begun = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()
        self.rate = self.writes / (time.monotonic() - self._begun)


def idle(watcher: Watch, seconds: float) -> dict[str, float]:
    """What it costs while nothing happens."""
    time.sleep(5)
    cpu, wakings = watcher.processor, watcher.wakings
    time.sleep(seconds)
    return {
        "seconds": seconds,
        "cpu_percent": round((watcher.processor - cpu) / seconds * 100, 4),
        "wakings_per_second": round((watcher.wakings - wakings) / seconds, 2),
        "memory_mib": round(watcher.memory, 1),
    }


def missed(watcher: Watch, path: Path) -> float:
    """The seconds until a change is repaired that was made while the watcher was stopped and its queue full.

    It is broken after the queue has run over, and no event tells of it; the time begins when the watcher goes on.
    What the trials before have woken is over by then: a look that is still owed would find the change by accident.
    """
    time.sleep(_AT_REST)
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    os.kill(watcher.process.pid, signal.SIGSTOP)
    try:
        for number in range(most + 5_000):
            (path.parent / f"x{number % 50}.json").write_text("x")
        break_it(path, 999_999)
        begun = time.monotonic()
    finally:
        os.kill(watcher.process.pid, signal.SIGCONT)
    return repaired_after(path, begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--idle", type=float, default=300.0)
    parser.add_argument("--agents", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clawmend-bench-") as folder:
        home = Home(Path(folder), 9, now=time.time()).healthy()
        caches = agents_of(home, chosen.agents)
        begun = time.monotonic()
        watcher = Watch(home)
        until(lambda: watcher.status is not None and watcher.status.last_look is not None, 60)
        figures: dict[str, object] = {"ready_ms": round((time.monotonic() - begun) * 1e3)}
        try:
            figures["idle"] = idle(watcher, chosen.idle)
            quiet = [trial(caches[n % len(caches)], n) for n in range(chosen.trials)]
            figures["quiet"] = spread(quiet, scale=1e3, digits=1)
            with Storm(home, 5_000) as storm:
                stormy = [trial(caches[n % len(caches)], 10_000 + n) for n in range(chosen.trials)]
            figures["storm"] = {**spread(stormy, scale=1e3, digits=1), "writes_per_second": round(storm.rate)}
            figures["memory_after_trials_mib"] = round(watcher.memory, 1)
            figures["missed_s"] = round(missed(watcher, caches[0]), 1)
            figures["memory_after_missed_mib"] = round(watcher.memory, 1)
        finally:
            figures["stop_ms"] = round(watcher.end() * 1e3)
    json.dump(figures, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
