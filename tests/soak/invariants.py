"""What must hold in a soak, decided from what was seen: each check returns a sentence for everything that does not.

Nothing here looks at a disk or a process, so that every check can be shown to fail.
"""

import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from clawmend.core.budget import MOST_IN_WINDOW, MOST_PER_FAULT, WINDOW
from clawmend.core.contested import REASON, TIMES
from clawmend.core.receipt import Receipt
from clawmend.system.durable import TEMPORARY_MARK

BOUND = 75.0
"""Seconds: a look a minute finds what no event has told of, and repairs it."""
GROWTH = 1.0
_SETTLED = 120.0
_ENOUGH = 8

Tree = Mapping[str, tuple[str, int]]
"""The files of a person by their names: the SHA-256 of what is in each, and its permission bits."""


def changed(before: Tree, after: Tree, but: Collection[str] = ()) -> list[str]:
    """Files of a person that are gone, came, or are not what they were; `but` may be."""
    found = []
    for name in sorted({*before, *after} - {*but}):
        if name not in after:
            found.append(f"{name} is gone")
        elif name not in before:
            found.append(f"{name} has come from nowhere")
        elif before[name][0] != after[name][0]:
            found.append(f"{name} is not what it was")
        elif before[name][1] != after[name][1]:
            found.append(f"{name} has the mode {after[name][1]:o} and had {before[name][1]:o}")
    return found


def strays(names: Iterable[str]) -> list[str]:
    """Temporary files of clawmend that nobody has taken away."""
    return [f"{name} was left lying" for name in sorted(names) if TEMPORARY_MARK in name]


def lost(sha256: str | None, kept: Collection[str], there: Collection[str], *, ours: bool) -> list[str]:
    """What clawmend has replaced is in a checkpoint, or still there. Not `ours`: another program was quicker."""
    if sha256 is None or not ours or sha256 in kept or sha256 in there:
        return []
    return ["what clawmend replaced is neither on disk nor in a checkpoint"]


def late(took: float | None, bound: float = BOUND) -> list[str]:
    """A repair came in time."""
    if took is None:
        return [f"not repaired within {bound:.0f} s"]
    return [] if took <= bound else [f"repaired after {took:.1f} s, and {bound:.0f} s are the bound"]


def alarms(findings: Iterable[Mapping[str, object]]) -> list[str]:
    """Nothing is found where nothing is wrong; what is only mentioned is no alarm."""
    matters = (one for one in findings if one.get("severity") != "info")
    return [f"{one.get('rule')} is found where nothing is wrong: {one.get('summary')}" for one in matters]


def meddling(deeds: Iterable[tuple[str, str]], allowed: Collection[str]) -> list[str]:
    """Nothing was changed but what the fault is about. A deed is (rule, path)."""
    return [f"{rule} changed {path}" for rule, path in deeds if rule not in allowed]


def contested_for_nothing(receipts: Iterable[Receipt], rule: str) -> list[str]:
    """What is left alone because it keeps coming back was repaired twice by the watcher. The receipts: newest first.

    A person's repair closes the count, so what was before it says nothing.
    """
    every = list(receipts)
    found = [one for receipt in every for one in receipt.left if one.rule == rule]
    left = [one.fingerprint for one in found if one.held.startswith(REASON)]
    if not left:
        return [f"{rule} is contested, and no receipt says so"]
    counted = 0
    for receipt in every:
        if any(one.fingerprint == left[0] for one in receipt.mended):
            if receipt.by != "watch":
                break
            counted += 1
    return [] if counted >= TIMES else [f"{rule} is contested, and was repaired {counted} times"]


def fought(receipts: Iterable[Receipt]) -> list[str]:
    """The watcher repairs nothing a third time, unless a person has repaired it meanwhile. Newest first."""
    counted: Counter[str] = Counter()
    closed: set[str] = set()
    for receipt in receipts:
        names = {one.fingerprint for one in receipt.mended} - closed
        if receipt.by == "watch":
            counted.update(names)
        else:
            closed |= names
    return [f"the watcher has repaired {one} {times} times" for one, times in counted.items() if times > TIMES]


def too_many_restarts(restarts: Sequence[tuple[float, Collection[str]]]) -> list[str]:
    """Restarts by clawmend, (moment, fingerprints of the faults that were repaired), against the budget."""
    moments = sorted(moment for moment, _ in restarts)
    found = []
    for place, moment in enumerate(moments):
        within = [one for one in moments[place:] if one - moment < WINDOW]
        if len(within) > MOST_IN_WINDOW:
            found.append(f"{len(within)} restarts within {WINDOW:.0f} s")
            break
    counted = Counter(fault for _, faults in restarts for fault in set(faults))
    return found + [f"{times} restarts for the fault {one}" for one, times in counted.items() if times > MOST_PER_FAULT]


def restarted_for_nothing(before: object, after: object, *, may: bool) -> list[str]:
    """A gateway that needs no restart is the process that it was."""
    return [] if may or before == after else [f"the gateway was restarted without a reason: {before} became {after}"]


def growth(samples: Sequence[tuple[float, float]]) -> float | None:
    """By how many MiB a watcher has grown from the first half of its looks to the second; None for too short a life.

    A sample is (age in seconds, MiB). What it takes in its first two minutes is not counted.
    """
    settled = [memory for age, memory in samples if age >= _SETTLED]
    if len(settled) < _ENOUGH:
        return None
    half = len(settled) // 2
    return statistics.median(settled[half:]) - statistics.median(settled[:half])


def grown(growths: Iterable[float | None], most: float = GROWTH) -> list[str]:
    """No watcher grows."""
    return [f"a watcher has grown by {one:.2f} MiB" for one in growths if one is not None and one > most]
