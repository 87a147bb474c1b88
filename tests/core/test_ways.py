"""Who sends requests to a provider."""

from typing import Any

import pytest

from clawmend.core.ways import Way, ways_to
from support.build import agent, openclaw, version

V = version("2026.3.2")


def found(config: Any, provider: str = "qwen-portal", **fields: Any) -> list[tuple[str, str, bool]]:
    return [(way.text, way.where, way.chosen) for way in ways_to(openclaw(config, agent(), **fields), provider, V)]


def test_chosen_models_come_first_and_each_text_once() -> None:
    config = {
        "agents": {
            "defaults": {"model": {"primary": "bailian/a", "fallbacks": ["qwen-portal/b", "qwen/c"]}},
            "list": [{"id": "x", "model": {"primary": "Qwen-Portal/d", "fallbacks": ["qwen-portal/e"]}}, "odd"],
            "entries": {"y": {"model": "qwen-portal/f"}},
        },
        "hooks": {"model": "qwen-portal/g"},
    }
    assert found(config, pinned_models=("qwen-portal/h", "qwen-portal/b", "/i")) == [
        ("Qwen-Portal/d", "the model of agent x", True),
        ("qwen-portal/f", "the model of agent y", True),
        ("qwen-portal/b", "a fallback", False),
        ("qwen/c", "a fallback", False),
        ("qwen-portal/e", "a fallback", False),
        ("qwen-portal/g", "a setting", False),
        ("qwen-portal/h", "a session", False),
    ]


@pytest.mark.parametrize("entry", [{}, {"alias": ""}, {"alias": 1}, None, "x"])
def test_being_allowed_leads_nowhere_without_an_alias(entry: Any) -> None:
    lists = {"models": {"qwen-portal/a": entry}, "modelPolicy": {"allow": ["qwen-portal/a"]}}
    assert found({"agents": {"defaults": lists}}) == []


def test_an_alias_is_a_name_that_people_type() -> None:
    config = {"agents": {"defaults": {"models": {"qwen-portal/a": {"alias": "q"}}}}}
    assert found(config) == [("qwen-portal/a", "the alias q", False)]


def test_a_text_without_a_provider_leads_to_none() -> None:
    assert found({"agents": {"defaults": {"model": "qwen-portal"}}}) == []


@pytest.mark.parametrize("config", [None, [], {}])
def test_without_settings_only_sessions_lead_anywhere(config: Any) -> None:
    assert found(config) == []
    assert ways_to(openclaw(config, pinned_models=("qwen/a",)), "qwen-portal", V) == (
        Way("qwen/a", "a session", False),
    )
