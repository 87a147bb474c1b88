"""The JSON of findings and of `check`: a contract that scripts depend on and that only ever grows."""

from typing import Any

from clawmend.core.finding import CouldNotLook, Finding
from clawmend.core.pointer import format_pointer
from clawmend.core.printable import home_paths, printable, shown_path
from clawmend.core.secret import Masker
from clawmend.core.snapshot import Snapshot
from clawmend.repair.looking import Diagnosis

SCHEMA = 1


def finding_json(finding: Finding, snapshot: Snapshot, masker: Masker) -> dict[str, Any]:
    """One finding as cli.md describes it."""

    def text(words: str) -> str:
        return home_paths(snapshot, masker.clean(words))

    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity.value,
        "path": shown_path(snapshot.home, finding.path),
        "pointer": None if finding.pointer is None else text(format_pointer(finding.pointer)),
        "summary": text(finding.summary),
        "safety": finding.safety.value,
        "confidence": finding.confidence.value,
        "evidence": [text(words) for words in finding.evidence],
        "fingerprint": finding.fingerprint(snapshot.home),
        "advice": [text(words) for words in finding.advice],
    }


def blind_json(blind: CouldNotLook, snapshot: Snapshot) -> dict[str, Any]:
    """One place where no rule could judge."""
    problem = blind.problem if not blind.remedy else f"{blind.problem}; {blind.remedy}"
    return {
        "rule": blind.rule,
        "path": shown_path(snapshot.home, blind.path),
        "problem": home_paths(snapshot, problem),
    }


def check_json(diagnosis: Diagnosis, masker: Masker) -> dict[str, Any]:
    """The answer of `check --json`."""
    snapshot = diagnosis.snapshot
    return {
        "schema": SCHEMA,
        "home": printable(snapshot.home),
        "openclaw": installation_json(snapshot),
        "findings": [finding_json(finding, snapshot, masker) for finding in diagnosis.findings],
        "could_not_look": [blind_json(blind, snapshot) for blind in diagnosis.blind],
    }


def installation_json(snapshot: Snapshot) -> dict[str, Any]:
    """Which OpenClaw the home belongs to."""
    installation = snapshot.installation
    return {
        "version": str(installation.version) if installation.version else None,
        "era": installation.era.value,
        "source": installation.source,
    }
