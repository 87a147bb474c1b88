"""What a cycle did, as a value, and the simple ways in which one ends."""

from clawmend.core.finding import CouldNotLook, Finding, Severity
from clawmend.core.frozen import dataclass
from clawmend.core.plan import Change, Command, Held
from clawmend.core.snapshot import Snapshot
from clawmend.core.verdict import Verdict
from clawmend.core.wanted import WantedRestart
from clawmend.repair.looking import Diagnosis
from clawmend.repair.planning import Proposal
from clawmend.repair.taking import NO_RESTART
from clawmend.system.restart import Restart


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a cycle did. `findings` are those that remain, `seconds` the time it took.

    `commands` are those that OpenClaw has carried out, or would; `restarts` the gateways that only had to be started.
    `look_again_at` is when a further cycle may do, or know, more (seconds since the epoch); None: at the next event.
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
    restarts: tuple[WantedRestart, ...] = ()
    look_again_at: float | None = None


def still_held(held: tuple[Held, ...], after: Diagnosis) -> tuple[Held, ...]:
    """What was held and is still there; what the repair took away on the way is no longer worth a word."""
    remaining = {finding.fingerprint(after.snapshot.home) for finding in after.findings}
    return tuple(item for item in held if item.finding.fingerprint(after.snapshot.home) in remaining)


def in_vain(command: Command) -> Held:
    """A command that was carried out, and changed nothing about the finding, where that remains."""
    return Held(command.finding, "OpenClaw has done what it was asked, and it is there all the same")


def untouched(proposal: Proposal, seconds: float) -> Outcome:
    """Nothing may be changed: either all is well, or what is left needs a person."""
    blocked = [item.reason for item in proposal.held if item.blocked]
    if blocked:
        return outcome_of(Verdict.FAILED, proposal, seconds, note=f"{blocked[0]}; nothing was changed")
    matters = [finding for finding in proposal.before.findings if finding.severity is not Severity.INFO]
    if proposal.before.blind and not matters:
        first = proposal.before.blind[0]
        return outcome_of(Verdict.FAILED, proposal, seconds, note=f"{first.path} {first.problem}")
    return outcome_of(Verdict.NEEDS_YOU if matters else Verdict.HEALTHY, proposal, seconds)


def outcome_of(verdict: Verdict, proposal: Proposal, seconds: float, note: str = "") -> Outcome:
    """One in which nothing was changed, or everything was put back."""
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
