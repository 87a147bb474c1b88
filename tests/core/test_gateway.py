"""How a gateway is, decided from plain facts: one row for each thing that was seen of a real one."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.condition import PATIENCE, health_of, holder_words
from clawmend.core.gateway import (
    DOWN,
    NO_GATEWAY,
    Answer,
    Cause,
    Complaint,
    Condition,
    Facts,
    GatewayHealth,
    Holder,
    ProcessFacts,
    ServiceFacts,
    ServiceState,
)

NOW = 1_800_000_000.0
PORT = 18789
UNIT = "openclaw-gateway.service"
PROCESS = ProcessFacts(pid=60, started=NOW - 7200, manager="systemd", unit=UNIT, version="2026.9.6")
YOUNG = replace(PROCESS, started=NOW - 40)
OLD = replace(PROCESS, started=NOW - PATIENCE - 1)
READY = Answer(ready=True, uptime=7000.0)
FOREIGN = Holder(4242, "nginx")
INVALID = Complaint(NOW - 11, Cause.CONFIG, "Gateway failed to start: Invalid config", "nonsense")
BUSY = Complaint(NOW - 11, Cause.ALREADY_RUNNING, "another gateway instance is already listening")
OTHER = Complaint(NOW - 11, Cause.OTHER, "Gateway failed to start: boom")


def unit(state: ServiceState, **fields: Any) -> ServiceFacts:
    return ServiceFacts(manager="systemd", unit=UNIT, state=state, **fields)


RUNS = unit(ServiceState.RUNNING, pid=60, restarts=0, entered=NOW - 7200, started=NOW - 7200)
AGAIN = unit(ServiceState.RUNNING, pid=60, restarts=4, entered=NOW - 4, started=NOW - 4)
WAITS = unit(
    ServiceState.WAITING,
    result="exit-code",
    exit_status=1,
    restarts=4,
    entered=NOW - 3,
    started=NOW - 13,
    ended=NOW - 3,
)
FAILED = replace(WAITS, state=ServiceState.FAILED, restarts=0, limit=5)
EXIT_78 = replace(FAILED, exit_status=78)
GIVEN_UP = replace(FAILED, restarts=5)
LONG_RUN = {"started": NOW - 9000, "ended": NOW - 3}

ROWS: dict[str, tuple[dict[str, Any], Condition]] = {
    "nothing is installed and nothing runs": ({}, Condition.ABSENT),
    "something that may not be seen": ({"hidden": "it belongs to another user"}, Condition.UNKNOWN),
    "ready under systemd": ({"process": PROCESS, "service": RUNS, "answer": READY}, Condition.READY),
    "ready and started by hand": (
        {"process": replace(PROCESS, manager="foreground", unit=None), "answer": READY},
        Condition.READY,
    ),
    "ready by hand while its unit loops beside it": (
        {"process": replace(PROCESS, manager="foreground", unit=None), "answer": READY, "service": WAITS},
        Condition.READY,
    ),
    "an answer of a version that tells nothing more": (
        {"process": PROCESS, "answer": Answer(ready=None)},
        Condition.READY,
    ),
    "no answer yet from a young process": ({"process": YOUNG, "service": RUNS}, Condition.STARTING),
    "not ready yet, and young": (
        {"process": YOUNG, "answer": Answer(ready=False, failing=("startup-sidecars",), uptime=2.3)},
        Condition.STARTING,
    ),
    "it says that it is starting, however old its process is": (
        {"process": OLD, "answer": Answer(ready=False, uptime=PATIENCE + 5, starting=True)},
        Condition.STARTING,
    ),
    "one start after a crash is no loop": ({"process": YOUNG, "service": AGAIN}, Condition.STARTING),
    "no answer from an old process": ({"process": OLD, "service": RUNS}, Condition.ALIVE_NOT_READY),
    "an old process with a channel that is broken": (
        {"process": OLD, "answer": Answer(ready=False, failing=("whatsapp",))},
        Condition.ALIVE_NOT_READY,
    ),
    "an old process that is not ready and does not say why": (
        {"process": OLD, "answer": Answer(ready=False)},
        Condition.ALIVE_NOT_READY,
    ),
    "it says that it is draining": (
        {"process": PROCESS, "answer": Answer(ready=False, draining=True)},
        Condition.DRAINING,
    ),
    "systemd is stopping it": (
        {"process": PROCESS, "service": replace(RUNS, state=ServiceState.ENDING), "answer": READY},
        Condition.DRAINING,
    ),
    "systemd is stopping what was not found": ({"service": unit(ServiceState.ENDING)}, Condition.DRAINING),
    "systemd has just started it": ({"service": replace(AGAIN, restarts=0)}, Condition.STARTING),
    "a slow boot in activating": (
        {"service": unit(ServiceState.BEGINNING, pid=60, started=NOW - 70, entered=NOW - 70)},
        Condition.STARTING,
    ),
    "it lives and waits for a port that another has": (
        {"process": YOUNG, "service": RUNS, "holder": FOREIGN},
        Condition.PORT_TAKEN,
    ),
    "it crashed once and is started again": ({"service": replace(WAITS, restarts=0)}, Condition.STARTING),
    "it crashed twice and is started again": ({"service": replace(WAITS, restarts=1)}, Condition.STARTING),
    "it ended in order and is started again": (
        {"service": replace(WAITS, result="success", exit_status=0)},
        Condition.STARTING,
    ),
    "a crash after weeks, and four in its life": ({"service": replace(WAITS, **LONG_RUN)}, Condition.STARTING),
    "it ended, and nobody knows how": (
        {"service": replace(WAITS, restarts=None, exit_status=None)},
        Condition.STARTING,
    ),
    "a loop without a word": ({"service": WAITS}, Condition.CRASH_LOOPING),
    "a loop of a manager that tells no times": (
        {"service": replace(WAITS, started=None, ended=None)},
        Condition.CRASH_LOOPING,
    ),
    "a loop over openclaw.json": ({"service": WAITS, "complaints": (INVALID,)}, Condition.REFUSING_CONFIG),
    "a loop over openclaw.json, in the middle of a try": (
        {"service": AGAIN, "process": replace(PROCESS, started=NOW - 4), "complaints": (INVALID,)},
        Condition.REFUSING_CONFIG,
    ),
    "openclaw.json was mended, and the next try is under way": (
        {"service": AGAIN, "process": replace(PROCESS, started=NOW - 4), "complaints": (INVALID,), "changed": NOW - 5},
        Condition.STARTING,
    ),
    "openclaw.json was mended, and the next try comes in a moment": (
        {"service": WAITS, "complaints": (INVALID,), "changed": NOW - 1},
        Condition.STARTING,
    ),
    "openclaw.json was changed, and it refused it again": (
        {"service": WAITS, "complaints": (INVALID,), "changed": NOW - 12},
        Condition.REFUSING_CONFIG,
    ),
    "its first end, because another has its port": (
        {"service": replace(WAITS, restarts=0), "complaints": (BUSY,), "holder": FOREIGN},
        Condition.PORT_TAKEN,
    ),
    "its first end over openclaw.json, while another has its port": (
        {"service": replace(WAITS, restarts=0), "complaints": (INVALID,), "holder": FOREIGN},
        Condition.STARTING,
    ),
    "a loop over a port": ({"service": WAITS, "complaints": (BUSY,), "holder": FOREIGN}, Condition.PORT_TAKEN),
    "a loop beside another gateway": ({"service": WAITS, "complaints": (BUSY,)}, Condition.CRASH_LOOPING),
    "stopped by hand": ({"service": unit(ServiceState.STOPPED)}, Condition.STOPPED),
    "stopped by hand, with 143 as its end": ({"service": replace(FAILED, exit_status=143)}, Condition.STOPPED),
    "stopped by hand, and killed because it did not end": (
        {"service": replace(FAILED, result="timeout", exit_status=137, left=NOW - 8)},
        Condition.STOPPED,
    ),
    "killed because it did not start in time": (
        {"service": replace(FAILED, result="timeout", exit_status=137, left=NOW - 3)},
        Condition.FAILED,
    ),
    "not loaded": ({"service": unit(ServiceState.UNLOADED)}, Condition.STOPPED),
    "nobody can be asked": ({"service": unit(ServiceState.UNASKED)}, Condition.UNKNOWN),
    "exit 78": ({"service": EXIT_78}, Condition.EXIT_78),
    "the start limit, as systemd 252 tells it": ({"service": GIVEN_UP}, Condition.START_LIMIT),
    "the start limit, as it is named": (
        {"service": replace(FAILED, result="start-limit-hit", restarts=None)},
        Condition.START_LIMIT,
    ),
    "as many restarts as the limit in weeks": ({"service": replace(GIVEN_UP, **LONG_RUN)}, Condition.FAILED),
    "it failed once, and nobody starts it": ({"service": FAILED}, Condition.FAILED),
    "it failed, and another has its port": ({"service": FAILED, "holder": FOREIGN}, Condition.PORT_TAKEN),
}


def facts(**fields: Any) -> Facts:
    return Facts(**{"now": NOW, "port": PORT, **fields})


@pytest.mark.parametrize("row", ROWS)
def test_the_condition_of(row: str) -> None:
    given, condition = ROWS[row]
    health = health_of(facts(**given))
    assert health.condition is condition
    assert health.port == PORT
    assert health.is_down == (condition in DOWN)
    assert health.why
    assert not health.why.endswith(".")


def test_every_condition_has_a_row() -> None:
    assert {condition for _, condition in ROWS.values()} == set(Condition)


WHY = {
    "systemd has started it anew 4 times, and it ends each time, because openclaw.json is not valid at nonsense": {
        "service": WAITS,
        "complaints": (INVALID,),
    },
    "systemd has started it anew 4 times, and it ends each time, because openclaw.json is not valid": {
        "service": WAITS,
        "complaints": (replace(INVALID, member=None),),
    },
    "systemd has started it anew 4 times, and it ends each time": {"service": WAITS},
    'systemd has started it anew 4 times, and it ends each time: "Gateway failed to start: boom"': {
        "service": WAITS,
        "complaints": (OTHER,),
    },
    "systemd has given up after 5 restarts, until it is told reset-failed, because old credential files have to be "
    "migrated first": {
        "service": GIVEN_UP,
        "complaints": (replace(INVALID, cause=Cause.LEGACY_CREDENTIALS),),
    },
    "it ended with exit status 78, after which systemd does not start it again, because openclaw.json does not set "
    "gateway.mode": {"service": EXIT_78, "complaints": (replace(INVALID, cause=Cause.UNCONFIGURED),)},
    "its process runs and serves nobody, because process 4242 (nginx) holds port 18789": {
        "process": PROCESS,
        "holder": FOREIGN,
    },
    "systemd has given up, until it is told reset-failed": {
        "service": replace(FAILED, result="start-limit-hit", restarts=0)
    },
    "it ended with exit status 1, and systemd starts it again in a moment, because process 4242 (nginx) holds port "
    "18789": {"service": replace(WAITS, restarts=0), "complaints": (BUSY,), "holder": FOREIGN},
    "it ended with exit status 1, and systemd does not start it again": {"service": FAILED},
    "it ended with exit status 203, and systemd does not start it again, because the program that its service names "
    "cannot be run": {"service": replace(FAILED, exit_status=203)},
    "it was killed by signal 9, and systemd does not start it again, because the machine had no memory left": {
        "service": replace(FAILED, result="oom-kill", exit_status=137)
    },
    "it ended, and systemd does not start it again": {"service": replace(FAILED, exit_status=None)},
    "it says that it is ready; systemd tries in vain to start openclaw-gateway.service beside it": {
        "process": replace(PROCESS, unit=None, manager="foreground"),
        "service": WAITS,
        "answer": READY,
    },
    "it answers, and says that it is not ready: whatsapp": {
        "process": OLD,
        "answer": Answer(ready=False, failing=("whatsapp",)),
    },
    "it ended with exit status 1, and systemd does not start it again, because another process holds its port": {
        "service": FAILED,
        "complaints": (replace(BUSY, cause=Cause.PORT),),
    },
}


@pytest.mark.parametrize("why", WHY)
def test_it_says_why(why: str) -> None:
    assert health_of(facts(**WHY[why])).why == why


def test_an_old_complaint_is_not_why_it_is_down_today() -> None:
    yesterday = replace(INVALID, time=NOW - 86400)
    health = health_of(facts(service=EXIT_78, complaints=(yesterday,)))
    assert health.cause is None
    assert health.lines == ()


def test_the_config_that_it_refused_still_counts_when_it_was_changed_since() -> None:
    health = health_of(facts(service=EXIT_78, complaints=(INVALID,), changed=NOW))
    assert (health.cause, health.since) == (Cause.CONFIG, INVALID.time)
    assert health_of(facts(service=EXIT_78)).since == EXIT_78.ended


def test_what_it_said_when_it_was_down_for_something_else_is_no_news() -> None:
    earlier = replace(INVALID, time=NOW - 30)
    health = health_of(facts(service=RUNS, process=PROCESS, holder=FOREIGN, complaints=(earlier, BUSY)))
    assert (health.cause, health.member, health.lines) == (Cause.PORT, None, (BUSY.text,))
    assert health_of(facts(service=RUNS, process=PROCESS, holder=FOREIGN, complaints=(earlier,))).lines == ()


def test_why_it_went_down_hours_ago_is_still_told() -> None:
    hours = replace(EXIT_78, started=NOW - 9000, ended=NOW - 8990, entered=NOW - 8990)
    health = health_of(facts(service=hours, complaints=(replace(INVALID, time=NOW - 8991),)))
    assert (health.cause, health.lines) == (Cause.CONFIG, (INVALID.text,))


def test_exit_78_is_not_blamed_on_whoever_has_the_port() -> None:
    assert health_of(facts(service=EXIT_78, holder=FOREIGN)).cause is None


def test_what_is_known_of_a_gateway_that_runs() -> None:
    answer = replace(READY, boot_id="b", version="2026.9.7")
    assert health_of(facts(process=PROCESS, service=RUNS, answer=answer)) == GatewayHealth(
        condition=Condition.READY,
        why="it says that it is ready",
        pid=60,
        started=PROCESS.started,
        boot_id="b",
        port=PORT,
        uptime=7000.0,
        version="2026.9.7",
        manager="systemd",
        unit=UNIT,
        restarts=0,
        since=PROCESS.started,
    )


def test_what_is_known_of_one_that_was_stopped() -> None:
    health = health_of(facts(service=unit(ServiceState.STOPPED, entered=NOW - 5, system=True)))
    assert (health.manager, health.unit, health.since, health.system) == ("systemd", UNIT, NOW - 5, True)
    assert (health.pid, health.uptime, health.version) == (None, None, None)


def test_a_process_that_systemd_knows_and_nobody_found_has_its_uptime_from_there() -> None:
    health = health_of(facts(service=AGAIN))
    assert (health.pid, health.uptime) == (60, 4.0)


def test_a_clock_that_was_put_back_makes_no_negative_uptime() -> None:
    assert health_of(facts(process=replace(PROCESS, started=NOW + 50))).uptime == 0.0


def test_its_last_words_are_the_last_three_different_ones() -> None:
    said = tuple(replace(OTHER, time=NOW - 12 + i / 10, text=f"word {i % 4}") for i in range(8))
    assert health_of(facts(service=WAITS, complaints=said)).lines == ("word 1", "word 2", "word 3")


@pytest.mark.parametrize(
    ("holder", "words"),
    [
        (None, "another process"),
        (Holder(None, None), "another process"),
        (Holder(7, None), "process 7"),
        (Holder(7, "nginx"), "process 7 (nginx)"),
    ],
)
def test_who_has_the_port(holder: Holder | None, words: str) -> None:
    assert holder_words(facts(holder=holder)) == words


def test_no_gateway_is_nobodys_fault() -> None:
    assert not NO_GATEWAY.is_down
    assert health_of(facts()) == replace(NO_GATEWAY, port=PORT)
