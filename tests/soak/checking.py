"""The checks after a step: what is seen in the world is given to the invariants, and what does not hold is kept."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field

from e2e.processes import LabError, wait_until
from soak.fault import Injected
from soak.invariants import alarms, fought, lost, meddling, restarted_for_nothing, strays, too_many_restarts
from soak.world import World, sha256

_PATIENCE = 60.0


@dataclass
class Seen:
    """What was seen in a step so far."""

    rule: str = ""
    by: str = ""
    took: float | None = None
    restarts: int = 0
    notes: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


def nothing_is_lost(
    world: World, name: str, injected: Injected, known: Collection[str], seen: Seen, *, rebuilt: bool
) -> None:
    """What was wrong can be had back, if it was clawmend that replaced it. `rebuilt`: a gateway may have been quicker.

    `known` are the checkpoints that were there before.
    """
    path = str(injected.path.resolve())
    new = (one for number, one in world.checkpoints(name).items() if number not in known)
    ours = any(entry.path == path for one in new for entry in one.entries)
    by_hand = seen.by == "hand" or injected.made is None
    seen.by = seen.by or ("clawmend" if ours else "others")
    made = sha256(injected.made) if injected.made is not None else None
    there = [sha256(injected.path.read_bytes())] if injected.path.exists() else []
    store = world.store(name)
    seen.violations += lost(made, store.sizes().keys(), there, ours=ours)
    seen.violations += list(store.damage())
    if not (ours or by_hand or rebuilt):
        seen.violations.append("it is repaired, and no checkpoint tells of it")


def nothing_is_wrong(world: World, name: str, seen: Seen) -> None:
    """Nothing is found any more, the watcher has tidied up after one that was killed, and is well."""
    watcher, found = world.watchers[name], [findings(world, name)]

    def in_order() -> bool:
        found[0] = findings(world, name)
        return not found[0]

    with suppress(LabError):
        wait_until(in_order, 20, "nothing is wrong")
    seen.violations += alarms(found[0])
    watcher.wait_ready()
    with suppress(LabError):
        wait_until(lambda: not strays(world.names(name)), 10, "nothing is left lying")
    seen.violations += strays(world.names(name))
    store = world.store(name)
    with suppress(LabError):  # one that waits for the gateway to take it over is not cut off
        wait_until(lambda: not store.unfinished(), _PATIENCE, "every repair is done")
    if unfinished := store.unfinished():
        seen.violations.append(f"repairs are neither done nor undone: {[one.id for one in unfinished]}")
    status = watcher.status()
    if status is not None and status.errors:
        seen.violations.append(f"the watcher says: {status.errors}")


def findings(world: World, name: str) -> list[dict[str, object]]:
    """What clawmend finds and does not only mention, and where it could not look."""
    said = world.homes[name].clawmend("check").said
    blind = [{"severity": "error", "rule": one["rule"], "summary": one["problem"]} for one in said["could_not_look"]]
    return [one for one in [*said["findings"], *blind] if one["severity"] != "info"]


def deeds_are(world: World, name: str, since: float, seen: Seen, *, allowed: Collection[str]) -> None:
    """Only what these rules are about was changed, and no repair went wrong."""
    receipts = world.receipts(name, since)
    deeds = [(rule, deed.path) for receipt in receipts for deed in receipt.deeds for rule in deed.rules]
    seen.violations += meddling(deeds, allowed)
    wrong = (one for one in receipts if one.verdict in {"rolled-back", "failed"})
    seen.violations += [f"a repair was {one.verdict}: {one.note}" for one in wrong]
    seen.violations += fought(world.receipts(name, 0.0))
    seen.restarts = sum(one.restart == "done" for one in receipts)


def gateway_is(world: World, name: str, before: object, seen: Seen, *, may: bool) -> None:
    """The gateway is what it was, or was restarted within the budget."""
    seen.violations += restarted_for_nothing(before, world.identity(name), may=may)
    every = world.receipts(name, 0.0)
    restarts = [(one.time, [fault.fingerprint for fault in one.mended]) for one in every if one.restart == "done"]
    seen.violations += too_many_restarts(restarts)
