"""Every source of a key in the order in which OpenClaw asks them, and the one that wins."""

from typing import Any

import pytest

from clawmend.core.precedence import Source, providers_with_keys, sources_of
from clawmend.core.snapshot import Database, OpenClaw
from support.build import FOLDER, agent, openclaw, unreadable, version
from support.clock import NOW

SHARED = f"{FOLDER}/state/openclaw.sqlite"


def config(key: Any = "sk-config-key", **more: Any) -> dict[str, Any]:
    return {"models": {"providers": {"Bailian": {"baseUrl": "https://x/v1", "apiKey": key, **more}}}}


def key(text: str = "sk-stored-key", provider: str = "bailian") -> dict[str, Any]:
    return {"type": "api_key", "provider": provider, "key": text}


def asked(home: OpenClaw, provider: str = "bailian", on: str = "2026.3.2") -> tuple[Source, ...]:
    return sources_of(home, home.agents[0], provider, version(on), NOW)


def names(home: OpenClaw, provider: str = "bailian", on: str = "2026.3.2") -> list[str]:
    return [f"{one.kind}{'!' if one.wins else '' if one.usable else '-'}" for one in asked(home, provider, on)]


@pytest.mark.parametrize("on", ["2026.1.29", "2026.3.2", "2026.5.7"])
def test_profiles_come_first_then_variables_then_the_config(on: str) -> None:
    home = openclaw(
        {"models": {"providers": {"qianfan": {"apiKey": "sk-config-key"}}}},
        agent(profiles={"profiles": {"qianfan:a": key(provider="qianfan")}}),
        environment={"QIANFAN_API_KEY": "sk-variable"},
    )
    assert names(home, "qianfan", on) == ["profile!", "variable", "config"]
    found = asked(home, "qianfan", on)
    assert [one.name for one in found] == ["qianfan:a", "QIANFAN_API_KEY", "models.providers.qianfan.apiKey"]
    assert [one.secret.reveal() for one in found if one.secret] == ["sk-stored-key", "sk-variable", "sk-config-key"]


def test_with_auth_api_key_the_config_comes_first_where_the_version_heeds_it() -> None:
    home = openclaw(config(auth="api-key"), agent(profiles={"profiles": {"a": key()}}))
    assert names(home, on="2026.3.2") == ["profile!", "config"]
    assert names(home, on="2026.5.7") == ["config!", "profile"]
    without = openclaw(config("", auth="api-key"), agent(profiles={"profiles": {"a": key()}}))
    assert names(without, on="2026.5.7") == ["profile!", "config-"]


@pytest.mark.parametrize(
    ("value", "usable", "why"),
    [
        ("sk-config-key", True, "asked last"),
        ("", False, "empty"),
        ("YOUR_API_KEY", True, "placeholder"),
        ("qwen-oauth", False, "marker"),
        ("${SOMETHING}", True, "only the gateway knows"),
        ({"source": "env", "id": "X"}, True, "reference"),
        (None, False, "no key"),
    ],
)
def test_what_stands_in_the_config_is_told_apart(value: Any, usable: bool, why: str) -> None:
    (found,) = asked(openclaw(config(value), agent()))
    assert found.usable is found.wins is usable
    assert why in found.why


def test_a_login_comes_before_a_token_before_a_key_and_a_cooling_one_last() -> None:
    profiles = {
        "bailian:key": key(),
        "bailian:token": {"type": "token", "provider": "bailian", "token": "t"},
        "bailian:login": {"type": "oauth", "provider": "bailian", "access": "x"},
        "bailian:strange": {"type": "other", "provider": "bailian"},
        "bailian:tired": key("sk-tired"),
        "elsewhere": key(provider="other"),
        "odd": 5,
    }
    usage = {"bailian:tired": {"disabledUntil": (NOW + 90) * 1000, "lastUsed": 1}, "bailian:key": {"lastUsed": 5}}
    home = openclaw({}, agent(profiles={"profiles": profiles, "usageStats": usage}))
    found = asked(home)
    assert [one.name for one in found] == [f"bailian:{name}" for name in ("login", "token", "key", "tired", "strange")]
    assert "90 s" in found[3].why
    assert "passes it over" in found[4].why


def test_an_order_decides_and_leaves_out_whom_it_does_not_name() -> None:
    profiles = {"a": key(), "b": key("sk-b"), "c": key("sk-c")}
    home = openclaw({"auth": {"order": {"bailian": ["c", "a"]}}, **config()}, agent(profiles={"profiles": profiles}))
    found = asked(home)
    assert [(one.name, one.usable) for one in found] == [
        ("c", True),
        ("a", True),
        ("models.providers.Bailian.apiKey", True),
        ("b", False),
    ]
    assert "leaves it out" in found[3].why


def test_an_agent_inherits_from_the_shared_store_and_its_own_wins_by_name() -> None:
    shared = Database(SHARED, {"profiles": {"a": key("sk-shared"), "b": key("sk-b")}}, None, "state-db")
    mine = agent(store=Database(f"{FOLDER}/own.sqlite", {"profiles": {"a": key("sk-own")}}))
    found = asked(openclaw(config(), mine, shared_store=shared), on="2026.9.6")
    assert [one.secret.reveal() for one in found if one.secret] == ["sk-own", "sk-b", "sk-config-key"]


def test_the_providers_that_can_be_asked_about() -> None:
    home = openclaw(config(), agent(profiles={"profiles": {"a": key(), "b": key(provider="Other"), "c": 5, "d": {}}}))
    assert providers_with_keys(home, home.agents[0], version("2026.3.2")) == ("bailian", "other")


def test_where_nothing_is_known_there_is_no_profile() -> None:
    home = openclaw(config(), agent(profiles=unreadable("x")))
    assert names(home, on="2027.1.1") == ["config!"]
    assert names(home) == ["config!"]
