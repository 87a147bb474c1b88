"""Finding the gateway process of a state folder: lock file, port, process table. Nothing here changes anything.

A gateway belongs to a state folder when its lock file or its own environment leads to that folder; a process that
merely holds the port is not ours to judge. Source: facts on OpenClaw, "Gateway".
"""

import hashlib
import json
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise

from clawmend.core.frozen import dataclass
from clawmend.core.gateway import Holder
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, GatewayState, GatewayUnknown
from clawmend.core.state import Found
from clawmend.system.files import Files
from clawmend.system.homes import StateFolder, state_folders
from clawmend.system.services import Service

DEFAULT_PORT = 18789
# A gateway writes its lock after it has started; a process younger than the lock has only inherited the number.
_CLOCK_SLACK = 10.0
_NAMES_A_FOLDER = ("OPENCLAW_STATE_DIR", "OPENCLAW_CONFIG_PATH")


@dataclass(frozen=True, slots=True)
class _Lock:
    """A gateway's lock file: the process it names, and when it was written in seconds since the epoch."""

    pid: int
    written: float


def find_gateway(folder: StateFolder, port: int | None, service: Service | None, files: Files) -> GatewayState:
    """Find the gateway of a state folder. `port` is what its config says, or None."""
    absent = GatewayAbsent(service.name if service else None, service.manager if service else None)
    port = gateway_port(port, service)
    lock = _lock(folder, service, files)
    if lock is not None:
        running = _describe(lock.pid, port, folder, service, files, lock)
        if isinstance(running, GatewayRunning) and running.started <= lock.written + _CLOCK_SLACK:
            return running
    if not _listens(port):
        return absent
    pid = _listener(port)
    if pid is None:
        return GatewayUnknown(f"something listens on port {port} and this user may not see which process it is")
    found = _describe(pid, port, folder, service, files)
    return absent if found is None else found


def gateway_port(port: int | None, service: Service | None) -> int:
    """The port of a gateway: what its service says, else its config's, else the usual one."""
    return _service_port(service) or port or DEFAULT_PORT


def find_holder(folder: StateFolder, port: int, service: Service | None, files: Files) -> Holder | None:
    """Find who holds a port that the gateway of this folder wants; None when nobody does, or such a gateway."""
    if not _listens(port):
        return None
    pid = _listener(port)
    if pid is None:
        return Holder(None, None)
    if _describe(pid, port, folder, service, files) is not None:
        return None
    import psutil  # noqa: PLC0415 - as above

    try:
        return Holder(pid, psutil.Process(pid).name() or None)
    except psutil.Error:
        return Holder(pid, None)


def _describe(
    pid: int, port: int, folder: StateFolder, service: Service | None, files: Files, lock: _Lock | None = None
) -> GatewayRunning | GatewayUnknown | None:
    """Describe a process if it is a gateway of this folder; None when it is another folder's or no gateway."""
    import psutil  # noqa: PLC0415 - 25 ms that a machine without a gateway need not spend

    try:
        process = psutil.Process(pid)
        name = process.name()
        words = process.cmdline()
        started = process.create_time()
    except psutil.Error:
        return None
    text = " ".join(words)
    if "openclaw" not in text and "openclaw" not in name and "clawdbot" not in text:
        return None
    try:
        environment = process.environ()
    except (psutil.Error, OSError):
        return GatewayUnknown(f"the gateway process {pid} belongs to another user")
    if not _belongs(folder, (pid, started), words, environment, files, locked=lock is not None):
        return None
    works_in = None
    with suppress(psutil.Error, OSError):
        works_in = process.cwd() or None
    managed = service is not None and _is_managed(pid, service)
    return GatewayRunning(
        pid=pid,
        started=started,
        port=port,
        manager=service.manager if service and managed else None,
        service=service.name if service and managed else None,
        environment=environment,
        folder=works_in,
    )


