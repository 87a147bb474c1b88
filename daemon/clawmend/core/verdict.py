"""The outcome of one cycle, and what it means to a shell."""

from enum import Enum


class Verdict(Enum):
    """How a cycle ended; the value is what `repair --json` prints."""

    HEALTHY = "healthy"
    REPAIRED = "repaired"
    WOULD_REPAIR = "would-repair"
    NEEDS_YOU = "needs-you"
    ROLLED_BACK = "rolled-back"
    STALE = "stale"
    FAILED = "failed"
