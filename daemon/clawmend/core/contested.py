"""What keeps coming back: a fault that was repaired twice within a day and is there again is left alone and told.

So is one whose repair a person has undone, the first time: whoever undoes it does not want it done again.
Decided from the receipts alone. It stays contested until a look no longer finds it for a day, until its inputs change
(then its fingerprint is another), or until a person repairs it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from clawmend.core.receipt import ROLLED_BACK, UNDO, Receipt

WITHIN = 86_400.0
TIMES = 2
REASON = "contested"
WATCH = "watch"
_UNDONE = "somebody has undone its repair"


@dataclass(frozen=True, slots=True)
class Contest:
    """A fault that is left alone: how often it was repaired, and since when it is contested (epoch seconds).

    `undone` tells that a person has taken its repair back.
    """

    repairs: int
    since: float
    undone: bool = False


def contests(receipts: Iterable[Receipt], now: float) -> Mapping[str, Contest]:
    """The contested faults by their fingerprints. `receipts` are those of one home, newest first, of two days."""
    kept = tuple(receipts)
    undone = _undone(kept)
    repaired: dict[str, list[float]] = {}
    found: dict[str, Contest] = {}
    closed: set[str] = set()
    looks = (receipt for receipt in kept if receipt.by != UNDO and receipt.verdict != ROLLED_BACK)
    for number, receipt in enumerate(looks):
        if number and now - receipt.time > 2 * WITHIN:
            break  # the newest one still holds, however old it is: nothing has changed since
        back = undone.get(receipt.checkpoint or "")
        for name in {fault.fingerprint for fault in receipt.mended} - closed:
            if receipt.by != WATCH and back is None:
                closed.add(name)  # a person has said so
                continue
            repaired.setdefault(name, []).append(receipt.time)
            if back is not None:
                found.setdefault(name, Contest(1, back, undone=True))
        for fault in receipt.left:
            if fault.held.startswith(REASON) and fault.fingerprint not in closed:
                found.setdefault(fault.fingerprint, Contest(TIMES, receipt.time, _UNDONE in fault.held))
    return _counted(repaired, found, now)


def _undone(receipts: tuple[Receipt, ...]) -> Mapping[str, float]:
    """The checkpoints that a person has taken back, and when; what was done again since is not among them."""
    undone: dict[str, float] = {}
    for receipt in receipts:
        if receipt.undoes is not None and receipt.checkpoint not in undone:
            undone[receipt.undoes] = receipt.time
    return undone


def _counted(repaired: Mapping[str, list[float]], told: dict[str, Contest], now: float) -> Mapping[str, Contest]:
    found = {name: replace(one, repairs=max(one.repairs, len(repaired.get(name, ())))) for name, one in told.items()}
    for name, times in repaired.items():
        if sum(now - time <= WITHIN for time in times) >= TIMES and not (name in found and found[name].undone):
            found[name] = Contest(len(times), max(times))
    return found


def reason(contest: Contest, who: str) -> str:
    """Why it is left alone, in one sentence."""
    if contest.undone:
        return f"{REASON}: {_UNDONE}; to repair it all the same: clawmend repair"
    by = f"; {who}" if who else ""
    return (
        f"{REASON}: it was repaired {contest.repairs} times within a day and came back{by}; "
        "to repair it once more: clawmend repair"
    )
