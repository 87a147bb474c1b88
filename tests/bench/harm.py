"""What every tool does to homes with faults in them, and to healthy ones: repaired, left, or harmed.

A tool that mends is run once; one that watches is left alone with the home for a while, with no gateway beside it. The
judgement compares the home before and after and does not know who was at work.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.judgement import judge
from bench.sandbox import call, refusal, scratch
from bench.scenes import Scene, all_scenes
from bench.tools import Tool, clawmend, doctors, environment, installed, make_room, menders, watchdogs
from support.trees import read_tree

_AT_ONCE = 2
_WATCHED_AT_ONCE = 8
_LONGEST = 300.0


def measure(*, quick: bool) -> dict[str, Any]:
    """Every scene with every tool that is for its OpenClaw."""
    if said := refusal():
        return {"not_measured": said}
    seconds = 20.0 if quick else 75.0
    mending = [clawmend(), *doctors(), *menders()]
    jobs = [(scene, tool) for scene in all_scenes() for tool in mending if tool.openclaw in {None, scene.openclaw}]
    watching = [(scene, tool) for scene in all_scenes() for tool in watchdogs()]
    with scratch() as folder:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            results = list(pool.map(lambda job: _run(folder, *job, tool_seconds=_LONGEST), jobs))
        with ThreadPoolExecutor(_WATCHED_AT_ONCE) as pool:
            results += list(pool.map(lambda job: _run(folder, *job, tool_seconds=seconds), watching))
    rows: dict[str, dict[str, Any]] = {}
    for (scene, tool), result in zip([*jobs, *watching], results, strict=True):
        row = rows.setdefault(f"{scene.name} ({scene.openclaw})", {"openclaw": scene.openclaw, "tools": {}})
        row["tools"][tool.name] = result
    return {
        "watched_seconds": seconds,
        "tools": [
            {"name": tool.name, "version": tool.version, "source": tool.source} for tool in [*mending, *watchdogs()]
        ],
        "scenes": rows,
    }


def _run(folder: Path, scene: Scene, tool: Tool, *, tool_seconds: float) -> dict[str, Any]:
    """One tool, alone with one home."""
    place = folder / f"{abs(hash((scene.name, scene.openclaw, tool.name, tool.version))):x}"
    openclaw = installed(scene.openclaw)
    make_room(place, openclaw)
    scene.lay_down(place / "home")
    before = read_tree(place / "home")
    arguments = {
        "command": tool.mend or tool.watch,
        "environment": environment(place, openclaw),
        "folder": str(place / "home"),
        "seconds": tool_seconds,
        "output": str(place / "output"),
    }
    ended = call(place, "bench.within", "timed", arguments, Path(openclaw.compiled), seconds=tool_seconds + 60)
    after = read_tree(place / "home")
    judged = judge(
        before,
        after,
        cured=scene.cured(after),
        was_well=scene.cured(before),
        fault=scene.fault,
        good=scene.good,
        stale=scene.stale,
    )
    return judged.as_data() | {"seconds": round(ended["seconds"], 2), "code": ended["code"]}
