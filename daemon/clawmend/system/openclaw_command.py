"""OpenClaw's own command line: run for one state folder, in the environment that this folder's gateway has.

A person types `openclaw` in a shell; the gateway runs with what its service gave it, and the two may lead to two
folders, or to two versions of Node. So the command gets the environment of the gateway that runs, or of the service
that would start it, the folder that is meant by name, and the Node that the gateway runs on first in PATH.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

from clawmend.core.era import Installation
from clawmend.core.snapshot import GatewayRunning, OpenClaw
from clawmend.system.commands import Ran, run
from clawmend.system.services import Service

# With these set, OpenClaw believes that the service manager has started it.
_MARKERS = ("OPENCLAW_SERVICE_MARKER", "OPENCLAW_SERVICE_KIND")
_RUNTIMES = frozenset({"node", "bun"})
_STATE, _CONFIG = "OPENCLAW_STATE_DIR", "OPENCLAW_CONFIG_PATH"


def run_openclaw(
    arguments: list[str],
    installation: Installation,
    environment: Mapping[str, str],
    timeout: float,
    text: str | None = None,
) -> Ran | None:
    """Run a command of OpenClaw; None when there is none, or when it does not end within `timeout` seconds.

    `text` is what it reads on standard input: a key never stands on a command line, where every user sees it.
    """
    if installation.executable is None:
        return None
    return run([installation.executable, *arguments], environment, timeout, text)


def answer_of(text: str) -> dict[str, Any]:
    """The JSON object in what a command of OpenClaw printed, which may have lines of its log before it."""
    try:
        answer = json.loads(text[text.index("{") :])
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def environment_of_gateway(gateway: GatewayRunning) -> dict[str, str]:
    """The environment of a gateway that runs, as a person would have it, not as the service.

    A unit names the Node that the gateway runs on by its path, and its PATH may lead to none or to one that is too
    old; OpenClaw's command takes Node from PATH.
    """
    environment = dict(gateway.environment) if gateway.environment else dict(os.environ)
    return _as_a_person(environment, _folder_of_runtime(gateway))


def environment_of_folder(
    home: str, own: Mapping[str, str], openclaw: OpenClaw, service: Service | None
) -> dict[str, str]:
    """The environment in which OpenClaw's command works on this state folder of this home and on no other.

    `own` is what of our own environment counts for the home (see system/machine.py), `service` what would start the
    gateway. The environment of a gateway that runs comes first.
    """
    gateway = openclaw.gateway
    if isinstance(gateway, GatewayRunning) and gateway.environment:
        environment = environment_of_gateway(gateway)
    else:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("OPENCLAW_")}
        if openclaw.profile is None:
            ours |= {name: value for name, value in own.items() if name.startswith("OPENCLAW_")}
        running = _folder_of_runtime(gateway) if isinstance(gateway, GatewayRunning) else None
        given = dict(service.environment) if service else {}
        environment = _as_a_person(ours | given, running or _folder_in(service))
    environment["HOME"] = home
    default = os.path.join(home, ".openclaw")
    if (openclaw.directory, openclaw.config.path) == (default, os.path.join(default, "openclaw.json")):
        environment.pop(_STATE, None)
        environment.pop(_CONFIG, None)
    else:
        environment |= {_STATE: openclaw.directory, _CONFIG: openclaw.config.path}
    return environment


def _as_a_person(environment: dict[str, str], runtime: str | None) -> dict[str, str]:
    for name in _MARKERS:
        environment.pop(name, None)
    path = (runtime, environment.get("PATH"), os.environ.get("PATH"))
    environment["PATH"] = os.pathsep.join(folder for folder in path if folder)
    return environment


def _folder_of_runtime(gateway: GatewayRunning) -> str | None:
    """Find the folder of the Node or Bun that this gateway runs on."""
    import psutil  # noqa: PLC0415 - loaded only where a gateway was found

    try:
        folder, name = os.path.split(psutil.Process(gateway.pid).exe())
    except psutil.Error:
        return None
    return folder if name in _RUNTIMES else None


def _folder_in(service: Service | None) -> str | None:
    """The folder of the Node or Bun that a service's command line names."""
    folder, name = os.path.split(service.command[0]) if service and service.command else ("", "")
    return folder if os.path.isabs(folder) and name in _RUNTIMES else None
