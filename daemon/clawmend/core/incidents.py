"""Incidents: one fault from the look that found it to the one that no longer does, told from the receipts.

An incident that comes back within an hour of its end is the same one: to the person it never ended.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum

from clawmend.core.frozen import dataclass
from clawmend.core.receipt import ROLLED_BACK, UNDO, Fault, Receipt

REOPENS_WITHIN = 3600.0


class End(Enum):
    """How an incident ended; the value is what `history --json` prints."""

    OPEN = "open"
    REPAIRED = "repaired"
    GONE = "gone"  # without us: a person, OpenClaw, or an undo took it away


@dataclass(frozen=True, slots=True)
class Incident:
    """One fault over time. `began` and `ended` are in seconds since the epoch; `ended` is None while it lasts.

    `receipts` are the ids of the receipts that tell of it, oldest first; `repairs` counts the repairs of it,
    `rolled_back` the cycles that were rolled back while it was there. `checkpoint` is that of the last repair.
    """

    fault: Fault
    home: str
    began: float
    ended: float | None = None
    end: End = End.OPEN
    repairs: int = 0
    rolled_back: int = 0
    restarts: int = 0
    checkpoint: str | None = None
    receipts: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()

    def lasted(self, now: float) -> float:
        """How long it lasted, in seconds; until now when it has not ended. Never negative, whatever the clock did."""
        return max(0.0, (now if self.ended is None else self.ended) - self.began)


def incidents(receipts: Iterable[Receipt]) -> tuple[Incident, ...]:
    """Tell the incidents from receipts, oldest first; those that have not ended come in their place as well."""
    found: dict[tuple[str, str], list[Incident]] = {}
    for receipt in receipts:
        if receipt.by == UNDO:
            continue  # it has not looked
        present = {fault.fingerprint: fault for fault in (*receipt.left, *receipt.mended)}
        for fault in present.values():
            key = (receipt.home, fault.fingerprint)
            found.setdefault(key, [])
            found[key] = _with(found[key], fault, receipt)
        for (home, fingerprint), row in found.items():
            last = row[-1]
            if home == receipt.home and last.ended is None and fingerprint not in present:
                row[-1] = replace(last, ended=receipt.time, end=End.GONE, receipts=(*last.receipts, receipt.id))
    return tuple(sorted((one for row in found.values() for one in row), key=lambda one: one.began))


def _with(row: list[Incident], fault: Fault, receipt: Receipt) -> list[Incident]:
    """Add to the incidents of one fault what one receipt says of it."""
    last = row[-1] if row else None
    if last is None or (last.ended is not None and receipt.time - last.ended > REOPENS_WITHIN):
        last = Incident(fault, receipt.home, receipt.time)
        row = [*row, last]
    over = any(one.fingerprint == fault.fingerprint for one in receipt.mended)
    now = replace(
        last,
        fault=fault,
        ended=receipt.time if over else None,
        end=End.REPAIRED if over else End.OPEN,
        repairs=last.repairs + over,
        rolled_back=last.rolled_back + (receipt.verdict == ROLLED_BACK),
        restarts=last.restarts + (over and receipt.restart == "done"),
        checkpoint=receipt.checkpoint if over else last.checkpoint,
        receipts=(*last.receipts, receipt.id),
        writers=tuple(dict.fromkeys((*last.writers, *receipt.writers))),
    )
    return [*row[:-1], now]
