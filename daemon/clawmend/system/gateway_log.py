"""The log of a state folder's gateway: where it lies, and what of it belongs to that folder.

`/tmp/openclaw/openclaw-YYYY-MM-DD.log`, by local date; where that folder is not the user's own,
`$TMPDIR/openclaw-<uid>/`; `logging.file` in openclaw.json overrides both. 2026.9.6 gives a profile a log of its own
(`openclaw-<profile>-YYYY-MM-DD.log`). Source: resolvePreferredOpenClawTmpDir, resolveDefaultRollingLogFile.
Nothing here writes, waits, or reads more than the last 1 MiB of a file.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from clawmend.core.attribution import Log, Names, attribute
from clawmend.core.document import Json
from clawmend.core.evidence import NOTHING, Evidence
from clawmend.core.frozen import dataclass
from clawmend.core.log_homes import home_of
from clawmend.core.providers import configured_agent_folders
from clawmend.core.state import object_at
from clawmend.system.homes import StateFolder
from clawmend.system.log_file import is_private
from clawmend.system.log_reader import LogReader
from clawmend.system.log_readers import LogReaders

PREFERRED = "/tmp/openclaw"  # noqa: S108 - OpenClaw's own place, read only
_DAYS = range(-2, 2)  # today's and yesterday's in any time zone, for the gateway's is not known
_FUTURE = 60.0  # what is written as later than this comes from another clock, and would count for ever
_DATED = re.compile(r"(openclaw(?:-[a-z0-9-]+?)?)-(?:\d{4}-\d\d-\d\d|YYYY-MM-DD)\.log")


@dataclass(frozen=True, slots=True)
class LogFile:
    """A place where a log may lie. Files of one `series` continue each other; `own`: no other folder writes to it."""

    path: str
    series: str
    own: bool = False


def evidence_for(
    folder: StateFolder,
    settings: Json,
    environment: Mapping[str, str],
    everyone: Sequence[StateFolder],
    now: float,
    readers: LogReaders | None = None,
) -> Evidence:
    """What the logs tell of one state folder. Where there is no log this costs three failed system calls.

    `settings` is openclaw.json resolved, `environment` the gateway's; `everyone` are all known state folders of this
    user, `folder` among them; `now` is in seconds since the epoch.
    """
    try:
        owner = os.stat(folder.directory).st_uid
    except OSError:
        return NOTHING
    files = log_files(folder, settings, environment, owner, now)
    if isinstance(files, str):
        return Evidence((), now, files, complete=True)
    readers = readers or LogReaders()
    ours = _names(folder) | _agent_names(folder, settings, environment)
    names = [ours if each == folder else _names(each) for each in everyone]
    told: list[tuple[LogFile, LogReader, Evidence]] = []
    for file in files:
        reader, log = _read_on(readers, file.path, owner, now)
        if reader.since is None and reader.problem is None:
            continue
        mine, certain = attribute(log, ours, names, own=file.own)
        events = tuple(event for event in mine if event.time <= now + _FUTURE)
        since = now if reader.since is None else reader.since
        told.append((file, reader, Evidence(events, since, reader.problem, reader.complete and certain)))
    return _joined(told)


def _read_on(readers: LogReaders, path: str, owner: int, now: float) -> tuple[LogReader, Log]:
    """Read what was appended; where that cannot be told from what was there, all that is there."""
    reader: LogReader = readers.take(path, owner, now) or LogReader(path, owner)
    log = reader.look(now)
    if reader.lost:
        reader = LogReader(path, owner)
        log = reader.look(now)
    if reader.since is not None:
        readers.keep(path, owner, reader, now)
    return reader, log


def _joined(told: Sequence[tuple[LogFile, LogReader, Evidence]]) -> Evidence:
    """One account out of several files: each series reaches back to the first gap, and the shortest one counts."""
    if not told:
        return NOTHING
    reach: dict[str, float] = {}
    closed: set[str] = set()
    for file, reader, evidence in reversed(told):
        if file.series not in closed:
            reach[file.series] = evidence.since
        if not reader.whole or evidence.problem:
            closed.add(file.series)
    accounts = [evidence for _, _, evidence in told]
    events = sorted((event for each in accounts for event in each.events), key=lambda event: event.time)
    problem = next((each.problem for each in reversed(accounts) if each.problem), None)
    return Evidence(tuple(events), max(reach.values()), problem, all(each.complete for each in accounts))


def log_files(
    folder: StateFolder, settings: Json, environment: Mapping[str, str], owner: int, now: float
) -> tuple[LogFile, ...] | str:
    """Where the logs may lie, the oldest first; or one sentence why that cannot be known."""
    named = object_at(settings, "logging").get("file")
    if not isinstance(named, str) or not named.strip():
        return tuple(_usual(folder, environment, owner, now))
    path = os.path.normpath(_expand(named.strip(), folder, environment))
    if not os.path.isabs(path):
        return f"logging.file in {folder.config} is {named.strip()}, and where that lies only the gateway knows"
    directory, name = os.path.split(path)
    dated = _DATED.fullmatch(name)
    paths = _dated(directory, dated[1], now) if dated else []
    return tuple(LogFile(each, directory) for each in sorted({path, *paths}))


def _usual(folder: StateFolder, environment: Mapping[str, str], owner: int, now: float) -> Iterator[LogFile]:
    places = [PREFERRED]
    if not is_private(PREFERRED, owner):
        places = [f"{root.rstrip('/')}/openclaw-{owner}" for root in _temporary(environment)]
    for place in dict.fromkeys(places):
        if not is_private(place, owner):
            continue
        yield from (LogFile(path, place) for path in _dated(place, "openclaw", now))
        if folder.profile:
            prefix = f"openclaw-{_encoded(folder.profile)}"
            yield from (LogFile(path, f"{place}/{prefix}", own=True) for path in _dated(place, prefix, now))


def _temporary(environment: Mapping[str, str]) -> Iterator[str]:
    """What Node takes for the folder for temporary files: the gateway's, and ours where its own is not known."""
    for variables in (environment, os.environ):
        yield next((variables[name] for name in ("TMPDIR", "TMP", "TEMP") if variables.get(name)), "/tmp")  # noqa: S108


