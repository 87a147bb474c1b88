"""Running the command line: in this process, as a process of its own, and on a terminal."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from clawmend.cli.app import guarded
from clawmend.cli.main import main
from clawmend.core.state import Identity
from clawmend.system.reading import identity_of
from repair.home import Home

COMMAND = (sys.executable, "-m", "clawmend")
DAEMON = str(Path(__file__).parents[2] / "daemon")
INTERRUPT = b"\x03"  # Ctrl-C, as the terminal's driver would pass it on
VERSION = ("--openclaw-version", "2026.3.2")


def neighbour(folder: Path, name: str, text: str) -> Identity:
    """A file of somebody else that has long lain beside ours; what the file system says of it."""
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return identity_of(path.stat())


@dataclass(frozen=True)
class Run:
    """How a run ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class CommandLine:
    """clawmend with a home of its own."""

    home: Home
    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str | Path) -> Run:
        """Run in this process."""
        arguments = [str(word) for word in words]
        code = guarded(lambda: main.main(arguments, standalone_mode=False, prog_name="clawmend") or 0)
        out, err = self.capture.readouterr()
        return Run(code, out, err)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": DAEMON}

    def start(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a process of its own; the test ends it."""
        environment = self.environment | options.pop("environment", {})
        return subprocess.Popen([*COMMAND, *words], env=environment, **options)

    def process(self, *words: str, **options: Any) -> Run:
        """Run as a process of its own."""
        process = self.start(*words, **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options))
        out, err = process.communicate(timeout=30)
        return Run(process.returncode, (out or b"").decode(), (err or b"").decode())

    def on_terminal(
        self, *words: str, answers: tuple[bytes, ...] = (), environment: Mapping[str, str] | None = None
    ) -> Run:
        """Run on a terminal of 80 columns and answer its questions."""
        master, slave = pty.openpty()
        settings = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40", **(environment or {})}
        process = self.start(*words, environment=settings, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        said, asked, left = b"", 0, list(answers)
        try:
            while True:
                ready, _, _ = select.select([master], [], [], 30)
                if not ready:
                    raise TimeoutError(said)
                try:
                    chunk = os.read(master, 65536)
                except OSError:  # the other side has closed
                    break
                if not chunk:
                    break
                said += chunk
                if said.lower().count(b"[y/n]") > asked and left:
                    asked += 1
                    answer = left.pop(0)
                    if answer == INTERRUPT:
                        while psutil.Process(process.pid).status() != psutil.STATUS_SLEEPING:
                            pass  # until it waits for the answer
                        process.send_signal(signal.SIGINT)
                    else:
                        os.write(master, answer)
            process.wait(30)
        finally:
            process.kill()
            process.wait()
            os.close(master)
        return Run(process.returncode, said.decode().replace("\r\n", "\n"), "")
