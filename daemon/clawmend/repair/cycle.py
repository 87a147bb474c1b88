"""One cycle: observe, diagnose, plan, [write boundary], apply, ask OpenClaw, restart?, verify, keep or roll back."""

from contextlib import suppress
from dataclasses import dataclass, replace

from clawmend.core.errors import ClawmendError, StaleError
from clawmend.core.finding import CouldNotLook, Finding, Need, Severity
from clawmend.core.plan import Change, Command, Held, owner_of
from clawmend.core.snapshot import GatewayRunning, OpenClaw, Snapshot
from clawmend.core.verdict import Verdict
from clawmend.repair.apply import apply, take_back
from clawmend.repair.asking import Asked, ask
from clawmend.repair.logins import roll_back
from clawmend.repair.looking import Diagnosis
from clawmend.repair.planning import Answers, Options, Proposal, look, propose, without
from clawmend.repair.tools import Tools
from clawmend.system.restart import Restart

_TRIES = 3
_PAUSE = 0.05
NO_RESTART = Restart(needed=False, done=False, reason="nothing that was changed needs a restart of the gateway")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a cycle did. `findings` are those that remain, `seconds` the time it took.

    `commands` are those that OpenClaw has carried out, or would.
    """

    verdict: Verdict
    snapshot: Snapshot
    changes: tuple[Change, ...] = ()
    commands: tuple[Command, ...] = ()
    held: tuple[Held, ...] = ()
    restart: Restart = NO_RESTART
    findings: tuple[Finding, ...] = ()
    blind: tuple[CouldNotLook, ...] = ()
    checkpoint: str | None = None
    seconds: float = 0.0
    note: str = ""
    seen: Diagnosis | None = None  # the last look, after everything


@dataclass(frozen=True, slots=True)
class _Made:
    """What stands behind the write boundary, and the gateways that hold the old state in memory."""

    proposal: Proposal
    asked: Asked
    gateways: list[tuple[OpenClaw, GatewayRunning]]

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
            proposal = propose(tools, options, answers)
            if not proposal.changes and not proposal.commands:
                return _untouched(proposal, tools.clock.monotonic() - begun)
            return _carry_out(tools, options, proposal, begun, dry_run=dry_run)
        except StaleError as error:
            note = str(error)
            tools.clock.sleep(_PAUSE)
    now = look(tools, options)
    return _outcome(Verdict.STALE, Proposal(now, (), (), now), tools.clock.monotonic() - begun, note=note)


def _carry_out(tools: Tools, options: Options, proposal: Proposal, begun: float, *, dry_run: bool) -> Outcome:
    gateways = _gateways_to_restart(proposal, proposal.commands)
    configs = {openclaw.config.path for openclaw, _ in gateways}
    mends_config = any(change.path in configs for change in proposal.changes)
    refusal = None if mends_config else _why_no_restart(tools, options, proposal, gateways)
    if refusal is not None:
        return repair(tools, replace(options, withheld=refusal), dry_run=dry_run)
    tools.store.prepare()
    with tools.exclusive():
        applied = apply(tools, proposal.changes, proposal.commands, needs_restart=bool(gateways))
        if mends_config:
            refusal = _why_no_restart(tools, options, proposal, gateways)
            if refusal is not None:
                take_back(tools, applied)
        if refusal is None:
            asked = ask(tools, proposal.before.snapshot, applied, proposal.commands, may_stop=options.restart)
            made = _Made(proposal, asked, _gateways_to_restart(proposal, asked.done))
            return _prove(tools, options, made, begun, dry_run=dry_run)
    return repair(tools, replace(options, withheld=refusal), dry_run=dry_run)


def _prove(tools: Tools, options: Options, made: _Made, begun: float, *, dry_run: bool) -> Outcome:
    """Restart where it is needed, look again, and keep what was made or roll it back."""
    proposal, asked = made.proposal, made.asked
    restart = _restart(tools, options, proposal, made.gateways)
    after = look(tools, options)
    if dry_run:
        after = without(after, asked.done)  # what OpenClaw would do, no look shows
    worse = _what_got_worse(proposal, after)
    if not worse and restart.needed and options.restart and not dry_run and not restart.done:
        worse = restart.reason
    if worse:
        return _roll_back(tools, made, worse, begun)
    _finish(tools, made)
    waiting = restart.needed and not restart.done and not dry_run
    remaining = tuple(finding for finding in after.findings if finding.severity is not Severity.INFO)
    verdict = Verdict.NEEDS_YOU if remaining or waiting else Verdict.REPAIRED
    return Outcome(
        verdict=Verdict.WOULD_REPAIR if dry_run else verdict,
        snapshot=proposal.before.snapshot,
        changes=proposal.changes,
        commands=asked.done,
        held=_still_held((*proposal.held, *asked.held, *map(_in_vain, asked.done)), after),
        restart=restart,
        findings=after.findings,
        blind=after.blind,
        checkpoint=None if made.is_nothing else asked.applied.checkpoint.id or None,
        seconds=tools.clock.monotonic() - begun,
        note=asked.note,
        seen=after,
    )


def _in_vain(command: Command) -> Held:
    return Held(command.finding, "OpenClaw has done what it was asked, and it is there all the same")


def _why_no_restart(
    tools: Tools, options: Options, proposal: Proposal, gateways: list[tuple[OpenClaw, GatewayRunning]]
) -> str | None:
    """Say why a gateway cannot or must not be restarted; then what needs the restart is held, and only that."""
    if not options.restart:
        return None
    installation = proposal.before.snapshot.installation
    for openclaw, gateway in gateways:
        refusal = tools.gateway.validate(openclaw, gateway, installation)
        if refusal is not None:
            return f"it needs a restart of the gateway, and {refusal}"
    return None


def _gateways_to_restart(proposal: Proposal, commands: tuple[Command, ...]) -> list[tuple[OpenClaw, GatewayRunning]]:
    """The running gateways that hold in memory what a change or a command takes away on disk."""
    found: dict[str, tuple[OpenClaw, GatewayRunning]] = {}
    needs = [(change.path, change.need) for change in proposal.changes]
    for path, need in (*needs, *((command.edit.path, command.need) for command in commands)):
        owner = owner_of(proposal.before.snapshot, path)
        if need is Need.RESTART and owner is not None and isinstance(owner.gateway, GatewayRunning):
            found[owner.directory] = (owner, owner.gateway)
    return list(found.values())


def _restart(
    tools: Tools, options: Options, proposal: Proposal, gateways: list[tuple[OpenClaw, GatewayRunning]]
) -> Restart:
    result = NO_RESTART
    for openclaw, gateway in gateways:
        if not options.restart:
            how = tools.gateway.instruction(openclaw, gateway)
            reason = f"left to you by --no-restart; before the next message: {how}"
            return Restart(needed=True, done=False, reason=reason)
        result = tools.gateway.restart(openclaw, gateway, proposal.before.snapshot.installation)
        if not result.done:
            return result
    return result


def _what_got_worse(proposal: Proposal, after: Diagnosis) -> str:
    """An error in a file we changed that the plan did not foresee; empty when there is none."""
    changed = {change.path for change in proposal.changes}
    removed = {change.path for change in proposal.changes if change.after is None}  # a link to it now leads nowhere
    home = after.snapshot.home
    expected = {finding.fingerprint(home) for finding in (*proposal.before.findings, *proposal.after.findings)}
    for finding in after.findings:
        new = finding.fingerprint(home) not in expected
        if new and finding.severity is Severity.ERROR and finding.path in changed:
            return finding.summary
    for blind in after.blind:
        if blind.path in changed - removed and blind not in proposal.before.blind:
            return f"{blind.path} {blind.problem}"
    return ""


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


def _roll_back(tools: Tools, made: _Made, why: str, begun: float) -> Outcome:
    """Put everything back, then bring the gateway back to it, also one that the repair has left dead."""
    proposal, applied = made.proposal, made.asked.applied
    problem = roll_back(tools, proposal.before.snapshot, made.asked)
    restart = NO_RESTART
    now = look(tools, Options()).snapshot if made.gateways else proposal.before.snapshot
    for openclaw, gateway in made.gateways:
        again = next((other.gateway for other in now.openclaws if other.directory == openclaw.directory), None)
        with suppress(ClawmendError):
            current = again if isinstance(again, GatewayRunning) else gateway
            restart = tools.gateway.restart(openclaw, current, proposal.before.snapshot.installation)
    note = f"{why}; {problem}" if problem else why
    outcome = _outcome(Verdict.ROLLED_BACK, proposal, tools.clock.monotonic() - begun, note=note)
    return replace(outcome, restart=restart, checkpoint=applied.checkpoint.id or None)


def _still_held(held: tuple[Held, ...], after: Diagnosis) -> tuple[Held, ...]:
    """What was held and is still there; what the repair took away on the way is no longer worth a word."""
    remaining = {finding.fingerprint(after.snapshot.home) for finding in after.findings}
    return tuple(item for item in held if item.finding.fingerprint(after.snapshot.home) in remaining)


def _untouched(proposal: Proposal, seconds: float) -> Outcome:
    """Nothing may be changed: either all is well, or what is left needs a person."""
    blocked = [item.reason for item in proposal.held if item.blocked]
    if blocked:
        return _outcome(Verdict.FAILED, proposal, seconds, note=f"{blocked[0]}; nothing was changed")
    matters = [finding for finding in proposal.before.findings if finding.severity is not Severity.INFO]
    if proposal.before.blind and not matters:
        first = proposal.before.blind[0]
        return _outcome(Verdict.FAILED, proposal, seconds, note=f"{first.path} {first.problem}")
    return _outcome(Verdict.NEEDS_YOU if matters else Verdict.HEALTHY, proposal, seconds)


def _outcome(verdict: Verdict, proposal: Proposal, seconds: float, note: str = "") -> Outcome:
    return Outcome(
        verdict=verdict,
        snapshot=proposal.before.snapshot,
        held=proposal.held,
        findings=proposal.before.findings,
        blind=proposal.before.blind,
        seconds=seconds,
        note=note,
        seen=proposal.before,
    )
