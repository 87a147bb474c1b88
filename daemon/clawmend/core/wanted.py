"""Gateways that are down and would start now, as part of a plan: what may be started again, and what has to wait."""

from collections.abc import Iterable

from clawmend.core.finding import Finding, Restart, Severity
from clawmend.core.frozen import dataclass

NOT_STARTED = "the gateway is not started again by this command"


@dataclass(frozen=True, slots=True)
class WantedRestart:
    """A gateway to start again: what it was down for is gone."""

    edit: Restart
    finding: Finding


def wanted_restarts(finding: Finding) -> tuple[WantedRestart, ...]:
    """The gateways that a finding asks to be started again."""
    edits = finding.fix.edits if finding.fix else ()
    return tuple(WantedRestart(edit, finding) for edit in edits if isinstance(edit, Restart))


def why_not_yet(finding: Finding, findings: Iterable[Finding]) -> str | None:
    """Say which fault of the same openclaw.json keeps a gateway from being started; None when there is none."""
    paths = {wanted.edit.path for wanted in wanted_restarts(finding)}
    for other in findings:
        if other is not finding and other.severity is Severity.ERROR and other.path in paths:
            return f"{other.rule} ({other.name}) comes first: the gateway would not start on this openclaw.json"
    return None
