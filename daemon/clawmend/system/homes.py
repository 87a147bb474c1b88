"""Where OpenClaw and Claude Code keep their state for a home: environment variables, profiles, legacy folders.

Sources: facts on OpenClaw ("Path"), facts on Claude Code ("Which file"). With a home named by the person the
environment variables of our own process say nothing about it and are ignored.
"""

import os
import re
from collections.abc import Iterable, Mapping

from clawmend.core.frozen import dataclass
from clawmend.system.files import Files
from clawmend.system.real_paths import RealPaths

CONFIG_NAMES = ("openclaw.json", "clawdbot.json", "moltbot.json", "moldbot.json")
LEGACY_FOLDERS = (".clawdbot", ".moltbot", ".moldbot")
_FOLDER = ".openclaw"
_PROFILE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.IGNORECASE)  # OpenClaw's own rule for a profile's name
_COPY_WORD = re.compile(  # with or without a number behind it: `backup2`
    r"after|archived?|aside|back|backups?|bak|before|bkp|bkup|broken|copied|copy|corrupt(?:ed)?|damaged|deleted"
    r"|disabled|legacy|migrat(?:e|ed|ion)|moved|old|orig(?:inal)?|prev(?:ious)?|removed|restored?|retired|saved?"
    r"|snap(?:shot)?|te?mp|trash|unused|updated?|upgraded?"
)
_DATE = re.compile(r"(?:^|[-_])(?:\d{6,8}|\d{4}[-_]\d{1,2}(?:[-_]\d{1,2})?)(?:$|[-_])")


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
        profile = name.removeprefix(f"{_FOLDER}-")
        if profile == name or not _PROFILE.fullmatch(profile) or not _holds_state(directory, files):
            continue
        if not _looks_like_a_copy(profile) or _is_confirmed(home, profile, environment, files):
            found.append(StateFolder(directory, _config_in(directory, files), profile, read_only))
    distinct_folders: dict[str, StateFolder] = {}
    for folder in found:
        distinct_folders.setdefault(os.path.realpath(folder.directory), folder)
    return tuple(distinct_folders.values())


def elsewhere(home: str, folders: tuple[StateFolder, ...]) -> tuple[StateFolder, ...]:
    """The state folder of the account's own home when another home is looked at: both write to the same log."""
    account = os.path.expanduser("~")
    directory = os.path.join(account, _FOLDER)
    if os.path.realpath(directory) in {os.path.realpath(folder.directory) for folder in folders}:
        return ()
    own = os.path.realpath(home) == os.path.realpath(account)
    return () if own else (StateFolder(directory, os.path.join(directory, "openclaw.json")),)


def claude_config(home: str, environment: Mapping[str, str], files: Files) -> str:
    """Return the path of the file Claude Code uses: the legacy `.config.json` wins where it exists."""
    named = environment.get("CLAUDE_CONFIG_DIR", "")
    legacy = os.path.join(named or os.path.join(home, ".claude"), ".config.json")
    if files.identity(legacy) is not None:
        return legacy
    return os.path.join(named or home, ".claude.json")


def agent_folders(directory: str, files: Files) -> tuple[tuple[str, str], ...]:
    """List (id, folder) of the agents that have a folder under `agents/`; `main` first."""
    root = os.path.join(directory, "agents")
    names = [name for name in files.names(root) if files.is_directory(os.path.join(root, name, "agent"))]
    names.sort(key=lambda name: (name != "main", name))
    return distinct((name, os.path.join(root, name, "agent")) for name in names)


def distinct(agents: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Drop the agents whose folder is that of an earlier one by another path."""
    found: dict[str, tuple[str, str]] = {}
    real = RealPaths()
    for name, path in agents:
        found.setdefault(real.of(path), (name, path))
    return tuple(found.values())


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


def _holds_state(directory: str, files: Files) -> bool:
    """A profile's folder holds a config or agents; one that may not be listed may hold them."""
    names = files.names(directory)
    return any(name in names for name in (*CONFIG_NAMES, "agents")) or files.listing_problem(directory) is not None


def _looks_like_a_copy(profile: str) -> bool:
    """`~/.openclaw-backup2` and `~/.openclaw-2026-03-01` made by hand hold all that a profile's folder holds."""
    words = (word.rstrip("0123456789") for word in re.split("[-_]", profile.lower()))
    return any(map(_COPY_WORD.fullmatch, words)) or _DATE.search(profile) is not None


def _is_confirmed(home: str, profile: str, environment: Mapping[str, str], files: Files) -> bool:
    """Something on this machine uses the profile: a service of its name, or the person's own environment."""
    return (
        environment.get("OPENCLAW_PROFILE", "").strip() == profile
        or f"openclaw-gateway-{profile}.service" in files.names(os.path.join(home, ".config/systemd/user"))
        or f"ai.openclaw.{profile}.plist" in files.names(os.path.join(home, "Library/LaunchAgents"))
    )


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
