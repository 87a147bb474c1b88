"""The cycle and its memory: what is held because of it, and what is written into it before and after a restart."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import field, replace

from clawmend.core.belonging import owner_of
from clawmend.core.budget import Allowed, By, CircuitOpen, Decision, NotYet, Restarted, Wish, decide, start_limit
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import Finding, Need
from clawmend.core.frozen import dataclass
from clawmend.core.gateway import NO_GATEWAY, Condition, GatewayHealth
from clawmend.core.inputs import fault_of
from clawmend.core.memory import Memory, Rejected
from clawmend.core.reload import Effect, effect_of_change
from clawmend.core.snapshot import GatewayRunning, OpenClaw, Snapshot
from clawmend.repair.moments import moment_words
from clawmend.repair.planning import Answers, Options, Proposal, propose
from clawmend.repair.tools import Tools

AGAIN = "clawmend repair --again"
RESTARTS = frozenset({Effect.RESTARTS_ITSELF, Effect.RESTART, Effect.GATEWAY_STOPPED})


@dataclass(frozen=True, slots=True)
class Affordable:
    """A proposal that the memory allows, and the options it was made with; what it does not allow is held in it.

    `until`: when the first of what is held may be tried again; None when nothing waits for a moment. `pending` says
    why a gateway is not started that only has to be started.
    """

    proposal: Proposal
    options: Options
    until: float | None = None
    pending: str = ""


@dataclass(frozen=True, slots=True)
class Holds:
    """Reasons by the fingerprints of the findings that are held."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    until: float | None = None
    pending: str = ""


def affordable(tools: Tools, options: Options, answers: Answers) -> Affordable:
    """Propose, and propose again without what the memory does not allow, until nothing more has to be held."""
    memory = tools.memory.read()
    until, pending = None, ""
    while True:
        proposal = propose(tools, options, answers)
        holds = _holds(tools, options, proposal, memory)
        if not holds.reasons:
            return Affordable(proposal, options, until, pending)
        until = min((moment for moment in (until, holds.until) if moment is not None), default=None)
        pending = pending or holds.pending
        options = replace(options, holds={**options.holds, **holds.reasons})


def needs_of(proposal: Proposal) -> dict[str, tuple[OpenClaw, tuple[Finding, ...]]]:
    """The state folders whose gateway has to be restarted or started, and the findings that this is for."""
    snapshot = proposal.before.snapshot
    found: dict[str, tuple[OpenClaw, tuple[Finding, ...]]] = {}
    needs = [
        (change.path, finding)
        for change in proposal.changes
        if effect_of_change(snapshot, change) in RESTARTS
        for finding in change.findings
    ]
    needs += [(one.edit.path, one.finding) for one in proposal.commands if one.need is Need.RESTART]
    for path, finding in needs:
        owner = owner_of(snapshot, path)
        if owner is not None and isinstance(owner.gateway, GatewayRunning):
            _add(found, owner, finding)
    for wanted in proposal.restarts:
        owner = owner_of(snapshot, wanted.edit.path)
        if owner is not None:
            _add(found, owner, wanted.finding)
    return found


def _add(found: dict[str, tuple[OpenClaw, tuple[Finding, ...]]], owner: OpenClaw, finding: Finding) -> None:
    _, findings = found.get(owner.directory, (owner, ()))
    found[owner.directory] = (owner, findings if finding in findings else (*findings, finding))


def _holds(tools: Tools, options: Options, proposal: Proposal, memory: Memory) -> Holds:
    """What the memory does not allow of a proposal."""
    snapshot = proposal.before.snapshot
    reasons: dict[str, str] = {}
    until: float | None = None
    pending = ""
    for finding in findings_of(proposal):
        rejected = None if options.again else memory.rejects(fault_of(snapshot, finding))
        if rejected is not None:
            reasons[finding.fingerprint(snapshot.home)] = _was_rejected(rejected)
    if not options.restart:
        return Holds(reasons)
    to_start = {wanted.finding.fingerprint(snapshot.home) for wanted in proposal.restarts}
    for owner, findings in needs_of(proposal).values():
        decision = _decide(tools, options, proposal, memory, owner, findings)
        match decision:
            case Allowed():
                continue
            case NotYet(until=moment, reason=why):
                held, reason = findings, f"{why}; it is possible at {moment_words(moment, tools.clock.now())}"
                until = moment if until is None else min(until, moment)
            case CircuitOpen(faults=faults, reason=why):
                held = tuple(one for one in findings if not faults or fault_of(snapshot, one) in faults)
                reason = f"{why}; to try it once more: {AGAIN}" if faults else why
        for name in (finding.fingerprint(snapshot.home) for finding in held):
            reasons.setdefault(name, reason if name in to_start else f"it needs a restart of the gateway, and {reason}")
            pending = pending or (reason if name in to_start else "")
    return Holds(reasons, until, pending)


