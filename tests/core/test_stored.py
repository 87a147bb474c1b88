"""What a stored credential is, and whether OpenClaw's commands can store it again."""

from typing import Any

import pytest

from clawmend.core.stored import expiry_in, is_equal, key_in, provider_in, why_not_again

NOW = 1_800_000_000.0
KEY: dict[str, Any] = {"type": "api_key", "provider": "bailian", "key": " sk-sp-one\n"}
TOKEN: dict[str, Any] = {"type": "token", "provider": "qwen", "token": "two"}
LOGIN: dict[str, Any] = {"type": "oauth", "provider": "qwen-portal", "access": "three", "refresh": "four"}


@pytest.mark.parametrize(("entry", "key"), [(KEY, "sk-sp-one"), (TOKEN, "two"), (LOGIN, None)])
def test_a_key_and_a_token_stand_in_it_in_clear_text_and_a_login_does_not(entry: Any, key: str | None) -> None:
    assert key_in(entry) == key


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        "text",
        {},
        {"type": "api_key", "provider": "x", "key": " "},
        {"type": "api_key", "provider": "x", "key": 5},
        {"type": "api_key", "provider": "x", "token": "elsewhere"},
        {"type": "api_key", "provider": "x", "key": "k", "keyRef": {"source": "env", "id": "K"}},
        {"type": ["api_key"], "provider": "x", "key": "k"},
    ],
)
def test_what_holds_no_key_cannot_be_stored_again(entry: Any) -> None:
    assert key_in(entry) is None
    assert why_not_again(entry, NOW) == "OpenClaw has no command that stores a credential of this kind again"


def test_what_can_be_stored_again_has_no_reason_against_it() -> None:
    assert why_not_again(KEY, NOW) is None
    assert why_not_again(TOKEN, NOW) is None


def test_a_login_cannot_and_neither_can_a_token_that_has_ended() -> None:
    assert why_not_again(LOGIN, NOW) == "OpenClaw has no command that stores an OAuth login again"
    ended, lasting = TOKEN | {"expires": (NOW - 1) * 1000}, TOKEN | {"expires": (NOW + 1) * 1000}
    assert why_not_again(ended, NOW) == "it has expired since"
    assert why_not_again(lasting, NOW) is None
    assert expiry_in(lasting) == NOW + 1


@pytest.mark.parametrize("entry", [None, TOKEN, TOKEN | {"expires": 0}, TOKEN | {"expires": "soon"}])
def test_most_do_not_end(entry: Any) -> None:
    assert expiry_in(entry) is None


@pytest.mark.parametrize("entry", [{"type": "api_key", "key": "k"}, {"type": "api_key", "key": "k", "provider": 5}])
def test_without_a_provider_nobody_knows_whose_it_is(entry: Any) -> None:
    assert provider_in(entry) == ""
    assert why_not_again(entry, NOW) is not None


def test_provider_of_a_whole_entry() -> None:
    assert provider_in(KEY) == "bailian"
    assert provider_in(None) == ""


def test_two_are_the_same_when_their_keys_are_whatever_else_they_say() -> None:
    assert is_equal(KEY, KEY | {"key": "sk-sp-one", "displayName": "mine"})
    assert not is_equal(KEY, KEY | {"key": "sk-sp-other"})
    assert not is_equal(KEY, None)
    assert not is_equal(None, KEY)


def test_logins_are_the_same_when_everything_is() -> None:
    assert is_equal(LOGIN, dict(LOGIN))
    assert not is_equal(LOGIN, LOGIN | {"access": "newer"})
