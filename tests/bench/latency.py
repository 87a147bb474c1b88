"""How soon the running watcher notices and repairs, beside what the kernel allows at all.

Three sides take turns, each with agents of its own on the same disk: the watcher as it comes (it waits until nothing
has changed for a second), the watcher set to its shortest wait (a tenth), and `bench.limit`, which waits and judges
nothing. A trial breaks one agent's cache by a rename. `noticed` is when the cache is first opened after it, `repaired`
when its repair has been renamed into place; both are told by inotify, by the same clock for all sides.
"""

import dataclasses
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.figures import ratio, spread
from bench.inotify import MOVED_TO, OPEN, Inotify
from bench.sandbox import scratch
from bench.watcher import Storm, agents_of, break_it, missed
from repair.home import Home
from support.watching import REPAIRED, Watch

SHORTEST = 0.1
DEFAULT = 1.0
_AGENTS = 20
_PATIENCE = 90.0


@dataclasses.dataclass(slots=True)
class Side:
    """One of those that repair: its agents' caches, how long it waits by design, and what was measured of it."""

    name: str
    caches: Sequence[Path]
    waits: float
    noticed: list[float] = dataclasses.field(default_factory=list)
    repaired: list[float] = dataclasses.field(default_factory=list)

    def trial(self, number: int) -> None:
        """Break one cache and wait for its repair."""
        path = self.caches[number % len(self.caches)]
        with Inotify() as inotify:
            inotify.add(str(path.parent), OPEN | MOVED_TO)
            begun = break_it(path, number)
            noticed, repaired = _moments(inotify, path, begun)
        self.noticed.append(noticed - begun)
        self.repaired.append(repaired - begun)

    def figures(self) -> dict[str, Any]:
        answer = {
            "waits_ms": round(self.waits * 1e3),
            "noticed_ms": spread(self.noticed, scale=1e3),
            "repaired_ms": spread(self.repaired, scale=1e3),
        }
        if self.waits:
            own = [max(0.0, value - self.waits) for value in self.repaired]
            answer["repaired_less_wait_ms"] = spread(own, scale=1e3)
            seen = [max(0.0, value - self.waits) for value in self.noticed]
            answer["noticed_less_wait_ms"] = spread(seen, scale=1e3)
        return answer


def _moments(inotify: Inotify, path: Path, begun: float) -> tuple[float, float]:
    """When the cache was first opened after it was broken, and when its repair was there."""
    moved, noticed = False, None
    while time.monotonic() - begun < _PATIENCE:
        for event in inotify.wait(1.0):
            if event.name != path.name:
                continue
            if event.mask & MOVED_TO:
                if moved and path.read_text() == REPAIRED:
                    return noticed or event.at, event.at
                moved = True
            elif moved and noticed is None:
                noticed = event.at
    raise RuntimeError(f"not repaired within {_PATIENCE:.0f} s: {path}")


def _series(sides: Sequence[Side], trials: int, first: int) -> dict[str, Any]:
    """As many trials of every side, in turns, and the figures of all."""
    sides = [dataclasses.replace(side, noticed=[], repaired=[]) for side in sides]
    for number in range(first, first + trials):
        for side in sides:
            side.trial(number)
    limit = sides[-1]
    answer = {side.name: side.figures() for side in sides}
    for side in sides[:-1]:
        own = [value - side.waits for value in side.repaired]
        seen = [value - side.waits for value in side.noticed]
        answer[side.name]["repaired_less_wait_to_limit"] = ratio(own, limit.repaired)
        answer[side.name]["noticed_less_wait_to_limit"] = ratio(seen, limit.noticed)
        answer[side.name]["repaired_to_limit"] = ratio(side.repaired, limit.repaired)
    return answer


def measure(*, quick: bool, trials: int | None = None) -> dict[str, Any]:
    """Quiet, in a storm of writes that are nobody's business, and after events that were lost."""
    trials = trials or (25 if quick else 300)
    with scratch() as folder:
        homes = {name: Home(folder / name, 9, now=time.time()).healthy() for name in ("default", "shortest", "limit")}
        caches = {name: agents_of(home, _AGENTS) for name, home in homes.items()}
        settings = homes["shortest"].path / ".config" / "clawmend" / "config.toml"
        homes["shortest"].write(settings, f"[watch]\ndebounce = {SHORTEST}\n")
        sides = [
            Side("default", caches["default"], DEFAULT),
            Side("shortest", caches["shortest"], SHORTEST),
            Side("limit", caches["limit"], 0.0),
        ]
        watchers = [Watch(homes["default"]).ready(), Watch(homes["shortest"]).ready()]
        bare = _limit([path.parent for path in caches["limit"]])
        try:
            answer: dict[str, Any] = {"quiet": _series(sides, trials, 0)}
            with Storm(homes["default"], 5_000) as storm:
                answer["storm"] = _series(sides, trials, 100_000)
            answer["storm"]["writes_per_second"] = round(storm.rate)
            answer["lost_events_s"] = round(missed(watchers[0], caches["default"][0]), 1)
        finally:
            bare.kill()
            bare.wait()
            for watcher in watchers:
                watcher.kill()
    return answer


def _limit(folders: Sequence[Path]) -> "subprocess.Popen[str]":
    """Start the process that judges nothing, and wait until it watches."""
    command = [sys.executable, "-m", "bench.limit", *map(str, folders)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    assert child.stdout is not None
    if child.stdout.readline() != "ready\n":
        raise RuntimeError("the process that is the limit did not start")
    return child
