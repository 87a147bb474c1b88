"""One cycle: observe, diagnose, plan, [write boundary], apply, ask OpenClaw, restart?, verify, keep or roll back."""

from contextlib import suppress
from dataclasses import replace

from clawmend.core.errors import ClawmendError, StaleError
from clawmend.core.finding import Severity
from clawmend.core.frozen import dataclass
from clawmend.core.plan import Held
from clawmend.core.reload import Effect
from clawmend.core.snapshot import GatewayRunning
from clawmend.core.verdict import Verdict
from clawmend.core.wanted import wanted_restarts
from clawmend.repair.apply import apply, take_back
from clawmend.repair.asking import Asked, ask
from clawmend.repair.budgeting import (
    RESTARTS,
    Affordable,
    affordable,
    book,
    findings_of,
    needs_of,
    note_rollback,
    reject,
    unbook,
)
from clawmend.repair.judging import Failure, what_got_worse, what_is_unclear
from clawmend.repair.logins import roll_back
from clawmend.repair.moments import moment_words
from clawmend.repair.outcome import Outcome, in_vain, outcome_of, still_held, untouched
from clawmend.repair.planning import Answers, Options, Proposal, look, without
from clawmend.repair.starting import start_wanted
from clawmend.repair.taking import NO_RESTART, Taken, Taking, foresee, take_over, takings, written_back
from clawmend.repair.tools import Tools
from clawmend.repair.waiting import hands_off, why_waiting
from clawmend.system.restart import Restart

__all__ = ["NO_RESTART", "Outcome", "repair"]

_TRIES = 3
_PAUSE = 0.05
_ITSELF = "it makes the gateway restart itself, and --no-restart forbids that"


@dataclass(frozen=True, slots=True)
class _Made:
    """What stands behind the write boundary, and the gateways that have to take it over.

    `written` is the moment before the first write, in seconds since the epoch.
    """

    proposal: Proposal
    asked: Asked
    waiting: tuple[Taking, ...]
    written: float

    @property
    def is_nothing(self) -> bool:
        """Whether nothing came of it: there was no file to change, and no command has worked."""
        return not self.proposal.changes and not self.asked.done


def repair(tools: Tools, options: Options, *, dry_run: bool) -> Outcome:
    """Run one cycle. Raises ClawmendError when nothing could be done; every file is then as it was."""
    begun = tools.clock.monotonic()
    answers: Answers = {}
    note = ""
    for _ in range(_TRIES):
        try:
            found = affordable(tools, options, answers)
            outcome = _later(_decided(tools, found, begun, dry_run=dry_run), found)
            return outcome if dry_run else _started_too(tools, found.options, outcome, begun)
        except StaleError as error:
            note = str(error)
            tools.clock.sleep(_PAUSE)
    now = look(tools, options)
    return outcome_of(Verdict.STALE, Proposal(now, (), (), now), tools.clock.monotonic() - begun, note=note)


def _decided(tools: Tools, found: Affordable, begun: float, *, dry_run: bool) -> Outcome:
    """Carry out what may be, unless nothing may be touched now."""
    proposal = found.proposal
    if not proposal.changes and not proposal.commands and not proposal.restarts:
        return untouched(proposal, tools.clock.monotonic() - begun)
    waiting = why_waiting(tools, found.options)
    if waiting is not None and not dry_run:
        return hands_off(proposal, waiting, tools.clock.monotonic() - begun)
    act = _carry_out if proposal.changes or proposal.commands else _start
    outcome = act(tools, found.options, proposal, begun, dry_run=dry_run)
    return replace(outcome, note=waiting.reason) if waiting else outcome


def _later(outcome: Outcome, found: Affordable) -> Outcome:
    """Say when what is held because of the budget may be done, and that a gateway still waits to be started."""
    moments = [moment for moment in (outcome.look_again_at, found.until) if moment is not None]
    outcome = replace(outcome, look_again_at=min(moments, default=None))
    pending = Restart(needed=True, done=False, reason=found.pending, pending=True)
    return replace(outcome, restart=pending) if found.pending and not outcome.restart.needed else outcome


def _started_too(tools: Tools, options: Options, outcome: Outcome, begun: float) -> Outcome:
    """Start the gateway that was down for what has just been repaired: only the files as they are now show that."""
    startable = any(wanted_restarts(finding) for finding in outcome.findings)
    if not outcome.changes or not startable or outcome.restart.needed or outcome.verdict is not Verdict.NEEDS_YOU:
        return outcome
    found = affordable(tools, options, {})
    if found.proposal.changes or found.proposal.commands or not found.proposal.restarts:
        return _later(outcome, found)
    started = _start(tools, found.options, found.proposal, begun, dry_run=False)
    return replace(
        started,
        snapshot=outcome.snapshot,
        changes=outcome.changes,
        commands=outcome.commands,
        checkpoint=outcome.checkpoint,
        note=outcome.note,
        look_again_at=outcome.look_again_at,
    )