def _decide(
    tools: Tools, options: Options, proposal: Proposal, memory: Memory, owner: OpenClaw, findings: tuple[Finding, ...]
) -> Decision:
    if memory.problem:
        return CircuitOpen((), f"nobody knows how often it was restarted: {memory.problem}")
    snapshot, now = proposal.before.snapshot, tools.clock.now()
    wish = Wish(
        directory=owner.directory,
        faults=() if options.again else tuple(fault_of(snapshot, finding) for finding in findings),
        limit=start_limit(snapshot.installation.version) if _manager(owner) == "systemd" else None,
        well_since=_well_since(owner, now),
        reset=_is_reset(proposal, owner),
    )
    return decide(memory.having_seen(owner.directory, health_of(owner), now).restarts, wish, now)


def _manager(owner: OpenClaw) -> str | None:
    if owner.health.manager is not None:
        return owner.health.manager
    return owner.gateway.manager if isinstance(owner.gateway, GatewayRunning) else None


def health_of(owner: OpenClaw) -> GatewayHealth:
    """How its gateway is, as far as anybody looked: at least the process that runs."""
    if owner.health is not NO_GATEWAY or not isinstance(owner.gateway, GatewayRunning):
        return owner.health
    running = owner.gateway
    return replace(NO_GATEWAY, condition=Condition.READY, pid=running.pid, started=running.started)


def _well_since(owner: OpenClaw, now: float) -> float | None:
    health = health_of(owner)
    if health.condition is not Condition.READY:
        return None
    return health.started if health.started is not None or health.uptime is None else now - health.uptime


def _is_reset(proposal: Proposal, owner: OpenClaw) -> bool:
    return any(one.edit.reset_failed for one in proposal.restarts if one.edit.path == owner.config.path)


def findings_of(proposal: Proposal) -> tuple[Finding, ...]:
    """The findings that a proposal does something about."""
    changed = (finding for change in proposal.changes for finding in change.findings)
    asked = (command.finding for command in proposal.commands)
    home = proposal.before.snapshot.home
    everything = (*changed, *asked, *(wanted.finding for wanted in proposal.restarts))
    return tuple({finding.fingerprint(home): finding for finding in everything}.values())


def book(tools: Tools, options: Options, proposal: Proposal) -> str | None:
    """Remember the restarts of a proposal, before the first of them; why they may not be made, else None.

    It is decided again: another clawmend may have restarted the same gateway since the proposal was made.
    """
    needs = needs_of(proposal) if options.restart else {}
    if not needs:
        return None
    snapshot, now = proposal.before.snapshot, tools.clock.now()
    refusal: list[str] = []

    def turn(memory: Memory) -> Memory:
        after = memory
        for owner, findings in needs.values():
            decision = _decide(tools, options, proposal, memory, owner, findings)
            if not isinstance(decision, Allowed):
                refusal.append(decision.reason)
                return memory
            restart = Restarted(
                time=now,
                directory=owner.directory,
                by=By.US,
                faults=tuple(fault_of(snapshot, finding) for finding in findings),
                fresh=decision.fresh,
                reset=_is_reset(proposal, owner),
            )
            after = after.having_seen(owner.directory, health_of(owner), now).with_restart(restart)
        return after

    try:
        tools.memory.change(turn)
    except ClawmendError as error:
        return f"it has to be remembered first: {error}"
    return refusal[0] if refusal else None


def unbook(tools: Tools, directories: Iterable[str], since: float) -> None:
    """Forget restarts that were remembered since then and not made; that it fails costs no more than a wait."""
    unmade = frozenset(directories)

    def turn(memory: Memory) -> Memory:
        made = tuple(
            one for one in memory.restarts if one.by is not By.US or one.directory not in unmade or one.time < since
        )
        return replace(memory, restarts=made)

    if unmade:
        with suppress(ClawmendError):
            tools.memory.change(turn)


def note_rollback(tools: Tools, owner: OpenClaw) -> None:
    """Remember the restart that brings a gateway back to its old files. It is made whether that works or not."""
    restart = Restarted(time=tools.clock.now(), directory=owner.directory, by=By.ROLLBACK)
    with suppress(ClawmendError):
        tools.memory.change(lambda memory: memory.with_restart(restart))


def reject(tools: Tools, snapshot: Snapshot, findings: Iterable[Finding], why: str) -> str:
    """Remember that a repair was rolled back; why that could not be kept, empty when it was."""
    now = tools.clock.now()
    rejected = tuple(Rejected(fault_of(snapshot, finding), now, why) for finding in findings)
    try:
        tools.memory.change(lambda memory: memory.with_rejected(rejected))
    except ClawmendError as error:
        return f"it may be tried again, because {error}"
    return ""


def _was_rejected(rejected: Rejected) -> str:
    why = f" ({rejected.why})" if rejected.why else ""
    return f"this repair was rolled back before{why}, and nothing has changed since; to try it again: {AGAIN}"
