"""The restart budget: whether a gateway may be restarted now, from what was restarted before and an injected now.

A restart cuts replies, and too many quick ones leave the unit dead until somebody says `reset-failed`. So they are
spaced 10, 20, 40 ... 300 seconds while the gateway does not stay well; there are two at most in a minute, and three at
most for the same fault on the same input, after which the circuit is open. Starts that others made count towards the
start limit of the service manager, which is never to be hit because of us. Source: facts on OpenClaw, "Gateway".
"""

from collections import Counter
from collections.abc import Iterable
from enum import Enum

from clawmend.core.frozen import dataclass
from clawmend.core.version import Version

FIRST_PAUSE, LONGEST_PAUSE = 10.0, 300.0
WINDOW, MOST_IN_WINDOW = 60.0, 2
MOST_PER_FAULT = 3
WELL = 600.0
"""Seconds for which a gateway has to be ready before the pauses begin anew."""

_DAY, _HOUR = 86_400.0, 3600.0
_CLOCK_SLACK = 600.0  # a record from further ahead is of a clock that was wrong
_MOST_KEPT = 500


class By(Enum):
    """Who restarted a gateway; the value is what is kept."""

    US = "clawmend"
    ROLLBACK = "rollback"  # ours too, to bring a gateway back to the files that were put back
    OTHERS = "others"  # a person, OpenClaw, or the service manager


@dataclass(frozen=True, slots=True)
class Fault:
    """What a restart is for: the fingerprint of a finding, and a digest of the input that it was made from."""

    fingerprint: str
    inputs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted:
    """One restart of the gateway of a state folder, at `time` in seconds since the epoch.

    `fresh`: the gateway had been well until then, so that the pauses begin with this one. `reset`: the service manager
    was told to forget its count right before.
    """

    time: float
    directory: str
    by: By
    faults: tuple[Fault, ...] = ()
    fresh: bool = False
    reset: bool = False


@dataclass(frozen=True, slots=True)
class StartLimit:
    """How many starts in how many seconds a service manager allows before it gives a unit up."""

    burst: int
    interval: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A restart that somebody wants: which gateway, for which faults, under which limit.

    `well_since`: since when the gateway has been ready (seconds since the epoch), None while it is not. `reset`: its
    manager is going to be told to forget its count.
    """

    directory: str
    faults: tuple[Fault, ...] = ()
    limit: StartLimit | None = None
    well_since: float | None = None
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """It may be restarted now. `fresh` is what has to be kept with the record."""

    fresh: bool = False


@dataclass(frozen=True, slots=True)
class NotYet:
    """It may be restarted at `until` (seconds since the epoch), if nothing else happens; `reason` is a clause."""

    until: float
    reason: str


@dataclass(frozen=True, slots=True)
class CircuitOpen:
    """Not for these faults, until their input changes or a person says so; `reason` is a clause."""

    faults: tuple[Fault, ...]
    reason: str


Decision = Allowed | NotYet | CircuitOpen


def start_limit(version: Version | None) -> StartLimit | None:
    """The limit in the unit that a version of OpenClaw installs; of an unknown one the tightest that there is."""
    if version is None:
        return StartLimit(5, 300.0)
    if version < Version(2026, 4, 10):
        return None
    return StartLimit(5, 60.0) if version < Version(2026, 9, 5) else StartLimit(10, 300.0)


def decide(restarts: Iterable[Restarted], wish: Wish, now: float) -> Decision:
    """Decide whether a gateway may be restarted now."""
    known = tuple(restarts)
    opened = tuple(fault for fault in wish.faults if _times(known, fault) >= MOST_PER_FAULT)
    if opened:
        return CircuitOpen(opened, f"{MOST_PER_FAULT} restarts have not helped against it")
    here = [one for one in known if one.directory == wish.directory and one.time <= now + _CLOCK_SLACK]
    ours = sorted((one for one in here if one.by is not By.OTHERS), key=_moment)
    well = wish.well_since is not None and now - max(wish.well_since, *(one.time for one in ours), 0.0) >= WELL
    waits = [*_pause(ours, now, well=well), *_window(ours, now)]
    if wish.limit is not None and not wish.reset:
        waits += _start_limit(here, wish.limit, now)
    if waits:
        return max(waits, key=lambda wait: wait.until)
    return Allowed(fresh=well or not ours)


def kept(restarts: Iterable[Restarted], now: float) -> tuple[Restarted, ...]:
    """The records that can still count: ours of a day, those of others of an hour, those of a circuit that is open."""
    known = tuple(restarts)
    old = [one for one in known if now - one.time >= (_HOUR if one.by is By.OTHERS else _DAY)]
    times = Counter(fault for one in known for fault in one.faults) if any(one.faults for one in old) else Counter()
    gone = [one for one in old if all(times[fault] < MOST_PER_FAULT for fault in one.faults)]
    still = [one for one in known if one not in gone] if gone else known
    return tuple(sorted(still, key=_moment)[-_MOST_KEPT:])


def _moment(one: Restarted) -> float:
    return one.time


def _times(restarts: tuple[Restarted, ...], fault: Fault) -> int:
    """How often a gateway was restarted for a fault; going back to the old files afterwards is part of the same."""
    return sum(fault in one.faults for one in restarts if one.by is By.US)


def _pause(ours: list[Restarted], now: float, *, well: bool) -> list[NotYet]:
    if not ours or well:
        return []
    first = max((place for place, one in enumerate(ours) if one.fresh), default=0)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(len(ours) - first - 1, 10))
    until = min(ours[-1].time, now) + pause
    return [NotYet(until, "clawmend has restarted it not long ago")] if now < until else []


def _window(ours: list[Restarted], now: float) -> list[NotYet]:
    if len(ours) < MOST_IN_WINDOW:
        return []
    until = min(ours[-MOST_IN_WINDOW].time, now) + WINDOW
    return [NotYet(until, f"clawmend has restarted it {MOST_IN_WINDOW} times within a minute")] if now < until else []


def _start_limit(here: list[Restarted], limit: StartLimit, now: float) -> list[NotYet]:
    """Leave its manager one start that is not ours before the limit; what it was told to forget does not count."""
    times = sorted(here, key=_moment)
    since = max((place for place, one in enumerate(times) if one.reset), default=0)
    recent = [one for one in times[since:] if min(one.time, now) > now - limit.interval]
    starts = [min(one.time, now) for one in recent]
    ours = [min(one.time, now) for one in recent if one.by is not By.OTHERS]
    words = f"it was started {len(starts)} times in {limit.interval:.0f} s, and its unit allows {limit.burst}"
    waits: list[NotYet] = []
    surplus = len(starts) + 1 - max(1, limit.burst - 2)
    if surplus > 0:
        waits.append(NotYet(starts[surplus - 1] + limit.interval, words))
    if len(ours) >= MOST_IN_WINDOW:  # a gateway that keeps falling is going to need the others
        waits.append(NotYet(ours[-MOST_IN_WINDOW] + limit.interval, words))
    return waits
