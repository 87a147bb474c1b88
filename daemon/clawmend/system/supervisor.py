"""Who keeps a gateway process running: its control group tells a unit, its ancestors tell pm2, a container or a shell.

Nothing is asked of anybody; a process that may not be looked at is nobody's.
"""

import os
import re
from collections.abc import Iterator

from clawmend.core.frozen import dataclass
from clawmend.system.services import Service

FOREGROUND = "foreground"
_OPENCLAW = re.compile(r"openclaw|clawdbot|moltbot|moldbot", re.IGNORECASE)
_SUPERVISORS = (  # words of a command line, and what people call it
    (re.compile(r"PM2 v[\d.]+: God Daemon|/pm2/lib/Daemon\.js"), "pm2"),
    (re.compile(r"supervisord\b"), "supervisord"),
    (re.compile(r"\b(?:s6-supervise|runsv)\b"), "s6 or runit"),
    (re.compile(r"\b(?:dumb-init|tini|docker-init|catatonit|containerd-shim\S*|conmon)\b"), "container"),
)
_MANAGERS = frozenset({"systemd", "launchd", "init"})


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Who runs a process: "systemd", "launchd", "pm2", ..., "foreground". `system`: the unit is the machine's."""

    manager: str
    unit: str | None = None
    system: bool = False


def supervisor_of(pid: int, service: Service | None, *, managed: bool) -> Supervisor:
    """Find who runs a process. `managed`: it is already known to be the process of this service."""
    if managed and service is not None:
        return Supervisor(service.manager, service.name)
    found = _unit(_control_group(pid))
    if found is not None:
        return found
    for words in _ancestors(pid):
        for pattern, name in _SUPERVISORS:
            if pattern.search(words):
                return Supervisor(name)
    return Supervisor("container") if _is_first_in_container() else Supervisor(FOREGROUND)


def _control_group(pid: int) -> str:
    """The path of the process in the hierarchy of control groups, "" where that is not told."""
    try:
        with open(f"/proc/{pid}/cgroup", encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return ""
    groups = [line.split(":", 2) for line in lines if line.count(":") >= 2]
    return next((path for number, kind, path in groups if number == "0" or kind == "name=systemd"), "")


def _unit(group: str) -> Supervisor | None:
    """The unit of OpenClaw's that a control group names; that of cron, sshd or a terminal is not the gateway's."""
    parts = group.split("/")
    unit = next((part for part in reversed(parts) if part.endswith(".service")), "")
    if not _OPENCLAW.search(unit):
        return None
    of_user = any(re.fullmatch(r"user@\d+\.service", part) for part in parts)
    return Supervisor("systemd", unit, system=not of_user)


def _ancestors(pid: int) -> Iterator[str]:
    """The command lines of what a process comes from, the nearest first."""
    import psutil  # noqa: PLC0415 - loaded already where a gateway was found

    try:
        parents = psutil.Process(pid).parents()
    except (psutil.Error, OSError):
        return
    for parent in parents:
        try:
            yield " ".join(parent.cmdline()) or parent.name()
        except (psutil.Error, OSError):
            continue


def _is_first_in_container() -> bool:
    """Whether the first process of what we see is no service manager: then a container ends with it."""
    if not os.path.exists("/.dockerenv") and not os.path.exists("/run/.containerenv"):
        return False
    try:
        with open("/proc/1/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip() not in _MANAGERS
    except OSError:
        return False
