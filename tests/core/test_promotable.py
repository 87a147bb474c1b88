"""Which keys of a model cache the next doctor would copy: odd values that no case holds."""

from typing import Any

import pytest

from clawmend.core.promotable import promotable_keys
from clawmend.core.snapshot import Database
from support.build import AGENT, FOLDER, agent, malformed, openclaw, version

NEW, OLD = "sk-sp-new00000000000000000000000001", "sk-sp-old00000000000000000000000001"


def config(key: Any = NEW) -> dict[str, Any]:
    return {"models": {"providers": {"bailian": {"baseUrl": "https://x", "apiKey": key, "models": [{"id": "a"}]}}}}


def names(settings: Any, entry: Any, on: str = "2026.9.6", **fields: Any) -> list[str]:
    store = fields.pop("store", None)
    home = openclaw(settings, agent(models={"providers": {"bailian": entry}}, store=store), **fields)
    return [one.name for one in promotable_keys(home, home.agents[0], version(on))]


def test_a_key_that_differs_is_copied() -> None:
    assert names(config(), {"apiKey": OLD}) == ["bailian"]


@pytest.mark.parametrize("entry", [None, 1, {}, {"apiKey": 1}, {"apiKey": " "}, {"apiKey": f"\t{NEW}\n"}])
def test_what_is_no_key_or_the_same_is_not(entry: Any) -> None:
    assert names(config(), entry) == []


@pytest.mark.parametrize("key", [None, 1, "", "x${A}", {"source": "env"}])
def test_where_openclaw_json_has_no_plain_key_nothing_is_said(key: Any) -> None:
    assert names(config(key), {"apiKey": OLD}) == []


@pytest.mark.parametrize("on", ["2026.7.35", "2026.9.7", "2026.1.1"])
def test_only_versions_that_copy_keys_are_judged(on: str) -> None:
    assert names(config(), {"apiKey": OLD}, on) == []


@pytest.mark.parametrize("stored", [{"key": OLD}, {"token": OLD}])
def test_what_the_store_has_is_not_copied_again(stored: dict[str, str]) -> None:
    profiles = {"profiles": {"x": None, "a": {"provider": "Bailian", **stored}}}
    shared = Database(f"{FOLDER}/state/openclaw.sqlite", profiles, None, "state-db")
    assert names(config(), {"apiKey": OLD}, shared_store=shared) == []
    assert names(config(), {"apiKey": OLD}, store=Database(f"{AGENT}/x.sqlite", profiles)) == []


def test_the_same_key_of_another_provider_does_not_count() -> None:
    profiles = {"profiles": {"a": {"provider": "other", "key": OLD}}}
    assert names(config(), {"apiKey": OLD}, store=Database(f"{AGENT}/x.sqlite", profiles)) == ["bailian"]


@pytest.mark.parametrize("models", [None, "x", [1, {"id": 2}], [{"id": "a"}]])
def test_models_that_openclaw_json_has_too_are_no_reason_to_ask(models: Any) -> None:
    settings = {**config(), "agents": {"defaults": {"model": "bailian/a"}}}
    home = openclaw(settings, agent(models={"providers": {"bailian": {"apiKey": OLD, "models": models}}}))
    (one,) = promotable_keys(home, home.agents[0], version("2026.9.6"))
    assert one.users == ()


def with_models(*models: str, provider: str = "old") -> dict[str, Any]:
    return {provider: {"apiKey": OLD, "models": [{"id": one} for one in models]}}


def keys(cached: Any, settings: Any, **fields: Any) -> dict[str, tuple[str, ...]]:
    home = openclaw(settings, agent(models={"providers": cached}), **fields)
    return {one.name: one.users for one in promotable_keys(home, home.agents[0], version("2026.9.6"))}


def test_a_provider_that_a_cron_job_uses_is_no_leftover() -> None:
    assert keys(with_models("q"), config()) == {"old": ()}
    for text in ("old/q", " OLD /q ", "q"):
        assert keys(with_models("q"), config(), cron_models=(text,)) == {}
    assert keys(with_models("q"), config(), cron_models=("old/r", "older/q", "old", "r")) == {"old": ()}


def test_a_bare_model_of_a_cron_job_is_the_configured_one_where_there_is_one() -> None:
    """OpenClaw looks among the configured providers first (inferUniqueProviderFromConfiguredModels)."""
    assert keys(with_models("a"), config(), cron_models=("a",)) == {"old": ()}
    assert keys(with_models("meta/a"), config(), cron_models=("meta/a",)) == {"old": ()}  # that is a provider's


def test_where_a_cron_job_needs_a_model_of_the_cache_clawmend_asks() -> None:
    cached = with_models("a", "b", provider="bailian")
    assert keys(cached, config(), cron_models=("bailian/b", "bailian/a")) == {"bailian": ("bailian/b",)}
    assert keys(cached, config(), cron_models=("b", "a")) == {"bailian": ("b",)}


def test_a_reference_with_a_profile_uses_the_model_as_well() -> None:
    settings = {**config(), "agents": {"defaults": {"model": "old/q@work"}}}
    assert keys(with_models("q"), settings) == {}
    assert keys(with_models("q@work"), settings) == {}


def test_a_cache_that_does_not_parse_holds_nothing() -> None:
    home = openclaw(config(), agent(models=malformed(f"{AGENT}/models.json")))
    assert promotable_keys(home, home.agents[0], version("2026.9.6")) == ()
