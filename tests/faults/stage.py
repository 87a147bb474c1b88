"""A home in which one repair changes five files at once, and clawmend run on it in a fork."""

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from clawmend.cli.app import guarded
from clawmend.cli.main import main
from faults.injection import Decide, Ended, run, run_free
from repair.home import CONFIG, Home, cache, profiles
from support.machine import forget_the_real_machine

REPAIR = ("repair", "--yes", "--no-restart")
UNDO = ("undo",)
RECOVER = ("undo", "--recover")
VERIFY = ("backups", "verify")

_INVALID = '  auth: { profiles: { "bailian:default": { provider: "bailian", mode: "qr-code" } } }, // from a forum\n'
_BROKEN = '{ "providers": { "bailian": { "baseUrl": "https://dash'

# What a file is: its bytes, mode and time of change; None where it is absent.
Look = tuple[bytes, int, int] | None


@dataclass(frozen=True)
class Stage:
    """A home and a state folder below one folder; `lay` makes the home as it is before any repair."""

    home: Home

    @property
    def root(self) -> str:
        return str(self.home.root)

    @property
    def five(self) -> tuple[Path, ...]:
        home = self.home
        return home.config, home.models, self._second / "models.json", home.profiles, home.claude

    @property
    def _second(self) -> Path:
        return self.home.path / ".openclaw" / "agents" / "second" / "agent"

    def lay(self) -> None:
        home = self.home
        for folder in (home.path, home.state):
            shutil.rmtree(folder, ignore_errors=True)
        home.write(home.config, CONFIG.replace("PORT", str(home.port)).replace("  agents:", f"{_INVALID}  agents:"))
        home.write(home.models, cache())
        home.write(self._second / "models.json", _BROKEN)
        home.write(home.profiles, profiles())
        home.write(home.claude, '{\n  "numStartups": 7\n}')
        home.write(home.path / "notes.txt", "nothing of clawmend's")
        home.models.chmod(0o640)
        home.config.chmod(0o644)
        for path in (home.models, home.config):
            os.utime(path, (home.now - 90_000.123, home.now - 90_000.123))

    def looks(self) -> tuple[Look, ...]:
        return tuple(_look(path) for path in self.five)

    def others(self) -> dict[str, tuple[int, bytes | None]]:
        """What else is in the home; locks of the owners and our own temporary files are spoken of elsewhere."""
        found = {}
        for path in self.home.path.rglob("*"):
            if path in self.five or is_ours(path):
                continue
            status = path.lstat()
            found[str(path)] = (status.st_mode, path.read_bytes() if stat.S_ISREG(status.st_mode) else None)
        return found

    def litter(self) -> list[str]:
        """What no run may leave for good: temporary files and locks."""
        below = (path for folder in (self.home.path, self.home.state) for path in folder.rglob("*"))
        return sorted(str(path.relative_to(self.root)) for path in below if is_ours(path))

    def command(self, *words: str) -> Callable[[], int]:
        place = ("--home", str(self.home.path), "--state-dir", str(self.home.state), "--openclaw-version", "2026.3.2")

        def work() -> int:
            return guarded(lambda: main.main([*place, *words], standalone_mode=False, prog_name="clawmend") or 0)

        return work

    def run(self, *words: str) -> Ended:
        return run_free(self.command(*words))

    def run_watched(self, decide: Decide, *words: str, looking: bool = False) -> Ended:
        return run(self.command(*words), decide, self.root, looking=looking)


def is_ours(path: Path) -> bool:
    return ".clawmend-" in path.name or path.name.startswith(".probe") or path.name.endswith(".lock")


def _look(path: Path) -> Look:
    try:
        status = path.stat()
        return path.read_bytes(), stat.S_IMODE(status.st_mode), status.st_mtime_ns
    except FileNotFoundError:
        return None


def bytes_of(looks: tuple[Look, ...]) -> tuple[bytes | None, ...]:
    return tuple(look[0] if look else None for look in looks)


@contextmanager
def _warm(stage: Stage) -> Iterator[None]:
    """Load every module that a run needs, so that a fork of us loads none."""
    silent = TextIOWrapper(BytesIO())
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(silent), redirect_stderr(silent):
        figures = os.environ.get("CLAWMEND_FAULTS_FIGURES")
        forget_the_real_machine(patch)  # with every variable that could be clawmend's
        if figures is not None:
            patch.setenv("CLAWMEND_FAULTS_FIGURES", figures)
        patch.setenv("HOME", str(stage.home.path))
        patch.setenv("CLAWMEND_STATE_DIR", str(stage.home.state))  # where a report of a bug would go
        patch.setenv("NO_COLOR", "1")
        for words in (VERIFY, REPAIR, REPAIR, UNDO, RECOVER, VERIFY):
            stage.lay() if words == VERIFY else None
            stage.command(*words)()
        yield


@contextmanager
def stage_in(folder: Path) -> Iterator[Stage]:
    """A stage, with the modules loaded and nothing of the real machine in sight of the forks."""
    stage = Stage(Home(folder, port=1, now=time.time()))
    with _warm(stage):
        yield stage
