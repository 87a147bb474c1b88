"""A watcher that really runs, as the process that `clawmend watch` is."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from clawmend.loop.status import Status, read_status
from repair.home import Home, cache

DAEMON = str(Path(__file__).parents[2] / "daemon")
REPAIRED = '{\n  "providers": {}\n}'


def until(what: Callable[[], object], seconds: float = 20.0) -> float:
    """Wait for something; the seconds that it took."""
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, "it did not happen in time"
        time.sleep(0.005)
    return time.monotonic() - begun


class Watch:
    """A watcher that runs."""

    def __init__(self, home: Home, *options: str, through: tuple[str, ...] = ()) -> None:
        """Start it; `through` is a command that ends by becoming the one that it is given."""
        self.home = home
        environment = {
            "PYTHONPATH": DAEMON, "HOME": str(home.path), "PATH": "/usr/bin:/bin", "TMPDIR": str(home.root),
            "CLAWMEND_STATE_DIR": str(home.state),
        }  # fmt: skip
        command = [*through, sys.executable, "-m", "clawmend", "--openclaw-version", "2026.3.2", *options, "watch"]
        self.errors = home.root / f"watch-{time.monotonic_ns()}.err"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(command, env=environment, stderr=errors, stdout=subprocess.DEVNULL)

    @property
    def status(self) -> Status | None:
        with contextlib.suppress(Exception):
            found = read_status(str(self.home.state))
            return found if found is not None and found.pid == self.process.pid else None
        return None

    def ready(self) -> "Watch":
        until(lambda: self.status is not None and self.status.last_look is not None)
        return self

    @property
    def watches(self) -> int:
        """How many watches the kernel keeps for it."""
        total = 0
        for name in os.listdir(f"/proc/{self.process.pid}/fdinfo"):
            with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/fdinfo/{name}") as file:
                total += sum(line.startswith("inotify ") for line in file)
        return total

    @property
    def memory(self) -> float:
        """What it keeps in memory, in MiB."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / 2**20

    @property
    def processor(self) -> float:
        """Seconds of the processor that it has used."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def wakings(self) -> int:
        """How often any of its threads has waited and gone on."""
        total = 0
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/task/{task}/status") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt"))
        return total

    def kill(self) -> None:
        """End it without a word, if it is there."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def end(self) -> float:
        """Tell it to end; the seconds that it took."""
        begun = time.monotonic()
        self.process.terminate()
        assert self.process.wait(10) == 0, self.errors.read_text()
        return time.monotonic() - begun


def broken(home: Home, url: str) -> None:
    """A program replaces the cache atomically with one that has another URL."""
    new = home.models.with_name("models.json.new")
    new.write_text(cache(url))
    new.chmod(0o600)
    os.replace(new, home.models)
