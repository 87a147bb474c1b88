"""What serves a use of a provider, and what might serve it that nobody can see from here."""

from typing import Any

import pytest

from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.precedence import Source
from clawmend.core.secret import Secret
from clawmend.core.snapshot import Database, OpenClaw
from clawmend.core.supply import MISSPELT, Supply, changed_at, is_shadowed, supply_of
from clawmend.core.uses import uses_of
from support.build import AGENT, FOLDER, agent, openclaw, parsed, unreadable, version
from support.clock import NOW

KEY = "sk-sp-abc0000000000000001"
LOGIN = "a plugin, a login or a variable may serve it"
STORED = "a stored profile may hold a key that is kept elsewhere"


def config(name: str = "bailian", **entry: Any) -> dict[str, Any]:
    provider = {"baseUrl": "https://x.example/v1", "models": [], **entry}
    return {"models": {"providers": {name: provider}}, "agents": {"defaults": {"model": f"{name}/m"}}}


def supply(home: OpenClaw, on: str = "2026.3.2") -> Supply:
    (use,) = uses_of(home, version(on))
    return supply_of(home, use, version(on), NOW)


def doubt(home: OpenClaw, on: str = "2026.3.2") -> str | None:
    return supply(home, on).doubt


def test_the_key_of_the_config_serves_without_a_doubt() -> None:
    found = supply(openclaw(config(apiKey=KEY), agent()))
    assert found.winner is not None
    assert (found.winner.kind, found.doubt) == ("config", None)


def test_without_a_key_there_is_no_winner_and_no_doubt() -> None:
    assert supply(openclaw(config(), agent())) == Supply(supply(openclaw(config(), agent())).use, None, None)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"auth": "oauth"}, "it signs in by oauth"),
        ({"auth": "aws-sdk"}, "it signs in by aws-sdk"),
        ({"auth": "api-key"}, None),
        ({"headers": {"a": "b"}}, "its own headers may sign it in"),
        ({"request": {}}, "its own headers may sign it in"),
        ({"apiKey": "qwen-oauth"}, "a marker stands for a login or a reference"),
    ],
)
def test_how_a_provider_may_sign_in_otherwise(entry: dict[str, Any], why: str | None) -> None:
    other = {"other": {"auth": "oauth"}}
    home = openclaw(config(**entry), agent())
    assert doubt(home) == why
    value = config(**entry)
    value["models"]["providers"] |= other
    assert doubt(openclaw(value, agent())) == why


def test_a_service_of_this_machine_and_a_plugin_of_this_name() -> None:
    assert doubt(openclaw(config("ollama"), agent())) == "a service of this machine needs no key"
    plugins = {"plugins": {"entries": {"Bailian": {}}}}
    assert doubt(openclaw(config() | plugins, agent())) == "a plugin serves it"


def test_a_store_that_cannot_be_read() -> None:
    home = openclaw(config(), agent(profiles=unreadable(f"{AGENT}/auth-profiles.json")))
    assert doubt(home) == "a store of credentials cannot be read"
    broken = Database(f"{FOLDER}/state/openclaw.sqlite", problem="is locked")
    assert (
        doubt(openclaw(config(), agent(), shared_store=broken), "2026.9.6") == "a store of credentials cannot be read"
    )


@pytest.mark.parametrize(
    ("entry", "on", "why"),
    [
        ({"type": "api_key", "keyRef": {"source": "env"}}, "2026.3.2", STORED),
        ({"type": "token", "token": "t", "expires": 1}, "2026.3.2", STORED),
        ({"type": "api_key", "key": " "}, "2026.3.2", None),
        ({"type": "api_key", "key": "", "keyRef": {"source": "env"}}, "2026.3.2", STORED),
        ({"type": "api-key", "key": KEY}, "2026.3.2", MISSPELT),
        ({"mode": "api_key", "apiKey": KEY}, "2026.2.12", MISSPELT),
        ({"mode": "api_key", "apiKey": KEY}, "2026.3.2", STORED),
    ],
)
def test_what_a_stored_entry_may_be_good_for(entry: dict[str, Any], on: str, why: str | None) -> None:
    profiles = {"a": {"provider": "Bailian", **entry}, "b": {"provider": "other", "type": "oauth"}, "c": 5, "d": {}}
    assert doubt(openclaw(config(), agent(profiles={"profiles": profiles})), on) == why


