"""Which entries void the model cache, and which ones nothing explains."""

from typing import Any

import pytest

from clawmend.core.cache import is_explained, leftover_entries, profile_providers, void_entries
from clawmend.core.snapshot import Database
from support.build import agent, openclaw, version

GOOD = {"baseUrl": "https://x/v1", "apiKey": "k", "api": "openai-completions", "models": [{"id": "m"}]}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name not in names}


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (None, "it is null"),
        ("x", "it is not an object"),
        ([], "it is not an object"),
        ({**GOOD, "baseUrl": 5}, "its baseUrl is not a text"),
        ({**GOOD, "apiKey": ""}, "its apiKey is empty"),
        ({**GOOD, "api": None}, "its api is not a text"),
        ({**GOOD, "models": {}}, "its models are not a list"),
        ({**GOOD, "models": ["m"]}, "one of its models has no id"),
        ({**GOOD, "models": [{"id": ""}]}, "one of its models has no id"),
        ({**GOOD, "models": [{"id": 5}]}, "one of its models has no id"),
        ({**GOOD, "models": [{"id": "m"}, {"id": "n", "maxTokens": 0}]}, "the maxTokens of one of its models"),
        ({**GOOD, "models": [{"id": "m", "contextWindow": True}]}, "the contextWindow of one of its models"),
        ({**GOOD, "models": [{"id": "m", "contextWindow": "1"}]}, "the contextWindow of one of its models"),
        ({}, "it has neither models nor a baseUrl"),
        ({"models": []}, "it has neither models nor a baseUrl"),
        (without("baseUrl"), "it has models and no baseUrl"),
        (without("apiKey"), "it has models and no apiKey"),
        (without("api"), "it says nowhere which api its models speak"),
    ],
)
def test_one_such_entry_voids_the_file_on_2026_3_2(entry: Any, reason: str) -> None:
    found = void_entries({"providers": {"good": GOOD, "mine": entry}}, version("2026.3.2"))
    assert list(found) == ["mine"]
    assert found["mine"].startswith(reason)


@pytest.mark.parametrize(
    "entry",
    [
        GOOD,
        {**GOOD, "headers": {}, "unknown": 5},
        {**GOOD, "models": []},
        {"baseUrl": "https://x", "models": []},
        {"modelOverrides": {}},
        {**without("api"), "models": [{"id": "m", "api": "openai-completions", "maxTokens": 1.5, "contextWindow": 9}]},
    ],
)
def test_valid_entries(entry: Any) -> None:
    assert void_entries({"providers": {"mine": entry}}, version("2026.3.2")) == {}


def test_built_in_providers_may_leave_fields_out() -> None:
    cache = {"providers": {"OpenAI": without("baseUrl", "apiKey", "api"), "github-copilot": {}}}
    assert void_entries(cache, version("2026.3.2")) == {}


def test_later_versions_ask_for_less() -> None:
    cache = {"providers": {"a": without("apiKey"), "b": {}, "c": without("baseUrl"), "d": without("api"), "e": None}}
    assert list(void_entries(cache, version("2026.7.1"))) == ["c", "d", "e"]


@pytest.mark.parametrize("cache", [None, [], {}, {"providers": []}])
def test_what_holds_no_providers_holds_no_void_entries(cache: Any) -> None:
    assert void_entries(cache, version("2026.3.2")) == {}


CONFIG = {"models": {"providers": {"Bailian": {}, "qwen": {}}}}
V32 = version("2026.3.2")


def test_leftovers_are_what_nobody_configured_or_explains() -> None:
    cache = {"providers": {"bailian": {}, "BAILIAN": {}, "qwen-portal": {}, "qwen": {}, "old": {}, "ollama": {}}}
    mine = agent(models=cache)
    assert leftover_entries(openclaw(CONFIG, mine), mine, V32) == ("old",)
    assert leftover_entries(openclaw(CONFIG, agent()), agent(), V32) == ()


@pytest.mark.parametrize("name", ["ollama", " VLLM ", "amazon-bedrock", "bedrock", "litellm"])
def test_services_explain_themselves(name: str) -> None:
    assert is_explained(openclaw({}), name, V32)


def test_a_variable_explains_its_provider() -> None:
    assert is_explained(openclaw({}, environment={"QWEN_OAUTH_TOKEN": "x"}), "qwen", V32)
    assert not is_explained(openclaw({}, environment={"QWEN_OAUTH_TOKEN": ""}), "qwen", V32)
    assert is_explained(openclaw({}, environment={"KIMI_API_KEY": "x"}, environment_complete=True), "kimi-code", V32)


def test_a_known_provider_needs_its_variable_once_the_environment_is_known() -> None:
    assert is_explained(openclaw({}), "moonshot", V32)
    assert not is_explained(openclaw({}, environment_complete=True), "moonshot", V32)
    assert not is_explained(openclaw({}), "bailian", V32)
    assert not is_explained(openclaw({}), "minimax-portal", V32)


def test_every_kind_of_store_explains_a_provider() -> None:
    own = Database("x", {"profiles": {"a:1": {"type": "oauth", "provider": "From-Sqlite"}}})
    shared = Database("y", {"profiles": {"b:1": {"type": "api_key", "provider": "shared", "key": "k"}}})
    mine = agent(
        profiles={"profiles": {"p": {"provider": " Profile "}, "odd": None, "odder": {"provider": 5}}},
        legacy_auth={"legacy": {"type": "oauth"}, "profiles": {"q": {"provider": "qwen"}}},
        store=own,
    )
    other = agent("other", profiles=[], legacy_auth=[])
    found = profile_providers(openclaw({}, mine, other, shared_store=shared), V32)
    assert {"profile", "legacy", "qwen", "qwen-portal", "from-sqlite", "shared"} <= found
    assert is_explained(openclaw({}, mine), "Profile", V32)
    assert profile_providers(openclaw({}), V32) == frozenset()
