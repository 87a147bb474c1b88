"""The watcher beside a real gateway that is at work, while one thing after the other rots.

CLAWMEND_SOAK_SECONDS says for how long (45 by default); half an hour is a soak worth its name.
"""

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from clawmend.loop.status import Status, read_status
from e2e.gateway import Gateway
from e2e.home import GATEWAY_TOKEN, KEY, Home, write_private
from e2e.lab import Lab
from e2e.processes import wait_until

pytestmark = pytest.mark.e2e

SECONDS = float(os.environ.get("CLAWMEND_SOAK_SECONDS", "45"))
EVERY = 8.0
CLAUDE = {"numStartups": 7, "hasCompletedOnboarding": True, "projects": {"/srv/app": {"history": []}}}


class Turns:
    """Somebody talks to the agent all the time; when each turn began, and whether it worked."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._end = threading.Event()
        self.taken: list[tuple[float, bool]] = []
        self.problem: Exception | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._end.wait(1.5):
            began = time.monotonic()
            try:
                self.taken.append((began, self._gateway.turn().worked))
            except Exception as error:  # noqa: BLE001 - told at the end
                self.problem = error
                return

    def worked_since(self, moment: float) -> bool:
        return any(worked for began, worked in tuple(self.taken) if began >= moment)

    def close(self) -> None:
        self._end.set()
        self._thread.join(130)


class Watcher:
    """`clawmend watch` in the home's own environment."""

    def __init__(self, home: Home) -> None:
        self.state = home.folder / "state" / "clawmend"
        self.errors = home.folder / "watch.err"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "clawmend", "watch"], env=home.env(), cwd=home.user, stderr=errors
            )
        self._seen = psutil.Process(self.process.pid)
        wait_until(lambda: self.status is not None and self.status.last_look is not None, 60, "the watcher has looked")

    @property
    def status(self) -> Status | None:
        return read_status(str(self.state))

    @property
    def memory(self) -> float:
        return float(self._seen.memory_info().rss) / 2**20

    @property
    def processor(self) -> float:
        times = self._seen.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)

    def receipts(self) -> list[dict[str, Any]]:
        path = self.state / "history.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [one for one in map(json.loads, lines) if one.get("event") == "receipt"]

    def said(self) -> str:
        files = [self.errors, *self.state.glob("logs/*"), self.state / "history.jsonl", self.state / "status.json"]
        return "\n".join(path.read_text(errors="replace") for path in files if path.exists())

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """One thing that rots: how, and how one sees that it no longer is so."""

    name: str
    inject: Callable[[], object]
    is_gone: Callable[[], bool]


def providers(home: Home) -> dict[str, Any] | None:
    """The providers of the cache; none when there is no cache, None when it is broken."""
    try:
        found = json.loads(home.models.read_bytes())["providers"]
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def faults(home: Home, healthy: bytes) -> Iterator[Fault]:
    """One after the other, no two alike, so that nothing is contested; Claude Code loses its flag twice."""
    claude = home.user / ".claude.json"
    right = f"{home.provider.url}/v1"

    def with_url(url: str) -> bytes:
        cache = json.loads(healthy)
        cache["providers"]["bailian"]["baseUrl"] = url
        return json.dumps(cache, indent=2).encode()

    def with_nothing(name: str) -> bytes:
        cache = json.loads(healthy)
        cache["providers"][name] = None
        return json.dumps(cache, indent=2).encode()

    def is_right() -> bool:
        found = providers(home)
        return found is not None and all(entry and entry["baseUrl"] == right for entry in found.values())

    for number in range(100_000):
        url, lost, length = f"{home.provider.url}/old{number}/v1", f"lost{number}", len(healthy) // 2 + number % 80
        yield Fault(f"stale {number}", lambda url=url: replace(home.models, with_url(url)), is_right)
        yield Fault(f"truncated {number}", lambda end=length: write_private(home.models, healthy[:end]), is_right)
        if number < 2:
            flagless = json.dumps(CLAUDE | {"hasCompletedOnboarding": False, "numStartups": 8 + number}).encode()
            yield Fault(
                f"flag lost {number}",
                lambda data=flagless: replace(claude, data),
                lambda: json.loads(claude.read_bytes()).get("hasCompletedOnboarding") is True,
            )
        yield Fault(f"entry lost {number}", lambda name=lost: replace(home.models, with_nothing(name)), is_right)


def replace(path: Path, data: bytes) -> None:
    new = path.with_name(path.name + ".new")
    write_private(new, data)
    new.replace(path)


@contextmanager
def at_work(lab: Lab) -> Iterator[tuple[Gateway, Turns, Watcher, bytes]]:
    """A gateway that takes turns, and a watcher that finds everything in order; and the cache as it then is."""
    gateway = lab.openclaw("2026.3.2")
    home = gateway.home
    write_private(home.user / ".claude.json", json.dumps(CLAUDE))
    gateway.start()
    assert gateway.turn().worked
    healthy = home.models.read_bytes()
    with closing(Watcher(home)) as watcher, closing(Turns(gateway)) as turns:
        yield gateway, turns, watcher, healthy


def test_beside_a_gateway_at_work_everything_is_repaired_and_nothing_else_happens(lab: Lab) -> None:
    with at_work(lab) as (gateway, turns, watcher, healthy):
        home = gateway.home
        config, identity, begun = home.config.read_bytes(), gateway.identity(), time.monotonic()
        took: list[float] = []
        names: list[str] = []
        memory: list[float] = []
        for fault in faults(home, healthy):
            injected = time.monotonic()
            if injected - begun > SECONDS:
                break
            fault.inject()
            names.append(fault.name)
            wait_until(fault.is_gone, 40, f"{fault.name} is repaired")
            took.append(time.monotonic() - injected)
            home.transcript.say(f"{fault.name}: repaired after {took[-1]:.1f} s")
            repaired = time.monotonic()
            wait_until(lambda since=repaired: turns.worked_since(since), 60, "a turn works again")  # type: ignore[misc]
            memory.append(watcher.memory)
            time.sleep(max(0.0, EVERY - (time.monotonic() - injected)))
        used, seconds = watcher.processor, time.monotonic() - begun
        status, receipts, said = watcher.status, watcher.receipts(), watcher.said()
        assert turns.problem is None
        assert gateway.identity() == identity
        assert home.config.read_bytes() == config
        watcher.process.terminate()
        assert watcher.process.wait(5) == 0
    mended = [fault["rule"] for receipt in receipts for fault in receipt["mended"]]
    took.sort()
    lab.transcript.say(
        f"soak of {seconds:.0f} s, {len(turns.taken)} turns: {len(took)} faults, all repaired, {len(mended)} by the "
        f"watcher, after {statistics.median(took):.1f} s (median), {took[int(len(took) * 0.99)]:.1f} s (p99); "
        f"{len(receipts)} receipts; memory {memory[0]:.1f} MiB after the first, {memory[-1]:.1f} MiB after the last; "
        f"{used / seconds:.2%} of a processor"
    )
    assert status is not None
    assert (status.held, status.contested, status.errors) == ((), (), ())
    for rule, name in (("OC101", "stale"), ("CC101", "flag lost")):  # what is broken, the gateway may rebuild first
        assert mended.count(rule) == sum(one.startswith(name) for one in names), mended
    assert len(receipts) <= len(took) + 2  # what we wrote ourselves has woken nobody
    assert memory[-1] - memory[0] < 8
    assert used / seconds < 0.15
    assert KEY not in said
    assert GATEWAY_TOKEN not in said
