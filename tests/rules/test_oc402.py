"""Why a gateway is down, what has to be mended first, and when it may be started again."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.finding import Finding, Fix, Need, Restart, Safety, Severity
from clawmend.core.gateway import DOWN, Cause, Condition, GatewayHealth, Holder
from clawmend.rules.oc402 import RULE
from support.build import CONFIG, FOLDER, agent, identity, malformed, openclaw, parsed, snapshot
from support.clock import NOW

UNIT = "openclaw-gateway.service"
START = f"systemctl --user start {UNIT}"
RESET = f"systemctl --user reset-failed {UNIT}"
OK = {"gateway": {"mode": "local"}}
INVALID = {**OK, "auth": {"profiles": {"x:default": {"provider": "x", "mode": "oauth", "apiKey": "k"}}}}
LOG = f"see what it said: journalctl --user -u {UNIT} -n 50 --no-pager"


def health(condition: Condition, **fields: Any) -> GatewayHealth:
    given = {"manager": "systemd", "unit": UNIT, "why": "it ended", "since": NOW - 60, "port": 18789, **fields}
    return GatewayHealth(condition=condition, **given)


GIVEN_UP = health(Condition.START_LIMIT, cause=Cause.CONFIG)


def find(state: GatewayHealth, config: Any = OK, *, age: float = 3600.0, on: str = "2026.9.6") -> Finding | None:
    written = replace(parsed(CONFIG, config), identity=identity(age))
    given = snapshot(openclaw(written, agent(), health=state), on=on)
    found = [report for report in RULE.check(given) if isinstance(report, Finding)]
    assert len(found) <= 1
    return found[0] if found else None


def one(state: GatewayHealth, config: Any = OK, *, age: float = 3600.0, on: str = "2026.9.6") -> Finding:
    found = find(state, config, age=age, on=on)
    assert found is not None
    return found


@pytest.mark.parametrize("condition", sorted(set(Condition) - DOWN, key=str))
def test_a_gateway_that_is_not_down_is_no_alarm(condition: Condition) -> None:
    assert find(health(condition, failing=("whatsapp",))) is None


@pytest.mark.parametrize("condition", sorted(DOWN, key=str))
def test_a_gateway_that_is_down_is_an_error(condition: Condition) -> None:
    found = one(health(condition, lines=("boom",)))
    assert (found.severity, found.path) == (Severity.ERROR, CONFIG)
    assert found.summary == "the gateway is down: it ended"
    assert found.evidence == ("its log: boom",)
    assert found.advice


def test_why_it_is_down_does_not_make_it_another_fault() -> None:
    one_way, other = one(GIVEN_UP), one(health(Condition.EXIT_78, why="for another reason"), age=1)
    assert one_way.fingerprint(FOLDER) == other.fingerprint(FOLDER)


def test_a_process_that_does_not_answer_is_a_warning() -> None:
    found = one(health(Condition.ALIVE_NOT_READY, why="nobody answers", lines=("boom",)))
    assert (found.severity, found.safety) == (Severity.WARNING, Safety.ADVISE)
    assert found.summary == "the gateway does not answer: nobody answers"


def test_the_fault_of_another_rule_comes_first() -> None:
    found = one(GIVEN_UP, INVALID, age=1)
    assert found.fix is None
    assert found.hold == "OC307 (invalid-auth-metadata) comes first; the gateway would not start before"
    assert found.advice == ("clawmend repair", RESET, START)


@pytest.mark.parametrize(
    ("more", "advice"),
    [({}, "clawmend repair"), ({"odd": 7}, "do first what is told of OC204")],
)
def test_a_fault_that_comes_first_tells_how_it_is_mended(more: dict[str, int], advice: str) -> None:
    logins = {**_LOGIN, **more}
    legacy = parsed(f"{FOLDER}/agents/main/agent/auth-profiles.json", {"version": 1, "profiles": logins})
    state = health(Condition.CRASH_LOOPING, cause=Cause.LEGACY_CREDENTIALS)
    given = snapshot(openclaw(OK, agent(profiles=legacy), health=state), on="2026.9.6")
    (found,) = (report for report in RULE.check(given) if isinstance(report, Finding))
    assert found.hold is not None
    assert found.hold.startswith("OC204 (")
    assert found.advice == (advice,)  # then systemd starts it by itself
    assert found.summary.endswith("; OC204 (unmigrated-credentials) comes first")


_LOGIN = {"bailian:default": {"type": "api_key", "provider": "bailian", "key": "sk-sp-" + "a" * 30}}


@pytest.mark.parametrize(
    ("state", "reset"),
    [
        (GIVEN_UP, True),
        (health(Condition.EXIT_78, cause=Cause.CONFIG), False),
        (health(Condition.EXIT_78), False),
        (health(Condition.FAILED, cause=Cause.UNCONFIGURED), False),
        (health(Condition.START_LIMIT, cause=Cause.PORT), True),
        (health(Condition.FAILED, cause=Cause.LEGACY_CREDENTIALS), False),
    ],
)
def test_it_may_be_started_when_what_it_was_down_for_is_gone(state: GatewayHealth, reset: bool) -> None:
    found = one(state, age=10)
    assert found.fix == Fix((Restart(CONFIG, reset_failed=reset),), Need.RESTART)
    assert (found.safety, found.advice) == (Safety.SAFE, (RESET, START) if reset else (START,))
    assert found.summary.endswith("; that is gone now")


@pytest.mark.parametrize(
    ("state", "config", "age", "on"),
    [
        (GIVEN_UP, OK, 3600, "2026.9.6"),  # nobody has changed openclaw.json since
        (health(Condition.EXIT_78), OK, 59.5, "2026.9.6"),  # perhaps in the second in which it ended
        (GIVEN_UP, OK, 10, "2027.1.1"),  # nobody knows this version
        (replace(GIVEN_UP, system=True), OK, 10, "2026.9.6"),
        (replace(GIVEN_UP, since=None), OK, 10, "2026.9.6"),
        (replace(GIVEN_UP, cause=None), OK, 10, "2026.9.6"),
        (replace(GIVEN_UP, cause=Cause.OTHER), OK, 10, "2026.9.6"),
        (replace(GIVEN_UP, unit=None), OK, 10, "2026.9.6"),
        (replace(GIVEN_UP, cause=Cause.UNCONFIGURED), {"gateway": {}}, 10, "2026.9.6"),
        (health(Condition.START_LIMIT, cause=Cause.PORT, holder=Holder(7, "nginx")), OK, 10, "2026.9.6"),
        (health(Condition.PORT_TAKEN, cause=Cause.PORT, pid=60), OK, 10, "2026.9.6"),
        (health(Condition.REFUSING_CONFIG, cause=Cause.CONFIG), OK, 10, "2026.9.6"),  # systemd starts it by itself
    ],
)
def test_it_is_not_started_as_long_as_nothing_has_changed(
    state: GatewayHealth, config: Any, age: float, on: str
) -> None:
    found = one(state, config, age=age, on=on)
    assert (found.fix, found.safety) == (None, Safety.ADVISE)


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        (GIVEN_UP, ("see what is wrong with it: openclaw config validate", RESET, START)),
        (health(Condition.EXIT_78), ("see what is wrong with it: openclaw config validate", START)),
        (health(Condition.EXIT_78, cause=Cause.UNCONFIGURED), ("openclaw config set gateway.mode local", START)),
        (health(Condition.FAILED), (LOG, START)),
        (health(Condition.CRASH_LOOPING), (LOG,)),
        (health(Condition.CRASH_LOOPING, cause=Cause.OTHER), (LOG,)),
        (
            health(Condition.FAILED, cause=Cause.MISSING_MODULE),
            ("install OpenClaw again: npm install --global openclaw", START),
        ),
        (
            health(Condition.PORT_TAKEN, cause=Cause.PORT, holder=Holder(7, "nginx")),
            (
                "see what it is: ps -fp 7",
                "end that process, or give the gateway another port: openclaw config set gateway.port 18790",
                START,
            ),
        ),
        (
            health(Condition.PORT_TAKEN, cause=Cause.PORT, holder=Holder(None, None), pid=60),
            (
                "see what it is: ss -ltnp 'sport = :18789'",
                "end that process, or give the gateway another port: openclaw config set gateway.port 18790",
            ),
        ),
    ],
)
def test_what_a_person_can_do(state: GatewayHealth, advice: tuple[str, ...]) -> None:
    assert one(state).advice == advice


def test_the_fault_of_another_state_folder_is_not_this_ones() -> None:
    elsewhere = "/home/user/.openclaw-work"
    other = replace(openclaw(parsed(f"{elsewhere}/openclaw.json", INVALID)), directory=elsewhere)
    found = list(RULE.check(snapshot(openclaw(OK, health=GIVEN_UP), other, on="2026.9.6")))
    assert [report.hold for report in found if isinstance(report, Finding)] == [None]


def test_a_config_that_does_not_parse_is_named_as_what_comes_first() -> None:
    given = snapshot(openclaw(malformed(CONFIG, age=1), health=GIVEN_UP), on="2026.9.6")
    (found,) = (report for report in RULE.check(given) if isinstance(report, Finding))
    assert found.hold is not None
    assert found.hold.startswith("OC301 (")
