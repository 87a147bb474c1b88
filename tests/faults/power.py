"""A disk whose power can be cut: a small ext4 in a file, copied at one instant while a process writes to it.

The process is stopped, and the file is copied. What the process had not made durable is then only in the memory of
the kernel and not in the copy, as after a power cut. The kernel may write on its own during the copy; the counters of
the loop device tell, and such a copy is thrown away: every copy is the disk at one instant.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from faults.five import Contents, new, old
from faults.mounts import loop_of, make_ext4, mounted, run

_MEGABYTES = 24
_TESTS = Path(__file__).parents[1]
# No mercy for whoever renames without fsync, and a commit of the journal every second.
_OPTIONS = "loop,noauto_da_alloc,commit=1"


@dataclass(frozen=True, slots=True)
class Copy:
    """The disk at one instant, and what the process was at."""

    image: Path
    phase: str
    number: int

    def allowed(self) -> dict[str, tuple[bytes | None, ...]]:
        """What clawmend may leave: whole files only, and after a command has ended only what it promised."""
        broken, repaired = old(self.number), new(self.number)
        earlier = old(self.number - 1)
        return {
            name: {
                "breaking": (earlier[name], broken[name]),
                "repairing": (broken[name], repaired[name]),
                "repaired": (repaired[name],),
                "undoing": (repaired[name], broken[name]),
                "undone": (broken[name],),
            }[self.phase]
            for name in broken
        }

    def wrong(self, found: Contents) -> list[str]:
        """The files that hold anything else."""
        allowed = self.allowed()
        return [
            f"{name} is {_what(data)} while {self.phase} {self.number}"
            for name, data in found.items()
            if data not in allowed[name]
        ]


def cut(folder: Path, writer: str, copies: int, seed: int) -> list[Copy]:
    """Let a process write and copy its disk `copies` times, at moments that the seed decides."""
    moments = random.Random(seed)  # noqa: S311 - moments that can be had again, no secret
    image, disk, phases = folder / "disk.img", folder / "disk", folder / "phase"
    disk.mkdir(parents=True)
    make_ext4(image, _MEGABYTES)
    made = []
    with mounted(disk, "-o", _OPTIONS, image), _driver(disk, phases, writer) as process:
        device = loop_of(disk)
        while not phases.exists() or not phases.read_bytes():
            _alive(process)
        while len(made) < copies:
            time.sleep(moments.uniform(0.01, 0.25))
            _stop(process)
            copy = _copy(image, device, folder / f"copy-{len(made):03}.img", phases)
            process.send_signal(signal.SIGCONT)
            if copy is not None:
                made.append(copy)
    return made


@contextmanager
def after_the_cut(copy: Copy, disk: Path) -> Iterator[Path]:
    """Mount a copy where the disk was, which replays its journal, and throw the copy away afterwards."""
    try:
        with mounted(disk, "-o", "loop", copy.image):
            yield disk
    finally:
        copy.image.unlink()


@contextmanager
def _driver(disk: Path, phases: Path, writer: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("OPENCLAW_", "CLAUDE_", "XDG_"))
    } | {"PYTHONPATH": f"{_TESTS.parent / 'daemon'}:{_TESTS}", "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(
        [sys.executable, "-m", "faults.power_driver", disk, phases, writer], env=environment, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _alive(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        raise AssertionError(f"the writer has ended: {process.communicate()[1].decode()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop it, and wait until it is: a process in the middle of an fsync stops when that returns."""
    process.send_signal(signal.SIGSTOP)
    while True:
        _alive(process)
        with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
            state = file.read().rpartition(")")[2].split()[0]
        if state in "TD":
            return


def _copy(image: Path, device: str, target: Path, phases: Path) -> Copy | None:
    before = _written(device)
    phase, number = phases.read_text().split()
    run("cp", "--sparse=always", image, target)
    if before is None or _written(device) != before or phases.read_text().split() != [phase, number]:
        target.unlink()
        return None
    return Copy(target, phase, int(number))


def _written(device: str) -> tuple[str, str] | None:
    """How much the loop device has written so far; None while it is writing."""
    with open(f"/sys/block/{device}/stat", encoding="utf-8") as file:
        fields = file.read().split()
    return (fields[4], fields[6]) if fields[8] == "0" else None


def _what(data: bytes | None) -> str:
    if data is None:
        return "absent"
    if not data.strip(b"\0"):
        return f"empty ({len(data)} bytes)"
    return f"something else ({len(data)} bytes)"
