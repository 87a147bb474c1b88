"""What came of a repair: what is worse than before, and what nobody can tell yet."""

from clawmend.core.belonging import owner_of
from clawmend.core.finding import Finding, Severity
from clawmend.core.frozen import dataclass
from clawmend.core.judgement import Judgement, NoWorse, Unclear, Worse, judge
from clawmend.core.snapshot import OpenClaw
from clawmend.repair.budgeting import findings_of
from clawmend.repair.looking import Diagnosis
from clawmend.repair.planning import Proposal


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a repair is rolled back, and the findings whose repair is not to be tried again."""

    reason: str
    findings: tuple[Finding, ...]


def what_got_worse(proposal: Proposal, after: Diagnosis, written: float, now: float) -> Failure | None:
    """What the plan did not foresee: an error in a file we changed, or a gateway that runs no more or complains.

    `written` is the moment before the first write, in seconds since the epoch.
    """
    by_path = {change.path: change.findings for change in proposal.changes}
    removed = {change.path for change in proposal.changes if change.after is None}  # a link to it now leads nowhere
    home = after.snapshot.home
    expected = {finding.fingerprint(home) for finding in (*proposal.before.findings, *proposal.after.findings)}
    for finding in after.findings:
        new = finding.fingerprint(home) not in expected
        if new and finding.severity is Severity.ERROR and finding.path in by_path:
            return Failure(finding.summary, by_path[finding.path])
    for blind in after.blind:
        if blind.path in by_path and blind.path not in removed and blind not in proposal.before.blind:
            return Failure(f"{blind.path} {blind.problem}", by_path[blind.path])
    for owner, judgement in _judged(proposal, after, written, now):
        if isinstance(judgement, Worse):
            return Failure(judgement.reason, _of(proposal, owner))
    return None


def what_is_unclear(proposal: Proposal, after: Diagnosis, written: float, now: float) -> Unclear | None:
    """What speaks neither for the repair nor against it, and when it is worth looking again."""
    unclear = [found for _, found in _judged(proposal, after, written, now) if isinstance(found, Unclear)]
    return min(unclear, key=lambda one: one.until, default=None)


def _judged(proposal: Proposal, after: Diagnosis, written: float, now: float) -> list[tuple[OpenClaw, Judgement]]:
    """Every state folder that something is done about, with what it says of the repair."""
    found: list[tuple[OpenClaw, Judgement]] = []
    for before in proposal.before.snapshot.openclaws:
        same = [one for one in after.snapshot.openclaws if one.directory == before.directory]
        if same and _of(proposal, before):
            found.append((before, judge(before, same[0], written, now)))
    return [(owner, judgement) for owner, judgement in found if not isinstance(judgement, NoWorse)]


def _of(proposal: Proposal, owner: OpenClaw) -> tuple[Finding, ...]:
    snapshot = proposal.before.snapshot
    return tuple(finding for finding in findings_of(proposal) if owner_of(snapshot, finding.path) is owner)
