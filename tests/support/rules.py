"""Rules made up for tests of what executes their fixes."""

from collections.abc import Callable, Iterable

import pytest

from clawmend.core.finding import Confidence, Finding, Fix, LogOut, Report, Rule, Safety, SetMode, Severity
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Readable, object_at
from clawmend.repair import looking, planning

Check = Callable[[Snapshot], Iterable[Report]]


def add_rule(monkeypatch: pytest.MonkeyPatch, check: Check, name: str = "made-up", identifier: str = "OC999") -> None:
    """Let a rule be asked after all others."""
    rule = Rule(identifier, name, Severity.WARNING, Safety.SAFE, None, check, "Made up.")
    for module in (looking, planning):
        monkeypatch.setattr(module, "RULES", (*module.RULES, rule))


def fault(path: str, fix: Fix | None, cause: str = "", **fields: object) -> Finding:
    """A finding that is safe to repair, unless it is said otherwise."""
    given: dict[str, object] = {
        "rule": "OC999",
        "name": "made-up",
        "severity": Severity.WARNING,
        "safety": Safety.SAFE,
        "confidence": Confidence.CERTAIN,
        "path": path,
        "summary": "it is wrong",
        "cause": cause,
        "fix": fix,
    }
    return Finding(**(given | fields))  # type: ignore[arg-type]


def closing(snapshot: Snapshot) -> Iterable[Report]:
    """Find every file with secrets that others may read, and let it be closed."""
    for openclaw in snapshot.openclaws:
        for state in (openclaw.config, *(agent.models for agent in openclaw.agents)):
            if isinstance(state, Readable) and state.identity.mode & 0o077:
                yield fault(state.path, Fix((SetMode(state.path, 0o600),)), "exposed")


def dropping(snapshot: Snapshot) -> Iterable[Report]:
    """Find every credential in the shared store whose name says that it is old, and have OpenClaw remove it."""
    for openclaw in snapshot.openclaws:
        store = openclaw.shared_store
        for name, entry in object_at(store.store if store else None, "profiles").items():
            if store is not None and name.startswith("old:"):
                edit = LogOut(store.path, "main", name, entry)
                yield fault(store.path, Fix((edit,)), name, summary=f"{name} is old")
