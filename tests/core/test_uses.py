"""Who uses which provider."""

from typing import Any

import pytest

from clawmend.core.snapshot import OpenClaw
from clawmend.core.uses import uses_of
from support.build import agent, openclaw, version

PROVIDERS = {"bailian": {"models": [{"id": "plus"}]}, "other": {"models": [{"id": "m"}, {"id": "plus-2"}]}}


def home(agents: Any, *folders: str) -> OpenClaw:
    config = {"models": {"providers": PROVIDERS}, "agents": agents}
    return openclaw(config, *(agent(name) for name in folders))


def used(agents: Any, *folders: str, on: str = "2026.5.7") -> list[tuple[str, str, str]]:
    return [(use.provider, use.agent.id, use.role) for use in uses_of(home(agents, *folders), version(on))]


def test_the_primary_model_is_the_main_agents_when_nobody_else_is_named() -> None:
    assert used({"defaults": {"model": {"primary": "Bailian/plus"}}}, "main") == [("bailian", "main", "primary")]
    assert used({"defaults": {"model": "bailian/plus"}}) == [("bailian", "main", "primary")]


def test_agents_have_their_own_models_and_fallbacks() -> None:
    agents = {
        "defaults": {"model": {"primary": "bailian/plus", "fallbacks": ["other/m", 5]}},
        "list": [
            {"id": "Main"},
            {"id": "work", "model": "other/m"},
            {"id": "play", "model": {"primary": "other/m", "fallbacks": []}},
            {"id": "rest", "model": {"fallbacks": ["other/plus-2"]}},
            "odd",
        ],
    }
    assert used(agents, "main", "work") == [
        ("bailian", "main", "primary"),
        ("other", "work", "agent work"),
        ("other", "play", "agent play"),
        ("bailian", "rest", "primary"),
        ("other", "main", "fallback"),
        ("other", "work", "fallback"),
        ("other", "rest", "fallback"),
    ]


def test_entries_are_agents_as_well() -> None:
    agents = {"defaults": {"model": "bailian/plus"}, "entries": {"main": {}, "work": {"model": "other/m"}, "odd": 5}}
    assert used(agents, on="2026.9.6") == [("bailian", "main", "primary"), ("other", "work", "agent work")]


def test_an_agent_without_a_folder_has_no_files() -> None:
    (use,) = uses_of(
        home({"defaults": {"model": "bailian/plus"}, "list": [{"id": "Work"}]}, "main"), version("2026.5.7")
    )
    assert use.agent.id == "work"
    assert use.agent.profiles.path.endswith(f"/agents/{use.agent.id}/agent/auth-profiles.json")
    assert use.words == "the primary model"


@pytest.mark.parametrize(
    ("text", "on", "provider"),
    [
        ("nick", "2026.5.7", "bailian"),
        (" NICK ", "2026.3.2", "bailian"),
        ("plus-2", "2026.5.7", "other"),
        ("plus-2", "2026.3.2", None),
        ("twice", "2026.5.7", None),
        ("nothing", "2026.5.7", None),
        ("${MODEL}", "2026.5.7", None),
        ("/plus", "2026.5.7", None),
        ("bailian/", "2026.5.7", None),
        ("  ", "2026.5.7", None),
        ("qwen/x", "2026.3.2", "qwen-portal"),
        ("qwen/x", "2026.5.7", "qwen"),
        ("bailian/plus", "2026.10.1", "bailian"),
        ("plus-2", "2026.10.1", None),
    ],
)
def test_where_a_reference_leads(text: str, on: str, provider: str | None) -> None:
    config = {
        "models": {"providers": {**PROVIDERS, "a": {"models": [{"id": "twice"}]}, "b": {"models": [{"id": "twice"}]}}},
        "agents": {
            "defaults": {"model": text, "models": {"bailian/plus": {"alias": "Nick"}, "x/y": {"alias": " "}, "z": 1}}
        },
    }
    assert [use.provider for use in uses_of(openclaw(config), version(on))] == ([provider] if provider else [])


@pytest.mark.parametrize(
    "agents", [None, {}, [], {"defaults": {"model": 5}}, {"list": [5]}, {"defaults": 5, "list": 5}]
)
def test_odd_settings_use_nothing(agents: Any) -> None:
    assert used(agents) == []


def test_without_settings_nothing_is_used() -> None:
    assert uses_of(openclaw(None), version("2026.5.7")) == ()


def test_roles_in_words() -> None:
    agents = {"list": [{"id": "work", "model": {"primary": "other/m", "fallbacks": ["bailian/plus"]}}]}
    assert [use.words for use in uses_of(home(agents), version("2026.5.7"))] == [
        "the model of agent work",
        "a fallback",
    ]
