"""What keeps coming back: a fault that was repaired twice within a day and is there again is left alone and told.

Decided from the receipts alone. It stays contested until a look no longer finds it for a day, until its inputs change
(then its fingerprint is another), or until a person repairs it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clawmend.core.receipt import ROLLED_BACK, UNDO, Receipt

WITHIN = 86_400.0
TIMES = 2
REASON = "contested"
WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Contest:
    """A fault that is left alone: how often it was repaired, and since when it is contested (epoch seconds)."""

    repairs: int
    since: float


def contests(receipts: Iterable[Receipt], now: float) -> Mapping[str, Contest]:
    """The contested faults by their fingerprints. `receipts` are those of one home, newest first, of two days."""
    repaired: dict[str, list[float]] = {}
    told: dict[str, float] = {}
    closed: set[str] = set()
    looks = (receipt for receipt in receipts if receipt.by != UNDO and receipt.verdict != ROLLED_BACK)
    for number, receipt in enumerate(looks):
        if number and now - receipt.time > 2 * WITHIN:
            break  # the newest one still holds, however old it is: nothing has changed since
        for fault in receipt.mended:
            if receipt.by != WATCH:
                closed.add(fault.fingerprint)  # a person has said so
            elif fault.fingerprint not in closed:
                repaired.setdefault(fault.fingerprint, []).append(receipt.time)
        for fault in receipt.left:
            if fault.held.startswith(REASON) and fault.fingerprint not in closed:
                told[fault.fingerprint] = receipt.time
    found = {
        fingerprint: Contest(len(times), max(times))
        for fingerprint, times in repaired.items()
        if sum(now - time <= WITHIN for time in times) >= TIMES
    }
    for fingerprint, time in told.items():
        found.setdefault(fingerprint, Contest(max(TIMES, len(repaired.get(fingerprint, ()))), time))
    return found


def reason(contest: Contest, who: str) -> str:
    """Why it is left alone, in one sentence."""
    by = f"; {who}" if who else ""
    return (
        f"{REASON}: it was repaired {contest.repairs} times within a day and came back{by}; "
        "to repair it once more: clawmend repair"
    )
