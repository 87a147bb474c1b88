"""What watching costs while nothing happens: ourselves and the others beside one home and its gateway, all at once.

The home is healthy and its gateway answers (a stand-in, whose name is openclaw-gateway), so that nobody has anything to
do. Figures are of the same seconds. Short-lived helpers of a tool count in its processor time; wake-ups are those of
its processes that stay.
"""

import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from bench.sandbox import TESTS, call, refusal, scratch
from bench.scenes import all_scenes
from bench.tools import OLD, Installed, clawmend, environment, installed, make_room, watchdogs

_PORT = 18789  # that of the home's openclaw.json, in a network of the sandbox's own
_SETTLED = 20.0


def measure(*, quick: bool) -> dict[str, Any]:
    """The cost of every watcher."""
    if said := refusal():
        return {"not_measured": said}
    seconds = 30.0 if quick else 300.0
    tools = {tool.name: list(tool.watch) for tool in [clawmend(), *watchdogs()]}
    openclaw = installed(OLD)
    with scratch() as folder:
        given = dataclasses.asdict(openclaw)
        arguments = {"folder": str(folder), "openclaw": given, "tools": tools, "seconds": seconds}
        return call(folder, "bench.idle", "watch", arguments, Path(openclaw.compiled), seconds=seconds + 180)


def watch(folder: str, openclaw: dict[str, Any], tools: dict[str, list[str]], seconds: float) -> dict[str, Any]:
    """Inside the sandbox: start the gateway and every tool, let them settle, and look twice."""
    place = Path(folder)
    make_room(place, Installed(**openclaw))
    (scene,) = [scene for scene in all_scenes() if scene.openclaw == OLD and scene.name.startswith("healthy")]
    scene.lay_down(place / "home")
    variables = environment(place, Installed(**openclaw))
    gateway = place / "openclaw-gateway.py"
    gateway.write_bytes((TESTS / "e2e" / "fake_gateway.py").read_bytes())
    gateway.with_name("behave").write_text("ready")
    children = {}
    with (place / "output").open("wb") as output:
        for name, command in {"gateway": [sys.executable, str(gateway), str(_PORT)], **tools}.items():
            children[name] = subprocess.Popen(
                command, env=variables, cwd=place / "home", stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            time.sleep(1 if name == "gateway" else 0)  # each tool is to find it
    time.sleep(_SETTLED)
    first = {name: _cost(children[name]) for name in tools}
    began = time.monotonic()
    time.sleep(seconds)
    last = {name: _cost(children[name]) for name in tools}
    took = time.monotonic() - began
    answer = {name: _difference(first[name], last[name], took) for name in tools}
    for child in children.values():
        child.kill()
        child.wait()
    return {"seconds": round(took), "tools": answer}


def _cost(child: "subprocess.Popen[bytes]") -> dict[str, float] | None:
    """What a tool and what it started have used until now, and what they hold; None when it has ended."""
    if child.poll() is not None:
        return None
    root = psutil.Process(child.pid)
    family = [root, *root.children(recursive=True)]
    total = dict.fromkeys(("processor", "wakings", "mib", "watches"), 0.0)
    times = root.cpu_times()
    total["processor"] = times.user + times.system + times.children_user + times.children_system
    for process in family:
        try:
            total["mib"] += process.memory_info().rss / 2**20
            total["wakings"] += _wakings(process.pid)
            total["watches"] += _watches(process.pid)
        except (psutil.Error, OSError):
            continue  # a helper that ended between the list and the look
    return total


def _wakings(pid: int) -> int:
    """How often any thread of a process has waited and gone on."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        lines = Path(f"/proc/{pid}/task/{task}/status").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))
    return total


def _watches(pid: int) -> int:
    """How many inotify watches a process holds."""
    texts = (path.read_text() for path in Path(f"/proc/{pid}/fdinfo").iterdir())
    return sum(line.startswith("inotify ") for text in texts for line in text.splitlines())


def _difference(first: dict[str, float] | None, last: dict[str, float] | None, seconds: float) -> dict[str, Any]:
    if first is None or last is None:
        return {"not_measured": "it ended by itself"}
    return {
        "cpu_percent": round((last["processor"] - first["processor"]) / seconds * 100, 4),
        "wakings_per_second": round((last["wakings"] - first["wakings"]) / seconds, 2),
        "mib": round(last["mib"], 1),
        "watches": round(last["watches"]),
    }
