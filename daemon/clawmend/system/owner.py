"""Asking whoever owns a gateway to start it anew: OpenClaw's own safe restart, its service manager, its command.

Nothing here waits for the outcome or believes an answer: that is for the proof. Source: facts on OpenClaw, "Gateway".
"""

import os
import signal

from clawmend.core.behaviour import behaviour_of
from clawmend.core.era import Installation
from clawmend.core.snapshot import GatewayRunning
from clawmend.system.launchd import restart_agent, start_agent
from clawmend.system.machine import Clock
from clawmend.system.openclaw_command import answer_of, environment_of_gateway, run_openclaw
from clawmend.system.services import Service, restart_command, run_manager

_SAFE = frozenset({"scheduled", "deferred", "coalesced"})
_MANAGER_TIMEOUT = 60.0
_MOVING = frozenset({"activating", "deactivating", "reloading"})


def why_unrestartable(gateway: GatewayRunning, installation: Installation) -> str | None:
    """Say why nobody can restart this gateway for us, as far as that is known beforehand; None when somebody can."""
    behaviour = behaviour_of(installation.version)
    if gateway.manager is not None:
        return None
    if behaviour is not None and behaviour.restart_command and installation.executable is not None:
        return None
    if behaviour is not None and behaviour.restart_signal and _takes_signal(gateway):
        return None
    return "nobody manages it; stop the gateway where it runs, run clawmend repair, and start it again"


def ask_safely(gateway: GatewayRunning, installation: Installation) -> str | None:
    """Ask the gateway to start anew as soon as its turns are done; its answer, None where it cannot or will not."""
    behaviour = behaviour_of(installation.version)
    if behaviour is None or not behaviour.safe_restart or installation.executable is None:
        return None
    arguments = ["gateway", "restart", "--safe", "--json"]
    result = run_openclaw(arguments, installation, environment_of_gateway(gateway), _MANAGER_TIMEOUT)
    answer = answer_of(result.output).get("result") if result is not None and result.code == 0 else None
    return answer if isinstance(answer, str) and answer in _SAFE else None


def ask_owner(
    gateway: GatewayRunning, service: Service | None, installation: Installation, clock: Clock, *, by_signal: bool
) -> str | None:
    """Ask for the restart; None when it is under way, else the reason why not.

    `by_signal`: openclaw.json allows a restart that comes from outside (`commands.restart`).
    """
    if service is not None:
        return restart_agent(service, clock) if service.manager == "launchd" else _restart_unit(service)
    behaviour = behaviour_of(installation.version)
    if behaviour is not None and behaviour.restart_command and installation.executable is not None:
        arguments = ["gateway", "restart", "--json"]
        result = run_openclaw(arguments, installation, environment_of_gateway(gateway), 360.0)
        if result is None or answer_of(result.output).get("result") != "restarted":
            return "openclaw gateway restart did not restart it; stop the gateway where it runs and start it again"
        return None
    if behaviour is not None and behaviour.restart_signal and _takes_signal(gateway):
        if not by_signal:
            return "openclaw.json forbids a restart from outside (commands.restart); start it again where it runs"
        try:
            os.kill(gateway.pid, signal.SIGUSR1)
        except OSError as error:
            return f"the gateway (process {gateway.pid}) could not be signalled: {error.strerror}"
        return None
    return "nobody manages this gateway; stop it where it runs and start it again"


def ask_to_start(service: Service, clock: Clock, *, reset_failed: bool) -> str | None:
    """Ask for a start; None when it is under way. `reset_failed`: a manager that has given it up is told to forget."""
    if service.manager == "launchd":
        return start_agent(service, clock)
    if reset_failed:
        reset = _systemctl("reset-failed", service.name)
        if reset is not None:
            return reset
    return _systemctl("--no-block", "start", service.name)


def boot_of(service: Service | None) -> str | None:
    """What systemd calls the unit's present run, empty where it is not asked or does not say.

    None while it is starting or stopping it: a restart that somebody else has asked for.
    """
    if service is None or service.manager != "systemd":
        return ""
    command = ["systemctl", "--user", "show", "--property=ActiveState,Job,InvocationID", service.name]
    result = run_manager(command, 5.0)
    told = dict(line.partition("=")[::2] for line in result.output.splitlines()) if result else {}
    if told.get("ActiveState") in _MOVING or told.get("Job", "0") not in {"", "0"}:
        return None
    return told.get("InvocationID", "")


def is_moving(service: Service | None) -> bool:
    """Whether the manager is already starting or stopping it."""
    return boot_of(service) is None


def has_failed(service: Service) -> bool:
    """Whether the manager has given it up."""
    if service.manager != "systemd":
        return False
    result = run_manager(["systemctl", "--user", "is-failed", "--quiet", service.name], 5.0)
    return result is not None and result.code == 0


def manual_instruction(gateway: GatewayRunning, service: Service | None) -> str:
    """What the person can type to restart this gateway."""
    if gateway.manager and service is not None:
        return " ".join(restart_command(service))
    return "stop the gateway where it runs and start it again: openclaw gateway run"


def _restart_unit(service: Service) -> str | None:
    """Without waiting for its end: a gateway may let its turns end for minutes, which is no failure."""
    return _systemctl("--no-block", "restart", service.name)


def _systemctl(*words: str) -> str | None:
    command = ["systemctl", "--user", *words]
    result = run_manager(command, _MANAGER_TIMEOUT)
    if result is None or result.code != 0:
        typed = " ".join(word for word in command if word != "--no-block")
        return f"{typed} failed; start it by hand"
    return None


def _takes_signal(gateway: GatewayRunning) -> bool:
    """SIGUSR1 opens a debugger in any other Node process, so the process has to be the gateway itself."""
    import psutil  # noqa: PLC0415 - loaded only where a gateway was found

    try:
        process = psutil.Process(gateway.pid)
        title = " ".join(process.cmdline())
        if abs(process.create_time() - gateway.started) > 1:
            return False  # another process has got the number since
    except psutil.Error:
        return False
    return title.startswith("openclaw-gateway") or " gateway" in title
