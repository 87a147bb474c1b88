"""Which stored profiles OpenClaw would try before any key in openclaw.json."""

from typing import Any

import pytest

from clawmend.core.credentials import usable_profiles
from support.build import agent, openclaw, version
from support.clock import NOW

V32 = version("2026.3.2")


def key(provider: str = "bailian", text: str = "k", **more: Any) -> dict[str, Any]:
    return {"type": "api_key", "provider": provider, "key": text, **more}


def used(profiles: Any, config: Any = None, order: Any = None, state: Any = None, on: str = "2026.3.2") -> list[str]:
    store = {"version": 1, "profiles": profiles, **({"order": order} if order is not None else {})}
    mine = agent(profiles=store, auth_state=state)
    return [one.id for one in usable_profiles(openclaw(config or {}, mine), mine, version(on), NOW)]


def test_a_profile_is_read_in_either_spelling() -> None:
    mine = agent(
        profiles={
            "profiles": {
                "a": key(" Qwen ", " secret "),
                "b": {"mode": "api_key", "provider": "b", "apiKey": "two"},
                "c": {"type": "token", "provider": "c", "token": "three"},
            }
        }
    )
    found = list(usable_profiles(openclaw({}, mine), mine, V32, NOW))
    assert [(one.id, one.provider, one.key.reveal(), one.kind, one.written) for one in found] == [
        ("a", "qwen-portal", " secret ", "api_key", " Qwen "),
        ("b", "b", "two", "api_key", "b"),
        ("c", "c", "three", "token", "c"),
    ]


@pytest.mark.parametrize(
    "entry",
    [
        None,
        "x",
        [],
        {},
        {"type": "api_key", "key": "k"},
        {"type": "api_key", "provider": 5, "key": "k"},
        {"type": "api-key", "provider": "a", "key": "k"},
        {"type": "oauth", "provider": "a", "access": "x", "token": "y"},
        {"type": ["api_key"], "provider": "a", "key": "k"},
        {"type": {}, "provider": "a", "token": "k"},
        key(text="  "),
        {"type": "api_key", "provider": "a"},
        {"type": "api_key", "provider": "a", "keyRef": {"source": "env"}},
        {"type": "api_key", "provider": "a", "key": 5},
        {"type": "token", "provider": "a", "token": "x", "expires": (NOW - 1) * 1000},
    ],
)
def test_what_openclaw_does_not_use(entry: Any) -> None:
    assert used({"a": entry}) == []


@pytest.mark.parametrize("expires", [(NOW + 1) * 1000, 0, -1, None, "soon"])
def test_a_token_counts_until_it_expires(expires: Any) -> None:
    assert used({"a": {"type": "token", "provider": "a", "token": "x", "expires": expires}}) == ["a"]


def test_a_key_has_no_end() -> None:
    assert used({"a": key(expires=1)}) == ["a"]


@pytest.mark.parametrize("order", [{"bailian": ["b"]}, {"Bailian ": ["b", "gone"]}])
def test_an_order_leaves_out_whom_it_does_not_name(order: Any) -> None:
    profiles = {"a": key(), "b": key(), "other": key("other")}
    assert used(profiles, order=order) == ["b", "other"]
    assert used(profiles, state={"order": order}) == ["b", "other"]
    assert used(profiles, {"auth": {"order": order}}) == ["b", "other"]


def test_the_agents_own_order_comes_before_that_of_openclaw_json() -> None:
    assert used({"a": key(), "b": key()}, {"auth": {"order": {"bailian": ["a"]}}}, order={"bailian": ["b"]}) == ["b"]


@pytest.mark.parametrize("order", [{}, {"bailian": []}, {"bailian": "a"}, {"other": ["x"]}, [], None])
def test_an_order_of_nobody_leaves_nobody_out(order: Any) -> None:
    assert used({"a": key(), "b": key()}, order=order) == ["a", "b"]


def listed(**profiles: Any) -> dict[str, Any]:
    return {"auth": {"profiles": profiles}}


def test_a_list_leaves_out_whom_it_does_not_name() -> None:
    config = listed(b={"provider": "Bailian", "mode": "api_key"}, odd=None, other={"provider": "x", "mode": "token"})
    assert used({"a": key(), "b": key("Bailian")}, config) == ["b"]


def test_a_list_that_names_nobody_who_exists_leaves_nobody_out() -> None:
    assert used({"a": key()}, listed(gone={"provider": "bailian", "mode": "api_key"})) == ["a"]


@pytest.mark.parametrize(
    ("description", "kind", "expected"),
    [
        ({"provider": "bailian", "mode": "api_key"}, "api_key", ["a"]),
        ({"provider": "bailian", "mode": "oauth"}, "api_key", []),
        ({"provider": "bailian", "mode": "token"}, "api_key", []),
        ({"provider": "Bailian", "mode": "api_key"}, "api_key", []),
        ({"provider": "other", "mode": "api_key"}, "api_key", []),
        ({"provider": "bailian", "mode": "token"}, "token", ["a"]),
        ({"provider": "bailian", "mode": "oauth"}, "token", ["a"]),
        ({"provider": "bailian"}, "token", []),
        ("odd", "api_key", ["a"]),
    ],
)
@pytest.mark.parametrize("order", [None, {"bailian": ["a"]}])
def test_a_description_of_something_else_keeps_a_profile_out(
    description: Any, kind: str, expected: list[str], order: Any
) -> None:
    entry = {"type": kind, "provider": "bailian", "key": "k", "token": "k"}
    assert used({"a": entry}, listed(a=description), order=order) == expected


@pytest.mark.parametrize("profiles", [None, [], "x", {}])
def test_an_odd_store_is_an_empty_one(profiles: Any) -> None:
    assert used(profiles) == []


def test_without_settings_the_store_alone_decides() -> None:
    mine = agent(profiles={"profiles": {"a": key()}})
    assert [one.id for one in usable_profiles(openclaw(None, mine), mine, V32, NOW)] == ["a"]
