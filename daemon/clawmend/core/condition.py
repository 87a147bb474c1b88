"""Deciding how a gateway is, from plain facts: the service manager's word, the process, its answers, its log.

The rows that need a reason:

- A slow machine needs more than a minute to a first answer; until `PATIENCE` a gateway without one is starting.
- systemd 252 leaves `Result=exit-code` on a unit that it has given up; what tells is that it counted as many restarts
  as the unit's limit allows (recorded from a real one).
- A unit that was ended by SIGTERM, and by 143 on versions whose unit does not call that a success, was stopped by
  somebody.
- Two restarts by itself, each after a short run, are a loop; a gateway that fell once in weeks is not in one.
"""

from dataclasses import replace
from typing import assert_never

from clawmend.core.gateway import (
    NO_GATEWAY,
    Cause,
    Complaint,
    Condition,
    Facts,
    GatewayHealth,
    ServiceFacts,
    ServiceState,
)

PATIENCE = 600.0
"""Seconds that a gateway may take to its first answer."""

_SHORT_RUN = 300.0  # 2026.9.6 takes up to 140 s to give up
_RECENT = 900.0
_SLACK = 2.0  # systemd tells whole seconds
_LOOP = 2
_EXIT_CONFIG = 78
_EXIT_NO_PROGRAM = frozenset({200, 203})  # CHDIR and EXEC of systemd
_ENDED_BY_SOMEBODY = frozenset({130, 143})
_CONFIG_CAUSES = frozenset({Cause.CONFIG, Cause.UNCONFIGURED})


def health_of(facts: Facts) -> GatewayHealth:
    """Decide how the gateway is, and say why in one sentence."""
    if facts.hidden is not None:
        return replace(_known(facts), condition=Condition.UNKNOWN, why=facts.hidden)
    if facts.process is not None:
        return _alive(facts)
    if facts.service is None:
        return replace(NO_GATEWAY, port=facts.port)
    return _without_process(facts, facts.service)


def _known(facts: Facts) -> GatewayHealth:
    """What is known whatever the condition is."""
    process, service, answer = facts.process, facts.service, facts.answer
    manager = process.manager if process else service.manager if service else None
    unit = process.unit if process else service.unit if service else None
    ours = service if service is not None and service.unit == unit else None
    started = process.started if process else ours.started if ours and ours.pid else None
    uptime = answer.uptime if answer and answer.uptime is not None else None
    if uptime is None and started is not None:
        uptime = max(0.0, facts.now - started)
    return GatewayHealth(
        condition=Condition.UNKNOWN,
        why="",
        pid=process.pid if process else ours.pid if ours else None,
        started=started,
        boot_id=answer.boot_id if answer else None,
        port=facts.port,
        uptime=uptime,
        version=(answer.version if answer else None) or (process.version if process else None),
        manager=manager,
        unit=unit,
        exit_status=ours.exit_status if ours else None,
        restarts=ours.restarts if ours else None,
        since=started if started is not None else ours.entered if ours else None,
        failing=answer.failing if answer else (),
        holder=facts.holder,
        system=ours.system if ours else False,
    )


def _alive(facts: Facts) -> GatewayHealth:
    """There is a process, or the service manager says so."""
    known = _known(facts)
    service, answer = facts.service, facts.answer
    ours = service is not None and service.unit == known.unit
    if facts.holder is not None:  # 2026.9.6 waits for the port, and lives
        return _down(facts, Condition.PORT_TAKEN, "its process runs and serves nobody", Cause.PORT)
    if (answer is not None and answer.draining) or (ours and service and service.state is ServiceState.ENDING):
        return replace(known, condition=Condition.DRAINING, why="it finishes what it is doing and ends")
    if answer is not None and answer.ready is not False:
        word = "it answers" if answer.ready is None else "it says that it is ready"
        beside = service is not None and not ours and service.state is ServiceState.WAITING
        more = f"; {service.manager} tries in vain to start {service.unit} beside it" if service and beside else ""
        return replace(known, condition=Condition.READY, why=word + more)
    if ours and service is not None and _is_looping(facts, service):
        return _looping(facts, service)
    failing = f": {', '.join(answer.failing)}" if answer and answer.failing else ""
    young = known.uptime is None or known.uptime < PATIENCE
    if (answer is not None and answer.starting) or young:
        said = f"it is not ready yet{failing}" if answer is not None else "it does not answer yet"
        return replace(known, condition=Condition.STARTING, why=said)
    if answer is None:
        why = f"its process runs, and on port {facts.port} nobody answers"
    else:
        why = f"it answers, and says that it is not ready{failing}"
    return replace(known, condition=Condition.ALIVE_NOT_READY, why=why)


