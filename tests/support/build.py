"""Snapshots made by hand, for tests that need no disk."""

import json
from typing import Any

from clawmend.core.claude_code import ClaudeCode
from clawmend.core.document import Document, Json, Syntax
from clawmend.core.era import Installation, era_of
from clawmend.core.settings import resolve
from clawmend.core.snapshot import Agent, OpenClaw, Snapshot
from clawmend.core.state import Absent, FileState, Identity, Malformed, Parsed, Unreadable
from clawmend.core.version import Version
from support.clock import NOW

HOME = "/home/user"
FOLDER = f"{HOME}/.openclaw"
CONFIG = f"{FOLDER}/openclaw.json"
AGENT = f"{FOLDER}/agents/main/agent"


def version(text: str) -> Version:
    found = Version.parse(text)
    assert found is not None
    return found


def identity(age: float = 3600.0, size: int = 0) -> Identity:
    return Identity(device=1, inode=2, mode=0o600, uid=0, gid=0, size=size, mtime_ns=int((NOW - age) * 1e9), links=1)


def parsed(path: str, value: Json, syntax: Syntax = Syntax.JSON) -> Parsed:
    return parsed_text(path, json.dumps(value, indent=2), syntax)


def parsed_text(path: str, text: str, syntax: Syntax = Syntax.JSON) -> Parsed:
    return Parsed(path, identity(size=len(text)), text.encode(), Document.parse(text, syntax))


def malformed(path: str, text: str = "{", age: float = 3600.0) -> Malformed:
    return Malformed(path, identity(age, len(text)), text.encode(), "the text ends inside an object")


def unreadable(path: str) -> Unreadable:
    return Unreadable(path, "may not be accessed by this user", f"see who owns it with: ls -ld {path}")


def agent(name: str = "main", **files: Any) -> Agent:
    """An agent whose files are absent unless given: models, profiles, legacy_auth, auth_state as values or states."""
    folder = f"{FOLDER}/agents/{name}/agent"
    names = {
        "models": "models.json",
        "profiles": "auth-profiles.json",
        "legacy_auth": "auth.json",
        "auth_state": "auth-state.json",
    }
    states = {field: _state(f"{folder}/{file}", files.pop(field, None)) for field, file in names.items()}
    return Agent(
        name, folder, states["models"], states["profiles"], states["legacy_auth"], states["auth_state"], **files
    )


def openclaw(config: Any = None, *agents: Agent, **fields: Any) -> OpenClaw:
    """A state folder with this openclaw.json (a value or a state)."""
    state = _state(CONFIG, config, Syntax.JSON5)
    environment = fields.setdefault("environment", {})
    settings = None
    if isinstance(state, Parsed):
        settings = resolve(state.document.value, CONFIG, Absent, environment)
    fields = {"profile": None, "settings": settings, **fields}
    return OpenClaw(directory=FOLDER, config=state, agents=agents, **fields)


def snapshot(*openclaws: OpenClaw, on: str | None = "2026.3.2", claude: FileState | None = None) -> Snapshot:
    found = version(on) if on else None
    installation = Installation(found, "option" if found else None, era_of(found))
    claudes = (
        () if claude is None else (ClaudeCode(f"{HOME}/.claude", claude, Absent(f"{HOME}/.claude/settings.json")),)
    )
    return Snapshot(HOME, NOW, installation, openclaws, claude, claudes=claudes)


def _state(path: str, given: Any, syntax: Syntax = Syntax.JSON) -> FileState:
    if given is None:
        return Absent(path)
    if isinstance(given, Absent | Unreadable | Malformed | Parsed):
        return given
    return parsed(path, given, syntax)
