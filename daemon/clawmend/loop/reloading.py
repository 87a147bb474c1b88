"""Which settings hold after config.toml was read again: a broken one never replaces one that was whole."""

from clawmend.core.configuration import Configuration
from clawmend.core.errors import ClawmendError
from clawmend.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The settings that hold now, and why they are not the newest: sentences with path and line, or none."""

    holds: Configuration
    problems: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """One sentence for the status and the log; empty when the newest settings hold."""
        if not self.problems:
            return ""
        others = len(self.problems) - 1
        more = f" (and {others} more: clawmend config check)" if others else ""
        return f"the earlier settings hold, because {self.problems[0]}{more}"


def reloaded(last: Configuration, read: Configuration | ClawmendError) -> Reloaded:
    """Decide what holds: `last` is whole, `read` is what was found now, or why nothing could be read."""
    if isinstance(read, ClawmendError):
        return Reloaded(last, (str(read),))
    if read.problems:
        return Reloaded(last, tuple(map(str, read.problems)))
    return Reloaded(read)
