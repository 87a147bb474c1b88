"""What people are told of a gateway."""

from dataclasses import replace

import pytest

from clawmend.core.gateway import NO_GATEWAY, Condition, GatewayHealth
from clawmend.core.gateway_words import duration, log_command, sentence, start_commands

UNIT = "openclaw-gateway.service"
RUNS = GatewayHealth(
    condition=Condition.READY,
    why="it says that it is ready",
    pid=60,
    uptime=7300.0,
    version="2026.9.6",
    manager="systemd",
    unit=UNIT,
)
DOWN = GatewayHealth(condition=Condition.FAILED, why="it ended", manager="systemd", unit=UNIT, lines=("boom",))


SENTENCES = {
    "The gateway is ready: process 60 for 2 hours, OpenClaw 2026.9.6, systemd openclaw-gateway.service": RUNS,
    "The gateway is ready: process 60, started by hand; systemd tries in vain": replace(
        RUNS,
        uptime=None,
        version=None,
        unit=None,
        manager="foreground",
        why="it says that it is ready; systemd tries in vain",
    ),
    "The gateway is ready: process 60 for 2 hours, OpenClaw 2026.9.6, run by pm2": replace(
        RUNS, unit=None, manager="pm2"
    ),
    "The gateway is starting, which can take minutes: it does not answer yet; process 60 for 40 seconds": GatewayHealth(
        condition=Condition.STARTING, why="it does not answer yet", pid=60, uptime=40.4
    ),
    "The gateway is ending: it finishes what it is doing and ends; systemd openclaw-gateway.service": replace(
        RUNS, condition=Condition.DRAINING, why="it finishes what it is doing and ends", pid=None, version=None
    ),
    "The gateway runs and is not ready: it answers, and says that it is not ready: whatsapp": GatewayHealth(
        condition=Condition.ALIVE_NOT_READY, why="it answers, and says that it is not ready: whatsapp"
    ),
    'The gateway refuses its configuration: it ended; it said: "boom"': replace(
        DOWN, condition=Condition.REFUSING_CONFIG
    ),
    'The gateway crashes at each start: it ends each time: "boom"': replace(
        DOWN, condition=Condition.CRASH_LOOPING, why='it ends each time: "boom"'
    ),
    'The gateway is down, and is not started again: it ended; it said: "boom"': replace(
        DOWN, condition=Condition.START_LIMIT
    ),
    "The gateway is down for its configuration: it ended": replace(DOWN, condition=Condition.EXIT_78, lines=()),
    "The gateway cannot have its port: it ended": replace(DOWN, condition=Condition.PORT_TAKEN, lines=()),
    "The gateway is down: it ended": replace(DOWN, lines=()),
    "The gateway is stopped: somebody has stopped it": replace(
        DOWN, condition=Condition.STOPPED, why="somebody has stopped it", lines=()
    ),
    "The gateway does not run: no service is installed and no gateway runs": NO_GATEWAY,
    "The gateway cannot be judged: it belongs to another user": GatewayHealth(
        condition=Condition.UNKNOWN, why="it belongs to another user"
    ),
    "The gateway is ready": GatewayHealth(condition=Condition.READY, why=""),
}


@pytest.mark.parametrize("said", SENTENCES)
def test_a_gateway_is_one_sentence(said: str) -> None:
    assert sentence(SENTENCES[said]) == said


def test_every_condition_has_a_sentence() -> None:
    assert {health.condition for health in SENTENCES.values()} == set(Condition)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 seconds"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (7300, "2 hours"),
        (86400, "1 day"),
        (9e6, "104 days"),
    ],
)
def test_a_time_span_is_said_the_way_people_say_it(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_what_has_to_be_typed_to_start_it() -> None:
    assert start_commands(DOWN) == (f"systemctl --user start {UNIT}",)
    assert start_commands(replace(DOWN, system=True)) == (f"sudo systemctl start {UNIT}",)
    assert start_commands(replace(DOWN, condition=Condition.START_LIMIT)) == (
        f"systemctl --user reset-failed {UNIT}",
        f"systemctl --user start {UNIT}",
    )
    assert start_commands(replace(DOWN, manager="launchd", unit="ai.openclaw.gateway")) == (
        "launchctl kickstart -k gui/$(id -u)/ai.openclaw.gateway",
    )
    assert start_commands(NO_GATEWAY) == ("openclaw gateway run",)


def test_where_its_last_words_are() -> None:
    assert log_command(DOWN) == f"journalctl --user -u {UNIT} -n 50 --no-pager"
    assert log_command(replace(DOWN, system=True)) == f"journalctl -u {UNIT} -n 50 --no-pager"
    assert log_command(NO_GATEWAY) == "openclaw logs"