def _start(tools: Tools, options: Options, proposal: Proposal, begun: float, *, dry_run: bool) -> Outcome:
    """Start the gateways that only have to be started; no file is touched."""
    tools.store.prepare()
    with tools.exclusive():
        booked = tools.clock.now()
        refusal = book(tools, options, proposal)
        if refusal is not None:
            restart, tried = Restart(needed=True, done=False, reason=refusal, pending=True), frozenset[str]()
        else:
            restart, tried = start_wanted(tools, proposal, frozenset())
            unbook(tools, needs_of(proposal).keys() - tried, booked)
        after = look(tools, options)
    if dry_run:
        after = without(after, proposal.restarts)
    left = any(finding.severity is not Severity.INFO for finding in after.findings) or not restart.done
    verdict = Verdict.NEEDS_YOU if left else Verdict.REPAIRED
    return Outcome(
        verdict=Verdict.WOULD_REPAIR if dry_run else verdict,
        snapshot=proposal.before.snapshot,
        held=still_held((*proposal.held, *(Held(one.finding, restart.reason) for one in proposal.restarts)), after),
        restart=restart,
        findings=after.findings,
        blind=after.blind,
        seconds=tools.clock.monotonic() - begun,
        seen=after,
        restarts=proposal.restarts,
    )


def _carry_out(tools: Tools, options: Options, proposal: Proposal, begun: float, *, dry_run: bool) -> Outcome:
    snapshot = proposal.before.snapshot
    waiting = takings(snapshot, proposal.changes, proposal.commands)
    by_itself = any(one.effect is Effect.RESTARTS_ITSELF for one in waiting)
    if by_itself and not options.restart and options.withheld is None:
        return repair(tools, replace(options, withheld=_ITSELF), dry_run=dry_run)
    gateways = [one for one in waiting if one.by_us]
    configs = {one.openclaw.config.path for one in gateways}
    mends_config = any(change.path in configs for change in proposal.changes)
    refusal = None if mends_config else _why_no_restart(tools, options, proposal, gateways)
    if refusal is not None:
        return repair(tools, replace(options, withheld=refusal), dry_run=dry_run)
    tools.store.prepare()
    with tools.exclusive():
        written = tools.clock.now()
        applied = apply(tools, proposal.changes, proposal.commands, needs_restart=bool(gateways))
        if mends_config:
            refusal = _why_no_restart(tools, options, proposal, gateways)
        held = {} if refusal is not None else _unaffordable(tools, options, proposal)
        if refusal is None and not held:
            asked = ask(tools, proposal.before.snapshot, applied, proposal.commands, may_stop=options.restart)
            made = _Made(proposal, asked, takings(snapshot, proposal.changes, asked.done), written)
            return _prove(tools, options, made, begun, dry_run=dry_run)
        take_back(tools, applied)
    without_them = replace(options, withheld=refusal or options.withheld, holds={**options.holds, **held})
    return repair(tools, without_them, dry_run=dry_run)


def _unaffordable(tools: Tools, options: Options, proposal: Proposal) -> dict[str, str]:
    """Remember the restarts that follow; when they may not be made after all, the findings to hold, with the reason."""
    refusal = book(tools, options, proposal)
    if refusal is None:
        return {}
    home = proposal.before.snapshot.home
    findings = (finding for _, findings in needs_of(proposal).values() for finding in findings)
    return {one.fingerprint(home): f"it needs a restart of the gateway, and {refusal}" for one in findings}


