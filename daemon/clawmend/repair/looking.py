"""Looking: observe once and ask every rule. This is all that `check` does."""

from dataclasses import dataclass

from clawmend.core.finding import CouldNotLook, Finding
from clawmend.core.snapshot import Snapshot
from clawmend.repair.observe import observe
from clawmend.rules.registry import diagnose
from clawmend.system.files import Files
from clawmend.system.machine import Clock, Place


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one look found. `blind` are the places where no rule could judge."""

    snapshot: Snapshot
    findings: tuple[Finding, ...]
    blind: tuple[CouldNotLook, ...]


def look_at(place: Place, files: Files, clock: Clock, version: str | None) -> Diagnosis:
    """Look at a home. `version` is the OpenClaw version the person named, or None."""
    snapshot = observe(place, files, clock, version)
    reports = tuple(diagnose(snapshot))
    return Diagnosis(
        snapshot,
        tuple(report for report in reports if isinstance(report, Finding)),
        tuple(dict.fromkeys(report for report in reports if isinstance(report, CouldNotLook))),
    )
