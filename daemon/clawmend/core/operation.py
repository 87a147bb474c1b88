"""How the operator wants the daemon to work: what it may do, how long it waits, when it may restart, what it logs."""

import re
from enum import Enum

from clawmend.core.frozen import dataclass

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class WatchMode(Enum):
    """What the daemon may do. auto: what `clawmend repair` does without being asked; report: tell, and never repair."""

    AUTO = "auto"
    REPORT = "report"


class LogFormat(Enum):
    """How a line of the log is written."""

    TEXT = "text"
    JSON = "json"


class LogLevel(Enum):
    """The least important kind of line that is still logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A part of every day, in minutes after local midnight, in which no gateway is restarted.

    `start` belongs to it, `end` does not. One that ends before it starts goes over midnight.
    """

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> "QuietHours | None":
        """Read `23:00-07:00`; None when it is something else, or no time at all."""
        found = _HOURS.fullmatch(text.replace(" ", ""))
        if found is None:
            return None
        hour, minute, last_hour, last_minute = map(int, found.groups())
        start, end = 60 * hour + minute, 60 * last_hour + last_minute
        return None if start == end else cls(start, end)

    def holds(self, minute: int) -> bool:
        """Tell whether a minute of the day is a quiet one."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def __str__(self) -> str:
        return "-".join(f"{time // 60:02}:{time % 60:02}" for time in (self.start, self.end))


@dataclass(frozen=True, slots=True)
class Operation:
    """Everything that config.toml says about the daemon. Times are seconds.

    `debounce` is how long nothing may change before the daemon looks, `sweep` how often it compares the files with what
    they were without having heard of a change, `restart_wait` how long a restart waits at most for an agent to end its
    turn.
    """

    mode: WatchMode = WatchMode.AUTO
    debounce: float = 1.0
    sweep: float = 60.0
    restart_wait: float = 300.0
    quiet_hours: QuietHours | None = None
    log_format: LogFormat = LogFormat.TEXT
    log_level: LogLevel = LogLevel.INFO


DEFAULT_OPERATION = Operation()
