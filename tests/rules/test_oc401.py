"""A proxy between the gateway and the Coding Plan."""

from typing import Any

import pytest

from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.finding import Finding, Severity
from clawmend.core.gateway import Condition, GatewayHealth
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, GatewayUnknown
from clawmend.rules.oc401 import RULE
from support.build import openclaw, snapshot
from support.clock import NOW

HOST = "coding.dashscope.aliyuncs.com"
PROVIDER = {"baseUrl": f"https://{HOST}/v1", "models": [{"id": "qwen3.5-plus"}]}
CONFIG = {"models": {"providers": {"bailian": PROVIDER}}}
PROXY = {"HTTPS_PROXY": "http://user:password@127.0.0.1:7890"}
RUNS = GatewayRunning(60, NOW - 7200, 18789, "systemd", "openclaw-gateway.service", PROXY)


def event(kind: Kind, age: float = 60.0, provider: str | None = "bailian") -> Event:
    return Event(NOW - age, kind, provider, None, None, None, "LLM request timed out.")


def find(config: Any = CONFIG, events: tuple[Event, ...] = (), **fields: Any) -> list[Finding]:
    evidence = Evidence(events, 0.0, None, complete=True)
    health = GatewayHealth(condition=Condition.READY, why="", unit="openclaw-gateway.service")
    given = {"gateway": RUNS, "health": health, "evidence": evidence, **fields}
    return [found for found in RULE.check(snapshot(openclaw(config, **given))) if isinstance(found, Finding)]


def test_a_proxy_alone_is_a_note_that_says_what_no_proxy_should_say() -> None:
    (found,) = find()
    assert (found.severity, found.fix) == (Severity.INFO, None)
    assert found.summary == (
        f"the gateway's requests to {HOST} go through the proxy in HTTPS_PROXY, which comes from "
        "openclaw-gateway.service or the environment of its service manager"
    )
    assert found.advice == (f"if the plan is to be reached directly, set there: NO_PROXY={HOST}",)
    assert "password" not in repr(found)


def test_what_is_excepted_already_stays() -> None:
    running = GatewayRunning(60, NOW, 1, environment={**PROXY, "NO_PROXY": "localhost"})
    (found,) = find(gateway=running)
    assert found.advice[0].endswith(f"NO_PROXY=localhost,{HOST}")
    assert "what started process 60" in found.summary


@pytest.mark.parametrize("kind", [Kind.TIMEOUT, Kind.CONNECTION])
@pytest.mark.parametrize("provider", ["bailian", None])
def test_timeouts_since_the_gateway_runs_make_it_a_warning(kind: Kind, provider: str | None) -> None:
    (found,) = find(events=(event(kind, provider=provider),))
    assert found.severity is Severity.WARNING
    assert found.evidence == ("its log: LLM request timed out.",)


@pytest.mark.parametrize(
    "events", [(event(Kind.TIMEOUT, age=9000),), (event(Kind.TIMEOUT, provider="other"),), (event(Kind.AUTH),)]
)
def test_other_trouble_is_not_the_proxys(events: tuple[Event, ...]) -> None:
    (found,) = find(events=events)
    assert found.severity is Severity.INFO


def test_a_timeout_that_names_nobody_may_be_another_providers() -> None:
    other = {"baseUrl": "https://api.example.com/v1", "models": []}
    (found,) = find(
        {"models": {"providers": {"bailian": PROVIDER, "other": other}}}, (event(Kind.TIMEOUT, provider=None),)
    )
    assert found.severity is Severity.INFO


def test_one_host_is_told_once() -> None:
    assert len(find({"models": {"providers": {"bailian": PROVIDER, "again": PROVIDER}}})) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"gateway": GatewayRunning(60, NOW, 1)},
        {"gateway": GatewayRunning(60, NOW, 1, environment={**PROXY, "NO_PROXY": ".aliyuncs.com"})},
        {"gateway": GatewayAbsent(), "environment": PROXY},
        {"gateway": GatewayUnknown("it belongs to another user"), "environment": PROXY},
        {"config": {"models": {"providers": {"x": {"baseUrl": "https://api.example.com", "models": []}}}}},
        {"config": {"models": {"providers": {"x": {"models": []}}}}},
    ],
)
def test_nothing_is_said_without_a_proxy_of_the_gateways_own_or_without_the_plan(fields: dict[str, Any]) -> None:
    assert find(**fields) == []


def test_a_service_that_does_not_run_is_looked_at_through_its_unit() -> None:
    (found,) = find(gateway=GatewayAbsent("openclaw-gateway.service", "systemd"), environment=PROXY)
    assert found.severity is Severity.INFO
