"""What a service manager says of a gateway's service: one call, a short deadline, nothing changed.

systemd is asked in the C locale and in UTC, because it writes moments the way people read them. What it says counts
only when it speaks of the file that was found: another home may have a unit of the same name. Words of `systemctl show`
were recorded from systemd 252, those of `launchctl print` are documented by Apple only as not stable, so that a line
that is missing means nothing.
"""

import os
import re
import sys
from datetime import UTC, datetime

from clawmend.core.gateway import ServiceFacts, ServiceState
from clawmend.system.commands import run
from clawmend.system.services import Service

TIMEOUT = 2.0
_PROPERTIES = (
    "LoadState",
    "ActiveState",
    "SubState",
    "Result",
    "ExecMainCode",
    "ExecMainStatus",
    "NRestarts",
    "MainPID",
    "StateChangeTimestamp",
    "ActiveExitTimestamp",
    "ExecMainStartTimestamp",
    "ExecMainExitTimestamp",
    "StartLimitBurst",
    "StartLimitIntervalUSec",
    "FragmentPath",
)
_STATES = {
    "active": ServiceState.RUNNING,
    "reloading": ServiceState.RUNNING,
    "activating": ServiceState.BEGINNING,
    "deactivating": ServiceState.ENDING,
    "inactive": ServiceState.STOPPED,
    "failed": ServiceState.FAILED,
}
_WAITING = frozenset({"auto-restart", "auto-restart-queued"})
_EXITED = 1  # CLD_EXITED; 2 and 3 are signals
_NOT_LOADED = 113


def ask_manager(service: Service, *, system: bool = False, timeout: float = TIMEOUT) -> ServiceFacts:
    """Ask the manager of a service once. `system`: the unit is the machine's, not the user's.

    Where nobody answers, or somebody answers about another file of that name, the state is UNASKED.
    """
    unasked = ServiceFacts(manager=service.manager, unit=service.name, state=ServiceState.UNASKED, system=system)
    if service.manager == "launchd":
        return _ask_launchd(service, timeout) or unasked
    return _ask_systemd(service, system=system, timeout=timeout) or unasked


def _environment() -> dict[str, str]:
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    if sys.platform != "darwin":
        runtime = environment.setdefault("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
        environment.setdefault("DBUS_SESSION_BUS_ADDRESS", f"unix:path={runtime}/bus")
    return environment


def _ask_systemd(service: Service, *, system: bool, timeout: float) -> ServiceFacts | None:
    scope = [] if system else ["--user"]
    command = ["systemctl", *scope, "show", f"--property={','.join(_PROPERTIES)}", "--", service.name]
    result = run(command, _environment(), timeout)
    if result is None or result.code != 0:
        return None
    return read_systemd(result.output, service, system=system)


def read_systemd(text: str, service: Service, *, system: bool = False) -> ServiceFacts | None:
    """Read what `systemctl show` printed; None when it is about another unit file of this name."""
    told = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    fragment = told.get("FragmentPath", "")
    if service.path and fragment and os.path.realpath(fragment) != os.path.realpath(service.path):
        return None
    if told.get("LoadState") != "loaded":
        unloaded = told.get("LoadState") in {"not-found", "masked"}
        state = ServiceState.UNLOADED if unloaded else None
        return ServiceFacts(manager="systemd", unit=service.name, state=state, system=system) if state else None
    state = _STATES.get(told.get("ActiveState", ""))
    if state is None:
        return None
    if told.get("SubState") in _WAITING:
        state = ServiceState.WAITING
    return ServiceFacts(
        manager="systemd",
        unit=service.name,
        state=state,
        result=told.get("Result", "success"),
        exit_status=_exit_status(told),
        restarts=_number(told.get("NRestarts")),
        pid=_number(told.get("MainPID")) or None,
        entered=_moment(told.get("StateChangeTimestamp")),
        left=_moment(told.get("ActiveExitTimestamp")),
        started=_moment(told.get("ExecMainStartTimestamp")),
        ended=_moment(told.get("ExecMainExitTimestamp")),
        limit=_limit(told),
        system=system,
    )


def _exit_status(told: dict[str, str]) -> int | None:
    code, status = _number(told.get("ExecMainCode")), _number(told.get("ExecMainStatus"))
    if not code or status is None or not told.get("ExecMainExitTimestamp"):
        return None
    return status if code == _EXITED else 128 + status


def _limit(told: dict[str, str]) -> int | None:
    """How many starts the unit allows; None where systemd never gives up."""
    if told.get("StartLimitIntervalUSec", "0") in {"0", "infinity"}:
        return None
    return _number(told.get("StartLimitBurst")) or None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,18}", text) else None


def _moment(text: str | None) -> float | None:
    """`Sat 2026-11-28 16:40:39 UTC` in seconds since the epoch; None for what has not happened."""
    words = (text or "").split()
    if len(words) != 4 or words[3] != "UTC":
        return None
    try:
        return datetime.strptime(f"{words[1]} {words[2]}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _ask_launchd(service: Service, timeout: float) -> ServiceFacts | None:
    result = run(["launchctl", "print", f"gui/{os.getuid()}/{service.name}"], _environment(), timeout)
    if result is None:
        return None
    if result.code == _NOT_LOADED:
        return ServiceFacts(manager="launchd", unit=service.name, state=ServiceState.UNLOADED)
    return read_launchd(result.output, service) if result.code == 0 else None


def read_launchd(text: str, service: Service) -> ServiceFacts | None:
    """Read what `launchctl print` printed; None when it says no state, or is about another file of this label."""
    told: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("\t") and not line.startswith("\t\t"):  # what stands deeper is about something else
            name, separator, value = line.strip().partition(" = ")
            if separator:
                told.setdefault(name, value)
    path = told.get("path", "")
    if os.path.isabs(path) and os.path.realpath(path) != os.path.realpath(service.path):
        return None
    word = told.get("state")
    if word is None:
        return None
    status = _launchd_status(told)
    runs = _number(told.get("runs"))
    failed = status not in {None, 0, 143}
    state = ServiceState.RUNNING if word == "running" else ServiceState.WAITING if failed else ServiceState.STOPPED
    return ServiceFacts(
        manager="launchd",
        unit=service.name,
        state=state,
        result="exit-code" if failed else "success",
        exit_status=status,
        restarts=None if runs is None else max(0, runs - 1),
        pid=_number(told.get("pid")),
    )


def _launchd_status(told: dict[str, str]) -> int | None:
    """`last exit code = 78`, or `78: EX_CONFIG`, or `(never exited)`; `last terminating signal = Terminated: 15`."""
    signal = re.search(r": (\d+)$", told.get("last terminating signal", ""))
    if signal:
        return 128 + int(signal[1])
    found = re.match(r"(\d+)\b", told.get("last exit code", ""))
    return int(found[1]) if found else None
