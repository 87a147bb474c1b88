"""The proof that a gateway has started anew: another process or a fallen uptime, ready, and ready again a while later.

What a command claims is not believed, and neither is one ready answer: 2026.9.6 says ready while it is about to die.
A process that starts slowly is left alone: a slow machine needs minutes. Source: facts on OpenClaw, "Gateway".
"""

from collections.abc import Callable

from clawmend.core.behaviour import Probe, behaviour_of
from clawmend.core.frozen import dataclass
from clawmend.core.snapshot import GatewayRunning, GatewayState
from clawmend.core.version import Version
from clawmend.system.machine import Clock
from clawmend.system.probe import NO_ANSWER, Health, ask_health, is_as_ready_as, probe_of

DEADLINE = 240.0
DRAIN = 330.0
"""Seconds that 2026.8.1 and newer may take to let turns end before they start anew (TimeoutStopSec)."""

_LOOK_AGAIN = 0.5
_STABLE_SECONDS = 2.0
_STABLE_SECONDS_TWICE = 11.0  # it says ready while it is about to die
_TICK = 0.05  # seconds; an uptime is rounded
_SAME_BOOT_SECONDS = 1.0  # an uptime is rounded, and the answer took a moment

Look = Callable[[], GatewayState]


@dataclass(frozen=True, slots=True)
class Restart:
    """What became of a restart. `reason` says why it was needed or not done, `proof` what shows that it was.

    `pending`: it is not done, and nothing has failed: a turn runs, or the gateway is still starting. `seconds` is how
    long it took from the request to the proof.
    """

    needed: bool
    done: bool
    reason: str
    proof: str = ""
    pending: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Before:
    """The boot that has to end: its process and what it answered; None where no gateway ran.

    `booted` is the latest moment at which it can have begun, by the clock's monotonic time; None where it did not say.
    """

    gateway: GatewayRunning | None
    health: Health = NO_ANSWER
    booted: float | None = None


def boot_before(gateway: GatewayRunning, version: Version | None, clock: Clock) -> Before:
    """Ask the gateway that runs, for the comparison afterwards."""
    health = ask_health(gateway.port, version)
    booted = None if health.uptime is None else clock.monotonic() - health.uptime
    return Before(gateway, health, booted)


def patience_of(version: Version | None) -> float:
    """Seconds after which a restart counts as not proven; newer versions let turns end first."""
    behaviour = behaviour_of(version)
    drains = behaviour is None or behaviour.probe is Probe.READYZ_TWICE
    return DEADLINE + DRAIN if drains else DEADLINE


def wait_for_proof(
    before: Before,
    version: Version | None,
    look: Look,
    clock: Clock,
    reason: str,
    why_hopeless: Callable[[], str | None] = lambda: None,
) -> Restart:
    """Wait for a new boot that is ready, and ready again after the stability window.

    `look` finds the gateway; `why_hopeless` is asked while there is none, and ends the wait with its sentence.
    """
    begun = clock.monotonic()
    patience = patience_of(version)
    stable = _STABLE_SECONDS_TWICE if probe_of(version) is Probe.READYZ_TWICE else _STABLE_SECONDS
    proof, starting = "", False
    while clock.monotonic() < begun + patience:
        clock.sleep(_LOOK_AGAIN)
        found = look()
        starting = isinstance(found, GatewayRunning)
        if not isinstance(found, GatewayRunning):
            hopeless = why_hopeless()
            if hopeless is not None:
                return Restart(needed=True, done=False, reason=hopeless)
            continue
        asked = clock.monotonic()
        health = ask_health(found.port, version)
        proof = proof_of(before, found, health, asked)
        if not proof or not is_as_ready_as(health, before.health):
            continue
        clock.sleep(stable)
        again = look()
        if (
            isinstance(again, GatewayRunning)
            and again.pid == found.pid
            and is_as_ready_as(ask_health(again.port, version), before.health)
        ):
            return Restart(needed=True, done=True, reason=reason, proof=proof, seconds=clock.monotonic() - begun)
    waited = f"within {patience:.0f} seconds"
    if not proof:
        return Restart(needed=True, done=False, reason=f"no proof of a restart {waited}")
    return Restart(needed=True, done=False, reason=f"{proof}, but it was not ready {waited}", pending=starting)


def proof_of(before: Before, new: GatewayRunning, health: Health, asked: float) -> str:
    """What shows that this is another boot; empty when nothing does. `asked` is when its health was asked for.

    A fallen uptime is not waited for: after a quick restart of a gateway that was young, it may be seen too late.
    """
    old = before.gateway
    if old is None:
        return f"process {new.pid} was started"
    if (new.pid, round(new.started, 1)) != (old.pid, round(old.started, 1)):
        return f"process {old.pid} became process {new.pid}"
    known = before.health.uptime
    if known is None or before.booted is None or health.uptime is None:
        return ""
    if asked - health.uptime > before.booted + _TICK:
        return f"process {new.pid} started anew (uptime {known:.0f} s, then {health.uptime:.0f} s)"
    return ""


def booted_since(gateway: GatewayRunning, health: Health, moment: float, now: float) -> bool:
    """Whether this boot began after a moment, so that it has read what was written before that."""
    if gateway.started >= moment:
        return True
    return health.uptime is not None and now - health.uptime >= moment + _SAME_BOOT_SECONDS