def _prove(tools: Tools, options: Options, made: _Made, begun: float, *, dry_run: bool) -> Outcome:
    """Restart where it is needed, look again, and keep what was made or roll it back."""
    proposal, asked = made.proposal, made.asked
    taken = _take_over(tools, options, made, dry_run=dry_run)
    restart = taken.restart
    tried = frozenset(one.openclaw.directory for one in made.waiting)
    failure = _failure(made, taken, options, dry_run=dry_run)
    if failure is None and proposal.restarts:
        started, then = start_wanted(tools, proposal, tried)
        restart, tried = started if started.needed else restart, tried | then
    unbook(tools, needs_of(proposal).keys() - tried if options.restart else (), made.written)
    after = look(tools, options)
    if dry_run:
        after = without(after, (*asked.done, *proposal.restarts))  # what OpenClaw would do, no look shows
    now = tools.clock.now()
    failure = failure or what_got_worse(proposal, after, made.written, now)
    if failure is not None:
        return _roll_back(tools, made, failure, begun)
    _finish(tools, made)
    unclear = None if dry_run else what_is_unclear(proposal, after, made.written, now)
    later = f"{unclear.reason}; look again at {moment_words(unclear.until, now)}" if unclear else ""
    back = "" if dry_run else written_back(proposal.changes, after.snapshot)
    waiting = bool(taken.refused) or (restart.needed and not restart.done and not dry_run)
    remaining = tuple(finding for finding in after.findings if finding.severity is not Severity.INFO)
    verdict = Verdict.NEEDS_YOU if remaining or waiting else Verdict.REPAIRED
    return Outcome(
        verdict=Verdict.WOULD_REPAIR if dry_run else verdict,
        snapshot=proposal.before.snapshot,
        changes=proposal.changes,
        commands=asked.done,
        held=still_held((*proposal.held, *asked.held, *map(in_vain, asked.done)), after),
        restart=restart,
        findings=after.findings,
        blind=after.blind,
        checkpoint=None if made.is_nothing else asked.applied.checkpoint.id or None,
        seconds=tools.clock.monotonic() - begun,
        note=asked.note or back or taken.refused or later,
        seen=after,
        restarts=proposal.restarts,
        look_again_at=unclear.until if unclear else None,
    )


def _failure(made: _Made, taken: Taken, options: Options, *, dry_run: bool) -> Failure | None:
    """What went wrong with a gateway that has to take over what was written."""
    restart = taken.restart
    failed = restart.needed and not restart.done and not restart.pending and options.restart and not dry_run
    if not taken.worse and not failed:
        return None
    needed = tuple(finding for _, findings in needs_of(made.proposal).values() for finding in findings)
    findings = needed or findings_of(made.proposal)
    return Failure(taken.worse or restart.reason, findings)


def _why_no_restart(tools: Tools, options: Options, proposal: Proposal, gateways: list[Taking]) -> str | None:
    """Say why a gateway cannot or must not be restarted; then what needs the restart is held, and only that."""
    if not options.restart:
        return None
    installation = proposal.before.snapshot.installation
    for one in gateways:
        refusal = tools.gateway.validate(one.openclaw, one.gateway, installation)
        if refusal is not None:
            return f"it needs a restart of the gateway, and {refusal}"
    return None


def _take_over(tools: Tools, options: Options, made: _Made, *, dry_run: bool) -> Taken:
    snapshot = made.proposal.before.snapshot
    for one in made.waiting if not options.restart else ():
        if one.by_us:
            how = tools.gateway.instruction(one.openclaw, one.gateway)
            reason = f"left to you by --no-restart; before the next message: {how}"
            return Taken(Restart(needed=True, done=False, reason=reason))
    if dry_run:
        return foresee(tools.gateway, snapshot, made.waiting)
    return take_over(tools.gateway, snapshot, made.waiting, made.written)


def _finish(tools: Tools, made: _Made) -> None:
    """Note that it is proved; what came to nothing is put back instead, as far as OpenClaw has touched a file."""
    try:
        if made.is_nothing:
            take_back(tools, made.asked.applied)
        else:
            tools.store.finish(made.asked.applied.checkpoint)
    except BaseException:
        roll_back(tools, made.proposal.before.snapshot, made.asked)  # left open, recovery would undo half of it one day
        raise


def _roll_back(tools: Tools, made: _Made, failure: Failure, begun: float) -> Outcome:
    """Put everything back, then bring the gateway back to it, also one that the repair has left dead."""
    proposal, applied = made.proposal, made.asked.applied
    snapshot = proposal.before.snapshot
    problem = roll_back(tools, snapshot, made.asked)
    restart = NO_RESTART
    held = [one for one in made.waiting if one.effect in RESTARTS]
    now = look(tools, Options()).snapshot if held else snapshot
    for one in held:
        again = next((other.gateway for other in now.openclaws if other.directory == one.openclaw.directory), None)
        note_rollback(tools, one.openclaw)
        if not one.by_us and isinstance(again, GatewayRunning):
            continue  # it restarts itself for this change as well
        with suppress(ClawmendError):
            current = again if isinstance(again, GatewayRunning) else one.gateway
            restart = tools.gateway.restart(one.openclaw, current, snapshot.installation)
    forgotten = reject(tools, snapshot, failure.findings, failure.reason)
    note = "; ".join(filter(None, (failure.reason, problem, forgotten)))
    outcome = outcome_of(Verdict.ROLLED_BACK, proposal, tools.clock.monotonic() - begun, note=note)
    return replace(outcome, restart=restart, checkpoint=applied.checkpoint.id or None)
