"""How long a durable repair takes, and that a very large file survives one whole."""

import hashlib
import statistics
import time
from pathlib import Path

import pytest

from faults.bed import Bed
from faults.figures import note
from faults.five import AGE_NS, CLAUDE, NAMES, VERSION, clawmend, lay, leftovers, old

pytestmark = pytest.mark.faults

_TIMES = 20
_LARGE = 50 * 2**20


def test_a_durable_repair_of_five_files_takes_a_moment(tmp_path: Path) -> None:
    bed = Bed(tmp_path / "home", tmp_path / "state").laid()
    where = ("--home", str(bed.home), "--state-dir", str(bed.state))
    inside: dict[str, list[float]] = {"repair": [], "undo": []}
    outside: dict[str, list[float]] = {"repair": [], "undo": []}
    for _ in range(_TIMES):
        for command, times in inside.items():
            begun = time.perf_counter()
            answer = clawmend(command, *where, *VERSION)
            times.append(time.perf_counter() - begun)
            assert answer.code == 0, answer
    for _ in range(_TIMES // 4):
        for command, times in outside.items():
            begun = time.perf_counter()
            assert bed.run(command, *VERSION).code == 0
            times.append(time.perf_counter() - begun)
    for what, measured in (("in one process", inside), ("as a process of its own", outside)):
        medians = ", ".join(
            f"{command} {statistics.median(taken) * 1000:.0f} ms (longest {max(taken) * 1000:.0f})"
            for command, taken in measured.items()
        )
        note(f"durable repair of {len(NAMES)} files {what}, median of {len(measured['repair'])}: {medians}")
    assert bed.contents == dict(old())
    assert statistics.median(inside["repair"]) < 2


def test_a_file_of_50_megabytes_is_repaired_and_comes_back_byte_for_byte(tmp_path: Path) -> None:
    entry = b'    "/home/somebody/project-%06d": {"history": "' + b"x" * 200 + b'"},\n'
    start, end = b'{\n  "projects": {\n', b'    "last": {}\n  },\n  "hasCompletedOnboarding": false\n}\n'
    count = (_LARGE - len(start) - len(end)) // len(entry % 0)
    large = start + b"".join(entry % number for number in range(count)) + end
    assert _LARGE - 2**10 < len(large) <= _LARGE
    home = tmp_path / "home"
    lay(home, {CLAUDE: large})
    bed = Bed(home, tmp_path / "state")

    begun = time.perf_counter()
    repaired = bed.repair()
    took = time.perf_counter() - begun
    assert repaired.code == 0, repaired
    assert _digest(home / CLAUDE) == hashlib.sha256(large.replace(b": false\n}", b": true\n}")).hexdigest()
    begun = time.perf_counter()
    undone = bed.undo()
    note(f"a {CLAUDE} of {len(large) / 2**20:.1f} MB: repair {took:.1f} s, undo {time.perf_counter() - begun:.1f} s")
    assert undone.code == 0, undone
    assert _digest(home / CLAUDE) == hashlib.sha256(large).hexdigest()
    assert (home / CLAUDE).stat().st_mtime_ns == AGE_NS
    assert leftovers(home, bed.state) == []


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
