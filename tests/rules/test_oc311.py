"""OC311: which keys count, and what it says in words."""

from typing import Any

import pytest

from clawmend.core.finding import Finding, Safety, Severity
from clawmend.rules.oc311 import RULE
from support.build import agent, openclaw, snapshot

PLAN = {"baseUrl": "https://coding-intl.dashscope.aliyuncs.com/v1", "apiKey": "sk-sp-test0000000000000001"}
GENERAL = "sk-0123456789abcdef0123456789abcdef"


def findings(key: Any, defaults: Any = None, profiles: Any = None, **more: Any) -> list[Finding]:
    general = {"baseUrl": "https://dashscope.aliyuncs.com/compatible-mode/v1", "apiKey": key}
    config = {"models": {"providers": {"bailian": PLAN, "dashscope": general}}, "agents": {"defaults": defaults or {}}}
    home = openclaw(config, agent(profiles=profiles), **more)
    return [one for one in RULE.check(snapshot(home, on="2026.3.2")) if isinstance(one, Finding)]


@pytest.mark.parametrize(
    ("key", "counts"),
    [(GENERAL, True), ("ordinary", True), ("sk-sp-test0000000000000001", False), ("***", False), ("", False)],
)
def test_a_key_that_the_general_endpoint_may_take_counts(key: str, counts: bool) -> None:
    assert bool(findings(key)) is counts


def test_a_stored_profile_of_another_provider_is_no_key_for_this_one() -> None:
    stored = {"profiles": {"x:default": {"type": "api_key", "provider": "x", "key": GENERAL}}}
    assert not findings("", profiles=stored)


def test_what_sends_the_most_there_is_named_first() -> None:
    (finding,) = findings(GENERAL, {"models": {"dashscope/a": {}}, "model": {"fallbacks": ["dashscope/b"]}})
    assert 'what a fallback "dashscope/b" calls there is billed' in finding.summary
    (finding,) = findings(GENERAL, {"model": "dashscope/a"})
    assert "openclaw models set bailian/MODEL" in finding.advice[0]


def test_what_a_cron_job_runs_is_not_taken_away() -> None:
    assert findings(GENERAL)[0].fix is not None
    (finding,) = findings(GENERAL, cron_models=("dashscope/qwen-max",))
    assert 'what a cron job "dashscope/qwen-max" calls there is billed' in finding.summary
    assert (finding.severity, finding.safety, finding.fix) == (Severity.WARNING, Safety.ADVISE, None)
    assert finding.advice[1] == "in the cron job that names it: openclaw cron edit JOB --model PROVIDER/MODEL"


def test_without_a_place_to_edit_the_command_is_named() -> None:
    providers = {"bailian": PLAN, "dashscope": {"baseUrl": "https://dashscope.aliyuncs.com/v1", "apiKey": GENERAL}}
    agents = {"defaults": {"model": {"fallbacks": ["${SPARE}"]}}}
    config = {"models": {"providers": providers}, "agents": agents, "env": {"SPARE": "dashscope/b"}}
    (finding,) = RULE.check(snapshot(openclaw(config), on="2026.3.2"))
    assert isinstance(finding, Finding)
    assert finding.fix is None
    assert finding.advice == (
        "if the plan is all that you want to pay for: openclaw config unset models.providers.dashscope",
    )
