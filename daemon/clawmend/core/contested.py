"""What keeps coming back: a fault that was repaired twice within a day and is there again is left alone and told.

So is a fault whose repair a person has undone. Decided from the receipts alone. It stays contested until a look no
longer finds it for a day, until its inputs change (then its fingerprint is another), or until a person repairs it.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import field

from clawmend.core.frozen import dataclass
from clawmend.core.receipt import ROLLED_BACK, UNDO, Receipt

WITHIN = 86_400.0
TIMES = 2
REASON = "contested"
_UNDONE = f"{REASON}: its repair was undone"
WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Contest:
    """A fault that is left alone: how often it was repaired, and since when it is contested (epoch seconds).

    No repair at all means that its last one was undone.
    """

    repairs: int
    since: float


@dataclasses.dataclass(slots=True)
class _Tally:
    """What the receipts say of each fault, read from the newest on."""

    repaired: dict[str, list[float]] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)
    undone: dict[str, float] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)  # a person has repaired it: what was before says nothing
    taken_back: dict[str, float] = field(default_factory=dict)  # checkpoints

    def add(self, receipt: Receipt) -> None:
        """Count one more, older than all before it."""
        if receipt.by == UNDO:
            self.taken_back.setdefault(receipt.undoes, receipt.time)
            return
        for fault in receipt.mended:
            if fault.fingerprint not in self.closed:
                self._mended(fault.fingerprint, receipt)
        for fault in receipt.left:
            if fault.held.startswith(REASON) and fault.fingerprint not in self.closed:
                (self.undone if fault.held.startswith(_UNDONE) else self.told)[fault.fingerprint] = receipt.time

    def _mended(self, fingerprint: str, receipt: Receipt) -> None:
        if receipt.checkpoint in self.taken_back:
            self.undone.setdefault(fingerprint, self.taken_back[receipt.checkpoint or ""])
        elif receipt.by != WATCH:
            self.closed.add(fingerprint)
        else:
            self.repaired.setdefault(fingerprint, []).append(receipt.time)


def contests(receipts: Iterable[Receipt], now: float) -> Mapping[str, Contest]:
    """The contested faults by their fingerprints. `receipts` are those of one home, newest first."""
    tally = _Tally()
    for number, receipt in enumerate(receipt for receipt in receipts if receipt.verdict != ROLLED_BACK):
        if number and now - receipt.time > 2 * WITHIN:
            break  # the newest one still holds, however old it is: nothing has changed since
        tally.add(receipt)
    found = {
        fingerprint: Contest(len(times), max(times))
        for fingerprint, times in tally.repaired.items()
        if sum(now - time <= WITHIN for time in times) >= TIMES
    }
    for fingerprint, time in tally.told.items():
        found.setdefault(fingerprint, Contest(max(TIMES, len(tally.repaired.get(fingerprint, ()))), time))
    return found | {fingerprint: Contest(0, time) for fingerprint, time in tally.undone.items()}


def reason(contest: Contest, who: str) -> str:
    """Why it is left alone, in one sentence."""
    if not contest.repairs:
        return f"{_UNDONE}; to repair it again: clawmend repair"
    by = f"; {who}" if who else ""
    return (
        f"{REASON}: it was repaired {contest.repairs} times within a day and came back{by}; "
        "to repair it once more: clawmend repair"
    )
