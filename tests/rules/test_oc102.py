"""OC102: who leads to a leftover, in words, and that what a cron job names is only ever protected by it."""

from typing import Any

import pytest

from clawmend.core.finding import Finding, Safety, Severity
from clawmend.rules.oc102 import RULE
from support.build import agent, openclaw, snapshot

OLD = {"baseUrl": "https://old.example/v1", "apiKey": "k", "api": "openai-completions", "models": [{"id": "q"}]}
CACHE = {"providers": {"old": OLD}}
PLAN = {"models": {"providers": {"bailian": {"baseUrl": "https://x/v1", "models": [{"id": "a"}]}}}}


def found(defaults: Any = None, on: str = "2026.3.2", **more: Any) -> Finding:
    config = {**PLAN, "agents": {"defaults": defaults or {}}}
    (finding,) = RULE.check(snapshot(openclaw(config, agent(models=CACHE), **more), on=on))
    assert isinstance(finding, Finding)
    return finding


def test_nothing_at_all_routes_to_it() -> None:
    finding = found(cron_models=("older/q", "old", "q"))
    assert finding.summary.endswith("which openclaw.json lacks; nothing routes to it")
    assert (finding.severity, finding.safety, finding.advice) == (Severity.INFO, Safety.ADVISE, ())


@pytest.mark.parametrize("on", ["2026.2.12", "2026.3.2", "2026.5.7", "2026.7.1"])
def test_what_only_a_cron_job_names_stays_and_is_told(on: str) -> None:
    finding = found(on=on, cron_models=("Old/q", "a/1"))
    assert finding.summary.endswith("which openclaw.json lacks; a cron job names Old/q")
    assert (finding.severity, finding.safety, finding.fix) == (Severity.INFO, Safety.ADVISE, None)
    assert finding.advice == (
        "if you want old back: put it under models.providers in openclaw.json",
        "if not, give the job another model: openclaw cron edit JOB --model PROVIDER/MODEL",
    )


def test_where_the_cache_is_enough_for_a_cron_job_there_is_nothing_to_do() -> None:
    finding = found(on="2026.9.6", cron_models=("old/q",))
    assert finding.summary.endswith("; a cron job names old/q")
    assert (finding.safety, finding.advice) == (Safety.ADVISE, ())


@pytest.mark.parametrize("more", [{"defaults": {"imageModel": "old/q"}}, {"pinned_models": ("old/q",)}])
def test_what_a_cron_job_names_as_well_is_not_taken_without_asking(more: dict[str, Any]) -> None:
    assert found(**more).safety is Safety.SAFE
    finding = found(cron_models=("old/r",), **more)
    assert (finding.severity, finding.safety) == (Severity.WARNING, Safety.ASK)
    assert "and old/q still routes to it without a key" in finding.summary
    assert finding.evidence == ("referred to as old/q", "a cron job names old/r")
    assert finding.advice[0].startswith("if you want old back")


def test_a_cron_job_is_not_called_a_reference_of_openclaw_json() -> None:
    assert found({"model": "old/q"}, cron_models=("old/q",)).evidence == (
        "referred to as old/q",
        "a cron job names old/q",
    )


def test_in_the_era_in_which_the_entry_answers_what_leads_to_it_is_said() -> None:
    assert found({"model": "old/q"}, on="2026.9.6").summary.endswith("; old/q leads to it")
