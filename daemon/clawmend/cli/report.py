"""The JSON of findings and of `check`: a contract that scripts depend on and that only ever grows."""

from contextlib import suppress
from typing import Any

from clawmend.cli.printable import home_paths, printable, shown_path
from clawmend.core.document import Document, LimitError, MalformedError, Syntax
from clawmend.core.finding import CouldNotLook, Finding
from clawmend.core.pointer import format_pointer
from clawmend.core.secret import Masker
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import value_of
from clawmend.repair.looking import Diagnosis
from clawmend.system.machine import mask_key

SCHEMA = 1


def masker_for(snapshot: Snapshot, key: bytes) -> Masker:
    """A masker that knows every secret this snapshot holds."""
    masker = Masker(key)
    for openclaw in snapshot.openclaws:
        masker.learn(value_of(openclaw.config))
        masker.learn(openclaw.settings.value if openclaw.settings else None)
        exposed = (file.state for file in openclaw.exposed)
        beside = (*openclaw.copies, *openclaw.clobbered, *openclaw.includes, *openclaw.oauth_sources, *exposed)
        for state in beside:
            masker.learn(value_of(state) if state is not None else None)
        masker.learn(openclaw.shared_store.store if openclaw.shared_store else None)
        for agent in openclaw.agents:
            masker.learn(agent.store.store if agent.store else None)
            for state in (agent.models, agent.profiles, agent.legacy_auth):
                masker.learn(value_of(state))
    for document in snapshot.neighbours.secrets:
        masker.learn(document)
    claude = value_of(snapshot.claude) if snapshot.claude is not None else None
    if isinstance(claude, dict):
        # Histories of projects make this file large; what they hold is masked by its shape where it is shown.
        masker.learn({name: value for name, value in claude.items() if name != "projects"})
        environment = claude.get("env")
        masker.learn(environment if isinstance(environment, dict) else None)
    return masker


def masker_from(*datas: bytes | None) -> Masker:
    """A masker that knows the secrets of these files, as far as they can be read."""
    masker = Masker(mask_key())
    for data in datas:
        with suppress(MalformedError, LimitError):
            masker.learn(Document.parse(data or b"null", Syntax.JSON5).value)
    return masker


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
