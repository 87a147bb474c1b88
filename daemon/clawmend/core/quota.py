"""When a quota of the Coding Plan comes back."""

from enum import Enum

from clawmend.core.frozen import dataclass

_HOUR, _DAY, _WEEK = 3600, 86400, 7 * 86400
_BEIJING = 8 * _HOUR  # the plan's clock is UTC+8 and knows no summer time
_FIRST_MONDAY = 4 * _DAY  # 1970-01-05; the epoch began on a Thursday


class Window(Enum):
    """For how long a quota is counted."""

    FIVE_HOURS = "5-hour"
    WEEK = "weekly"
    MONTH = "monthly"


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota: the words of its error, when it comes back, and what a Lite and a Pro plan can do until then."""

    window: Window
    error: str
    resets: str
    lite: str
    pro: str

    def resets_at(self, seen: float) -> float | None:
        """When it comes back after it was seen exhausted, both in seconds since the epoch.

        For 5 hours the latest moment. None for the month: it depends on the day on which the plan was bought.
        """
        if self.window is Window.MONTH:
            return None
        if self.window is Window.FIVE_HOURS:
            return seen + 5 * _HOUR
        return seen + _WEEK - (seen + _BEIJING - _FIRST_MONDAY) % _WEEK


def next_midnight(seen: float) -> float:
    """The first midnight of the plan's clock (UTC+8) after a moment, both in seconds since the epoch."""
    return seen + _DAY - (seen + _BEIJING) % _DAY
