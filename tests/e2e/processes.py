"""Processes of a test: every one carries a mark in its environment, is found by it, and is ended by its pid."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import psutil

MARK = "CLAWMEND_E2E_MARK"

Value = TypeVar("Value")


class LabError(RuntimeError):
    """Something a test needs does not work; the message says what."""


def wait_until(condition: Callable[[], Value | None], seconds: float, what: str) -> Value:
    """Poll until the condition returns something true."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise LabError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.1)
    return value


def run(
    command: Sequence[str | Path], *, seconds: float, env: Mapping[str, str], folder: Path, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; past the limit it is killed and the test fails."""
    try:
        return subprocess.run(
            command,
            timeout=seconds,
            env=env,
            cwd=folder,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired as limit:
        told = (limit.stderr or limit.stdout or b"")[-400:]
        raise LabError(f"{Path(command[0]).name} did not end within {seconds:.0f} s: {told!r}") from limit


def free_port() -> int:
    """Return a port of loopback that the kernel says is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def marked(mark: str) -> list[psutil.Process]:
    """Return the living processes that carry this mark."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def listener(port: int, mark: str) -> psutil.Process | None:
    """Return the marked process that listens on this port."""
    for process in marked(mark):
        with contextlib.suppress(psutil.Error):
            for connection in process.net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                    return process
    return None


def end(processes: Iterable[psutil.Process], grace: float = 10) -> None:
    """Ask these processes to end, then make them."""
    asked = list(processes)
    for process in asked:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(asked, timeout=grace)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)


def end_all(mark: str) -> None:
    """End every process with this mark, also those that others start meanwhile, and insist that none is left."""
    for _ in range(3):
        end(marked(mark))
    if left := marked(mark):
        raise LabError(f"still running: {left}")
