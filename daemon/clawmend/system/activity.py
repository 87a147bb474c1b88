"""Looking for turns in flight in a state folder: locks and times of session files and databases, nothing else."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress

from clawmend.core.activity import SessionLock, Trace, Written, why_busy
from clawmend.core.snapshot import OpenClaw
from clawmend.system.machine import Clock

_SESSION, _LOCK = ".jsonl", ".jsonl.lock"
_DATABASE = "openclaw-agent.sqlite"
_LOOK_AGAIN = 1.0  # seconds


def traces_of(openclaw: OpenClaw) -> Iterator[Trace]:
    """What the files of all agents tell; a file that goes away meanwhile tells nothing."""
    for agent in openclaw.agents:
        for folder in dict.fromkeys(_session_folders(openclaw, agent.id, agent.directory)):
            for entry in _entries(folder):
                with suppress(OSError):
                    if entry.name.endswith(_LOCK):
                        yield _lock(entry.path, entry.stat(follow_symlinks=False).st_mtime)
                    elif entry.name.endswith(_SESSION):
                        yield Written(entry.path, entry.stat().st_mtime)
        for suffix in ("", "-wal"):
            path = os.path.join(agent.directory, _DATABASE + suffix)
            with suppress(OSError):
                yield Written(path, os.stat(path).st_mtime)


def wait_until_quiet(openclaw: OpenClaw, clock: Clock, seconds: float) -> str | None:
    """Wait until no turn runs, at most so long; None when none does, else what shows that one does."""
    deadline = clock.monotonic() + seconds
    while (busy := why_busy(traces_of(openclaw), clock.now())) is not None:
        if clock.monotonic() >= deadline:
            return busy
        clock.sleep(_LOOK_AGAIN)
    return None


def _session_folders(openclaw: OpenClaw, agent: str, directory: str) -> Iterator[str]:
    yield os.path.join(openclaw.directory, "agents", agent, "sessions")
    yield os.path.join(os.path.dirname(directory), "sessions")


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _lock(path: str, time: float) -> SessionLock:
    pid = None
    with suppress(OSError, ValueError, RecursionError), open(path, "rb") as file:
        held = json.loads(file.read(4096))
        pid = held.get("pid") if isinstance(held, dict) else None
    known = pid if isinstance(pid, int) and not isinstance(pid, bool) and pid > 0 else None
    return SessionLock(path, time, known, known is not None and _is_alive(known))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # another user's process
    return True
