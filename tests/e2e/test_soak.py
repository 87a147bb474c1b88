"""The watcher beside a real gateway that works all the time: every fault repaired once, nothing restarted, flat memory.

    CLAWMEND_SOAK_SECONDS=1800 pytest -m soak tests/e2e/test_soak.py

Prints its figures in the transcript. Half an hour unless it is told otherwise. No step of `.ci/run` runs it, on
purpose: the gate has tests/soak, with more kinds of faults and with kills. This one is run by hand.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from clawmend.core.errors import ClawmendError
from clawmend.loop.status import Status, read_status
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.records import Kind
from e2e.home import Home
from e2e.lab import Lab
from e2e.processes import wait_until

pytestmark = pytest.mark.soak

SECONDS = float(os.environ.get("CLAWMEND_SOAK_SECONDS", "1800"))
_TURNS_PER_FAULT = 5
_BETWEEN_TURNS = 2.0


class Watcher:
    """`clawmend watch` of a home, ended with it."""

    def __init__(self, home: Home) -> None:
        self.state = home.folder / "state" / "clawmend"
        self.errors = home.folder / "watch.err"
        with self.errors.open("wb") as errors:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "clawmend", "watch"],
                env=home.env(), cwd=home.user, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
            )  # fmt: skip
        self.process = psutil.Process(self.child.pid)
        wait_until(lambda: (status := self.status()) is not None and status.last_look, 60, "the watcher has looked")

    def status(self) -> Status | None:
        with suppress(ClawmendError):
            found = read_status(str(self.state))
            return found if found is not None and found.pid == self.child.pid else None
        return None

    def memory(self) -> float:
        return float(self.process.memory_info().rss) / 2**20

    def processor(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def repairs(self) -> int:
        return sum(one.kind is Kind.REPAIR for one in CheckpointStore(str(self.state)).all())


def make_stale(models: Path, url: str) -> str:
    """Replace the cache by one with another URL, as OpenClaw writes it; the text of it."""
    cache = json.loads(models.read_bytes())
    cache["providers"]["bailian"]["baseUrl"] = url
    text = json.dumps(cache, indent=2) + "\n"
    new = models.with_name("models.json.soak")
    new.touch(mode=0o600)
    new.write_text(text)
    new.replace(models)
    return text


def test_half_an_hour_beside_a_gateway_at_work(lab: Lab) -> None:
    gateway = lab.openclaw("2026.3.2")
    home = gateway.home
    gateway.start()
    assert gateway.turn().worked
    started = gateway.identity()
    watcher = Watcher(home)
    repaired: list[float] = []
    memories: list[float] = []
    turns, begun, used = 0, time.monotonic(), watcher.processor()
    while time.monotonic() - begun < SECONDS:
        for _ in range(_TURNS_PER_FAULT):
            assert gateway.turn().worked
            turns += 1
            time.sleep(_BETWEEN_TURNS)
        url = f"{home.provider.url}/old{len(repaired)}/v1"  # another fault each time: the same one becomes contested
        broken = time.monotonic()
        make_stale(home.models, url)
        wait_until(lambda old=url: old not in home.models.read_text(), 90, "the stale cache is repaired")
        repaired.append(time.monotonic() - broken)
        memories.append(watcher.memory())
    seconds = time.monotonic() - begun
    status = watcher.status()
    half = len(memories) // 2
    figures = {
        "seconds": round(seconds),
        "turns": turns,
        "faults": len(repaired),
        "repairs": watcher.repairs(),
        "repaired_median_s": round(statistics.median(repaired), 2),
        "repaired_most_s": round(max(repaired), 2),
        "cpu_percent": round((watcher.processor() - used) / seconds * 100, 3),
        "memory_mib": [round(memories[0], 1), round(memories[half], 1), round(memories[-1], 1)],
    }
    lab.transcript.say(f"soak: {json.dumps(figures)}")
    assert gateway.turn().worked
    assert gateway.identity() == started, "nothing here needed a restart"
    assert watcher.repairs() == len(repaired), "one repair for every fault, and none beside"
    assert memories[-1] - memories[half] <= 1.0, figures
    assert status is not None
    assert (status.contested, status.errors, status.held) == ((), (), ()), status
    ended = time.monotonic()
    watcher.child.terminate()
    assert watcher.child.wait(10) == 0, watcher.errors.read_text(errors="replace")
    assert time.monotonic() - ended < 2
