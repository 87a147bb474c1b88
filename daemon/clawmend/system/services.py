"""The service managers that own a gateway: systemd user units and launchd agents, found by their files on disk."""

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import field

from clawmend.core.frozen import dataclass
from clawmend.core.state import Found
from clawmend.system.commands import Ran, run
from clawmend.system.files import Files

_UNIT_FOLDERS = (".config/systemd/user",)
_AGENT_FOLDER = "Library/LaunchAgents"


@dataclass(frozen=True, slots=True)
class Service:
    """A unit or agent that runs the gateway of one state folder. `command` is its command line."""

    manager: str
    name: str
    path: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def find_service(home: str, profile: str | None, environment: Mapping[str, str], files: Files) -> Service | None:
    """Find the gateway's unit or agent for a profile (None: the default one) in the home's own folders."""
    suffix = f"-{profile}" if profile else ""
    unit = environment.get("OPENCLAW_SYSTEMD_UNIT", "").strip() or f"openclaw-gateway{suffix}.service"
    unit = unit if unit.endswith(".service") else f"{unit}.service"
    for folder in _UNIT_FOLDERS:
        path = os.path.join(home, folder, unit)
        found = files.read(path)
        if isinstance(found, Found):
            return _read_unit(path, unit, found.data)
    label = environment.get("OPENCLAW_LAUNCHD_LABEL", "").strip() or f"ai.openclaw.{profile or 'gateway'}"
    path = os.path.join(home, _AGENT_FOLDER, f"{label}.plist")
    found = files.read(path)
    if isinstance(found, Found):
        return _read_agent(path, label, found.data)
    return None


def service_pid(service: Service, timeout: float = 5.0) -> int | None:
    """Ask the service manager for the service's main process; None when it runs none or cannot be asked."""
    if service.manager == "systemd":
        result = run_manager(["systemctl", "--user", "show", "--property=MainPID", "--value", service.name], timeout)
        text = result.output.strip() if result else ""
        return int(text) if text.isdigit() and int(text) > 0 else None
    result = run_manager(["launchctl", "print", f"gui/{os.getuid()}/{service.name}"], timeout)
    for line in result.output.splitlines() if result else ():
        name, _, value = line.strip().partition(" = ")
        if name == "pid" and value.isdigit():
            return int(value)
    return None


def restart_command(service: Service) -> list[str]:
    """The command by which the owner of the service restarts it."""
    if service.manager == "systemd":
        return ["systemctl", "--user", "restart", service.name]
    return ["launchctl", "kickstart", "-k", f"gui/{os.getuid()}/{service.name}"]


def start_instruction(service: Service | None) -> str:
    """What a person types to start or restart the gateway."""
    return shlex.join(restart_command(service)) if service else "openclaw gateway restart"


def run_manager(command: list[str], timeout: float) -> Ran | None:
    """Run a service manager's command; None when it is not there or does not answer in time."""
    environment = dict(os.environ)
    if sys.platform != "darwin":
        runtime = environment.setdefault("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
        environment.setdefault("DBUS_SESSION_BUS_ADDRESS", f"unix:path={runtime}/bus")
    return run(command, environment, timeout)


def _read_unit(path: str, name: str, data: bytes) -> Service:
    command: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        key, _, value = line.strip().partition("=")
        if key.strip() == "ExecStart":
            command = tuple(_words(value))
        elif key.strip() == "Environment":
            for word in _words(value):
                variable, separator, text = word.partition("=")
                if separator:
                    environment[variable] = text
    return Service("systemd", name, path, command, environment)


def _read_agent(path: str, label: str, data: bytes) -> Service | None:
    import plistlib  # noqa: PLC0415 - only a Mac has agents

    try:
        agent = plistlib.loads(data)
    except Exception:  # noqa: BLE001 - plistlib lets through whatever its parsers stumble over (ExpatError, IndexError)
        return None
    words = agent.get("ProgramArguments") if isinstance(agent, dict) else None
    variables = agent.get("EnvironmentVariables") if isinstance(agent, dict) else None
    command = tuple(str(word) for word in words) if isinstance(words, list) else ()
    environment = {str(k): str(v) for k, v in variables.items()} if isinstance(variables, dict) else {}
    return Service("launchd", label, path, command, environment)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
