"""What lies beside openclaw.json: earlier copies, clobbered ones, logins of others, files that others may read."""

import os
import re
from collections.abc import Iterable, Iterator

from clawmend.core.document import Json, Syntax
from clawmend.core.errors import ClawmendError
from clawmend.core.placeholder import is_dummy, is_stand_in
from clawmend.core.snapshot import Exposed
from clawmend.core.state import Absent, FileState, Identity, Parsed, Readable, object_at, value_of
from clawmend.core.wholeness import has_content
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.files import Files
from clawmend.system.homes import StateFolder, config_copies
from clawmend.system.loading import judge, load
from clawmend.system.machine import Place

# What stands in for a key, or a key or a URL that is not there: then an earlier copy may still have it.
_NO_KEY = re.compile(rb'redacted|your[_-]api[_-]key|\*\*\*|"?(?:apiKey|baseUrl)"?\s*:\s*["\']\s*["\']', re.IGNORECASE)
_SECTIONS = ("gateway", "agents", "models", "channels", "meta")
# Reading and writing; to execute a file of settings means nothing.
_BY_OTHERS, _BY_GROUP = 0o006, 0o060
_DATABASES = (".sqlite", ".sqlite-wal", ".sqlite-shm")
_AGENT_FILES = (
    *("auth-profiles.json", "auth.json", "models.json"),
    *(f"openclaw-agent{suffix}" for suffix in _DATABASES),
)
_LOGINS = (".qwen/oauth_creds.json", ".minimax/oauth_creds.json")


def wants_copies(folder: StateFolder, config: FileState, files: Files) -> bool:
    """Tell whether openclaw.json gives a reason to look at its earlier copies: they cost time, and mostly say nothing.

    It does not parse, has lost a section or half of its bytes, holds no key where there should be one, or was put back
    by OpenClaw.
    """
    value = value_of(config)
    if not isinstance(value, dict) or not isinstance(config, Parsed):
        return not isinstance(config, Absent)
    if not all(has_content(value.get(name)) for name in _SECTIONS) or _NO_KEY.search(config.data):
        return True
    if "mode" not in object_at(value, "gateway") or _lacks_a_key(config):
        return True
    sizes = [found.size for path in config_copies(folder.config, files) if (found := files.identity(path))]
    return any(size > 2 * len(config.data) for size in sizes) or bool(_clobbered_names(folder, files))


def _lacks_a_key(config: Parsed) -> bool:
    providers = object_at(config.document.value, "models", "providers").values()
    return any(isinstance(entry, dict) and _is_no_key(entry.get("apiKey")) for entry in providers)


def _is_no_key(key: Json) -> bool:
    return key is None or (isinstance(key, str) and (not key.strip() or is_stand_in(key) or is_dummy(key)))


def copies(folder: StateFolder, place: Place, files: Files) -> tuple[tuple[FileState, ...], tuple[Parsed, ...]]:
    """Every earlier copy of openclaw.json, OpenClaw's first, and those of them that clawmend kept as known good."""
    theirs = tuple(load(files, path, Syntax.JSON5) for path in config_copies(folder.config, files))
    try:
        ours = tuple(judge(found, Syntax.JSON5) for found in CheckpointStore(place.state).known_good(folder.config))
    except ClawmendError:
        ours = ()  # backups of ours that may not be read make nobody blind; `backups verify` says it
    return (*theirs, *ours), tuple(state for state in ours if isinstance(state, Parsed))


def clobbered(folder: StateFolder, files: Files) -> tuple[FileState, ...]:
    """The newest file that OpenClaw put aside when it restored a copy of its own; empty when there is none."""
    names = _clobbered_names(folder, files)
    paths = [os.path.join(os.path.dirname(folder.config), name) for name in names]
    ages = {path: found.mtime_ns for path in paths if (found := files.identity(path))}
    return tuple(load(files, path, Syntax.JSON5) for path in sorted(ages, key=lambda path: -ages[path])[:1])


def _clobbered_names(folder: StateFolder, files: Files) -> list[str]:
    parent, name = os.path.split(folder.config)
    return [other for other in files.names(parent) if other.startswith(f"{name}.clobbered.")]


def oauth_sources(home: str, folder: StateFolder, files: Files) -> tuple[FileState, ...]:
    """The logins of other programs, and OpenClaw's own old one, from which OpenClaw makes profiles again and again."""
    paths = [os.path.join(home, name) for name in _LOGINS]
    paths.append(os.path.join(folder.directory, "credentials", "oauth.json"))
    states = (load(files, path, Syntax.JSON) for path in paths)
    return tuple(state for state in states if not isinstance(state, Absent))


def exposed(
    folder: StateFolder, agents: Iterable[str], includes: Iterable[str], place: Place, files: Files
) -> tuple[Exposed, ...]:
    """The files with secrets that somebody else may read, or owns.

    Whose they should be: the home's user, or whoever the state folder belongs to (a service of its own, say).
    """
    found = []
    owners = {identity.uid for path in (place.home, folder.directory) if (identity := files.identity(path))}
    for path in dict.fromkeys([*_with_secrets(folder, agents, files), *includes]):
        identity = files.identity(path)
        if identity is None or (not _others(identity) and identity.uid in owners):
            continue
        if files.is_special(path):
            continue  # a folder in its place, or a link to /dev/null: there is nothing of OpenClaw's in it
        reachable = _is_reachable(path, identity, place.home, files)
        state = None if path.endswith(_DATABASES) else _readable(load(files, path, Syntax.JSON5))
        foreign = identity.uid not in owners
        found.append(Exposed(path, identity.mode, identity.uid, reachable, state, foreign))
    return tuple(found)


def _others(identity: Identity) -> int:
    """The bits that let somebody else read or write it.

    A group that has the number of its user is that user's own, and nobody else is in it.
    """
    return identity.mode & (_BY_OTHERS if identity.gid == identity.uid else _BY_OTHERS | _BY_GROUP)


def _is_reachable(path: str, identity: Identity, home: str, files: Files) -> bool:
    """Tell whether those who may read a file can get at it, through every folder above it."""
    above = folders_above(os.path.realpath(path), os.path.realpath(home))
    doors = [found for folder in above if (found := files.identity(folder))]
    if _others(identity) & _BY_OTHERS and all(door.mode & 0o001 for door in doors):
        return True
    by_group = all(door.mode & (0o010 if door.gid == identity.gid else 0o001) for door in doors)
    return bool(_others(identity) & _BY_GROUP) and by_group


def folders_above(path: str, home: str) -> tuple[str, ...]:
    """The folders through which a file is reached, the nearest first, up to the root of the file system."""
    del home  # a test stops there: what is above it is the machine it runs on
    found = []
    while (parent := os.path.dirname(path)) != path:
        found.append(parent)
        path = parent
    return tuple(found)


def _readable(state: FileState) -> FileState | None:
    return state if isinstance(state, Readable) else None


def _with_secrets(folder: StateFolder, agents: Iterable[str], files: Files) -> Iterator[str]:
    parent, name = os.path.split(folder.config)
    yield from (os.path.join(parent, other) for other in files.names(parent) if other.startswith(name))
    yield os.path.join(folder.directory, ".env")
    yield from (os.path.join(folder.directory, "state", f"openclaw{suffix}") for suffix in _DATABASES)
    credentials = os.path.join(folder.directory, "credentials")
    yield from (os.path.join(credentials, other) for other in files.names(credentials) if other.endswith(".json"))
    yield from (os.path.join(agent, other) for agent in agents for other in _AGENT_FILES)
