"""What people are told of a gateway: one sentence for each condition, and what to type."""

from clawmend.core.gateway import Condition, GatewayHealth

_IS = {
    Condition.READY: "is ready",
    Condition.STARTING: "is starting, which can take minutes",
    Condition.DRAINING: "is ending",
    Condition.ALIVE_NOT_READY: "runs and is not ready",
    Condition.REFUSING_CONFIG: "refuses its configuration",
    Condition.CRASH_LOOPING: "crashes at each start",
    Condition.START_LIMIT: "is down, and is not started again",
    Condition.EXIT_78: "is down for its configuration",
    Condition.PORT_TAKEN: "cannot have its port",
    Condition.FAILED: "is down",
    Condition.STOPPED: "is stopped",
    Condition.ABSENT: "does not run",
    Condition.UNKNOWN: "cannot be judged",
}


def sentence(health: GatewayHealth) -> str:
    """Say how a gateway is: "The gateway is ready: process 60 for 2 hours, OpenClaw 2026.9.6, ..."."""
    words = f"The gateway {_IS[health.condition]}"
    match health.condition:
        case Condition.READY:
            parts = [_process(health), _extra(health.why)]
        case Condition.STARTING | Condition.DRAINING | Condition.ALIVE_NOT_READY:
            parts = [health.why, _process(health)]
        case Condition.UNKNOWN:
            parts = [health.why]
        case _:
            parts = [health.why, _last_words(health)]
    told = "; ".join(part for part in parts if part)
    return f"{words}: {told}" if told else words


def _process(health: GatewayHealth) -> str:
    """Which process it is, since when, of which version, and who runs it."""
    parts = []
    if health.pid is not None:
        lasting = f" for {duration(health.uptime)}" if health.uptime is not None else ""
        parts.append(f"process {health.pid}{lasting}")
    if health.version is not None:
        parts.append(f"OpenClaw {health.version}")
    if health.unit is not None:
        parts.append(f"{health.manager} {health.unit}")
    elif health.manager is not None:
        parts.append("started by hand" if health.manager == "foreground" else f"run by {health.manager}")
    return ", ".join(parts)


def _extra(why: str) -> str:
    return why.partition("; ")[2]


def _last_words(health: GatewayHealth) -> str:
    """Its own last words, where the sentence does not hold them already."""
    words = health.lines[-1] if health.lines else ""
    return f'it said: "{words}"' if words and words not in health.why else ""


def duration(seconds: float) -> str:
    """A time span the way people say it: "40 seconds", "3 hours"."""
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        count = int(seconds // size)
        if count >= 1:
            return f"{count} {name}{'' if count == 1 else 's'}"
    count = int(seconds)
    return f"{count} second{'' if count == 1 else 's'}"


def start_commands(health: GatewayHealth) -> tuple[str, ...]:
    """What a person types to start it again; a manager that has given up is told so first."""
    if health.unit is None:
        return ("openclaw gateway run",)
    if health.manager == "launchd":
        return (f"launchctl kickstart -k gui/$(id -u)/{health.unit}",)
    tool = "sudo systemctl" if health.system else "systemctl --user"
    reset = (f"{tool} reset-failed {health.unit}",) if health.condition is Condition.START_LIMIT else ()
    return (*reset, f"{tool} start {health.unit}")


def log_command(health: GatewayHealth) -> str:
    """What a person types to see what it said last."""
    if health.manager == "systemd" and health.unit is not None:
        scope = "" if health.system else "--user "
        return f"journalctl {scope}-u {health.unit} -n 50 --no-pager"
    return "openclaw logs"
