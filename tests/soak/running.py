"""Runs a soak: the steps of its plan in its world, written into its ledger, and its summary at the end."""

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from e2e.processes import LabError
from e2e.transcript import Transcript, mask
from soak.catalogue import kinds
from soak.fault import Where
from soak.homes import DESK
from soak.invariants import grown, growth
from soak.ledger import Ledger, Outcome
from soak.noise import check_turn, claude_starts
from soak.plan import Expect, Harm, Step, steps
from soak.stepping import Stepping
from soak.summary import END, command, summary
from soak.watcher import Watcher
from soak.world import World


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. With `resume`, the seed and the kinds are those of the ledger."""

    folder: Path
    seconds: float
    seed: int
    steps: int | None = None
    resume: bool = False
    kills: bool = True
    only: tuple[str, ...] = ()


class Quiet(Transcript):
    """A transcript that goes into a file: an hour of it is nothing to look at."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.name)
        self._file = path

    def say(self, line: str) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%H:%M:%S')} {mask(line)}\n")


def run(options: Options) -> list[str]:
    """Run a soak to its end; what did not hold."""
    options.folder.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(options.folder / "ledger.jsonl")
    if options.resume:
        seed, kept = ledger.opening()
    else:
        seed, kept = options.seed, {"kills": options.kills, "only": list(options.only)}
        ledger.begin(seed, **kept)
    only = set(kept["only"])
    chosen = [one for one in kinds() if not only or {one.name, one.home} & only]
    plan = steps(seed, chosen, harms=kept["kills"])
    say(f"soak in {options.folder}, seed {seed}; to go on with it: python -m soak --resume {options.folder}")
    names = sorted({one.home for one in chosen})
    with closing(World(options.folder, Quiet(options.folder / "transcript.txt"), names)) as world:
        soak = Soak(world, ledger)
        if options.resume:
            soak.go_on()
        world.start()
        soak.take(plan, ledger.last(), options)
        soak.end(flat=not kept["kills"])
        growths = {name: growths_of(watcher) for name, watcher in world.watchers.items()}
    outcomes = ledger.outcomes()
    for line in summary(seed, outcomes, growths):
        say(line)
    broken = [one for one in outcomes if one.violations]
    if broken:
        say(f"to see it again: {command(seed, broken[0].number, kept)}")
    return [f"step {one.number} ({one.home}, {one.name}): {text}" for one in broken for text in one.violations]


class Soak:
    """The steps that are taken in a world."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world, self.ledger = world, ledger
        self.stepping = Stepping(world)

    def go_on(self) -> None:
        """Tidy up after the step in which the soak was cut off, if it was in one."""
        cut = self.ledger.cut_off()
        if cut is not None:
            say(f"step {cut['number']} ({cut['home']}, {cut['name']}) was cut off; its home is put back")
            self.world.put_back(cut["home"])

    def take(self, plan: Iterator[Step], last: int, options: Options) -> None:
        began = time.monotonic()
        for step in plan:
            if step.number <= last:
                continue
            if time.monotonic() - began > options.seconds or (options.steps and step.number > options.steps):
                return
            self.ledger.begun(step.json())
            outcome = self.stepping.take(step)
            self.ledger.done(outcome)
            say(line_of(outcome))

    def end(self, *, flat: bool) -> None:
        """After the last step everything works, the backups are whole, and the watchers end as they should."""
        violations: list[str] = []
        world = self.world
        for name, gateway in world.gateways.items():
            violations += problems_of(f"the gateway of {name}", lambda gateway=gateway: check_turn(gateway))
        if DESK in world.homes:
            violations += problems_of("Claude Code", self._claude_starts)
        for name, home in world.homes.items():
            verified = home.clawmend("backups", "verify")
            if verified.code != 0:
                violations.append(f"backups verify in {name}: exit {verified.code}, {verified.said}")
        for name, watcher in world.watchers.items():
            violations += problems_of(f"the watcher of {name}", watcher.terminate)
        if flat:
            violations += grown(one for watcher in world.watchers.values() for one in growths_of(watcher))
        last = self.ledger.last()
        self.ledger.done(Outcome(last, "all", END, Expect.NOTHING, "none", violations=tuple(map(mask, violations))))

    def _claude_starts(self) -> None:
        claude_starts(Where(self.world.homes[DESK], 0, random.Random(0)), None)  # noqa: S311 - draws nothing


def problems_of(who: str, act: Callable[[], object]) -> list[str]:
    """Do something that has to work; what does not."""
    try:
        act()
    except (LabError, AssertionError, OSError) as error:
        return [f"{who}: {type(error).__name__}: {error}"]
    return []


def line_of(outcome: Outcome) -> str:
    """A step in one line, while the soak goes on."""
    took = "" if outcome.took is None else f" after {outcome.took:.1f} s"
    told = f"{outcome.rule} {outcome.expect}{took} by {outcome.by or 'nobody'}" if outcome.rule else "noise"
    harm = "" if outcome.harm == Harm.NONE else f", watcher {outcome.harm}"
    more = "".join(f"; {text}" for text in (*outcome.notes, *(f"VIOLATION {one}" for one in outcome.violations)))
    return f"{outcome.number:4} {outcome.home:5}{outcome.name:17}{told}{harm} ({outcome.seconds:.1f} s){more}"


def growths_of(watcher: Watcher) -> list[float | None]:
    """The growth of each process that a watcher was."""
    numbers = dict.fromkeys(number for number, _, _ in watcher.samples)
    return [growth([(age, memory) for one, age, memory in watcher.samples if one == number]) for number in numbers]


def say(line: str) -> None:
    sys.stdout.write(mask(line) + "\n")
    sys.stdout.flush()
