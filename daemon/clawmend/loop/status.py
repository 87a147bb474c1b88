"""What the daemon says about itself: one small file, written whole, read by `clawmend status`.

<state>/status.json   0600; replaced whenever something in it changes
"""

import json
import os
from dataclasses import asdict
from typing import Any

from clawmend.core.errors import ClawmendError
from clawmend.core.frozen import dataclass
from clawmend.system.durable import replace_whole
from clawmend.system.sentences import as_sentence

_NAME = "status.json"
_FORMAT = 1
_MOST_BYTES = 2**20
# It is written at the first turn after so many seconds also when nothing has changed.
LONGEST_SILENCE = 60.0


@dataclass(frozen=True, slots=True)
class Watched:
    """A folder or file that is watched. `proven`: a change made for the purpose was seen; else `problem` says why."""

    path: str
    proven: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that was done: when (seconds since the epoch), and what came of it in one sentence."""

    at: float
    result: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A finding that is left to a person, and why."""

    rule: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that is told. Times are seconds since the epoch, every text is masked and fit to be printed.

    `pid` and `started` (of the process) tell whether it is still alive, `since` is when it was ready, `written` when
    this was written, `stopped` when it ended well. `mode` is a WatchMode's value. `gateway` are sentences, one per
    gateway; `budget` is what of the restarts was spent, `paused` who asked for a pause and until when, `settings` why
    config.toml does not hold as it is now, `errors` what did not work when it last looked. These five are empty
    where there is nothing to say. `sweep` is how often it sweeps, in seconds: if it lives it writes that often. `awake`
    is when this was written on the clock that stands still while the machine sleeps; both are None in an older file.
    """

    pid: int
    started: float
    since: float
    version: str
    home: str
    mode: str
    written: float
    watched: tuple[Watched, ...] = ()
    last_look: Happened | None = None
    last_repair: Happened | None = None
    held: tuple[Waiting, ...] = ()
    contested: tuple[Waiting, ...] = ()
    gateway: tuple[str, ...] = ()
    gateway_down: bool = False
    budget: str = ""
    paused: str = ""
    settings: str = ""
    errors: tuple[str, ...] = ()
    stopped: float | None = None
    sweep: float | None = None
    awake: float | None = None

    def is_overdue(self, awake: float) -> bool:
        """Whether it has not been written for so long that whoever should write it cannot, or hangs."""
        if self.sweep is None or self.awake is None:
            return False
        return awake - self.awake > 3 * max(self.sweep, LONGEST_SILENCE)


def write_status(state: str, status: Status) -> None:
    """Replace the file; ClawmendError when it cannot be written. The state folder has to be there."""
    path = os.path.join(state, _NAME)
    text = json.dumps({"format": _FORMAT, **asdict(status)}, ensure_ascii=True)
    with as_sentence("write", path):
        replace_whole(path, text.encode())


def read_status(state: str) -> Status | None:
    """Read the file; None when no daemon has ever written one, ClawmendError when it is not to be understood."""
    path = os.path.join(state, _NAME)
    with as_sentence("read", path):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(_MOST_BYTES + 1)
    try:
        return _status(json.loads(data))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        remedy = "start the daemon anew: clawmend service install --now"
        raise ClawmendError(f"{path} was not written by this version of clawmend", remedy) from error


def _status(document: dict[str, Any]) -> Status:
    if document.pop("format") != _FORMAT:
        raise ValueError("another format")
    for name, kind in (("watched", Watched), ("held", Waiting), ("contested", Waiting)):
        document[name] = tuple(kind(**one) for one in document[name])
    for name in ("last_look", "last_repair"):
        document[name] = Happened(**document[name]) if document[name] is not None else None
    for name in ("gateway", "errors"):
        document[name] = tuple(document[name])
    return Status(**document)
