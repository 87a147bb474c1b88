"""One step of a soak in its world: what happens, what clawmend makes of it, and which invariants do not hold."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from clawmend.core.budget import LONGEST_PAUSE
from clawmend.loop.editing import MANY_SAVES, QUIET_SECONDS
from e2e.processes import LabError, wait_until
from e2e.transcript import mask
from soak.catalogue import fault_named, noise_named
from soak.checking import Seen, deeds_are, findings, gateway_is, nothing_is_lost, nothing_is_wrong
from soak.fault import Fault, Injected, Where
from soak.invariants import BOUND, changed, contested_for_nothing, late
from soak.ledger import Outcome
from soak.noise import check_turn
from soak.plan import Expect, Harm, Step
from soak.watcher import Watcher
from soak.world import World

_PATIENCE = 60.0
_LOOKED = 3.0
_STRIKE = 4.0


class Stepping:
    """Takes the steps of a plan, one at a time."""

    def __init__(self, world: World, bound: float = BOUND) -> None:
        self.world, self.bound = world, bound
        self._saves: dict[Path, list[float]] = {}

    def take(self, step: Step) -> Outcome:
        """Take one step. Whatever does not hold, or does not work, is a violation of the step, and the soak goes on."""
        world, watcher, seen = self.world, self.world.watchers[step.home], Seen()
        began = time.monotonic()
        world.keep(step.home)
        try:
            if not watcher.is_alive:
                seen.violations.append(f"the watcher died by itself ({watcher.exit_code}): {watcher.tail(300)}")
                watcher.start()
            watcher.wait_ready()
            if step.expect is Expect.NOTHING:
                self._noise(step, watcher, seen)
            else:
                self._fault(step, watcher, seen)
            if step.turn and step.home in world.gateways:
                check_turn(world.gateways[step.home])
        except (LabError, AssertionError, OSError) as error:
            seen.violations.append(f"{type(error).__name__}: {error}")
            self._recover(step, watcher, seen)
        memory = {name: round(one.measure(), 2) for name, one in world.watchers.items() if one.is_alive}
        return Outcome(
            number=step.number, home=step.home, name=step.name, expect=step.expect, harm=step.harm,
            rule=seen.rule, by=seen.by, took=None if seen.took is None else round(seen.took, 2),
            seconds=round(time.monotonic() - began, 2), restarts=seen.restarts, memory=memory,
            notes=tuple(seen.notes), violations=tuple(mask(one) for one in seen.violations),
        )  # fmt: skip

    def _recover(self, step: Step, watcher: Watcher, seen: Seen) -> None:
        """After a step that went wrong the next one begins with everything in order."""
        with suppress(LabError, OSError):
            if watcher.is_alive:
                watcher.resume()
            else:
                watcher.start()
            self.world.put_back(step.home)
            self.world.wait_ready(step.home)
            wait_until(lambda: not findings(self.world, step.home), _PATIENCE, "the home is in order again")
            return
        seen.notes.append("the home is not in order after this step")

    def _noise(self, step: Step, watcher: Watcher, seen: Seen) -> None:
        world = self.world
        since, identity = time.time(), world.identity(step.home)
        if step.harm is Harm.ABSENT:
            watcher.kill()
        with self._saving(step.home):
            said = noise_named(step.name).make(self._where(step), world.gateways.get(step.home))
        seen.notes += [said] if said else []
        before = world.tree(step.home)
        made = time.time()
        self._harm(step, watcher)
        with suppress(LabError):  # it need not look at what is no change
            wait_until(lambda: watcher.has_looked(made), _LOOKED, "the watcher has looked")
        seen.violations += changed(before, world.tree(step.home))
        nothing_is_wrong(world, step.home, seen)
        deeds_are(world, step.home, since, seen, allowed=())
        gateway_is(world, step.home, identity, seen, may=False)

    def _fault(self, step: Step, watcher: Watcher, seen: Seen) -> None:
        world, fault = self.world, fault_named(step.name, step.home)
        seen.rule = fault.rule
        since, identity = time.time(), world.identity(step.home)
        before, known = world.tree(step.home), world.checkpoints(step.home).keys()
        if step.harm is Harm.ABSENT:
            watcher.kill()
        with self._saving(step.home):
            injected = fault.inject(self._where(step))
        began = self._harm(step, watcher)
        if step.expect is Expect.REPAIRED:
            self._is_repaired(step, fault, injected, began, seen)
        else:
            self._is_left(step, fault, injected, watcher, seen)
        nothing_is_lost(world, step.home, injected, known, seen, rebuilt=fault.rebuilt)
        if injected.tidy is not None:
            with self._saving(step.home):
                injected.tidy()
        nothing_is_wrong(world, step.home, seen)
        own = {str(path.relative_to(world.homes[step.home].user)) for path in (injected.path, *injected.extra)}
        seen.violations += changed(before, world.tree(step.home), own)
        deeds_are(world, step.home, since, seen, allowed=(fault.rule, *fault.also))
        gateway_is(world, step.home, identity, seen, may=fault.restarts)

    @contextmanager
    def _saving(self, name: str) -> Iterator[None]:
        """Whatever a person saves meanwhile is noted: who saves a file again and again is left alone for a while."""
        before = {path: path.stat().st_mtime_ns for path in self.world.files(name)}
        yield
        for path in self.world.files(name):
            if before.get(path) != path.stat().st_mtime_ns:
                self._saves.setdefault(path, []).append(time.monotonic())

    def _where(self, step: Step) -> Where:
        chance = random.Random(step.seed)  # noqa: S311 - to be repeated, not to be secret
        return Where(self.world.homes[step.home], step.number, chance)

    def _harm(self, step: Step, watcher: Watcher) -> float:
        """Harm the watcher as planned; the moment from which it has to be able to repair again."""
        if step.harm is Harm.ABSENT:
            time.sleep(step.after)
            watcher.start()
        elif step.harm is Harm.STRUCK:
            self._strike(step, watcher)
        elif step.harm is not Harm.NONE:
            time.sleep(step.after)
            if step.harm is Harm.SUSPENDED:
                watcher.suspend()
                time.sleep(step.lasting)
                watcher.resume()
            elif step.harm is Harm.KILLED:
                watcher.kill()
                watcher.start()
            else:
                watcher.terminate()
                watcher.start()
        return time.monotonic()

    def _strike(self, step: Step, watcher: Watcher) -> None:
        """Kill it in the middle of a repair, if there is one: as soon as it has written down what it is about to do."""
        journal = self.world.homes[step.home].ours / "checkpoints" / "manifest.jsonl"
        begun = journal.stat().st_size if journal.exists() else 0
        end = time.monotonic() + (_STRIKE if step.expect is Expect.REPAIRED else _LOOKED / 6)
        while time.monotonic() < end and not (journal.exists() and journal.stat().st_size > begun):
            time.sleep(0.001)
        time.sleep(step.after)
        watcher.kill()
        watcher.start()

    def _is_repaired(self, step: Step, fault: Fault, injected: Injected, began: float, seen: Seen) -> None:
        watcher, bound = self.world.watchers[step.home], self.bound
        recent = [moment for moment in self._saves.get(injected.path, ()) if time.monotonic() - moment < QUIET_SECONDS]
        if len(recent) >= MANY_SAVES:
            bound += QUIET_SECONDS
            seen.notes.append(f"saved {len(recent)} times within a minute: left alone for another one")

        def contested() -> bool:
            status = watcher.status()
            return status is not None and any(one.rule == fault.rule for one in status.contested)

        with suppress(LabError):
            wait_until(lambda: injected.is_repaired() or contested(), bound + 5, "it is repaired")
            seen.took = max(0.0, time.monotonic() - began)
        seen.violations += late(seen.took, bound)
        if seen.took is None:
            raise LabError("the fault stays")
        if not injected.is_repaired():  # it came out like two others before
            seen.violations += contested_for_nothing(self.world.receipts(step.home, 0.0), fault.rule)
            seen.notes.append("contested by chance")
            self._person_repairs(step, fault, injected, seen)

    def _is_left(self, step: Step, fault: Fault, injected: Injected, watcher: Watcher, seen: Seen) -> None:
        """It is told and not touched; then the person repairs it, or undoes it by hand."""

        def told() -> bool:
            status = watcher.status()
            if status is None or status.last_look is None:
                return False
            among = (*status.held, *status.contested) if step.expect is Expect.ASKED else status.contested
            return any(one.rule == fault.rule for one in among) or injected.is_repaired()

        began = time.monotonic()
        wait_until(told, self.bound, f"{fault.rule} is told ({watcher.status()})")
        seen.took = time.monotonic() - began
        if injected.is_repaired():
            if step.expect is Expect.CONTESTED:
                seen.notes.append("not contested yet: a repair before was cut off, or done by another")
                return
            raise LabError(f"{fault.rule} was repaired and should have been asked about")
        if injected.made is not None and injected.path.read_bytes() != injected.made:
            seen.violations.append("it was touched although it was to be left alone")
        if fault.by_hand:
            assert injected.tidy is not None
            with self._saving(step.home):
                injected.tidy()
            seen.by = "hand"
            return
        self._person_repairs(step, fault, injected, seen)

    def _person_repairs(self, step: Step, fault: Fault, injected: Injected, seen: Seen) -> None:
        seen.by = "person"
        home = self.world.homes[step.home]
        end = time.monotonic() + LONGEST_PAUSE + _PATIENCE
        while time.monotonic() < end:  # it may be busy, and a restart may have to wait for the budget
            ended = home.clawmend("repair", "--yes", "--only", fault.rule, seconds=300)
            waits = bool(ended.said.get("restart", {}).get("needed")) and not ended.said["restart"]["done"]
            if injected.is_repaired() and ended.code in {0, 1} and not waits:
                self.world.wait_ready(step.home)
                return
            said = f"repair: exit {ended.code}, {ended.verdict}, {ended.said.get('note') or ended.log[-200:]}"
            if said not in seen.notes:
                seen.notes.append(said)
            time.sleep(5)
        raise LabError(f"a person's repair of {fault.rule} does not help: {seen.notes[-1]}")
