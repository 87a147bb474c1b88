"""What the watcher says about itself: a small file that `clawmend status` reads, and nothing a secret could be in.

    <state>/status.json   0600, replaced atomically after every look and at least once a minute

The file outlives the watcher; whether it still runs is told by `pid` and `process_started`, never by the file alone.
"""

from dataclasses import dataclass

from clawmend.core.document import Json
from clawmend.core.receipt import Fault, fault_json, fault_of
from clawmend.core.state import object_at

SCHEMA = 1
NAME = "status.json"


@dataclass(frozen=True, slots=True)
class Watched:
    """A folder that is watched, as people write it; `proven`: a change in it would wake us."""

    path: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Repaired:
    """The last cycle that changed something. `time` is in seconds since the epoch."""

    time: float
    verdict: str
    checkpoint: str | None
    summary: str


@dataclass(frozen=True, slots=True)
class Gateway:
    """The gateway of a state folder: its condition's name, and one sentence about it."""

    directory: str
    condition: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Contested:
    """What is left alone because it came back after two repairs. `who` wrote it back, where that can be told."""

    fingerprint: str
    rule: str
    path: str
    since: float
    who: str


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that did not work; the watcher went on."""

    time: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything that `clawmend status` shows. All times are in seconds since the epoch.

    `process_started` is what the system says of the process, `started` when it began to watch. `how` is "inotify",
    "fsevents" or "polling", `watch_problem` one sentence when it is not as good as it could be. `left` are the faults
    that remain, each with the reason why it was not repaired. `quiet_until` is the end of the quiet hours that hold
    now; `paused` holds until `paused_until`, for good where that is None. `settings_problem` says why the newest
    config.toml does not hold.
    """

    pid: int
    process_started: float
    started: float
    updated: float
    version: str
    home: str
    mode: str
    openclaw: str | None = None
    how: str = ""
    watched: tuple[Watched, ...] = ()
    watch_problem: str = ""
    looks: int = 0
    last_look: float | None = None
    next_look: float | None = None
    last_repair: Repaired | None = None
    left: tuple[Fault, ...] = ()
    blind: tuple[str, ...] = ()
    contested: tuple[Contested, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    budget: tuple[str, ...] = ()
    paused: bool = False
    paused_until: float | None = None
    quiet_until: float | None = None
    settings_problem: str = ""
    mishaps: tuple[Mishap, ...] = ()


_PLAIN = (
    "pid", "process_started", "started", "updated", "version", "home", "mode", "openclaw", "how", "watch_problem",
    "looks", "last_look", "next_look", "paused", "paused_until", "quiet_until", "settings_problem",
)  # fmt: skip


def status_json(status: Status) -> dict[str, Json]:
    """The form in which it is written; it only ever grows."""
    repaired = status.last_repair
    return {
        "schema": SCHEMA,
        **{name: getattr(status, name) for name in _PLAIN},
        "watched": [{"path": one.path, "proven": one.proven} for one in status.watched],
        "last_repair": None
        if repaired is None
        else {
            "time": repaired.time,
            "verdict": repaired.verdict,
            "checkpoint": repaired.checkpoint,
            "summary": repaired.summary,
        },
        "left": [fault_json(one) for one in status.left],
        "blind": list(status.blind),
        "contested": [
            {"fingerprint": one.fingerprint, "rule": one.rule, "path": one.path, "since": one.since, "who": one.who}
            for one in status.contested
        ],
        "gateways": [
            {"directory": one.directory, "condition": one.condition, "sentence": one.sentence}
            for one in status.gateways
        ],
        "budget": list(status.budget),
        "mishaps": [{"time": one.time, "text": one.text} for one in status.mishaps],
    }


def status_of(value: Json) -> Status | None:
    """Read it back; None for what is no status, or one of a newer clawmend."""
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        return None
    try:
        repaired = value["last_repair"]
        return Status(
            **{name: value[name] for name in _PLAIN},  # type: ignore[arg-type]
            watched=tuple(Watched(str(one["path"]), bool(one["proven"])) for one in _objects(value, "watched")),
            last_repair=_repaired(repaired) if isinstance(repaired, dict) else None,
            left=tuple(fault_of(one) for one in _objects(value, "left")),
            blind=tuple(map(str, _items(value, "blind"))),
            contested=tuple(
                Contested(
                    str(one["fingerprint"]), str(one["rule"]), str(one["path"]), _number(one["since"]), str(one["who"])
                )
                for one in _objects(value, "contested")
            ),
            gateways=tuple(
                Gateway(str(one["directory"]), str(one["condition"]), str(one["sentence"]))
                for one in _objects(value, "gateways")
            ),
            budget=tuple(map(str, _items(value, "budget"))),
            mishaps=tuple(Mishap(_number(one["time"]), str(one["text"])) for one in _objects(value, "mishaps")),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _repaired(value: dict[str, Json]) -> Repaired:
    checkpoint = value["checkpoint"]
    return Repaired(
        _number(value["time"]),
        str(value["verdict"]),
        None if checkpoint is None else str(checkpoint),
        str(value["summary"]),
    )


def _contested(value: dict[str, Json]) -> Contested:
    texts = (str(value[name]) for name in ("fingerprint", "rule", "path"))
    return Contested(*texts, since=_number(value["since"]), who=str(value["who"]))


def _number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    return float(value)


def _items(value: dict[str, Json], name: str) -> list[Json]:
    found = value[name]
    return found if isinstance(found, list) else []


def _objects(value: dict[str, Json], name: str) -> list[dict[str, Json]]:
    return [object_at(one) for one in _items(value, name)]
