"""What became of a change of openclaw.json while a gateway ran, as its own log tells it."""

from clawmend.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The gateway has taken it over; `line` is what its log says, `seconds` how long it took from the write on."""

    line: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Restarting:
    """The gateway restarts itself for it, now or as soon as its turns are done."""

    line: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """The gateway refuses what is there, and keeps what it has. `reason` is what its log says."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotTaken:
    """What is there is valid, and the gateway does not take it over by itself. `reason` is what its log says."""

    reason: str


@dataclass(frozen=True, slots=True)
class Silent:
    """The log says nothing of it. `reason` says why, or how long it was waited for."""

    reason: str


Reload = Reloaded | Restarting | Skipped | NotTaken | Silent
