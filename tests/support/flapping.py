"""A simulated gateway that keeps falling, under a service manager that counts its starts as systemd does."""

import random
from dataclasses import dataclass, field
from itertools import pairwise

from clawmend.core.budget import Allowed, By, CircuitOpen, Fault, Restarted, StartLimit, Wish, decide, kept

_STEP = 5.0
_LOOKS = 0.5  # how often clawmend wants a restart at a step
_HOME = "/home/ana/.openclaw"
_BEGAN = 1_800_000_000.0


def lucky(seed: int) -> random.Random:
    """The same luck for the same seed."""
    return random.Random(seed)  # noqa: S311 - a simulated day is no secret


def fingerprints(count: int) -> tuple[Fault, ...]:
    return tuple(Fault(f"{number:04x}", "input") for number in range(count))


@dataclass
class Day:
    """`run` is how many seconds the gateway lasts on average and `shortest` at least.

    `persons` is how often in a second somebody restarts it.

    The manager starts what has fallen after 5 s, unless it has started it `burst` times within the interval: then it
    is latched until a person comes after half an hour. `careless` leaves the start limit out of what is asked.
    """

    luck: random.Random
    limit: StartLimit | None
    faults: tuple[Fault, ...] = fingerprints(300)
    run: float = 60.0
    shortest: float = 20.0
    persons: float = 0.0001
    time: float = _BEGAN
    falls: float = _BEGAN
    latched: float | None = None
    starts: list[tuple[float, bool]] = field(default_factory=list)
    memory: tuple[Restarted, ...] = ()
    ours: list[Restarted] = field(default_factory=list)
    careless: bool = False
    latches: int = 0
    wishes: int = 0

    def live(self, hours: float = 24.0) -> "Day":
        end = self.time + hours * 3600
        self._start(by_us=False)
        while self.time < end:
            self.time += _STEP
            if self.latched is not None:
                if self.time >= self.latched:
                    self.starts.clear()
                    self._start(by_us=False)
                continue
            if self.time >= self.falls + 5.0 or self.luck.random() < self.persons * _STEP:
                self._start(by_us=False)
            if self.luck.random() < _LOOKS:
                self._clawmend()
        return self

    def _clawmend(self) -> None:
        self.wishes += 1
        fault = self.luck.choice(self.faults)
        running = self.time < self.falls
        began = self.starts[-1][0] if self.starts and running else None
        wish = Wish(directory=_HOME, faults=(fault,), limit=None if self.careless else self.limit, well_since=began)
        match decide(self.memory, wish, self.time):
            case Allowed(fresh=fresh):
                one = Restarted(time=self.time, directory=_HOME, by=By.US, faults=(fault,), fresh=fresh)
                self.ours.append(one)
                self._remember(one)
                self._start(by_us=True)
            case CircuitOpen(faults=opened):
                assert opened == (fault,)

    def _start(self, *, by_us: bool) -> None:
        if not by_us:
            self._remember(Restarted(time=self.time, directory=_HOME, by=By.OTHERS))
        if self.limit is not None:
            recent = [one for one in self.starts if one[0] > self.time - self.limit.interval]
            if len(recent) >= self.limit.burst:
                self.latches += 1
                self.latched = self.time + 1800.0
                return
        self.latched = None
        self.starts.append((self.time, by_us))
        self.falls = self.time + max(self.shortest, self.luck.expovariate(1 / self.run))

    def _remember(self, one: Restarted) -> None:
        self.memory = kept((*self.memory, one), self.time)

    def holds(self) -> None:
        """What no day may break."""
        times = [one.time for one in self.ours]
        assert all(third - first >= 60.0 for first, third in zip(times, times[2:], strict=False))
        assert all(second - first >= 10.0 for first, second in pairwise(times))
        for fault in self.faults:
            assert sum(fault in one.faults for one in self.ours) <= 3
        assert self.latches == 0
