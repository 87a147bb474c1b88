"""Restarting the gateway through whoever owns it, and believing only a proof.

Never while a turn runs, as long as it can wait; never twice: one clawmend at a time, and what somebody else has
restarted meanwhile is proven instead. Never into an openclaw.json that OpenClaw refuses. Everything has a deadline.
Source: facts on OpenClaw, "Gateway"; facts on eras, "restart".
"""

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from clawmend.core.behaviour import behaviour_of
from clawmend.core.era import Installation
from clawmend.core.frozen import dataclass
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, GatewayUnknown
from clawmend.system.machine import Clock
from clawmend.system.openclaw_command import answer_of, environment_of_gateway, run_openclaw
from clawmend.system.owner import (
    ask_owner,
    ask_safely,
    ask_to_start,
    boot_of,
    has_failed,
    is_moving,
    manual_instruction,
    why_unrestartable,
)
from clawmend.system.proving import Before, Look, Restart, boot_before, booted_since, wait_for_proof
from clawmend.system.services import Service

__all__ = [
    "DEFAULT_WAIT",
    "Restart",
    "Terms",
    "manual_instruction",
    "prove",
    "restart",
    "start",
    "validate_config",
    "why_unrestartable",
]

DEFAULT_WAIT = 300.0
"""Seconds that a restart waits for a turn that runs, unless config.toml says otherwise."""

_OURS = "the gateway held the old state in memory"
_THEIRS = "the gateway was started anew meanwhile, after the files had been written"
_ITSELF = "the gateway restarts itself for this change"
_GONE_SECONDS = 15.0  # systemd starts a gateway that ended again after 5


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a gateway is restarted.

    `since`: a boot that began after this moment (seconds since the epoch) has read everything, and is as good as one
    of ours; None where no other may count. `wait`: seconds that a running turn is waited for; `quiet` waits so long
    and says what shows that one still runs, None when none does. `by_signal`: openclaw.json allows a signal.
    """

    since: float | None = None
    wait: float = DEFAULT_WAIT
    quiet: Callable[[float], str | None] = lambda _seconds: None
    by_signal: bool = True


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


def restart(
    gateway: GatewayRunning,
    service: Service | None,
    installation: Installation,
    look: Look,
    clock: Clock,
    terms: Terms | None = None,
) -> Restart:
    """Restart a running gateway and wait for the proof. `look` finds the gateway again."""
    terms = terms or Terms()
    version = installation.version
    current = _current(gateway, look, clock)
    match current:
        case GatewayUnknown(problem=problem):
            return Restart(needed=True, done=False, reason=problem)
        case GatewayAbsent():
            if service is None or service.name != gateway.service:
                return Restart(needed=True, done=False, reason="the gateway has ended meanwhile; start it again")
            return start(service, installation, look, clock, former=gateway)
        case GatewayRunning():
            pass
        case _:
            assert_never(current)
    before = boot_before(current, version, clock)
    if _is_served(terms, current, before, clock):
        return wait_for_proof(Before(None), version, look, clock, _THEIRS)
    service = service if current.manager else None
    boot = boot_of(service)
    if boot is None:
        return wait_for_proof(before, version, look, clock, _THEIRS)
    busy = terms.quiet(terms.wait)
    if busy is not None:
        return Restart(needed=True, done=False, reason=_pending(busy, terms.wait), pending=True)
    answer = ask_safely(current, installation)
    theirs = answer is None and _is_overtaken(boot, boot_of(service))  # asked at the last moment
    asks = answer is None and not theirs
    refusal = ask_owner(current, service, installation, clock, by_signal=terms.by_signal) if asks else None
    if refusal is not None:
        return Restart(needed=True, done=False, reason=refusal)
    result = wait_for_proof(before, version, look, clock, _THEIRS if theirs else _OURS)
    if answer == "deferred" and not result.done and not result.proof:
        return replace(result, pending=True, reason="the gateway restarts itself as soon as its turns are done")
    return result


def prove(gateway: GatewayRunning, installation: Installation, look: Look, clock: Clock, since: float) -> Restart:
    """Wait for the proof of a restart that the gateway makes by itself, for a change that was written at `since`."""
    current = look()
    running = current if isinstance(current, GatewayRunning) else gateway
    before = boot_before(running, installation.version, clock)
    if booted_since(running, before.health, since, clock.now()):
        before = Before(None)
    return wait_for_proof(before, installation.version, look, clock, _ITSELF)


def start(
    service: Service,
    installation: Installation,
    look: Look,
    clock: Clock,
    *,
    reset_failed: bool = False,
    former: GatewayRunning | None = None,
) -> Restart:
    """Start a service that does not run, and wait for the proof; one that runs already only has to be ready.

    `former` is the boot that was seen last. `reset_failed`: the manager has given it up, and is told to forget that.
    """
    if not isinstance(look(), GatewayRunning) and not is_moving(service):
        refusal = ask_to_start(service, clock, reset_failed=reset_failed)
        if refusal is not None:
            return Restart(needed=True, done=False, reason=refusal)
    hopeless = f"{service.name} has failed again right after its start"
    return wait_for_proof(
        Before(former),
        installation.version,
        look,
        clock,
        "the gateway did not run",
        lambda: hopeless if has_failed(service) else None,
    )


def _is_overtaken(boot: str, now: str | None) -> bool:
    """Whether the unit is on the move by now, or runs anew; where systemd did not answer nobody can tell."""
    return now is None or (bool(boot and now) and now != boot)


def _current(gateway: GatewayRunning, look: Look, clock: Clock) -> GatewayRunning | GatewayAbsent | GatewayUnknown:
    """The gateway as it is now; one that has just ended is given the time in which its manager starts it again."""
    deadline = clock.monotonic() + _GONE_SECONDS
    while isinstance(found := look(), GatewayAbsent) and gateway.manager and clock.monotonic() < deadline:
        clock.sleep(0.5)
    return found


def _is_served(terms: Terms, current: GatewayRunning, before: Before, clock: Clock) -> bool:
    return terms.since is not None and booted_since(current, before.health, terms.since, clock.now())


def _pending(busy: str, wait: float) -> str:
    return f"a turn runs ({busy}), and after {wait:.0f} s of waiting it still does; the gateway is restarted later"
