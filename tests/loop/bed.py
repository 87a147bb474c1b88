"""What the tests of the watcher share: a home, a watching that is told what it has noticed, a log that nobody reads."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clawmend.core.configuration import Configuration
from clawmend.core.operation import Operation
from clawmend.core.secret import Masker
from clawmend.loop.engine import Engine, Turn
from clawmend.loop.journal import Channels, Log
from clawmend.loop.places import Places
from clawmend.loop.wakes import Reason, Wake
from clawmend.repair.tools import Tools
from repair.home import CountingFiles, FakeGateway, Home
from system.fakes import FakeClock

VERSION = "2026.3.2"
SWEEP = Wake(frozenset({Reason.SWEEP}))
CHANGE = Wake(frozenset({Reason.CHANGE}))
START = Wake(frozenset({Reason.START}))
AGAIN = Wake(frozenset({Reason.AGAIN}))


@dataclass
class FakeWatching:
    """Watches nothing; says what it is told to say."""

    problem: str = ""
    fresh: bool = False
    deaf: bool = False
    places: Places = field(default_factory=dict)
    closed: bool = False
    changed: Callable[[str], None] = lambda _path: None

    def arm(self, places: Places) -> bool:
        self.places = places
        return self.fresh

    def proven(self) -> frozenset[str]:
        return frozenset() if self.problem else frozenset(self.places)

    def prove(self) -> bool:
        self.problem = "changes are not noticed" if self.deaf else ""
        return not self.deaf

    def close(self) -> None:
        self.closed = True


@contextmanager
def held_open(path: Path, *, writing: bool = True) -> Iterator[int]:
    """Another process has a file open meanwhile; its number."""
    script = "import sys; file = open(sys.argv[1], sys.argv[2]); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-I", "-S", "-c", script, str(path), "a" if writing else "r"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.communicate(b"")


def silent_log() -> Log:
    return Log(Channels(None), Masker(b"key"))


def settings(**operation: Any) -> Configuration:
    return Configuration("/none", found=False, operation=Operation(**operation))


@dataclass
class Bed:
    """A watcher's engine over a home, with a clock that is wound by hand, files that count their reads, a
    gateway that notes what it was asked."""

    home: Home
    log: Log
    clock: FakeClock = field(default_factory=FakeClock)
    files: CountingFiles = field(default_factory=CountingFiles)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    watching: FakeWatching = field(default_factory=FakeWatching)
    configuration: Configuration = field(default_factory=settings)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine(self.tools(), VERSION, self.watching, self.log)

    def tools(self) -> Tools:
        return self.home.tools(clock=self.clock, files=self.files, gateway=self.gateway)

    def turn(self, wake: Wake = CHANGE) -> Turn:
        return self.engine.turn(wake, self.configuration)
