"""Which OpenClaw is installed: the package beside the real path of its command, the service unit, database, `meta`.

The package that runs counts. `meta.lastTouchedVersion` may lag behind it or be absent, and a database is only as new
as its last start, so both are asked only when no package is found.
"""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from clawmend.core.era import JSON_CREDENTIALS, Era, Installation, era_of
from clawmend.core.version import Version

_COMMANDS = ("openclaw",)
_PACKAGES = frozenset({"openclaw", "clawdbot", "moltbot"})
_HOME_FOLDERS = (
    ".npm-global/bin",
    ".local/bin",
    ".openclaw/bin",
    "bin",
    ".volta/bin",
    ".bun/bin",
    ".local/share/pnpm",
    "Library/pnpm",
    ".yarn/bin",
    ".nvm/current/bin",
    ".fnm/current/bin",
    ".asdf/shims",
)
_SYSTEM_FOLDERS = ("/usr/local/bin", "/opt/homebrew/bin", "/usr/bin")


def find_installation(
    home: str,
    environment: Mapping[str, str],
    *,
    option: str | None,
    service_commands: Iterable[tuple[str, ...]],
    state_folders: Iterable[str],
    meta_version: str | None,
) -> Installation:
    """Find version and era. `option` is what the person said; `service_commands` are command lines of the units."""
    folders = list(state_folders)
    executable = _find_command(home, environment)
    if option is not None:
        version = Version.parse(option)
        return Installation(version, "option", era_of(version), executable)
    shell = _package_version(executable) if executable else None
    services = [found for words in service_commands for found in (_command_version(words),) if found]
    service = services[0] if services else None
    version = service or shell
    if len({era_of(one) for one in services}) > 1:
        problem = f"the services run OpenClaw {' and '.join(map(str, services))}; clawmend cannot tell which counts"
        return Installation(version, "package", Era.MIXED, executable, problem)
    if version is not None:
        if shell is not None and service is not None and era_of(shell) is not era_of(service):
            problem = (
                f"the service runs OpenClaw {service} while the shell finds {shell}; clawmend cannot tell which counts"
            )
            return Installation(version, "package", Era.MIXED, executable, problem)
        meta = Version.parse(meta_version) if meta_version else None
        if meta is not None and meta > version and era_of(meta) is not era_of(version):
            problem = f"openclaw.json was written by OpenClaw {meta}, newer than the installed {version}"
            return Installation(version, "package", Era.MIXED, executable, problem)
        return _cross_check(Installation(version, "package", era_of(version), executable), folders)
    for folder in folders:
        from clawmend.system.database import read_store  # noqa: PLC0415 - SQLite is loaded where it is needed

        store = read_store(os.path.join(folder, "state", "openclaw.sqlite"))
        found = Version.parse(store.app_version) if store and store.app_version else None
        if found is not None:
            return Installation(found, "database", era_of(found), executable)
    found = Version.parse(meta_version) if meta_version else None
    if found is not None:
        return _cross_check(Installation(found, "meta", era_of(found), executable), folders)
    return Installation(None, None, Era.UNKNOWN, executable)


def _cross_check(found: Installation, folders: Iterable[str]) -> Installation:
    """A credential store in SQLite under a version that does not know it is a downgrade: stop and report."""
    if found.era not in JSON_CREDENTIALS:
        return found
    for folder in folders:
        shared = os.path.join(folder, "state", "openclaw.sqlite")
        if _has_table(shared, "config_machine_state"):
            return _mixed(found, shared)
        for store in _agent_stores(folder):
            if _has_table(store, "auth_profile_store"):
                return _mixed(found, store)
    return found


def _has_table(path: str, table: str) -> bool:
    if not os.path.isfile(path):
        return False
    from clawmend.system.database import has_table  # noqa: PLC0415 - as above

    return has_table(path, table)


def _mixed(found: Installation, store: str) -> Installation:
    problem = (
        f"{store} is a credential store of a newer OpenClaw than {found.version}, which its {found.source} names; "
        "clawmend touches nothing until that is settled"
    )
    return Installation(found.version, found.source, Era.MIXED, found.executable, problem)


def _agent_stores(folder: str) -> list[str]:
    root = os.path.join(folder, "agents")
    try:
        names = os.listdir(root)
    except OSError:
        return []
    stores = (os.path.join(root, name, "agent", "openclaw-agent.sqlite") for name in sorted(names))
    return [store for store in stores if os.path.isfile(store)]


def _find_command(home: str, environment: Mapping[str, str]) -> str | None:
    """The first `openclaw` command."""
    return find_program(home, environment, *_COMMANDS)


def find_program(home: str, environment: Mapping[str, str], *names: str) -> str | None:
    """The first command of these names: PATH of the person, then the folders that npm, pnpm, nvm and others use.

    For the home of somebody else, whose environment we do not have, its own folders come before our PATH.
    """
    shell = [folder for folder in environment.get("PATH", "").split(os.pathsep) if os.path.isabs(folder)]
    own = [*(os.path.join(home, folder) for folder in _HOME_FOLDERS), *_nvm_folders(home)]
    folders = [*shell, *own, *_SYSTEM_FOLDERS] if "HOME" in environment else [*own, *shell, *_SYSTEM_FOLDERS]
    for folder in folders:
        for name in names:
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK) and not os.path.isdir(path):
                return path
    return None


def _nvm_folders(home: str) -> list[str]:
    root = os.path.join(home, ".nvm", "versions", "node")
    try:
        names = os.listdir(root)
    except OSError:
        return []
    return [os.path.join(root, name, "bin") for name in sorted(names, reverse=True)]


def _command_version(words: tuple[str, ...]) -> Version | None:
    """Read the version of the package a service's command line starts (`node .../openclaw/dist/index.js gateway`)."""
    for word in words[:3]:
        if os.path.isabs(word):
            found = _package_version(word)
            if found is not None:
                return found
    return None


def _package_version(path: str) -> Version | None:
    """Read `version` from the package.json of the npm package that a file belongs to."""
    folder = os.path.dirname(os.path.realpath(path))
    while True:
        if _is_package(folder):
            return _version_in(folder)
        parent = os.path.dirname(folder)
        if parent == folder:
            return _shim_version(path)
        folder = parent


def _read_package(folder: str) -> dict[str, Any]:
    try:
        with open(os.path.join(folder, "package.json"), "rb") as file:
            package = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    return package if isinstance(package, dict) else {}


def _is_package(folder: str) -> bool:
    return str(_read_package(folder).get("name")) in _PACKAGES


def _version_in(folder: str) -> Version | None:
    return Version.parse(str(_read_package(folder).get("version", "")))


def _shim_version(path: str) -> Version | None:
    """A shell wrapper (pnpm, asdf, a launcher of one's own) names the real script in its text."""
    try:
        with open(path, "rb") as file:
            text = file.read(4096)
    except OSError:
        return None
    if not text.startswith(b"#!"):
        return None
    for word in text.decode("utf-8", "replace").replace('"', " ").replace("'", " ").split():
        target = word.replace("$basedir", os.path.dirname(path))
        if target.endswith(("openclaw.mjs", "/openclaw")) and os.path.realpath(target) != os.path.realpath(path):
            folder = os.path.dirname(os.path.realpath(target))
            if _is_package(folder):
                return _version_in(folder)
    return None
