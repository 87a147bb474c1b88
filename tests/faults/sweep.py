"""A sweep: the same run again and again, each time with its fault one call later, until the fault comes too late."""

import errno
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from faults.aftermath import Acts, first
from faults.figures import note
from faults.injection import Call, Decision, Kill
from faults.stage import Stage

Prepare = Callable[[], object]


@dataclass(frozen=True)
class Fault:
    """An error that befalls some calls, once, or from one of them on for good."""

    name: str
    calls: frozenset[str]
    lasts: bool = False
    looking: bool = False

    @property
    def number(self) -> int:
        return int(getattr(errno, self.name))

    def befalls(self, call: Call) -> bool:
        """Opening for reading is no change and has its own faults."""
        return call.name in self.calls and call.changes is not self.looking

    def __str__(self) -> str:
        return f"{self.name} {'for good' if self.lasts else 'once'}{' where it only looks' if self.looking else ''}"


@dataclass
class Nth:
    """Lets every call through but the n-th that is `wanted`; with `onwards` also none of those after it."""

    n: int
    decision: Decision
    wanted: Callable[[Call], bool] = lambda _call: True
    onwards: bool = False
    hit: Call | None = None
    count: int = 0

    def __call__(self, call: Call) -> Decision:
        if not self.wanted(call):
            return None
        self.count += 1
        if self.count == self.n or (self.onwards and self.count > self.n):
            self.hit = self.hit or call
            return self.decision
        return None


@dataclass
class Tally:
    """What a sweep has done: trials by call, and every problem with the call it came from."""

    kind: str
    trials: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def add(self, call: Call, n: int, problems: Iterable[str]) -> None:
        self.trials[call.name] += 1
        self.problems += [f"{self.kind} {n}, {call}: {problem}" for problem in problems]

    def close(self) -> None:
        """Note the figures, and raise when there was a problem, or no trial at all."""
        seconds = time.monotonic() - self.begun
        calls = ", ".join(f"{name} {count}" for name, count in sorted(self.trials.items()))
        figures = f"{self.trials.total()} trials, {len(self.problems)} problems, {seconds:.1f} s"
        note(f"sweep: {self.kind}: {figures} ({calls})")
        assert self.trials, "no call was met"
        assert not self.problems, "\n".join([figures, *self.problems[:8]])


def _outlives(call: Call) -> bool:
    """Tell whether what a call does outlives its process: a lease and a flock do not."""
    return call.name not in {"fcntl", "flock"}


def share_of(share: int, shares: int) -> Iterator[int]:
    """Every `shares`-th number from `share` on, beginning with 1."""
    n = share + 1
    while True:
        yield n
        n += shares


def error_sweep(acts: Acts, prepare: Prepare, words: tuple[str, ...], fault: Fault, numbers: Iterator[int]) -> Tally:
    """Let the n-th call that a fault can befall fail, for every n; see what is left each time."""
    tally = Tally(f"{' '.join(words[:1])}, {fault}, at call")
    for n in numbers:
        prepare()
        nth = Nth(n, fault.number, fault.befalls, onwards=fault.lasts)
        ended = acts.stage.run_watched(nth, *words, looking=fault.looking)
        if nth.hit is None:
            assert ended.code == 0, ended.said
            break
        thorough = not fault.looking and (fault.name == "EIO" or n % 3 == 0)
        problems = acts.problems_after_error(
            ended, undoing=words[0] == "undo", lasting=fault.lasts, looking=fault.looking, on=thorough
        )
        tally.add(nth.hit, n, first(problems))
    return tally


def kill_sweep(acts: Acts, prepare: Prepare, words: tuple[str, ...], numbers: Iterator[int], *, kind: str) -> Tally:
    """Kill a command before its n-th call that changes something, for every n; see what is left each time."""
    tally = Tally(kind)
    stage: Stage = acts.stage
    for n in numbers:
        prepare()
        killer = Nth(n, Kill, _outlives)
        ended = stage.run_watched(killer, *words)
        if killer.hit is None:  # there is no n-th call: it has come to its own end
            assert ended.code == 0, ended.said
            break
        assert ended.code == -signal.SIGKILL, ended
        tally.add(killer.hit, n, first(acts.problems_after_kill()))
    return tally