@pytest.mark.parametrize(
    ("files", "sources", "on", "imported"),
    [
        ({"legacy_auth": {"bailian": {}}}, [], "2026.3.2", True),
        ({"legacy_auth": {"bailian": {}}, "profiles": {"profiles": {}}}, [], "2026.3.2", False),
        ({"legacy_auth": {"other": {}}}, [], "2026.3.2", False),
        ({"legacy_auth": ["bailian"]}, [], "2026.3.2", False),
        ({"legacy_auth": {"bailian": {}}}, [], "2026.7.1", False),
        ({}, [{"bailian": {}}, 5], "2026.3.2", True),
        ({}, [{"bailian": {}}], "2026.7.1", True),
        ({}, [{"access_token": "x"}], "2026.3.2", False),
        ({"profiles": {"profiles": {}}}, [], "2026.9.6", True),
        ({}, [{"bailian": {}}], "2026.9.6", False),
    ],
)
def test_older_stores_that_are_still_to_be_imported(files: Any, sources: list[Any], on: str, imported: bool) -> None:
    oauth = tuple(parsed(f"{FOLDER}/credentials/oauth.json", value) for value in sources)
    home = openclaw(config(), agent(**files), oauth_sources=oauth)
    assert (doubt(home, on) == "an older store of credentials is still to be imported") is imported


@pytest.mark.parametrize(
    ("name", "complete", "on", "why"),
    [
        ("moonshot", False, "2026.3.2", LOGIN),
        ("moonshot", True, "2026.3.2", None),
        ("anthropic", True, "2026.3.2", LOGIN),
        ("dashscope", False, "2026.3.2", None),
        ("dashscope", False, "2026.5.7", LOGIN),
        ("dashscope", True, "2026.5.7", None),
        ("qwen-cli", False, "2026.3.2", LOGIN),
    ],
)
def test_a_provider_that_openclaw_knows_by_itself(name: str, complete: bool, on: str, why: str | None) -> None:
    assert doubt(openclaw(config(name), agent(), environment_complete=complete), on) == why


@pytest.mark.parametrize(("age", "why"), [(60.0, None), (9e6, LOGIN)])
def test_the_log_says_that_there_is_no_key(age: float, why: str | None) -> None:
    event = Event(NOW - age, Kind.NO_KEY, "moonshot", None, None, None, "No API key found")
    home = openclaw(config("moonshot"), agent(), evidence=Evidence((event,), 0.0, None, True))
    assert doubt(home) == why


def test_a_version_that_was_not_measured() -> None:
    home = openclaw(config(), agent(legacy_auth={"bailian": {}}, profiles={"profiles": {"a": {"provider": "bailian"}}}))
    assert doubt(home, "2026.10.1") is None


def test_when_the_config_was_changed() -> None:
    assert changed_at(openclaw(config())) == NOW - 3600.0
    assert changed_at(openclaw(None)) == 0.0


@pytest.mark.parametrize(
    ("kind", "stored", "key", "shadowed"),
    [
        ("profile", "a-key", "another-key", True),
        ("profile", " a-key", "a-key ", False),
        ("profile", None, "another-key", False),
        ("profile", "a-key", None, False),
        ("profile", "a-key", "${A}", False),
        ("profile", "a-key", "YOUR_API_KEY", False),
        ("config", "a-key", "another-key", False),
    ],
)
def test_what_oc201_speaks_of(kind: str, stored: str | None, key: str | None, shadowed: bool) -> None:
    winner = Source(kind, "x", None, Secret(stored) if stored else None, True, "", True)
    assert is_shadowed(winner, Secret(key) if key else None) is shadowed
