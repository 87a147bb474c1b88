"""One step of a soak in its world: what happens, what clawmend makes of it, and which invariants do not hold."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from clawmend.loop.editing import MANY_SAVES, QUIET_SECONDS
from e2e.processes import LabError, wait_until
from e2e.transcript import mask
from soak.catalogue import fault_named, noise_named
from soak.fault import Fault, Injected, Where
from soak.invariants import (
    BOUND,
    alarms,
    changed,
    late,
    lost,
    meddling,
    restarted_for_nothing,
    strays,
    too_many_restarts,
)
from soak.ledger import Outcome
from soak.noise import check_turn
from soak.plan import Expect, Harm, Step
from soak.watcher import Watcher
from soak.world import World, sha256

_PATIENCE = 60.0
_LOOKED = 3.0
_STRIKE = 4.0


@dataclass
class Seen:
    """What was seen in a step so far."""

    rule: str = ""
    by: str = ""
    took: float | None = None
    restarts: int = 0
    notes: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


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
            wait_until(lambda: not self._findings(step.home), _PATIENCE, "the home is in order again")
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
        self._nothing_is_wrong(step, watcher, seen)
        self._check_deeds(step, since, seen, allowed=())
        self._check_gateway(step, identity, seen, may=False)

    def _fault(self, step: Step, watcher: Watcher, seen: Seen) -> None:
        world, fault = self.world, fault_named(step.name, step.home)
        seen.rule = fault.rule
        since, identity = time.time(), world.identity(step.home)
        before = world.tree(step.home)
        if step.harm is Harm.ABSENT:
            watcher.kill()
        with self._saving(step.home):
            injected = fault.inject(self._where(step))
        began = self._harm(step, watcher)
        if step.expect is Expect.REPAIRED:
            self._is_repaired(injected, began, seen)
        else:
            self._is_left(step, fault, injected, watcher, seen)
        self._check_bytes(step, injected, since, seen)
        if injected.tidy is not None:
            with self._saving(step.home):
                injected.tidy()
        self._nothing_is_wrong(step, watcher, seen)
        own = {str(path.relative_to(world.homes[step.home].user)) for path in (injected.path, *injected.extra)}
        seen.violations += changed(before, world.tree(step.home), own)
        self._check_deeds(step, since, seen, allowed=(fault.rule, *fault.also))
        self._check_gateway(step, identity, seen, may=fault.restarts)

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

    def _is_repaired(self, injected: Injected, began: float, seen: Seen) -> None:
        bound = self.bound
        recent = [moment for moment in self._saves.get(injected.path, ()) if time.monotonic() - moment < QUIET_SECONDS]
        if len(recent) >= MANY_SAVES:
            bound += QUIET_SECONDS
            seen.notes.append(f"saved {len(recent)} times within a minute: left alone for another one")
        with suppress(LabError):
            wait_until(injected.is_repaired, bound + 5, "it is repaired")
            seen.took = max(0.0, time.monotonic() - began)
        seen.violations += late(seen.took, bound)
        if seen.took is None:
            raise LabError("the fault stays")

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
        for _ in range(8):  # it may be busy, and a restart may have to wait for the budget
            ended = home.clawmend("repair", "--yes", "--only", fault.rule, seconds=300)
            waits = bool(ended.said.get("restart", {}).get("needed")) and not ended.said["restart"]["done"]
            if injected.is_repaired() and ended.code in {0, 1} and not waits:
                self.world.wait_ready(step.home)
                return
            seen.notes.append(
                f"repair: exit {ended.code}, {ended.verdict}, {ended.said.get('note') or ended.log[-200:]}"
            )
            time.sleep(5)
        raise LabError(f"a person's repair of {fault.rule} does not help: {seen.notes[-1]}")

    def _check_bytes(self, step: Step, injected: Injected, since: float, seen: Seen) -> None:
        """What was wrong can be had back, if it was clawmend that replaced it."""
        world = self.world
        path = str(injected.path.resolve())
        made_since = (one for one in world.store(step.home).all() if one.made >= since)
        ours = any(entry.path == path for one in made_since for entry in one.entries)
        if not seen.by:
            seen.by = "clawmend" if ours else "others"
        made = sha256(injected.made) if injected.made is not None else None
        there = [sha256(injected.path.read_bytes())] if injected.path.exists() else []
        seen.violations += lost(made, world.store(step.home).sizes().keys(), there, ours=ours)
        seen.violations += list(world.store(step.home).damage())

    def _nothing_is_wrong(self, step: Step, watcher: Watcher, seen: Seen) -> None:
        """Nothing is found any more, the watcher has tidied up after one that was killed, and is well."""
        found = [self._findings(step.home)]

        def in_order() -> bool:
            found[0] = self._findings(step.home)
            return not found[0]

        with suppress(LabError):
            wait_until(in_order, 20, "nothing is wrong")
        seen.violations += alarms(found[0])
        watcher.wait_ready()
        with suppress(LabError):
            wait_until(lambda: not strays(self.world.names(step.home)), 10, "nothing is left lying")
        seen.violations += strays(self.world.names(step.home))
        store = self.world.store(step.home)
        with suppress(LabError):  # one that waits for the gateway to take it over is not cut off
            wait_until(lambda: not store.unfinished(), _PATIENCE, "every repair is done")
        if unfinished := store.unfinished():
            seen.violations.append(f"repairs are neither done nor undone: {[one.id for one in unfinished]}")
        status = watcher.status()
        if status is not None and status.errors:
            seen.violations.append(f"the watcher says: {status.errors}")

    def _findings(self, name: str) -> list[dict[str, object]]:
        said = self.world.homes[name].clawmend("check").said
        blind = [
            {"severity": "error", "rule": one["rule"], "summary": one["problem"]} for one in said["could_not_look"]
        ]
        return [one for one in [*said["findings"], *blind] if one["severity"] != "info"]

    def _check_deeds(self, step: Step, since: float, seen: Seen, *, allowed: tuple[str, ...]) -> None:
        receipts = self.world.receipts(step.home, since)
        deeds = [(rule, deed.path) for receipt in receipts for deed in receipt.deeds for rule in deed.rules]
        seen.violations += meddling(deeds, allowed)
        seen.violations += [
            f"a repair was {one.verdict}: {one.note}" for one in receipts if one.verdict in {"rolled-back", "failed"}
        ]
        seen.restarts = sum(one.restart == "done" for one in receipts)

    def _check_gateway(self, step: Step, before: object, seen: Seen, *, may: bool) -> None:
        seen.violations += restarted_for_nothing(before, self.world.identity(step.home), may=may)
        every = self.world.receipts(step.home, 0.0)
        restarts = [(one.time, [fault.fingerprint for fault in one.mended]) for one in every if one.restart == "done"]
        seen.violations += too_many_restarts(restarts)
