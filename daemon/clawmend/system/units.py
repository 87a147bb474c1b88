"""The service files we ship: in the wheel as data beside the package, in a checkout at the top of the repository."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import field
from importlib.resources import files
from xml.sax.saxutils import escape

from clawmend.core.errors import ClawmendError
from clawmend.core.frozen import dataclass

NAMES = {"systemd": "clawmend.service", "launchd": "dev.clawmend.plist"}
_COMMAND = {"systemd": "@CLAWMEND@", "launchd": "    <!-- @CLAWMEND@ -->\n"}
_ENVIRONMENT = {"systemd": "# @ENVIRONMENT@\n", "launchd": "  <!-- @ENVIRONMENT@ -->\n"}


@dataclass(frozen=True, slots=True)
class Launch:
    """What a service starts: the words of its command line, the first one a full path, and variables to set for it."""

    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def unit_text(manager: str, launch: Launch) -> str:
    """Return the unit ("systemd") or agent ("launchd") that starts something; ClawmendError when it was not shipped.

    An editable install does not see what the wheel includes by force, so the repository is the second place.
    """
    for text in (*launch.words, *launch.environment, *launch.environment.values()):
        if not text.isprintable():  # a line break would add a line of its own to the unit
            raise ClawmendError(f"a service cannot be given {text!r}", "take the control character out of that name")
    systemd = manager == "systemd"
    made = (_systemd_command, _systemd_environment) if systemd else (_launchd_command, _launchd_environment)
    text = _template(manager)
    text = text.replace(_COMMAND[manager], made[0](launch.words), 1)
    return text.replace(_ENVIRONMENT[manager], made[1](launch.environment), 1)


def own_command() -> str:
    """The path by which a service can start the clawmend that is running now.

    Where it was started by a name that pip, pipx or uv put there, that name: it outlives an upgrade.
    """
    beside = os.path.join(os.path.dirname(sys.executable), "clawmend")
    for candidate in (sys.argv[0], beside, shutil.which("clawmend") or ""):
        if os.path.basename(candidate) == "clawmend" and os.path.isabs(candidate) and os.access(candidate, os.X_OK):
            return candidate
    raise ClawmendError("cannot tell by which path a service should start clawmend", "run it by its full path")


def why_fleeting(command: str) -> str | None:
    """Say why a path will not be there tomorrow: `uvx` and `pipx run` keep what they run in a cache; None otherwise."""
    if ".cache" in os.path.realpath(command).split(os.sep):
        return f"{command} lies in a cache that is emptied now and then"
    return None


def _template(manager: str) -> str:
    name = NAMES[manager]
    shipped = files("clawmend").joinpath("units", manager, name)
    if shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    path = os.path.join(os.path.dirname(__file__), "..", "..", "..", manager, name)
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise ClawmendError(f"{name} was not installed with clawmend", "install clawmend again") from error


def _systemd_command(words: tuple[str, ...]) -> str:
    return " ".join(_quoted(word.replace("$", "$$")) for word in words)


def _systemd_environment(environment: Mapping[str, str]) -> str:
    return "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in environment.items())


def _quoted(word: str) -> str:
    """Quote a word for a unit, where % has a meaning of its own."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"' if not text or any(mark in text for mark in " \"'\\;") else text


def _launchd_command(words: tuple[str, ...]) -> str:
    return "".join(f"    <string>{escape(word)}</string>\n" for word in words)


def _launchd_environment(environment: Mapping[str, str]) -> str:
    pairs = "".join(
        f"    <key>{escape(name)}</key>\n    <string>{escape(value)}</string>\n" for name, value in environment.items()
    )
    return f"  <key>EnvironmentVariables</key>\n  <dict>\n{pairs}  </dict>\n" if pairs else ""
