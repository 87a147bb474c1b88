"""One command, run once: `clawmend check` and `clawmend repair` beside what a user would type instead.

All commands take turns in one sandbox, each with a fresh home of its own, captured from a real OpenClaw, in which a
model cache is stale (repair) or nothing is wrong (look), and with the OpenClaw on PATH that it is for. `bare python`
and `bare node` start and end: no program of that language is sooner. The floor of a repair is a bare Python that
flushes and renames one file.
"""

import dataclasses
import sys
from pathlib import Path
from typing import Any

from bench.figures import ratio, spread
from bench.sandbox import call, refusal, scratch
from bench.tools import NEW, OLD, Installed, clawmend, doctors, environment, installed, make_room, menders, watchdogs
from bench.within import timed
from support.captured import all_states
from support.trees import lay_down_files

_LONGEST = 300.0
_RENAME = """\
import os
with open('c.new', 'wb') as file:
    file.write(b'{}'); file.flush(); os.fsync(file.fileno())
os.replace('c.new', 'c')
"""
_SLOW = frozenset({"openclaw doctor 2026.3.2", "openclaw doctor 2026.9.6", "originclaw-monitor"})
_HOMES = {
    ("look", OLD): "openclaw-2026.3/ok-fresh/before",
    ("look", NEW): "openclaw-2026.9/doctor-good/before",
    ("mend", OLD): "openclaw-2026.3/a-stale_baseurl_404/before",
    ("mend", NEW): "openclaw-2026.9/doctor-stalemodels/before",
}
Run = tuple[str, str, list[str], str]  # whose, look or mend, the command, which OpenClaw is on PATH


def measure(*, quick: bool) -> dict[str, Any]:
    """The figures of every command, and how many times as long as ours it takes."""
    if said := refusal():
        return {"not_measured": said}
    rounds, fast = (1, 5) if quick else (5, 6)
    with scratch() as folder:
        places = {version: installed(version) for version in (OLD, NEW)}
        openclaws = {version: dataclasses.asdict(place) for version, place in places.items()}
        arguments = {"folder": str(folder), "openclaws": openclaws, "runs": _runs(), "rounds": rounds, "fast": fast}
        longest = 60 + len(_SLOW) * 2 * rounds * _LONGEST
        writable = [Path(place.compiled) for place in places.values()]
        taken = call(folder, "bench.oneshot", "take", arguments, *writable, seconds=longest)
    series: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for whose, what, result in taken:
        series.setdefault((whose, what), []).append(result)
    return {"rounds": rounds, "commands": [_row(whose, what, series) for whose, what in series]}


def _row(whose: str, what: str, series: dict[tuple[str, str], list[dict[str, Any]]]) -> dict[str, Any]:
    own = [result["seconds"] for result in series[whose, what]]
    ours = [result["seconds"] for result in series["clawmend", what]]
    return {
        "whose": whose,
        "what": what,
        "ms": spread(own, scale=1e3, digits=1),
        "processor_ms": spread([r["processor"] for r in series[whose, what]], scale=1e3, digits=1),
        "mib": max(round(result["mib"], 1) for result in series[whose, what]),
        "codes": sorted({result["code"] for result in series[whose, what]}, key=str),
        "to_ours": ratio(own, ours),
    }


def _runs() -> list[Run]:
    """Every command. Nothing may be added to the line of a command for the sake of its figure."""
    node = ["node", "-e", "0"]
    found: list[Run] = [
        ("bare python", "look", [sys.executable, "-c", "pass"], OLD),
        ("bare python, one flushed rename", "mend", [sys.executable, "-c", _RENAME], OLD),
        ("bare node", "look", node, NEW),
    ]
    for tool in [clawmend(), *menders(), *watchdogs()]:
        found += [(tool.name, "look", list(tool.look), OLD)]
        found += [(tool.name, "mend", list(tool.mend), OLD)] if tool.mend else []
    for tool in doctors():
        version = tool.openclaw or NEW
        found += [(f"{tool.name} {version}", "look", list(tool.look), version)]
        found += [(f"{tool.name} {version}", "mend", list(tool.mend), version)]
    return found


def take(
    folder: str, openclaws: dict[str, dict[str, Any]], runs: list[Run], rounds: int, fast: int
) -> list[tuple[str, str, dict[str, Any]]]:
    """Inside the sandbox: run every command in turns; those that take a blink several times a round."""
    homes = {state.name: state.files for state in all_states()}
    taken = []
    for number in range(rounds * fast):
        for at, (whose, what, command, openclaw) in enumerate(runs):
            if whose in _SLOW and number % fast:
                continue
            place = Path(folder) / f"{number}-{at}"
            there = Installed(**openclaws[openclaw])
            make_room(place, there)
            lay_down_files(homes[_HOMES[what, openclaw]], place / "home")
            output = str(place / "output")
            variables = environment(place, there)
            taken.append((whose, what, timed(command, variables, str(place / "home"), _LONGEST, output)))
    return taken
