"""`clawmend watch` of a home as the process that it is: started, killed, stopped, suspended, and started again."""

import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil

from clawmend.core.errors import ClawmendError
from clawmend.loop.status import Status, read_status
from e2e.processes import LabError, wait_until
from soak.homes import SoakHome

_STOPPING = 10.0  # two seconds are promised; a machine that does ten other things is not


class Watcher:
    """The watcher of one home."""

    def __init__(self, home: SoakHome) -> None:
        self.home = home
        self.child: subprocess.Popen[bytes] | None = None
        self.began = 0.0
        self.started = 0
        self.errors = home.folder / "watch.err"
        self.samples: list[tuple[int, float, float]] = []
        """Of every look at its memory: its number, its age in seconds, MiB."""

    def start(self) -> None:
        """Start it; it may be killed again before it is ready."""
        assert not self.is_alive, "it runs already"
        with self.errors.open("ab") as errors:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "clawmend", "watch"], env=self.home.env(), cwd=self.home.user,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True,
            )  # fmt: skip
        self.began = time.monotonic()
        self.started += 1

    @property
    def is_alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    @property
    def exit_code(self) -> int | None:
        return None if self.child is None else self.child.poll()

    def kill(self) -> None:
        self._running().kill()
        self._running().wait(10)

    def terminate(self) -> float:
        """Tell it to end; the seconds until it has. LabError when it does not, or not well."""
        began = time.monotonic()
        self._running().terminate()
        try:
            code = self._running().wait(30)
        except subprocess.TimeoutExpired:
            raise LabError("the watcher did not end within 30 s of SIGTERM") from None
        if code != 0:
            raise LabError(f"the watcher ended with {code} on SIGTERM: {self.tail()}")
        took = time.monotonic() - began
        if took > _STOPPING:
            raise LabError(f"the watcher took {took:.1f} s to end")
        return took

    def suspend(self) -> None:
        self._running().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._running().send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End it, whatever it is doing."""
        if self.child is not None and self.is_alive:
            self.child.kill()
            self.child.wait(10)

    def status(self) -> Status | None:
        """What it says of itself; None until this very process has said anything."""
        with suppress(ClawmendError):
            found = read_status(str(self.home.ours))
            if found is not None and self.child is not None and found.pid == self.child.pid:
                return found
        return None

    def has_looked(self, since: float = 0.0) -> bool:
        """Whether it has looked since a moment (seconds since the epoch)."""
        status = self.status()
        return status is not None and status.last_look is not None and status.last_look.at >= since

    def wait_ready(self, seconds: float = 60) -> None:
        wait_until(self.has_looked, seconds, f"the watcher of {self.home.name} has looked ({self.tail(300)})")

    def measure(self) -> float:
        """Its memory in MiB, which is also kept."""
        memory = float(psutil.Process(self._running().pid).memory_info().rss) / 2**20
        self.samples.append((self.started, time.monotonic() - self.began, memory))
        return memory

    def tail(self, length: int = 800) -> str:
        return self.errors.read_text(errors="replace")[-length:] if self.errors.exists() else ""

    def _running(self) -> subprocess.Popen[bytes]:
        assert self.child is not None, "it was never started"
        return self.child
