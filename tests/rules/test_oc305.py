"""OC305: what it says in words."""

from typing import Any

from clawmend.core.finding import Finding
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


def test_only_the_list_and_nothing_at_all_are_told_apart() -> None:
    listed = found({"models": {"qwen-portal/coder-model": {}, "bailian/glm-5": {}}})
    assert listed.summary.endswith("; only the list of models names it")
    assert found({}).summary.endswith("; nothing leads to it")
