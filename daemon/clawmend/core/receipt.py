"""Receipts: what one cycle found, did and proved, as it is kept for `history`; masked, with paths as people write them.

A receipt is written when a cycle changed something, and when what it found is not what the last one had found: a
watcher that looks every minute and sees the same leaves no trace. The JSON of a receipt only ever grows.
"""

from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.state import object_at

SCHEMA = 1
# How a cycle ends that has put back what it had changed.
ROLLED_BACK = "rolled-back"
# The action of a deed that changes no file: a gateway was started.
STARTED = "start"
# Who writes a receipt without having looked at what is wrong.
UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding that matters (warning or error). `held` is the reason why it was not repaired, empty if none."""

    fingerprint: str
    rule: str
    name: str
    severity: str
    path: str
    summary: str
    held: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One changed file, or one command that OpenClaw was asked to run. `rules` are the ids of the rules behind it.

    `diff` is what changed, masked and cut to 8,000 characters; for a command it is the command line.
    """

    path: str
    action: str
    rules: tuple[str, ...]
    diff: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one cycle did. `time` is in seconds since the epoch, `seconds` how long it took.

    `by` is who ran it ("repair", "watch", "undo"); `mended` are the faults whose repair is in `deeds`, `left` those
    that remain; `blind` are the places that could not be looked at, each as one sentence. `restart` is "" where none
    was needed, else "done" or "waiting"; `proof` is what showed the restart, or why it waits. `writers` says who had
    written a file meanwhile, where that could be told; `undoes` is the checkpoint that an undo has put back.
    """

    id: str
    time: float
    by: str
    home: str
    version: str | None
    verdict: str
    seconds: float
    checkpoint: str | None = None
    deeds: tuple[Deed, ...] = ()
    mended: tuple[Fault, ...] = ()
    left: tuple[Fault, ...] = ()
    blind: tuple[str, ...] = ()
    restart: str = ""
    proof: str = ""
    note: str = ""
    writers: tuple[str, ...] = ()
    undoes: str = ""

    @property
    def changed_something(self) -> bool:
        """Whether files or credentials are not what they were before."""
        return bool(self.deeds)

    def says_the_same_as(self, earlier: "Receipt") -> bool:
        """Tell whether nothing has happened since an earlier receipt of the same home that would be worth a line."""
        return not self.changed_something and _news(self) == _news(earlier)


def _news(receipt: Receipt) -> tuple[object, ...]:
    """What a person would call news. A verdict says no more than the faults do, unless something was rolled back."""
    faults = frozenset((fault.fingerprint, fault.severity) for fault in receipt.left)
    rolled_back = receipt.verdict == ROLLED_BACK
    return (receipt.home, receipt.version, faults, frozenset(receipt.blind), receipt.restart == "waiting", rolled_back)


def receipt_json(receipt: Receipt) -> dict[str, Json]:
    """A receipt as it is kept and as `history --json` prints it."""
    return {
        "receipt": SCHEMA,
        "id": receipt.id,
        "time": receipt.time,
        "by": receipt.by,
        "home": receipt.home,
        "version": receipt.version,
        "verdict": receipt.verdict,
        "seconds": receipt.seconds,
        "checkpoint": receipt.checkpoint,
        "deeds": [
            {"path": deed.path, "action": deed.action, "rules": list(deed.rules), "diff": deed.diff}
            for deed in receipt.deeds
        ],
        "mended": [fault_json(fault) for fault in receipt.mended],
        "left": [fault_json(fault) for fault in receipt.left],
        "blind": list(receipt.blind),
        "restart": receipt.restart,
        "proof": receipt.proof,
        "note": receipt.note,
        "writers": list(receipt.writers),
        "undoes": receipt.undoes,
    }


def receipt_of(value: Json) -> Receipt | None:
    """Read a receipt; None for what is none, so that one bad line never hides the others."""
    if not isinstance(value, dict) or value.get("receipt") != SCHEMA:
        return None
    time, seconds = value.get("time"), value.get("seconds")
    if isinstance(time, bool) or not isinstance(time, int | float):
        return None
    version, checkpoint = value.get("version"), value.get("checkpoint")
    return Receipt(
        id=_text(value, "id"),
        time=float(time),
        by=_text(value, "by"),
        home=_text(value, "home"),
        version=version if isinstance(version, str) else None,
        verdict=_text(value, "verdict"),
        seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
        checkpoint=checkpoint if isinstance(checkpoint, str) else None,
        deeds=tuple(map(_deed, _list(value, "deeds"))),
        mended=tuple(map(fault_of, _list(value, "mended"))),
        left=tuple(map(fault_of, _list(value, "left"))),
        blind=tuple(_texts(value, "blind")),
        restart=_text(value, "restart"),
        proof=_text(value, "proof"),
        note=_text(value, "note"),
        writers=tuple(_texts(value, "writers")),
        undoes=_text(value, "undoes"),
    )


_FAULT_MEMBERS = ("fingerprint", "rule", "name", "severity", "path", "summary", "held")


def fault_json(fault: Fault) -> dict[str, Json]:
    """A fault as it is kept."""
    return {name: getattr(fault, name) for name in _FAULT_MEMBERS}


def fault_of(value: Json) -> Fault:
    """Read a fault; what is missing in it is empty."""
    return Fault(*(_text(value, name) for name in _FAULT_MEMBERS))


def _deed(value: Json) -> Deed:
    return Deed(_text(value, "path"), _text(value, "action"), tuple(_texts(value, "rules")), _text(value, "diff"))


def _text(value: Json, name: str) -> str:
    found = object_at(value).get(name)
    return found if isinstance(found, str) else ""


def _list(value: Json, name: str) -> list[Json]:
    found = object_at(value).get(name)
    return found if isinstance(found, list) else []


def _texts(value: Json, name: str) -> list[str]:
    return [one for one in _list(value, name) if isinstance(one, str)]