def _without_process(facts: Facts, service: ServiceFacts) -> GatewayHealth:
    known = _known(facts)
    match service.state:
        case ServiceState.RUNNING | ServiceState.BEGINNING:
            return _alive(facts)
        case ServiceState.ENDING:
            return replace(known, condition=Condition.DRAINING, why=f"{service.manager} is stopping it")
        case ServiceState.WAITING:
            if _is_looping(facts, service) or _is_shut_out(facts, service):
                return _looping(facts, service)
            why = f"{_ended(service)}, and {service.manager} starts it again in a moment"
            return replace(known, condition=Condition.STARTING, why=why)
        case ServiceState.STOPPED:
            return replace(known, condition=Condition.STOPPED, why="it was stopped, or has not been started")
        case ServiceState.UNLOADED:
            why = f"{service.manager} has not loaded {service.unit}"
            return replace(known, condition=Condition.STOPPED, why=why)
        case ServiceState.UNASKED:
            why = f"{service.unit} is installed, and {service.manager} cannot be asked about it"
            return replace(known, condition=Condition.UNKNOWN, why=why)
        case ServiceState.FAILED:
            return _failed(facts, service)
        case _:
            assert_never(service.state)


def _is_looping(facts: Facts, service: ServiceFacts) -> bool:
    """Whether it ended more than once, shortly after its start, and is about to do so again.

    What it said of an openclaw.json that was changed since says nothing about the next start.
    """
    if service.restarts is None or service.restarts < _LOOP:
        return False
    complaint = _complaint(facts, service)
    if complaint is not None and complaint.cause in _CONFIG_CAUSES and complaint.time < (facts.changed or 0.0):
        return False
    if service.state is ServiceState.WAITING:
        return service.result != "success" and _was_short(service)
    # Under way once more: only its own words tell a loop from the one start after a crash.
    return complaint is not None


def _is_shut_out(facts: Facts, service: ServiceFacts) -> bool:
    """Whether it ended because another process has its port, which no second try will change."""
    return facts.holder is not None and _cause(facts, service, _complaint(facts, service)) is Cause.PORT


def _was_short(service: ServiceFacts) -> bool:
    if service.started is None or service.ended is None:
        return True
    return service.ended - service.started < _SHORT_RUN


def _complaint(facts: Facts, service: ServiceFacts) -> Complaint | None:
    """The last thing that it said of why it did not start, since its last start and not long ago."""
    began = facts.now - _RECENT
    if service.ended is not None and service.started is not None:
        began = service.started - _SLACK
    return next((each for each in reversed(facts.complaints) if each.time >= began), None)


def _looping(facts: Facts, service: ServiceFacts) -> GatewayHealth:
    complaint = _complaint(facts, service)
    cause = _cause(facts, service, complaint)
    condition = Condition.CRASH_LOOPING
    if cause in _CONFIG_CAUSES:
        condition = Condition.REFUSING_CONFIG
    elif cause is Cause.PORT:
        condition = Condition.PORT_TAKEN
    why = f"{service.manager} has started it anew {service.restarts} times, and it ends each time"
    if (service.restarts or 0) < _LOOP:
        why = f"{_ended(service)}, and {service.manager} starts it again in a moment"
    return _down(facts, condition, why, cause)


