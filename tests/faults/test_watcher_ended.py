"""A watcher that is told to end, or killed, at any moment of a repair: every file stays whole, and is made good."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.durable import TEMPORARY_MARK
from faults.figures import note
from repair.home import Home, cache
from support.watching import DAEMON, REPAIRED, Watch, until

pytestmark = pytest.mark.faults

MOST, LEAST, ENOUGH, AGENTS = 50, 20, 25.0, 8  # so many times, or as many as fit into so many seconds
LONGEST = 0.5  # seconds after its start: everything is repaired by then, or nearly
REPAIR = 0.15  # seconds after its checkpoint has begun: by then all files are written
CHANCE = random.SystemRandom()


class Starter:
    """Starts watchers of one home without reading Python's modules each time."""

    def __init__(self, home: Home) -> None:
        tests = str(Path(__file__).parents[1])
        environment = {
            "PYTHONPATH": f"{DAEMON}:{tests}", "HOME": str(home.path), "PATH": "/usr/bin:/bin",
            "TMPDIR": str(home.root), "CLAWMEND_STATE_DIR": str(home.state),
        }  # fmt: skip
        self._last: int | None = None
        self._log = home.root / "starter.err"
        with self._log.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "support.forking"], env=environment, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip

    def start(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(["--openclaw-version", "2026.3.2", "-q", "watch"]) + "\n")
        self._process.stdin.flush()
        self._last = int(self._line())
        return self._last

    def ended(self) -> tuple[int, float]:
        """How the one that was started last has ended, and when."""
        code, moment = self._line().split()
        self._last = None
        return int(code), float(moment)

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._log.read_text()
        return line

    def close(self) -> None:
        """End, with the one that was started last where a test has left it."""
        if self._last is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._last, signal.SIGKILL)
        self._process.communicate("", timeout=10)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield Home(tmp_path, holder.getsockname()[1], now=time.time()).healthy()


@pytest.fixture
def starter(home: Home) -> Iterator[Starter]:
    starter = Starter(home)
    yield starter
    starter.close()


def journal_size(home: Home) -> int:
    """It grows when a checkpoint begins, and when it is done."""
    path = home.state / "checkpoints" / "manifest.jsonl"
    return path.stat().st_size if path.exists() else 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_at_any_moment_of_a_repair_every_file_stays_whole_and_the_next_start_makes_it_good(
    home: Home, starter: Starter, how: signal.Signals
) -> None:
    caches = [home.config.parent / "agents" / f"a{number}" / "agent" / "models.json" for number in range(AGENTS)]
    config = home.config.read_bytes()
    whole = {REPAIRED}
    seconds, codes, cut, begun = [], [], 0, time.monotonic()
    for number in range(MOST):
        if number >= LEAST and time.monotonic() - begun > ENOUGH:
            break
        for place, path in enumerate(caches):
            text = cache(f"https://try{number}-{place}.example.com/v1")
            whole.add(text)
            home.write(path, text, age=60)
        before = journal_size(home)
        pid = starter.start()
        if number % 2:
            time.sleep(CHANCE.uniform(0, LONGEST))
        else:
            until(lambda known=before: journal_size(home) != known)  # type: ignore[misc]
            time.sleep(CHANCE.uniform(0, REPAIR))
        told = time.monotonic()
        os.kill(pid, how)
        code, moment = starter.ended()
        seconds.append(moment - told)
        codes.append(code)
        assert {path.read_text() for path in caches} <= whole
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in caches)
        cut += any(not one.done and not one.undone for one in CheckpointStore(str(home.state)).all())
    assert set(codes) <= ({0, -signal.SIGTERM} if how is signal.SIGTERM else {-signal.SIGKILL})
    seconds.sort()
    assert seconds[-2] < 2  # one may have met a machine that was busy elsewhere
    home.write(caches[0], cache("https://last.example.com/v1"), age=60)
    watcher = Watch(home)
    try:
        until(lambda: all(path.read_text() == REPAIRED for path in caches), 20)
        until(lambda: watcher.status is not None and watcher.status.last_repair is not None)
        watcher.end()
    finally:
        watcher.kill()
    assert all(one.done or one.undone for one in CheckpointStore(str(home.state)).all())
    assert home.config.read_bytes() == config
    assert not [path for path in home.path.rglob("*") if TEMPORARY_MARK in path.name]
    note(
        f"watcher, {len(seconds)} times {how.name}: {cut} met a repair half-way, "
        f"ended after {seconds[len(seconds) // 2] * 1e3:.0f} ms (median), {seconds[-1] * 1e3:.0f} ms at most"
    )
