"""Restarting the gateway through whoever owns it, and believing only a proof.

Success is a new process, or the same one with its uptime fallen, that is ready and still ready a while later. What a
command claims is not believed: `openclaw gateway restart` exits 0 with "not-loaded" and restarts nothing on versions
before 2026.7.1 when no service is installed. Source: facts on OpenClaw, "Gateway"; facts on eras, "restart".
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

from clawmend.core.behaviour import Probe, behaviour_of
from clawmend.core.era import Installation
from clawmend.core.snapshot import GatewayRunning, GatewayState
from clawmend.core.version import Version
from clawmend.system.machine import Clock
from clawmend.system.openclaw_command import answer_of, environment_of_gateway, run_openclaw
from clawmend.system.probe import Health, ask_health, is_as_ready_as, probe_of
from clawmend.system.services import Service, restart_command, run_manager

_DEADLINE = 240.0
_STABLE_SECONDS = 2.0
_STABLE_SECONDS_TWICE = 11.0  # it says ready while it is about to die

Look = Callable[[], GatewayState]


@dataclass(frozen=True, slots=True)
class Restart:
    """What became of a restart. `reason` says why it was needed or not done, `proof` what shows that it was."""

    needed: bool
    done: bool
    reason: str
    proof: str = ""


def validate_config(installation: Installation, gateway: GatewayRunning) -> str | None:
    """Ask OpenClaw itself whether its configuration is valid; None when it is, else a sentence.

    Versions before 2026.3.2 have no such command; there clawmend's own reading has to do.
    """
    behaviour = behaviour_of(installation.version)
    if installation.version is None or installation.executable is None or (behaviour and not behaviour.validates):
        return None
    arguments = ["config", "validate", "--json"]
    result = run_openclaw(arguments, installation, environment_of_gateway(gateway), 90.0)
    if result is None:
        return "openclaw config validate gave no answer within 90 seconds"
    if result.code == 0:
        return None
    if answer_of(result.output).get("valid") is False:
        return "openclaw config validate says the configuration is not valid"
    return f"openclaw config validate could not say whether the configuration is valid (exit code {result.code})"


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


def restart(
    gateway: GatewayRunning, service: Service | None, installation: Installation, look: Look, clock: Clock
) -> Restart:
    """Restart a running gateway and wait for the proof. `look` finds the gateway again."""
    version = installation.version
    before = ask_health(gateway.port, version)
    refusal = _ask_owner(gateway, service if gateway.manager else None, installation)
    if refusal is not None:
        return Restart(needed=True, done=False, reason=refusal)
    return _wait(gateway, before, version, look, clock)


def manual_instruction(gateway: GatewayRunning, service: Service | None) -> str:
    """What the person can type to restart this gateway."""
    if gateway.manager and service is not None:
        return " ".join(restart_command(service))
    return "stop the gateway where it runs and start it again: openclaw gateway run"


def _ask_owner(gateway: GatewayRunning, service: Service | None, installation: Installation) -> str | None:
    """Ask for the restart; None when it is under way, else the reason why not."""
    if service is not None:
        command = restart_command(service)
        result = run_manager(command, 120.0)
        if result is None or result.code != 0:
            return f"{' '.join(command)} failed; start it by hand"
        return None
    behaviour = behaviour_of(installation.version)
    if behaviour is not None and behaviour.restart_command and installation.executable is not None:
        arguments = ["gateway", "restart", "--json"]
        result = run_openclaw(arguments, installation, environment_of_gateway(gateway), 360.0)
        if result is None or answer_of(result.output).get("result") != "restarted":
            return "openclaw gateway restart did not restart it; stop the gateway where it runs and start it again"
        return None
    if behaviour is not None and behaviour.restart_signal and _takes_signal(gateway):
        try:
            os.kill(gateway.pid, signal.SIGUSR1)
        except OSError as error:
            return f"the gateway (process {gateway.pid}) could not be signalled: {error.strerror}"
        return None
    return "nobody manages this gateway; stop it where it runs and start it again"


def _wait(gateway: GatewayRunning, before: Health, version: Version | None, look: Look, clock: Clock) -> Restart:
    """Wait for a new boot that is ready, and ready again after the stability window."""
    deadline = clock.monotonic() + _DEADLINE
    stable = _STABLE_SECONDS_TWICE if probe_of(version) is Probe.READYZ_TWICE else _STABLE_SECONDS
    proof = ""
    while clock.monotonic() < deadline:
        clock.sleep(0.5)
        found = look()
        if not isinstance(found, GatewayRunning):
            continue
        health = ask_health(found.port, version)
        proof = _proof(gateway, before, found, health)
        if not proof or not is_as_ready_as(health, before):
            continue
        clock.sleep(stable)
        again = look()
        if (
            isinstance(again, GatewayRunning)
            and again.pid == found.pid
            and is_as_ready_as(ask_health(again.port, version), before)
        ):
            return Restart(needed=True, done=True, reason="the gateway held the old state in memory", proof=proof)
    reason = f"no proof of a restart within {_DEADLINE:.0f} seconds"
    if proof:
        reason = f"{proof}, but it was not ready within {_DEADLINE:.0f} seconds"
    return Restart(needed=True, done=False, reason=reason)


def _proof(old: GatewayRunning, before: Health, new: GatewayRunning, health: Health) -> str:
    if (new.pid, round(new.started, 1)) != (old.pid, round(old.started, 1)):
        return f"process {old.pid} became process {new.pid}"
    if before.uptime is not None and health.uptime is not None and health.uptime < before.uptime:
        return f"process {new.pid} started anew (uptime {before.uptime:.0f} s, then {health.uptime:.0f} s)"
    return ""


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
