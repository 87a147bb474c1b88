"""What clawmend remembers between two runs, and its form in JSON, which only ever grows.

    {"schema": 1, "restarts": [...], "rejected": [...], "seen": [...], "paused": {...} | null, "contested": {...}}

Members that this clawmend does not know are kept as they are. A memory that cannot be understood is no empty one: it
may have held that every restart is used up, so then every restart counts as used up.
"""

import math
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from clawmend.core.budget import By, Fault, Restarted, kept
from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.gateway import GatewayHealth

SCHEMA = 1
_MOST_REJECTED = 200
_MOST_STARTS = 50  # more than any start limit counts
_SLACK = 2.0  # the start time of a process is worked out anew at every look


@dataclass(frozen=True, slots=True)
class Rejected:
    """A repair that made things worse and was rolled back: it is not tried again for the same fault."""

    fault: Fault
    time: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Maintenance mode, asked for at `since`; it ends at `until` (seconds since the epoch), or never by itself."""

    since: float
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A gateway at the last look: what tells one start from another. `restarts` is the service manager's count."""

    directory: str
    time: float
    pid: int | None = None
    started: float | None = None
    boot_id: str | None = None
    restarts: int | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that is remembered. `contested` belongs to the watcher, `others` to a newer clawmend.

    `problem` is one sentence when what was remembered cannot be read; then nothing of it is known.
    """

    restarts: tuple[Restarted, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    seen: tuple[Seen, ...] = ()
    paused: Pause | None = None
    contested: Mapping[str, Json] = field(default_factory=dict)
    others: Mapping[str, Json] = field(default_factory=dict)
    problem: str = ""

    def pause_at(self, now: float) -> Pause | None:
        """The pause that holds at a moment."""
        if self.paused is None or (self.paused.until is not None and now >= self.paused.until):
            return None
        return self.paused

    def rejects(self, fault: Fault) -> Rejected | None:
        """The rejected repair of a fault with the same input."""
        return next((one for one in reversed(self.rejected) if one.fault == fault), None)

    def with_restart(self, restart: Restarted) -> "Memory":
        """Remember a restart, before it is made."""
        return replace(self, restarts=kept((*self.restarts, restart), restart.time))

    def with_rejected(self, rejected: tuple[Rejected, ...]) -> "Memory":
        """Remember repairs that were rolled back."""
        faults = {one.fault for one in rejected}
        earlier = (one for one in self.rejected if one.fault not in faults)
        return replace(self, rejected=(*earlier, *rejected)[-_MOST_REJECTED:])

    def having_seen(self, directory: str, health: GatewayHealth, now: float) -> "Memory":
        """Remember how a gateway was found, and the starts since the last look that were not ours."""
        before = next((one for one in self.seen if one.directory == directory), None)
        starts = _starts(before, directory, health, self.restarts, now)
        seen = Seen(
            directory=directory,
            time=now,
            pid=health.pid,
            started=health.started,
            boot_id=health.boot_id,
            restarts=health.restarts,
        )
        others = tuple(one for one in self.seen if one.directory != directory)
        return replace(self, seen=(*others, seen), restarts=kept((*self.restarts, *starts), now))


def _starts(
    before: Seen | None, directory: str, health: GatewayHealth, known: tuple[Restarted, ...], now: float
) -> tuple[Restarted, ...]:
    """The starts by others since the last look. When each was is not known: the latest that it can have been counts."""
    latest = min(health.started if health.started is not None else now, now)
    counted = health.restarts or 0
    if before is None:
        number = counted + (health.started is not None)  # its first start counts as well
    else:
        more = counted - (before.restarts or 0)
        number = max(more if more >= 0 else counted, int(_is_another(before, health)))
        latest = max(latest, min(before.time, now))
    ours = [one for one in known if one.directory == directory and one.by is not By.OTHERS]
    if before is not None:
        number -= sum(one.time >= before.time for one in ours)  # it was seen right before ours
    else:
        number -= any(one.time <= latest + _SLACK for one in ours)
    number = max(0, min(number, _MOST_STARTS))
    return (Restarted(time=latest, directory=directory, by=By.OTHERS),) * number


def _is_another(before: Seen, health: GatewayHealth) -> bool:
    """Whether the process that runs is not the one that was seen."""
    if health.pid is None:
        return False
    if before.boot_id is not None and health.boot_id is not None and before.boot_id != health.boot_id:
        return True
    if before.pid != health.pid:
        return True
    return before.started is not None and health.started is not None and abs(before.started - health.started) > _SLACK


def memory_json(memory: Memory) -> dict[str, Json]:
    """The form in which it is kept."""
    return {
        **memory.others,
        "schema": SCHEMA,
        "restarts": [
            {
                "time": one.time,
                "directory": one.directory,
                "by": one.by.value,
                "faults": [_fault_json(fault) for fault in one.faults],
                "fresh": one.fresh,
                "reset": one.reset,
            }
            for one in memory.restarts
        ],
        "rejected": [{**_fault_json(one.fault), "time": one.time, "why": one.why} for one in memory.rejected],
        "seen": [
            {
                "directory": one.directory,
                "time": one.time,
                "pid": one.pid,
                "started": one.started,
                "boot_id": one.boot_id,
                "restarts": one.restarts,
            }
            for one in memory.seen
        ],
        "paused": None if memory.paused is None else {"since": memory.paused.since, "until": memory.paused.until},
        "contested": dict(memory.contested),
    }


_KNOWN = frozenset({"schema", "restarts", "rejected", "seen", "paused", "contested"})


def memory_of(document: Any) -> Memory:
    """Read it back. What is no memory, or one of a newer clawmend, gives one whose `problem` says so."""
    try:
        if document["schema"] != SCHEMA:
            return Memory(problem="was written by a newer clawmend")
        paused = document["paused"]
        return Memory(
            restarts=tuple(_restart_of(one) for one in document["restarts"]),
            rejected=tuple(
                Rejected(_fault_of(one), _moment(one["time"]), str(one["why"])) for one in document["rejected"]
            ),
            seen=tuple(_seen_of(one) for one in document["seen"]),
            paused=None if paused is None else Pause(_moment(paused["since"]), _moment_or_none(paused["until"])),
            contested=dict(document["contested"]),
            others={name: value for name, value in document.items() if name not in _KNOWN},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return Memory(problem="is damaged")


def _fault_json(fault: Fault) -> dict[str, Json]:
    return {"fingerprint": fault.fingerprint, "inputs": fault.inputs}


def _fault_of(record: Any) -> Fault:
    return Fault(str(record["fingerprint"]), str(record["inputs"]))


def _restart_of(record: Any) -> Restarted:
    return Restarted(
        time=_moment(record["time"]),
        directory=str(record["directory"]),
        by=By(record["by"]),
        faults=tuple(_fault_of(one) for one in record["faults"]),
        fresh=bool(record["fresh"]),
        reset=bool(record["reset"]),
    )


def _seen_of(record: Any) -> Seen:
    pid, restarts = record["pid"], record["restarts"]
    return Seen(
        directory=str(record["directory"]),
        time=_moment(record["time"]),
        pid=None if pid is None else int(pid),
        started=_moment_or_none(record["started"]),
        boot_id=None if record["boot_id"] is None else str(record["boot_id"]),
        restarts=None if restarts is None else int(restarts),
    )


def _moment(value: Any) -> float:
    moment = float(value)
    if not math.isfinite(moment):
        raise ValueError("no moment")
    return moment


def _moment_or_none(value: Any) -> float | None:
    return None if value is None else _moment(value)
