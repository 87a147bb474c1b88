"""Where OpenCode and Qwen Code keep their settings for a home, and which release of OpenCode is installed.

Sources: OpenCode 1.18.33 and Qwen Code 0.24.4, read and run. OpenCode also reads files of the project that it is
started in, what an organisation serves it, and managed settings under /etc: those belong to somebody else.
"""

import json
import os
import re
from collections.abc import Mapping

from clawmend.core.neighbours import Release
from clawmend.system.installation import find_program

_NAMES = ("opencode.json", "opencode.jsonc")  # the second one wins
_RELEASE = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?![\d.])")
_CELLAR = re.compile(r"/Cellar/opencode/([^/]+)/")  # where Homebrew puts it, without a package.json
_ENOUGH = 6  # folders above a command that may hold its package.json


def opencode_files(home: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """List the files that hold in every project, the weakest first; most of them are not there in most homes."""
    folder = opencode_folder(home, environment)
    found = [os.path.join(folder, name) for name in ("config.json", *_NAMES)]
    if environment.get("OPENCODE_CONFIG"):
        found.append(_expand(environment["OPENCODE_CONFIG"], home))
    found += [os.path.join(home, ".opencode", name) for name in _NAMES]
    if environment.get("OPENCODE_CONFIG_DIR"):
        found += [os.path.join(_expand(environment["OPENCODE_CONFIG_DIR"], home), name) for name in _NAMES]
    return tuple(dict.fromkeys(found))


def opencode_folder(home: str, environment: Mapping[str, str]) -> str:
    """The folder of OpenCode's global settings."""
    base = environment.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    return os.path.join(_expand(base, home), "opencode")


def opencode_logins(home: str, environment: Mapping[str, str]) -> str:
    """The file in which `opencode auth login` keeps keys."""
    base = environment.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    return os.path.join(_expand(base, home), "opencode", "auth.json")


def qwen_settings(home: str, environment: Mapping[str, str]) -> str:
    """The settings of Qwen Code; `.orig` and `.tmp` behind it are its own saves."""
    return os.path.join(_qwen_folder(home, environment), "settings.json")


def qwen_dotenvs(home: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The `.env` files of a user that Qwen Code reads, the strongest first."""
    folders = (_qwen_folder(home, environment), os.path.join(home, ".qwen"), home)
    return tuple(dict.fromkeys(os.path.join(folder, ".env") for folder in folders))


def watched_paths(home: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Every file of these tools whose change may be worth a look, whether it is there or not."""
    return (
        *opencode_files(home, environment),
        opencode_logins(home, environment),
        qwen_settings(home, environment),
        *qwen_dotenvs(home, environment),
    )


def opencode_release(home: str, environment: Mapping[str, str]) -> tuple[str | None, Release | None]:
    """Find the `opencode` command and read its release out of its package; None for what cannot be told."""
    command = find_program(home, environment, "opencode")
    if command is None:
        return None, None
    target = os.path.realpath(command)
    cellar = _CELLAR.search(target)
    if cellar is not None:
        return command, release_of(cellar[1])
    folder = os.path.dirname(target)
    for _ in range(_ENOUGH):
        package = _package_in(folder)
        name = str(package.get("name"))
        if name == "opencode-ai" or name.startswith("opencode-"):
            return command, release_of(str(package.get("version")))
        folder = os.path.dirname(folder)
    return command, None


def release_of(text: str) -> Release | None:
    """Read `1.2.16` or `v1.2.16-beta`; None for anything else."""
    found = _RELEASE.match(text.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _package_in(folder: str) -> dict[str, object]:
    try:
        with open(os.path.join(folder, "package.json"), "rb") as file:
            package = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    return package if isinstance(package, dict) else {}


def _qwen_folder(home: str, environment: Mapping[str, str]) -> str:
    named = environment.get("QWEN_HOME", "").strip()
    return _expand(named, home) if named else os.path.join(home, ".qwen")


def _expand(text: str, home: str) -> str:
    return os.path.abspath(home + text[1:] if text == "~" or text.startswith("~/") else text)
