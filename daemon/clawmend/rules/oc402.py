"""The gateway is down although its service should run it.

What it checks
    For every state folder whose gateway has a service (a systemd unit, a launchd agent): a crash loop, a unit that
    systemd has given up (start limit), exit status 78, a gateway that refuses openclaw.json, whose port another process
    holds, or that ended with an error. And a process that has not answered for ten minutes. Why is told from its own
    log, its exit status and what it left in `logs/stability`. No fault: a gateway that somebody has stopped, that is
    starting (minutes on a slow machine) or ending, and a home without a service in which none runs.

Why it matters
    Nothing answers, and the reason stands only in a log. One unknown key made 6,198 restarts in half a day
    (openclaw#60142); after five quick ones systemd gives up and says nothing any more.

The fix and its safety
    When what it was down for is gone (openclaw.json was changed since and holds no error, the port is free, the old
    credentials are taken over), the gateway may be started again within the budget of restarts, safe; `reset-failed`
    only then. When the cause is a fault of another rule, that rule is named and comes first. A gateway in a crash loop
    is started by its manager anyway, and needs only the cause mended. Everything else is told with the commands for it.

References
    facts on OpenClaw, "Gateway"; units recorded from systemd 252 with 2026.3.2 and 2026.9.6; openclaw#60142, #63912.
"""

from collections.abc import Iterator

from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Finding, Fix, Need, Report, Restart, Rule, Safety, Severity
from clawmend.core.gateway import Cause, Condition, GatewayHealth
from clawmend.core.gateway_words import log_command, start_commands
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import Parsed, object_at
from clawmend.rules import oc204, oc301, oc307, oc309, oc310, oc312, oc314

_OF_CONFIG = frozenset({Cause.CONFIG, Cause.UNCONFIGURED})
_FOR_GOOD = frozenset({Condition.EXIT_78, Condition.START_LIMIT, Condition.FAILED, Condition.PORT_TAKEN})
# The rules whose errors keep a gateway from starting.
_STOPPING = (oc301.RULE, oc310.RULE, oc314.RULE, oc307.RULE, oc312.RULE, oc309.RULE)
_REMEDIES = {
    Cause.CONFIG: ("see what is wrong with it: openclaw config validate",),
    Cause.UNCONFIGURED: ("openclaw config set gateway.mode local",),
    Cause.LEGACY_CREDENTIALS: ("see what it wants to take over: openclaw doctor",),
    Cause.ALREADY_RUNNING: ("see which gateway runs: openclaw gateway status --deep",),
    Cause.MISSING_MODULE: ("install OpenClaw again: npm install --global openclaw",),
    Cause.NO_PROGRAM: ("write its service anew: openclaw gateway install --force",),
    Cause.MEMORY: ("see who needs the memory: ps aux --sort=-rss | head",),
}


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for openclaw in snapshot.openclaws:
        if openclaw.health.is_down:
            yield _down(snapshot, openclaw)
        elif openclaw.health.condition is Condition.ALIVE_NOT_READY and not openclaw.health.failing:
            yield _mute(openclaw)


def _down(snapshot: Snapshot, openclaw: OpenClaw) -> Finding:
    health = openclaw.health
    first = _stopping_fault(snapshot, openclaw)
    fix = None
    if first is None and snapshot.installation.era in MEASURED and _is_gone(openclaw):
        restart = Restart(openclaw.config.path, reset_failed=health.condition is Condition.START_LIMIT)
        fix = Fix((restart,), Need.RESTART)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.SAFE if fix else Safety.ADVISE,
        confidence=Confidence.CERTAIN if health.cause else Confidence.LIKELY,
        path=openclaw.config.path,
        summary=f"the gateway is down: {health.why}{_outlook(first, is_gone=fix is not None)}",
        cause=health.unit or "",
        evidence=tuple(f"its log: {line}" for line in health.lines),
        advice=_advice(health, first, is_gone=fix is not None),
        fix=fix,
        hold=f"{first.rule} ({first.name}) comes first; the gateway would not start before" if first else None,
    )


def _outlook(first: Finding | None, *, is_gone: bool) -> str:
    if is_gone:
        return "; that is gone now"
    return f"; {first.rule} ({first.name}) comes first" if first else ""


def _stopping_fault(snapshot: Snapshot, openclaw: OpenClaw) -> Finding | None:
    """The error of another rule for which this gateway is down; None when no rule knows one."""
    rules = (oc204.RULE,) if openclaw.health.cause is Cause.LEGACY_CREDENTIALS else _STOPPING
    for rule in rules:
        for report in rule.check(snapshot):
            mine = isinstance(report, Finding) and _is_in(openclaw, report.path)
            if mine and isinstance(report, Finding) and report.severity is Severity.ERROR:
                return report
    return None


def _is_in(openclaw: OpenClaw, path: str) -> bool:
    folders = (openclaw.directory, *(agent.directory for agent in openclaw.agents))
    named = {openclaw.config.path, *(state.path for state in openclaw.includes)}
    return path in named or any(path.startswith(f"{folder}/") for folder in folders)


def _is_gone(openclaw: OpenClaw) -> bool:
    """Whether what it was down for is gone, as far as the disk tells; then nothing but a start is missing."""
    health, config = openclaw.health, openclaw.config
    if health.condition not in _FOR_GOOD or health.unit is None or health.system or health.pid is not None:
        return False
    if health.cause is Cause.PORT:
        return health.holder is None
    if health.cause is Cause.LEGACY_CREDENTIALS:
        return True  # OC204 has nothing to say of it
    of_config = health.cause in _OF_CONFIG or (health.cause is None and health.condition is Condition.EXIT_78)
    if not of_config or not isinstance(config, Parsed) or health.since is None:
        return False
    if health.cause is Cause.UNCONFIGURED and not object_at(config.document.value, "gateway").get("mode"):
        return False
    slack = 0.0 if health.cause else 1.0  # its log is exact, systemd tells whole seconds
    return config.identity.mtime_ns / 1e9 > health.since + slack


def _advice(health: GatewayHealth, first: Finding | None, *, is_gone: bool) -> tuple[str, ...]:
    start = () if health.pid is not None or health.condition not in _FOR_GOOD else start_commands(health)
    if is_gone:
        return start
    if first is not None:
        mends = first.fix is not None and first.hold is None and first.safety is not Safety.ADVISE
        return ("clawmend repair" if mends else f"do first what is told of {first.rule}", *start)
    if health.cause is Cause.PORT:
        return (*_about_holder(health), *start)
    remedies = _REMEDIES.get(health.cause, ()) if health.cause else ()
    if not remedies and health.condition is Condition.EXIT_78:
        remedies = _REMEDIES[Cause.CONFIG]
    return (*(remedies or (f"see what it said: {log_command(health)}",)), *start)


def _about_holder(health: GatewayHealth) -> tuple[str, ...]:
    holder, port = health.holder, health.port
    look = f"ss -ltnp 'sport = :{port}'" if holder is None or holder.pid is None else f"ps -fp {holder.pid}"
    other = f"end that process, or give the gateway another port: openclaw config set gateway.port {(port or 0) + 1}"
    return (f"see what it is: {look}", other)


def _mute(openclaw: OpenClaw) -> Finding:
    health = openclaw.health
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING,
        safety=Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=openclaw.config.path,
        summary=f"the gateway does not answer: {health.why}",
        cause="mute",
        evidence=tuple(f"its log: {line}" for line in health.lines),
        advice=(f"see what it is doing: {log_command(health)}",),
    )


RULE = Rule(
    id="OC402",
    name="gateway-down",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    eras=None,
    check=_check,
    documentation=__doc__,
)
