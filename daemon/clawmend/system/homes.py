"""Where OpenClaw and Claude Code keep their state for a home: environment variables, profiles, legacy folders.

Sources: facts on OpenClaw ("Path"), facts on Claude Code ("Which file"). With a home named by the person the
environment variables of our own process say nothing about it and are ignored.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from clawmend.core.state import Absent
from clawmend.system.files import Files

CONFIG_NAMES = ("openclaw.json", "clawdbot.json", "moltbot.json", "moldbot.json")
LEGACY_FOLDERS = (".clawdbot", ".moltbot", ".moldbot")
_FOLDER = ".openclaw"


@dataclass(frozen=True, slots=True)
class StateFolder:
    """One state folder of OpenClaw and the config file that belongs to it; `profile` is None for the default one."""

    directory: str
    config: str
    profile: str | None = None
    read_only: bool = False


def state_folders(home: str, environment: Mapping[str, str], files: Files) -> tuple[StateFolder, ...]:
    """List the state folders of a home that exist, the default one first.

    `environment` holds the OPENCLAW_* variables to honour (empty for a home that is not ours). OPENCLAW_PROFILE alone
    moves nothing in OpenClaw (its option `--profile` does), so it narrows nothing here: every folder is looked at.
    """
    base = _expand(environment.get("OPENCLAW_HOME", ""), home) or home
    named = _expand(environment.get("OPENCLAW_STATE_DIR", ""), base)
    config = _expand(environment.get("OPENCLAW_CONFIG_PATH", ""), base)
    read_only = environment.get("OPENCLAW_NIX_MODE", "") == "1"
    if named or config:
        directory = named or _default_folder(base, files)
        profile = _profile_of(directory, environment) if named else None
        return (StateFolder(directory, config or _config_in(directory, files), profile, read_only),)
    found = []
    default = _default_folder(base, files)
    if files.is_directory(default):
        found.append(StateFolder(default, _config_in(default, files), None, read_only))
    for name in files.names(base):
        directory = os.path.join(base, name)
        if name.startswith(f"{_FOLDER}-") and _is_profile(directory, files):
            found.append(
                StateFolder(directory, _config_in(directory, files), name.removeprefix(f"{_FOLDER}-"), read_only)
            )
    return tuple(found)


def claude_config(home: str, environment: Mapping[str, str], files: Files) -> str:
    """Return the path of the file Claude Code uses: the legacy `.config.json` wins where it exists."""
    named = environment.get("CLAUDE_CONFIG_DIR", "")
    legacy = os.path.join(named or os.path.join(home, ".claude"), ".config.json")
    if not isinstance(files.read(legacy), Absent):
        return legacy
    return os.path.join(named or home, ".claude.json")


def agent_folders(directory: str, files: Files) -> tuple[tuple[str, str], ...]:
    """List (id, folder) of the agents that have a folder under `agents/`; `main` first."""
    root = os.path.join(directory, "agents")
    names = [name for name in files.names(root) if files.is_directory(os.path.join(root, name, "agent"))]
    names.sort(key=lambda name: (name != "main", name))
    return tuple((name, os.path.join(root, name, "agent")) for name in names)


def config_copies(config: str, files: Files) -> tuple[str, ...]:
    """List the copies of openclaw.json that OpenClaw itself makes: `.last-good` and `.bak`, `.bak.1` to `.bak.4`."""
    folder, name = os.path.split(config)
    wanted = [f"{name}.last-good", f"{name}.bak", *(f"{name}.bak.{number}" for number in range(1, 5))]
    present = set(files.names(folder))
    return tuple(os.path.join(folder, copy) for copy in wanted if copy in present)


def _default_folder(base: str, files: Files) -> str:
    """`~/.openclaw`, or the newest legacy folder that exists while `~/.openclaw` does not."""
    default = os.path.join(base, _FOLDER)
    if files.is_directory(default):
        return default
    for name in LEGACY_FOLDERS:
        legacy = os.path.join(base, name)
        if files.is_directory(legacy):
            return legacy
    return default


def _config_in(directory: str, files: Files) -> str:
    names = set(files.names(directory))
    for name in CONFIG_NAMES:
        if name in names:
            return os.path.join(directory, name)
    return os.path.join(directory, CONFIG_NAMES[0])


def _is_profile(directory: str, files: Files) -> bool:
    """A profile's folder holds a config or agents; `~/.openclaw-backup` made by hand holds them too and is a trap."""
    names = set(files.names(directory))
    lowered = os.path.basename(directory).lower()
    if any(word in lowered for word in ("backup", "bak", "old", "copy", "save", "tmp", "temp", "broken")):
        return False
    return CONFIG_NAMES[0] in names or "agents" in names


def _profile_of(directory: str, environment: Mapping[str, str]) -> str | None:
    """The profile that a named state folder belongs to: it names the service that runs its gateway."""
    name = os.path.basename(directory)
    if name.startswith(f"{_FOLDER}-"):
        return name.removeprefix(f"{_FOLDER}-")
    profile = environment.get("OPENCLAW_PROFILE", "").strip()
    return profile if profile.lower() not in {"", "default"} else None


def _expand(text: str, home: str) -> str:
    text = text.strip()
    if text == "~" or text.startswith("~/"):
        text = home + text[1:]
    return os.path.abspath(text) if text else ""