def _belongs(
    folder: StateFolder,
    process: tuple[int, float],
    words: Sequence[str],
    environment: Mapping[str, str],
    files: Files,
    *,
    locked: bool,
) -> bool:
    """Tell whether a gateway's lock or environment leads to this folder.

    What `--profile` sets, Node sets inside the process, where nobody sees it; a folder's lock then tells whose the
    gateway is, and without one it is the profile's that it names, or else the default folder's.
    """
    own = state_folders(environment.get("HOME", ""), environment, files)
    ours = [each for each in own if _same(each, folder)]
    if not ours or locked or any(environment.get(name, "").strip() for name in _NAMES_A_FOLDER):
        return bool(ours)
    if any(_holds_lock(other, process, files) for other in own if other not in ours):
        return False
    profile = _option(words, "--profile") or environment.get("OPENCLAW_PROFILE", "").strip()
    named = [each for each in own if each.profile == profile] or [each for each in own if each.profile is None]
    return any(each in ours for each in named)


def _same(one: StateFolder, other: StateFolder) -> bool:
    return os.path.realpath(one.directory) == os.path.realpath(other.directory)


def _holds_lock(folder: StateFolder, process: tuple[int, float], files: Files) -> bool:
    pid, started = process
    lock = _lock(folder, None, files)
    return lock is not None and lock.pid == pid and started <= lock.written + _CLOCK_SLACK


def _option(words: Sequence[str], name: str) -> str:
    """The value of an option on a command line, `--name value` or `--name=value`; empty when it is not there."""
    for word, following in pairwise([*words, ""]):
        if word == name:
            return following
        if word.startswith(f"{name}="):
            return word.removeprefix(f"{name}=")
    return ""


def _is_managed(pid: int, service: Service) -> bool:
    """Tell whether the service manager runs this very process; its control group says so without asking anybody."""
    if service.manager != "systemd":
        return True
    try:
        with open(f"/proc/{pid}/cgroup", encoding="utf-8", errors="replace") as file:
            return any(service.name in line.rstrip("\n").split("/") for line in file)
    except OSError:
        return False


def _lock(folder: StateFolder, service: Service | None, files: Files) -> _Lock | None:
    """Read the gateway's lock file, wherever this version keeps it."""
    name = f"gateway.{hashlib.sha256(folder.config.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}.lock"
    temporary = [os.environ.get("TMPDIR", ""), "/tmp"]  # noqa: S108 - OpenClaw's own place, read only
    if service is not None:
        temporary.insert(0, service.environment.get("TMPDIR", ""))
    roots = [os.path.join(folder.directory, "tmp"), *temporary]
    for root in roots:
        for owner in (f"openclaw-{os.getuid()}", "openclaw"):
            if not root:
                continue
            found = files.read(os.path.join(root, owner, name))
            if isinstance(found, Found):
                pid = _pid_in(found.data)
                if pid is not None:
                    return _Lock(pid, found.identity.mtime_ns / 1e9)
    return None


def _pid_in(data: bytes) -> int | None:
    try:
        lock = json.loads(data)
    except (ValueError, RecursionError):
        return None
    pid = lock.get("pid") if isinstance(lock, dict) else None
    return pid if isinstance(pid, int) and pid > 0 else None


def _service_port(service: Service | None) -> int | None:
    if service is None:
        return None
    text = _option(service.command, "--port")
    if text.isdigit():
        return int(text)
    text = service.environment.get("OPENCLAW_GATEWAY_PORT", "")
    return int(text) if text.isdigit() else None


def _listens(port: int) -> bool:
    if not 0 < port < 65536:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _listener(port: int) -> int | None:
    """Find the process that listens on a port, among those this user may see."""
    import psutil  # noqa: PLC0415 - as above

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr[1] == port:
                return connection.pid
    except (psutil.Error, OSError):
        return None
    return None


def folder_environment(service: Service | None, running: GatewayState) -> Mapping[str, str]:
    """The environment the gateway resolves `${NAME}` from: its own when it runs, else what its service gives it."""
    if isinstance(running, GatewayRunning) and running.environment is not None:
        return running.environment
    return service.environment if service else {}
