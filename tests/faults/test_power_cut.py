"""A power cut at any moment: every file is whole, the repair is all there or not at all, and can be undone."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.figures import note
from faults.five import REMOVED, VERSION, Answer, Contents, clawmend, contents, leftovers, new, old
from faults.mounts import private_mounts
from faults.power import Copy, after_the_cut, cut

pytestmark = pytest.mark.faults

COPIES, CARELESS_COPIES = 60, 20
SEED = 20_261_123


@pytest.fixture(autouse=True)
def _own_mounts() -> Iterator[None]:
    with private_mounts():
        yield


def test_a_power_cut_at_any_moment_leaves_every_file_whole_and_every_repair_undoable(tmp_path: Path) -> None:
    begun = time.monotonic()
    copies = cut(tmp_path, "clawmend", COPIES, SEED)
    cutting = time.monotonic() - begun

    problems = {copy.image.name: found for copy in copies if (found := _problems(copy, tmp_path / "disk"))}

    phases = Counter(copy.phase for copy in copies)
    note(
        f"power cuts: {len(copies)} disks ({', '.join(f'{count} {name}' for name, count in sorted(phases.items()))}; "
        f"{copies[-1].number} rounds, seed {SEED}), {len(problems)} with a problem; "
        f"{cutting:.1f} s of writing, {time.monotonic() - begun - cutting:.1f} s of looking"
    )
    assert phases["repairing"] + phases["undoing"] >= COPIES // 4, "the cuts do not fall into the work"
    assert problems == {}


@pytest.mark.parametrize("writer", ["rename", "truncate"])
def test_a_careless_writer_is_caught_by_the_same_test(tmp_path: Path, writer: str) -> None:
    copies = cut(tmp_path, writer, CARELESS_COPIES, SEED)
    corrupt, files = 0, Counter[str]()
    for copy in copies:
        with after_the_cut(copy, tmp_path / "disk") as disk:
            found = contents(disk / "home")
        # It may be late without harm: the whole bytes of before are no corruption.
        wrong = [name for name, data in found.items() if data not in {old()[name], new()[name]}]
        corrupt += bool(wrong)
        files.update(wrong)
    note(f"power cuts, careless writer ({writer}): {corrupt} of {len(copies)} disks corrupt ({files.total()} files)")
    assert corrupt > 0, "the test is not testing: a writer without fsync got through"


def _problems(copy: Copy, place: Path) -> list[str]:
    with after_the_cut(copy, place) as disk:
        found = copy.wrong(contents(disk / "home"))
        return found or _after_recovery(copy, disk / "home", disk / "state")


def _after_recovery(copy: Copy, home: Path, state: Path) -> list[str]:
    """Recover, verify, repair, undo: what is not as it should be. The first problem is the one to look at."""
    where = ("--home", str(home), "--state-dir", str(state))
    problems: list[str] = []

    def expect(step: str, answer: Answer, *wanted: Contents) -> None:
        found = contents(home)
        if answer.code != 0:
            problems.append(f"{step} ended with {answer.code}: {answer.said}")
        if wanted and found not in wanted:
            what = {name: _name(name, data, copy.number) for name, data in found.items()}
            problems.append(f"after {step} the files are {what} (cut while {copy.phase} {copy.number})")
        problems.extend(f"after {step} there is {path}" for path in leftovers(home, state))

    broken, repaired, cut_off = dict(old(copy.number)), new(copy.number), contents(home)
    whole = (cut_off,) if copy.phase == "breaking" else (broken, repaired)
    expect("undo --recover", clawmend("undo", "--recover", *where), *whole)
    recovered = contents(home)
    expect("backups verify", clawmend("backups", "verify", *where), recovered)
    expect("repair", clawmend("repair", *where, *VERSION), _repaired(recovered, copy.number))
    expect("undo", clawmend("undo", *where), broken if recovered == repaired else recovered)
    return problems


def _repaired(found: Contents, number: int) -> Contents:
    """What a repair makes of files that may come from two rounds of breaking."""
    return {
        name: data if name == REMOVED and data is None else new(_round(name, data, number))[name]
        for name, data in found.items()
    }


def _round(name: str, data: bytes | None, number: int) -> int:
    return number - 1 if data == old(number - 1)[name] else number


def _name(name: str, data: bytes | None, number: int) -> str:
    known = {old(number)[name]: "broken", new(number)[name]: "repaired", old(number - 1)[name]: "broken before"}
    return known.get(data, "unknown")