def _failed(facts: Facts, service: ServiceFacts) -> GatewayHealth:
    """It ended, and nobody starts it again: on purpose, or because its manager has given up."""
    known = _known(facts)
    if service.exit_status in _ENDED_BY_SOMEBODY or _was_stopped_hard(service):
        return replace(known, condition=Condition.STOPPED, why="somebody has stopped it")
    cause = _cause(facts, service, _complaint(facts, service))
    if service.exit_status == _EXIT_CONFIG:
        why = f"it ended with exit status {_EXIT_CONFIG}, after which {service.manager} does not start it again"
        return _down(facts, Condition.EXIT_78, why, cause)
    if service.result == "start-limit-hit" or (
        service.limit is not None and (service.restarts or 0) >= service.limit and _was_short(service)
    ):
        tries = f" after {service.restarts} restarts" if service.restarts else ""
        why = f"{service.manager} has given up{tries}, until it is told reset-failed"
        return _down(facts, Condition.START_LIMIT, why, cause)
    why = f"{_ended(service)}, and {service.manager} does not start it again"
    return _down(facts, Condition.PORT_TAKEN if cause is Cause.PORT else Condition.FAILED, why, cause)


def _was_stopped_hard(service: ServiceFacts) -> bool:
    """Somebody stopped it, and it had to be killed because it did not end in time."""
    return service.result == "timeout" and service.left is not None and (service.ended or 0.0) > service.left


def _ended(service: ServiceFacts) -> str:
    status = service.exit_status
    if status is None:
        return "it ended"
    if status > 128 and service.result in {"signal", "core-dump", "oom-kill", "watchdog", "timeout"}:
        return f"it was killed by signal {status - 128}"
    return f"it ended with exit status {status}"


def _cause(facts: Facts, service: ServiceFacts, complaint: Complaint | None) -> Cause | None:
    if service.result == "oom-kill":
        return Cause.MEMORY
    if service.exit_status in _EXIT_NO_PROGRAM:
        return Cause.NO_PROGRAM
    if complaint is not None and complaint.cause is Cause.ALREADY_RUNNING and facts.holder is not None:
        return Cause.PORT  # what it takes for another gateway is no gateway of this folder
    if complaint is not None:
        return complaint.cause
    if facts.holder is not None and service.exit_status != _EXIT_CONFIG:
        return Cause.PORT
    return None


def _down(facts: Facts, condition: Condition, why: str, cause: Cause | None) -> GatewayHealth:
    """It is down for a cause: what its own words and the process on its port say of it."""
    known = _known(facts)
    complaint = _complaint(facts, facts.service) if facts.service else None
    said = complaint if complaint is not None and _fits(complaint, cause) else None
    return replace(
        known,
        condition=condition,
        why=f"{why}{_because(facts, cause, said)}",
        cause=cause,
        member=said.member if said else None,
        lines=_lines(facts, cause),
        since=_since(facts, said) or known.since,
    )


def _since(facts: Facts, complaint: Complaint | None) -> float | None:
    """When it came to be down; what it said of openclaw.json has the more exact time, and openclaw.json may change."""
    if complaint is not None and complaint.cause in _CONFIG_CAUSES:
        return complaint.time
    return facts.service.ended if facts.service else None


def _because(facts: Facts, cause: Cause | None, complaint: Complaint | None) -> str:
    match cause:
        case None:
            return ""
        case Cause.PORT if facts.holder is not None:
            return f", because {holder_words(facts)} holds port {facts.port}"
        case Cause.OTHER:
            return f': "{complaint.text}"' if complaint else ""
        case Cause.CONFIG if complaint is not None and complaint.member:
            return f", because {cause.value} at {complaint.member}"
        case _:
            return f", because {cause.value}"


def holder_words(facts: Facts) -> str:
    """Who holds the port, as far as that may be seen."""
    holder = facts.holder
    if holder is None or holder.pid is None:
        return "another process"
    return f"process {holder.pid} ({holder.name})" if holder.name else f"process {holder.pid}"


def _fits(complaint: Complaint, cause: Cause | None) -> bool:
    """Whether a complaint speaks of this cause; what it said when it was down for another one is no news."""
    return complaint.cause is cause or (cause is Cause.PORT and complaint.cause is Cause.ALREADY_RUNNING)


def _lines(facts: Facts, cause: Cause | None) -> tuple[str, ...]:
    fitting = [each for each in facts.complaints if cause is None or _fits(each, cause)]
    recent = [each.text for each in fitting if each.time >= facts.now - _RECENT]
    texts = recent or [each.text for each in fitting[-1:] if cause is not None]
    return tuple(dict.fromkeys(texts))[-3:]
