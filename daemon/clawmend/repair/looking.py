"""Looking: observe once and ask every rule. This is all that `check` does."""

from clawmend.core.finding import CouldNotLook, Finding
from clawmend.core.frozen import dataclass
from clawmend.core.policy import DEFAULT_POLICY, Mode, Policy
from clawmend.core.snapshot import Snapshot
from clawmend.repair.observe import observe
from clawmend.rules.registry import RULES, diagnose
from clawmend.system.files import Files
from clawmend.system.log_readers import LogReaders
from clawmend.system.machine import Clock, Place


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one look found. `blind` are the places where no rule could judge."""

    snapshot: Snapshot
    findings: tuple[Finding, ...]
    blind: tuple[CouldNotLook, ...]


def look_at(
    place: Place,
    files: Files,
    clock: Clock,
    version: str | None,
    policy: Policy = DEFAULT_POLICY,
    logs: LogReaders | None = None,
) -> Diagnosis:
    """Look at a home. `version` is the OpenClaw version the person named, or None; rules that are off are not asked.

    Whoever looks again keeps `logs`, of which the next look reads only what was appended.
    """
    snapshot = observe(place, files, clock, version, policy.plan, logs)
    rules = tuple(rule for rule in RULES if policy.mode(rule.id) is not Mode.OFF)
    reports = tuple(diagnose(snapshot, rules))
    return Diagnosis(
        snapshot,
        tuple(report for report in reports if isinstance(report, Finding)),
        tuple(dict.fromkeys(report for report in reports if isinstance(report, CouldNotLook))),
    )
