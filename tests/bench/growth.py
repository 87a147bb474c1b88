"""Measures how time and memory grow with what is looked at, and with what is not.

    PYTHONPATH=daemon:tests python -m bench.growth [--quick] [--only agents] [--plots FOLDER]

Whole processes, from their start to their end, with the most memory they ever had; `look`, `sweep` and `mend` are turns
of a watcher's engine that has looked before, `watcher` is the time from its start until it has looked. What we watch
(agents, the bytes of a configuration) may cost in proportion; what we do not (sessions, the log, our own history) may
cost nothing. Every figure is of this machine and this run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from bench import grown
from bench.costs import Cost, cost_of, most_memory, point
from bench.render import paragraph
from bench.watcher import break_it
from repair.home import PLAN_URL, Home
from support.watching import DAEMON, Watch, until

TESTS = str(Path(__file__).parents[1])
_FAR_OFF = f"{PLAN_URL}/chat/completions"  # OC302, which is repaired in openclaw.json itself


class Subject(NamedTuple):
    """One thing that grows: its sizes, how it grows in a home, and what is measured of it."""

    unit: str
    sizes: tuple[int, ...]
    quick: tuple[int, ...]
    grow: Callable[[Home, int], None]
    measured: tuple[str, ...]


_BYTES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_EVERY = ("check", "repair", "look")

SUBJECTS = {
    "agents": Subject("agents", (1, 10, 100, 500, 1000, 2000), (1, 20, 200), grown.grow_agents, (*_EVERY, "sweep")),
    "config": Subject(
        "bytes of openclaw.json", _BYTES, (1_000, 100_000, 500_000), grown.grow_config, ("check", "edit config", "look")
    ),
    "claude": Subject(
        "bytes of .claude.json",
        (*_BYTES, 50_000_000),
        (1_000, 1_000_000),
        grown.grow_claude,
        ("check", "edit claude", "look"),
    ),
    "sessions": Subject("files of sessions", (100, 1_000, 10_000, 100_000), (100, 5_000), grown.grow_sessions, _EVERY),
    "log": Subject(
        "bytes of the gateway's log", (10**6, 10**7, 10**8, 10**9), (10**6, 50 * 10**6), grown.grow_log, _EVERY
    ),
    "history": Subject(
        "repairs of our own",
        (100, 1_000, 10_000, 100_000),
        (100, 5_000),
        grown.grow_history,
        ("status", "history", "check", "repair", "mend", "watcher"),
    ),
}


class _Bench:
    """Measures one home."""

    def __init__(self, home: Home, size: int, unit: str, *, quick: bool) -> None:
        self._home = home
        self._point = partial(point, size, unit, runs=2 if quick else 5, patience=5.0 if quick else 15.0)
        self._breaks = 0
        path = os.pathsep.join((DAEMON, TESTS))
        self._environment = {
            "PYTHONPATH": path, "HOME": str(home.path), "PATH": "/usr/bin:/bin", "TMPDIR": str(home.root),
            "CLAWMEND_STATE_DIR": str(home.state), "LANG": "C.UTF-8",
        }  # fmt: skip

    def measure(self, what: str) -> dict[str, Any]:
        match what:
            case "check":
                return self._point(self._command("check", code=0), before=_nothing)
            case "status" | "history":
                return self._point(self._command(what, code=2 if what == "status" else 0), before=_nothing)
            case "repair":
                return self._point(self._command("repair", code=0), before=self._break_cache)
            case "edit config":
                return self._point(self._command("repair", code=0), before=self._break_config)
            case "edit claude":
                return self._point(self._command("repair", code=0), before=self._break_claude)
            case "look" | "sweep":
                return self._point(partial(self._turn, what), before=_nothing)
            case "mend":
                return self._point(partial(self._turn, "look", "--break"), before=_nothing)
            case "watcher":
                return self._point(self._watcher, before=_nothing)
        raise ValueError(what)

    def _command(self, name: str, *, code: int) -> Callable[[], Cost]:
        command = [sys.executable, "-m", "clawmend", "--openclaw-version", "2026.3.2", name]

        def run() -> Cost:
            cost = cost_of(command, self._environment)
            if cost.code != code:
                raise SystemExit(f"clawmend {name} ended with {cost.code} and not with {code}")
            return cost

        return run

    def _turn(self, kind: str, *options: str) -> Cost:
        command = [sys.executable, "-m", "bench.turns", str(self._home.path), str(self._home.state), "3", *options]
        done = subprocess.run(command, env=self._environment, stdout=subprocess.PIPE, check=True)
        return Cost(*json.loads(done.stdout)[kind])

    def _watcher(self) -> Cost:
        begun = time.monotonic()
        watcher = Watch(self._home)
        try:
            until(lambda: watcher.status is not None and watcher.status.last_look is not None, 120)
            return Cost(time.monotonic() - begun, watcher.processor, most_memory(watcher.process.pid))
        finally:
            watcher.end()

    def _break_cache(self) -> None:
        self._breaks += 1
        break_it(self._home.models, 10**6 + self._breaks)

    def _break_config(self) -> None:
        text = self._home.config.read_text()
        self._home.write(self._home.config, text.replace(f'"{PLAN_URL}"', f'"{_FAR_OFF}"'))

    def _break_claude(self) -> None:
        text, flag = self._home.claude.read_text(), '"hasCompletedOnboarding": '
        self._home.write(self._home.claude, text.replace(f"{flag}true", f"{flag}false"))


def _nothing() -> None:
    """Nothing has to be done before a run."""


@contextmanager
def _home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory(prefix="clawmend-growth-") as folder:
        yield grown.plain_home(Path(folder))


def measure(quick: bool, only: tuple[str, ...] = ()) -> dict[str, Any]:
    """Per subject, per thing that is measured, one point per size (see `costs.point`)."""
    figures: dict[str, Any] = {}
    for name, subject in SUBJECTS.items():
        if only and name not in only:
            continue
        curves: dict[str, list[dict[str, Any]]] = {what: [] for what in subject.measured}
        for size in subject.quick if quick else subject.sizes:
            with _home() as home:
                subject.grow(home, size)
                bench = _Bench(home, size, subject.unit, quick=quick)
                for what in subject.measured:
                    curves[what].append(bench.measure(what))
                    _tell(name, what, curves[what][-1])
        figures[name] = curves
    return figures


def _tell(name: str, what: str, found: dict[str, Any]) -> None:
    seconds, memory = found["seconds"]["median"], found["memory_mib"]
    sys.stderr.write(f"{name} {what}: {found['size']} {found['unit']}, {seconds:.3f} s, {memory:.0f} MiB\n")


def summary(growth: dict[str, Any]) -> list[str]:
    """Per subject its smallest and its largest size: the times, what they grew by, and the most memory."""
    text = (
        "**As things grow**, whole processes (a look, a mend and a sweep are the running watcher's own): time at the "
        "smallest and at the largest size, and the most memory there. Sessions, the log and our own history should "
        "cost nothing more; agents and bytes of what is watched in proportion."
    )
    lines = [*paragraph(text), "", "| what grows | from, to | time, s | most memory, MiB |", "|---|---|---|---|"]
    for curves in growth.values():
        for name, points in curves.items():
            first, last = points[0], points[-1]
            times = f"{first['seconds']['median']:.2f} to {last['seconds']['median']:.2f}"
            sizes = f"{first['size']:,} to {last['size']:,}"
            lines.append(f"| {first['unit']}: {name} | {sizes} | {times} | {last['memory_mib']:.0f} |")
    pictures = ", ".join(f"[{name}](tests/bench/results/growth-{name}.svg)" for name in growth)
    return [*lines, "", f"As curves: {pictures}."]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", choices=SUBJECTS, default=[])
    parser.add_argument("--plots", type=Path, metavar="FOLDER")
    chosen = parser.parse_args()
    figures = measure(chosen.quick, tuple(chosen.only))
    json.dump(figures, sys.stdout, indent=1)
    sys.stdout.write("\n")
    if chosen.plots is not None:
        from bench.plots import draw  # noqa: PLC0415 - the figures alone need no matplotlib

        draw(figures, chosen.plots)


if __name__ == "__main__":
    main()
