"""Quiet hours: a part of the local day in which no gateway is restarted by itself."""

import time

from clawmend.core.frozen import dataclass
from clawmend.core.operation import QuietHours

_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours that hold now: when they end, in seconds since the epoch and as a time of day."""

    until: float
    words: str


def quiet_until(hours: QuietHours | None, now: float) -> Quiet | None:
    """When the quiet hours end that hold at a moment; None when none do."""
    if hours is None:
        return None
    local = time.localtime(now)
    minute = 60 * local.tm_hour + local.tm_min
    if not hours.holds(minute):
        return None
    left = (hours.end - minute) % _DAY
    return Quiet(now + 60 * left - local.tm_sec, f"{hours.end // 60:02}:{hours.end % 60:02}")
