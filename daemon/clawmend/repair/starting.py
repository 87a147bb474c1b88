"""Starting the gateways of a plan that only have to be started: what they were down for is gone."""

from clawmend.core.snapshot import GatewayRunning, OpenClaw
from clawmend.repair.planning import Proposal
from clawmend.repair.taking import NO_RESTART
from clawmend.repair.tools import Tools
from clawmend.system.restart import Restart


def start_wanted(tools: Tools, proposal: Proposal, restarted: frozenset[str]) -> tuple[Restart, frozenset[str]]:
    """Start them one after the other, the first that fails ends it; the state folders where it was really tried.

    `restarted` are the state folders whose gateway has been restarted already.
    """
    result, tried = NO_RESTART, frozenset[str]()
    snapshot = proposal.before.snapshot
    for wanted in proposal.restarts:
        owner = next((one for one in snapshot.openclaws if one.config.path == wanted.edit.path), None)
        if owner is None or owner.directory in restarted | tried:
            continue
        running = owner.gateway if isinstance(owner.gateway, GatewayRunning) else None
        refusal = tools.gateway.validate(
            owner, running or _as_it_would_run(owner, snapshot.home), snapshot.installation
        )
        if refusal is not None:
            return Restart(needed=True, done=False, reason=f"it is not started, for {refusal}"), tried
        tried |= {owner.directory}
        if running is not None:
            result = tools.gateway.restart(owner, running, snapshot.installation)
        else:
            reset = wanted.edit.reset_failed
            result = tools.gateway.start(owner, snapshot.installation, reset_failed=reset)
        if not result.done:
            break
    return result, tried


def _as_it_would_run(owner: OpenClaw, home: str) -> GatewayRunning:
    """The gateway as it will be, for OpenClaw's own judgement of the configuration that it will read."""
    places = {"HOME": home, "OPENCLAW_STATE_DIR": owner.directory, "OPENCLAW_CONFIG_PATH": owner.config.path}
    health = owner.health
    return GatewayRunning(0, 0.0, health.port, health.manager, health.unit, places | dict(owner.environment))
