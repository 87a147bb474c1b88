"""Is the gateway in the middle of a turn? What its files tell, as far as they tell it.

While a turn runs, OpenClaw holds `<session>.jsonl.lock` beside the session's file (a file with the pid, up to 2026.7)
and appends to the session, or to its agent's database (from 2026.8.1 on). A lock whose process is gone, or one that
is older than any turn, is left of a crash. Silence proves little: a model may think for minutes without a write, so
that a version that can tell itself is asked instead (`gateway restart --safe`).
"""

from collections.abc import Iterable

from clawmend.core.frozen import dataclass

QUIET_SECONDS = 5.0
"""So long ago the last write has to be."""

_OLDEST_LOCK = 1800.0  # seconds; OpenClaw's own DEFAULT_STALE_MS


@dataclass(frozen=True, slots=True)
class SessionLock:
    """A session's lock. `pid` is None where nobody can be named, `alive` whether that process runs."""

    path: str
    time: float
    pid: int | None
    alive: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A session's file or an agent's database, and when it was last written, in seconds since the epoch."""

    path: str
    time: float


Trace = SessionLock | Written


def why_busy(traces: Iterable[Trace], now: float) -> str | None:
    """Say what shows that a turn runs; None when nothing does. `now` is in seconds since the epoch."""
    found = tuple(traces)
    for trace in found:
        if isinstance(trace, SessionLock) and trace.alive and now - trace.time < _OLDEST_LOCK:
            return f"process {trace.pid} holds {trace.path}"
    for trace in found:
        if isinstance(trace, Written) and 0 <= now - trace.time < QUIET_SECONDS:
            return f"{trace.path} was written {now - trace.time:.0f} s ago"
    return None