def _dated(directory: str, prefix: str, now: float) -> list[str]:
    today = datetime.fromtimestamp(now, UTC).date()
    return [os.path.join(directory, f"{prefix}-{today + timedelta(days=day)}.log") for day in _DAYS]


def _encoded(profile: str) -> str:
    """A profile's name as it stands in the name of its log (resolveLogProfileSegment of 2026.9.6)."""
    marks = {"-": "--", "_": "-0"}
    return "".join(marks.get(each, f"-1{each.lower()}" if each.isupper() else each) for each in profile)


def _expand(path: str, folder: StateFolder, environment: Mapping[str, str]) -> str:
    home = environment.get("OPENCLAW_HOME") or environment.get("HOME") or os.path.dirname(folder.directory)
    return home + path[1:] if path == "~" or path.startswith("~/") else path


def _names(folder: StateFolder) -> Names:
    """All the paths by which a log may call a state folder."""
    paths = (folder.directory, os.path.dirname(folder.config))
    return frozenset(name for path in paths for name in (os.path.normpath(path), os.path.realpath(path)))


def _agent_names(folder: StateFolder, settings: Json, environment: Mapping[str, str]) -> Names:
    """An agent's folder may lie elsewhere, and the log calls it by that."""
    moved = [environment.get("OPENCLAW_AGENT_DIR", "").strip(), *configured_agent_folders(settings).values()]
    paths = [os.path.normpath(_expand(path, folder, environment)) for path in moved if path]
    return frozenset(home_of(path) or path for path in paths if os.path.isabs(path))
