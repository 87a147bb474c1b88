"""Having the gateways that run take over what was written, in the way that each change asks for.

A change that is read at the next turn needs nothing. A hot reload is waited for, for ten seconds at most; a restart
that the gateway makes by itself is proven and not made a second time; what it does not notice needs a restart of ours.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from clawmend.core.belonging import owner_of, state_of
from clawmend.core.finding import Need, RemoveKey, RenameKey
from clawmend.core.frozen import dataclass
from clawmend.core.judgement import is_refused_as_before
from clawmend.core.plan import Change, Command
from clawmend.core.pointer import Pointer
from clawmend.core.reload import Effect, effect_of_change, members_of_change, strongest
from clawmend.core.snapshot import GatewayRunning, OpenClaw, Snapshot
from clawmend.core.state import Parsed
from clawmend.core.told import NotTaken, Reloaded, Restarting, Silent, Skipped
from clawmend.repair.control import GatewayControl
from clawmend.system.restart import Restart

NO_RESTART = Restart(needed=False, done=False, reason="nothing that was changed needs a restart of the gateway")
_BY_US = frozenset({Effect.RESTART, Effect.GATEWAY_STOPPED})


@dataclass(frozen=True, slots=True)
class Taking:
    """A gateway that runs, and what all the changes to its files do to it. `members` are those of openclaw.json."""

    openclaw: OpenClaw
    gateway: GatewayRunning
    effect: Effect
    members: tuple[Pointer, ...] = ()

    @property
    def by_us(self) -> bool:
        """Whether somebody has to restart it: it does not notice."""
        return self.effect in _BY_US


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it. `worse` says why the repair has failed with a gateway; empty when it has not.

    `refused`: one sentence when a gateway takes nothing of openclaw.json until something else is mended there.
    """

    restart: Restart
    worse: str = ""
    refused: str = ""


def takings(snapshot: Snapshot, changes: Iterable[Change], commands: Iterable[Command]) -> tuple[Taking, ...]:
    """The gateways that run and whose files are changed so that it matters to them."""
    found: dict[str, Taking] = {}
    steps = [(one.path, effect_of_change(snapshot, one), members_of_change(snapshot, one)) for one in changes]
    needs = ((one.edit.path, one.need) for one in commands)
    steps += [(path, Effect.RESTART if need is Need.RESTART else Effect.NOTHING, ()) for path, need in needs]
    for path, effect, members in steps:
        owner = owner_of(snapshot, path)
        if owner is None or not isinstance(owner.gateway, GatewayRunning) or effect is Effect.NOTHING:
            continue
        known = found.get(owner.directory) or Taking(owner, owner.gateway, Effect.NOTHING)
        both = (*known.members, *members)
        found[owner.directory] = replace(known, effect=strongest([known.effect, effect]), members=both)
    return tuple(found.values())


def take_over(control: GatewayControl, snapshot: Snapshot, waiting: Iterable[Taking], written: float) -> Taken:
    """Have each gateway take over what was written; the first one that fails ends it.

    `written` is the moment before the first write, in seconds since the epoch.
    """
    result, refused = Taken(NO_RESTART), ""
    for taking in waiting:
        act = _restarted if taking.by_us else _noticed
        one = act(control, snapshot, taking, written)
        if one.worse or (one.restart.needed and not one.restart.done):
            return one
        if one.restart.needed or not (result.restart.needed or refused):
            result = one
        refused = refused or one.refused
    return replace(result, refused=refused)


def foresee(control: GatewayControl, snapshot: Snapshot, waiting: Iterable[Taking]) -> Taken:
    """What a real run would have to do; `control` is one that does nothing."""
    for taking in waiting:
        if taking.by_us:
            return Taken(control.restart(taking.openclaw, taking.gateway, snapshot.installation))
        if taking.effect is Effect.RESTARTS_ITSELF:
            return Taken(control.prove(taking.openclaw, taking.gateway, snapshot.installation, 0.0))
    return Taken(NO_RESTART)


def written_back(changes: Iterable[Change], after: Snapshot) -> str:
    """One sentence when a gateway has written back what a repair had removed; empty when none has."""
    for change in changes:
        if effect_of_change(after, change) is not Effect.GATEWAY_STOPPED:
            continue
        state = state_of(after, change.path)
        edits = [edit for finding in change.findings if finding.fix for edit in finding.fix.edits]
        gone = [edit.pointer for edit in edits if isinstance(edit, RemoveKey | RenameKey) and edit.path == change.path]
        if isinstance(state, Parsed) and any(_holds(state, pointer) for pointer in gone):
            return f"the gateway has written back what was removed from {after.display(change.path)}"
    return ""


def _restarted(control: GatewayControl, snapshot: Snapshot, taking: Taking, written: float) -> Taken:
    installation = snapshot.installation
    return Taken(control.restart(taking.openclaw, taking.gateway, installation, since=written))


def _noticed(control: GatewayControl, snapshot: Snapshot, taking: Taking, written: float) -> Taken:
    """Wait for what the gateway does by itself, whichever it is: what it holds is not always what was on disk."""
    told = control.await_reload(taking.openclaw, taking.members, written)
    match told:
        case Reloaded(line=line, seconds=seconds):
            reason = f"the gateway has taken it over by itself after {seconds:.1f} s"
            return Taken(replace(NO_RESTART, reason=reason, proof=line, seconds=seconds))
        case Restarting():
            return _proven(control, snapshot, taking, written)
        case Skipped(reason=reason) if is_refused_as_before(taking.openclaw, taking.members, reason):
            still = "the gateway refuses openclaw.json as before, for something else"
            return Taken(NO_RESTART, refused=f"{still}; it takes this over once that is mended: {reason}")
        case Skipped(reason=reason):
            return Taken(NO_RESTART, worse=f"the gateway refuses openclaw.json: {reason}")
        case NotTaken(reason=reason):
            how = control.instruction(taking.openclaw, taking.gateway)
            told_by = f"the gateway does not take it over by itself ({reason}); restart it: {how}"
            return Taken(Restart(needed=True, done=False, reason=told_by, pending=True))
        case Silent(reason=reason):
            unknown = f"whether the gateway has taken it over is not known: {reason}"
            return Taken(replace(NO_RESTART, reason=unknown))
        case _:
            assert_never(told)


def _proven(control: GatewayControl, snapshot: Snapshot, taking: Taking, written: float) -> Taken:
    return Taken(control.prove(taking.openclaw, taking.gateway, snapshot.installation, written))


def _holds(state: Parsed, pointer: Pointer) -> bool:
    return state.document.has(pointer)
