"""Waiting until a running gateway has taken over what was written, and believing only what its own log says.

A change is taken over within 0.3 to 3 s, on a loaded machine within 6; the log says so in one line. While the log does
not grow nothing of it is read. Silence is no failure: where the gateway logs no more than warnings it always is silent.
"""

import os
from collections.abc import Iterable, Sequence

from clawmend.core.evidence import Event, Kind
from clawmend.core.pointer import Pointer
from clawmend.core.snapshot import OpenClaw
from clawmend.core.state import object_at
from clawmend.core.told import NotTaken, Reload, Reloaded, Restarting, Silent, Skipped
from clawmend.system.gateway_log import evidence_for, log_files
from clawmend.system.homes import StateFolder
from clawmend.system.log_readers import LogReaders
from clawmend.system.machine import Clock

PATIENCE = 10.0
"""Seconds; then it is given up."""

_LOOK_AGAIN = 0.1
_TICK = 0.001  # seconds; a line's time is cut to milliseconds
_QUIET_LEVELS = frozenset({"silent", "fatal", "error", "warn"})
_ENDS = frozenset({Kind.RELOADED, Kind.INVALID_CONFIG, Kind.RESTART_NEEDED, Kind.NOT_TAKEN, Kind.RESTARTING})


def await_reload(
    openclaw: OpenClaw,
    everyone: Sequence[StateFolder],
    members: Iterable[Pointer],
    written: float,
    clock: Clock,
    patience: float = PATIENCE,
) -> Reload:
    """Wait for what the gateway of a state folder says of a change.

    `members` are those of openclaw.json that were changed, none where that is not known; `written` is the moment
    before the write, in seconds since the epoch; `everyone` are all state folders, `openclaw` among them.
    """
    settings = openclaw.settings.value if openclaw.settings else None
    level = object_at(settings, "logging").get("level")
    if isinstance(level, str) and level.strip().lower() in _QUIET_LEVELS:
        return Silent(f"logging.level is {level.strip()}, so that its log does not tell")
    log = _Log(openclaw, everyone, clock)
    if log.problem is not None:
        return Silent(log.problem)
    names = frozenset(str(member[0]) for member in members if member)
    deadline = clock.monotonic() + patience
    while True:
        for event in log.since(written):
            if event.kind is not Kind.RELOADED or _is_about(event.text, names):
                return _told(event, written)
        if clock.monotonic() >= deadline:
            return Silent(f"its log has said nothing of it for {patience:.0f} s")
        clock.sleep(_LOOK_AGAIN)


class _Log:
    """The log of one state folder, read only when it has grown."""

    def __init__(self, openclaw: OpenClaw, everyone: Sequence[StateFolder], clock: Clock) -> None:
        self._openclaw, self._everyone, self._clock = openclaw, everyone, clock
        self._settings = openclaw.settings.value if openclaw.settings else None
        self._folder = StateFolder(openclaw.directory, openclaw.config.path, openclaw.profile)
        self._readers = LogReaders()
        self._sizes: tuple[tuple[str, int], ...] | None = None
        files = self._files()
        self.problem = files if isinstance(files, str) else None

    def since(self, moment: float) -> tuple[Event, ...]:
        """What was said after a moment, if anything is new."""
        sizes = self._measure()
        if sizes == self._sizes:
            return ()
        self._sizes = sizes
        now, environment = self._clock.now(), self._openclaw.environment
        evidence = evidence_for(self._folder, self._settings, environment, self._everyone, now, self._readers)
        return tuple(event for event in evidence.events if event.time > moment - _TICK and event.kind in _ENDS)

    def _files(self) -> Sequence[str] | str:
        try:
            owner = os.stat(self._openclaw.directory).st_uid
        except OSError:
            return "its state folder is gone"
        found = log_files(self._folder, self._settings, self._openclaw.environment, owner, self._clock.now())
        return found if isinstance(found, str) else [file.path for file in found]

    def _measure(self) -> tuple[tuple[str, int], ...]:
        sizes = []
        files = self._files()
        for path in () if isinstance(files, str) else files:
            try:
                sizes.append((path, os.stat(path).st_size))
            except (OSError, ValueError):
                continue
        return tuple(sizes)


def _told(event: Event, written: float) -> Reload:
    match event.kind:
        case Kind.INVALID_CONFIG:
            return Skipped(event.text)
        case Kind.RESTART_NEEDED | Kind.RESTARTING:
            return Restarting(event.text)
        case Kind.NOT_TAKEN:
            return NotTaken(event.text)
        case _:
            return Reloaded(event.text, max(event.time - written, 0.0))


def _is_about(text: str, names: frozenset[str]) -> bool:
    """Tell whether a line names one of these members; a line that was cut may name any."""
    listed = text.partition("(")[2].removeprefix("dynamic reads: ")
    if not names or text.endswith("…"):
        return True
    return any(member.strip(" )").split(".")[0] in names for member in listed.split(","))
