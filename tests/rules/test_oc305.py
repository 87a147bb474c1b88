"""OC305: what it says in words."""

from typing import Any

from clawmend.core.finding import Finding, Safety
from clawmend.rules.oc305 import RULE
from support.build import openclaw, snapshot

ENDED = {"baseUrl": "https://portal.qwen.ai/v1", "models": [{"id": "coder-model"}]}


def found(defaults: Any, providers: Any = None, **more: Any) -> Finding:
    config = {"models": {"providers": {"qwen-portal": ENDED, **(providers or {})}}, "agents": {"defaults": defaults}}
    (finding,) = RULE.check(snapshot(openclaw(config, **more), on="2026.5.7"))
    assert isinstance(finding, Finding)
    return finding


def test_without_another_provider_one_has_to_be_configured() -> None:
    finding = found({"model": "qwen-portal/coder-model"})
    assert finding.advice == (
        "name another model in its place, one of a provider that you configure",
        "then: openclaw config unset models.providers.qwen-portal",
    )


def test_other_models_are_offered() -> None:
    finding = found({"model": "qwen-portal/coder-model"}, {"bailian": {"models": [{"id": "glm-5"}]}})
    assert "bailian/glm-5" in finding.advice[0]
    assert 'the primary model "qwen-portal/coder-model" leads to it' in finding.summary


def test_a_session_is_told_how_to_let_go() -> None:
    finding = found({}, pinned_models=("qwen-portal/coder-model",))
    assert finding.advice[-1] == "in the chat that holds on to it: /model default"
    assert 'a session "qwen-portal/coder-model" leads to it' in finding.summary


def test_what_a_cron_job_runs_is_not_taken_away() -> None:
    """A job names its model itself, and nothing edits it: without the provider it would not even be found."""
    spare = {"bailian": {"models": [{"id": "coder-model"}]}}
    assert found({}, spare).fix is not None
    finding = found({}, spare, cron_models=("qwen-portal/coder-model",))
    assert 'a cron job "qwen-portal/coder-model" leads to it' in finding.summary
    assert (finding.safety, finding.fix) == (Safety.ADVISE, None)
    assert finding.advice[1] == "in the cron job that names it: openclaw cron edit JOB --model PROVIDER/MODEL"
    assert "/model default" not in str(finding.advice)  # it is no session


def test_only_the_list_and_nothing_at_all_are_told_apart() -> None:
    listed = found({"models": {"qwen-portal/coder-model": {}, "bailian/glm-5": {}}})
    assert listed.summary.endswith("; only the list of models names it")
    assert found({}).summary.endswith("; nothing leads to it")
