"""A race for one file: clawmend's side of it, the processes on the other side, and the count of who lost what."""

import dataclasses
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clawmend.core.document import Document
from clawmend.core.errors import StaleError
from clawmend.core.state import Found
from clawmend.core.syntax import MalformedError, Syntax
from clawmend.core.values import SetValue
from clawmend.repair.tools import Tools
from faults.figures import note

WRITERS = Path(__file__).with_name("writers.py")
PATIENCE = 60  # seconds, after which it has to be enough

Put = Callable[[str, bytes, bytes], None]


def fresh(number: int = 0) -> dict[str, Any]:
    """What is in the file before the race."""
    return {"by": "nobody", "own": number, "hasCompletedOnboarding": True, "theirs": {}}


def with_care(tools: Tools) -> Put:
    """Write as a repair does: through the seam, under the lock of the file's owner."""

    def put(path: str, data: bytes, expected: bytes) -> None:
        tools.files.replace(path, data, expected=expected, guard=lambda: tools.lock(path))

    return put


def without_care(path: str, data: bytes, expected: bytes) -> None:
    """Write as a careless tool does, for control: atomically, and that is all."""
    del expected
    temporary = f"{path}.{secrets.token_hex(4)}"
    Path(temporary).write_bytes(data)
    os.rename(temporary, path)


@dataclasses.dataclass
class OurSide:
    """Sets a counter of its own in the file, again and again, and looks each time whether the last one is still there.

    `set` counts the writes that succeeded, `lost` those that were gone at the next look (and were then made anew),
    `taken_back` names the versions that stood in the file for an instant at most and were refused with StaleError;
    `theirs` is how many entries of the others were there.
    """

    path: str
    read: Callable[[str], object]
    put: Put
    set: int = 0
    lost: int = 0
    stale: int = 0
    torn: int = 0
    attempts: int = 0
    standing: Any = 0
    theirs: int = 0
    taken_back: list[str] = dataclasses.field(default_factory=list)

    def once(self) -> bool:
        """Read, change the text, write; False when somebody else was quicker."""
        found = self.read(self.path)
        try:
            document = Document.parse(found.data if isinstance(found, Found) else b"", Syntax.JSON_BOM)
        except MalformedError:
            self.torn += 1
            return False
        if document.get(("own",)) != self.standing:
            self.lost += 1
            self.standing = document.get(("own",))
        theirs = document.get(("theirs",))
        self.theirs = len(theirs) if isinstance(theirs, dict) else 0
        self.attempts += 1
        mark = f"us {self.attempts}"
        edited = document.edit(SetValue(("own",), self.attempts), SetValue(("by",), mark))
        try:
            self.put(self.path, edited.encode(), document.encode())
        except StaleError:
            self.stale += 1
            self.taken_back.append(mark)
            return False
        self.set += 1
        self.standing = self.attempts
        return True


@dataclasses.dataclass(frozen=True)
class Count:
    """What came of a race.

    Of their entries that are gone `overwritten` are those that we wrote over. `glimpsed` are those that they left out
    themselves, because they read the file in the microseconds between our swap and its being taken back; `late` those
    that they wrote into the old file, having looked up its name before our swap and opened it after our last look.
    """

    style: str
    written: int
    overwritten: list[int]
    glimpsed: list[int]
    late: list[int]
    ours: OurSide
    unlocked: int
    reads: int
    absent: int
    broken: list[dict[str, Any]]

    @property
    def gone(self) -> int:
        return len(self.overwritten) + len(self.glimpsed) + len(self.late)

    def tell(self, title: str) -> None:
        """Note the figures in one line."""
        ours = self.ours
        note(
            f"races: {title} against {self.style}: theirs kept {self.written - self.gone}/{self.written} "
            f"(overwritten {len(self.overwritten)}, glimpsed {len(self.glimpsed)}, late {len(self.late)}, "
            f"written unlocked {self.unlocked}); ours kept {ours.set - ours.lost}/{ours.set}, re-applied {ours.lost}, "
            f"stale {ours.stale}, torn reads {ours.torn}; reader: {self.reads} reads, {len(self.broken)} broken, "
            f"{self.absent} absent"
        )


@contextmanager
def other(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process at the file; leaving the block ends it."""
    command = [sys.executable, "-I", "-S", str(WRITERS), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def finished(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """Let a process come to its end and return what it tells."""
    told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    report: dict[str, Any] = json.loads(told)
    return report


def race(path: Path, style: str, ours: OurSide, enough: Callable[[OurSide], bool]) -> Count:
    """Let a writer add its entries while we set our counter, until it is enough; then count."""
    path.write_text(json.dumps(fresh(), indent=2))
    path.chmod(0o600)
    patience = time.monotonic() + PATIENCE
    with other("reader", str(path)) as reader, other(style, str(path), "0") as writer:
        while not enough(ours) and time.monotonic() < patience:
            ours.once()
        report = finished(writer)
        end = json.loads(path.read_bytes())["theirs"]
        while not ours.once():
            pass
        seen = finished(reader)
    causes: dict[str, list[int]] = {"overwritten": [], "glimpsed": [], "late": []}
    for number in range(report["written"]):
        if f"entry-{number}" not in end:
            causes[_cause(number, report, set(ours.taken_back))].append(number)
    return Count(
        style=style,
        written=report["written"],
        overwritten=causes["overwritten"],
        glimpsed=causes["glimpsed"],
        late=causes["late"],
        ours=ours,
        unlocked=report["unlocked"],
        reads=seen["reads"],
        absent=seen["absent"],
        broken=seen["broken"],
    )


def _cause(number: int, report: dict[str, Any], taken_back: set[str]) -> str:
    """Who lost an entry: the answer is in the version in which they first found it lacking."""
    if number in report["unseen"]:
        return "late"
    return "glimpsed" if report["lacking"].get(str(number)) in taken_back else "overwritten"
