"""The service files we ship: in the wheel as data beside the package, in a checkout at the top of the repository."""

import os
import shutil
import sys
from importlib.resources import files
from xml.sax.saxutils import escape

from clawmend.core.errors import ClawmendError

PLACEHOLDER = "@CLAWMEND@"
NAMES = {"systemd": "clawmend.service", "launchd": "dev.clawmend.plist"}


def unit_text(manager: str, command: str) -> str:
    """Return the unit ("systemd") or agent ("launchd") that runs a command; ClawmendError when it was not shipped.

    An editable install does not see what the wheel includes by force, so the repository is the second place.
    """
    name = NAMES[manager]
    shipped = files("clawmend").joinpath("units", manager, name)
    if shipped.is_file():
        template = shipped.read_text(encoding="utf-8")
    else:
        path = os.path.join(os.path.dirname(__file__), "..", "..", "..", manager, name)
        try:
            with open(path, encoding="utf-8") as file:
                template = file.read()
        except OSError as error:
            raise ClawmendError(f"{name} was not installed with clawmend", "install clawmend again") from error
    return template.replace(PLACEHOLDER, escape(command) if manager == "launchd" else _quoted(command))


def own_command() -> str:
    """The path by which a service can start the clawmend that is running now."""
    beside = os.path.join(os.path.dirname(sys.executable), "clawmend")
    for candidate in (sys.argv[0], beside, shutil.which("clawmend") or ""):
        if os.path.basename(candidate) == "clawmend" and os.path.isabs(candidate) and os.access(candidate, os.X_OK):
            return candidate
    raise ClawmendError("cannot tell by which path a service should start clawmend", "run it by its full path")


def _quoted(command: str) -> str:
    """Quote a path for a systemd command line, where % and $ have a meaning of their own."""
    text = command.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if any(mark in text for mark in ' "\\') else text
