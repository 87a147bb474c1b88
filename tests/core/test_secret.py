"""Nothing that opens a door is ever shown."""

import pytest

from clawmend.core.secret import Masker, Secret, is_sensitive

KEY = "sk-sp-test00000000000000000000000000a1"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"


@pytest.fixture
def masker() -> Masker:
    return Masker(b"a key for tests")


def test_a_secret_gives_itself_away_to_nobody_who_prints_it() -> None:
    secret = Secret(KEY)
    for text in (str(secret), repr(secret), f"{secret}", f"{[secret]}"):
        assert "test0000" not in text
        assert "38 chars" in text
    assert secret.reveal() == KEY


def test_a_mask_is_prefix_length_and_four_digits(masker: Masker) -> None:
    shown = masker.show(KEY)
    assert shown.startswith("sk-sp-…(38 chars, ")
    assert len(shown) == len("sk-sp-…(38 chars, 9f2c)")
    assert masker.show(Secret(KEY)) == shown


def test_two_keys_have_two_masks_and_one_key_has_one(masker: Masker) -> None:
    assert masker.show("sk-aaaaaaaaaaaa") != masker.show("sk-bbbbbbbbbbbb")
    assert masker.show("sk-aaaaaaaaaaaa") == masker.show("sk-aaaaaaaaaaaa")


def test_the_digits_mean_nothing_elsewhere() -> None:
    assert Masker(b"one").show(KEY) != Masker(b"other").show(KEY)


def test_the_prefix_of_a_short_secret_would_be_most_of_it(masker: Masker) -> None:
    assert masker.show("sk-sp-1").startswith("…(7 chars")
    assert masker.show("hunter2").startswith("…(7 chars")


def test_half_a_character_can_be_masked(masker: Masker) -> None:
    assert masker.show("\ud800secret").startswith("…(7 chars")


@pytest.mark.parametrize(
    "text",
    [
        f"// the old one was {KEY}, keep it",
        f"{{ apiKey: '{KEY}', // broken",
        f'"Authorization": "Bearer {KEY}"',
        "curl -H 'Authorization: Bearer abcdefghijklmnop12345'",
        "https://user:hunter2secret@example.com/v1",
        f"token={JWT}",
        f"before {JWT} after",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "github_pat_11ABCDEFG0abcdefghij_klmnop",
        "xoxb-123456789012-abcdefghijkl",
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "AKIAIOSFODNN7EXAMPLE",
        "LTAI5tAbCdEfGhIjKlMnOpQr",
        "ms-12345678-abcd-ef01",
        "0123456789abcdef0123456789abcdef0123456789abcdef",
    ],
)
def test_what_looks_like_a_key_is_masked_wherever_it_stands(masker: Masker, text: str) -> None:
    shown = masker.clean(text)
    for secret in (
        KEY,
        JWT,
        "hunter2secret",
        "abcdefghijklmnop",
        "AIzaSyA1",
        "IOSFODNN",
        "5tAbCdEf",
        "12345678",
        "0123456789abcdef",
    ):
        if secret in text:
            assert secret not in shown
    assert "chars" in shown


@pytest.mark.parametrize(
    "text",
    [
        '"apiKey": "hunter2"',
        "apiKey: 'hunter2',",
        "'key' : 'hunter2'",
        '"token": "hunter2',
        '"password":"hunter2\\"more"',
        'OPENAI_API_KEY="hunter2"',
        '"refresh": "hunter2"',
        '"my_secret": "hunter2"',
        "client_secret = 'hunter2'",
        '"x-api-key": "hunter2"',
        '"X-DashScope-Key": "hunter2"',
        '"GITHUB_PAT": "hunter2"',
        '"env.vars.BAILIAN_KEY": "hunter2"',
        'authKey: "hunter2"',
        '"auth": "hunter2"',
        "SMTP_PASS='hunter2'",
        '"note": "it was apiKey: \'hunter2\' once"',
        "https://host/v1?api-key=hunter2",
        "https://host/v1?a=b&token=hunter2#c",
        "see https://host/?access_token=hunter2, which",
        "http://127.0.0.1:18789/#token=hunter2",
    ],
)
def test_a_short_secret_is_known_by_its_name_even_in_broken_text(masker: Masker, text: str) -> None:
    assert "hunter2" not in masker.clean(text)


@pytest.mark.parametrize(
    "text",
    [
        '"maxTokens": "65536"',
        '"max_tokens": 65536',
        '"type": "api_key"',
        '"mode": "token"',
        '"apiKey": "${BAILIAN_API_KEY}"',
        '"tokenUrl": "https://example.com/oauth"',
        '"authorizationEndpoint": "https://example.com/oauth"',
        '"keyName": "BAILIAN_API_KEY"',
        '"monkey": "banana"',
        '"auth": "api-key"',
        '"apiKeyName": "BAILIAN"',
        '"sessionKey": "agent:main:main"',
        '"Authorization": "Bearer ${BAILIAN_API_KEY}"',
        "https://host/v1?version=2&maxTokens=65536",
        '"apiKey": ""',
        "https://coding-intl.dashscope.aliyuncs.com/v1",
        "~/.openclaw/agents/main/agent/models.json",
        "bailian/qwen3.5-plus",
        "the text ends inside an object (line 3, column 4)",
    ],
)
def test_words_of_the_format_are_left_readable(masker: Masker, text: str) -> None:
    assert masker.clean(text) == text


def test_what_was_masked_already_is_not_masked_again(masker: Masker) -> None:
    once = masker.clean(f'"apiKey": "{KEY}"')
    assert masker.clean(once) == once


def test_secrets_are_learnt_from_their_place_and_found_anywhere(masker: Masker) -> None:
    masker.learn(
        {
            "models": {"providers": {"a": {"apiKey": "letmein99", "maxTokens": "plenty of it"}}},
            "gateway": {"auth": {"mode": "token", "token": "open sesame"}},
            "profiles": [{"key": ["first one", "second one"]}, {"access": "an access", "refresh": "a refresh"}],
            "secrets": {"database": "swordfish"},
            "token": 12345,
            "secret": "abc",
        }
    )
    shown = masker.clean(
        "letmein99, open sesame, first one, second one, an access, a refresh, plenty of it, "
        '"database": "swordfish", abc'
    )
    assert "plenty of it" in shown
    assert shown.endswith(", abc")
    for secret in ("letmein99", "open sesame", "first one", "second one", "an access", "a refresh", "swordfish"):
        assert secret not in shown


def test_everything_can_be_declared_sensitive(masker: Masker) -> None:
    masker.learn(["one word", "other word"], sensitive=True)
    assert "word" not in masker.clean("one word, other word")


def test_a_secret_that_holds_another_is_masked_whole(masker: Masker) -> None:
    masker.learn({"token": "abcdef12", "password": "abcdef12-and-more"})
    assert "more" not in masker.clean("it is abcdef12-and-more")


@pytest.mark.parametrize(
    "name",
    [
        "apiKey",
        "api_key",
        "API_KEY",
        "key",
        "access",
        "refresh",
        "botToken",
        "clientSecret",
        "cookie",
        "x-api-key",
        "X-DashScope-Key",
        "GITHUB_PAT",
        "BAILIAN_KEY",
        "authKey",
        "dbPass",
        "DB_PWD",
        "X-Auth",
        "private-key",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_sensitive(name)


@pytest.mark.parametrize(
    "name",
    [
        "maxTokens",
        "max_tokens",
        "tokens",
        "tokenBudget",
        "keyName",
        "primary",
        "keyboard",
        "tokenUrl",
        "apiKeyName",
        "envKey",
        "monkey",
        "path",
        "bypass",
        "mode",
        "oauth",
        "sessionKey",
        "publicKey",
    ],
)
def test_names_that_only_sound_like_secrets(name: str) -> None:
    assert not is_sensitive(name)


def test_headers_and_variables_are_learnt_whatever_they_are_called(masker: Masker) -> None:
    secrets = ("header-secret-1", "variable-secret-2", "inner-secret-3", "listed-secret-4")
    masker.learn(
        {
            "models": {"providers": {"a": {"headers": {"X-Tenant": secrets[0], "X-More": [secrets[3]]}}}},
            "env": {"CORP": secrets[1], "vars": {"OTHER": secrets[2]}, "shellEnv": {"note": "not learnt 1"}},
            "vars": {"OTHER": "not learnt 2"},
        }
    )
    shown = masker.clean(", ".join((*secrets, "not learnt 1", "not learnt 2")))
    assert not [secret for secret in secrets if secret in shown]
    assert shown.endswith("not learnt 1, not learnt 2")
    assert len({masker.clean(secret)[-5:] for secret in secrets}) == len(secrets)


def test_plain_headers_and_variables_stay_readable(masker: Masker) -> None:
    plain = {
        "NODE_ENV": "production",
        "LEVEL": "debug2",
        "LOGS": "/var/log/number7",
        "CACHE": "~/.cache/number7",
        "CORP": "https://example.com/v1",
        "NODE_OPTIONS": "--max-old-space-size=4096",
        "ANTHROPIC_MODEL": "qwen3.5-plus",
        "anthropic-version": "2023-06-01",
        "Content-Kind": "application/json",
        "REFERENCE": "${CORP_VALUE_1}",
    }
    masker.learn({"env": plain, "headers": plain})
    text = ", ".join(plain.values())
    assert masker.clean(text) == text


def test_everyday_words_are_masked_only_where_they_stand(masker: Masker) -> None:
    masker.learn({"apiKey": "ollama", "token": "openclawkey", "secrets": {"database": "main"}})
    text = "ollama/openclawkey in main"
    assert masker.clean(text) == text
    shown = masker.clean('"apiKey": "ollama", "token": "openclawkey", "database": "main", "agent": "main"')
    assert "ollama" not in shown
    assert "openclawkey" not in shown
    assert shown.endswith('"agent": "main"')


def test_auth_that_is_an_object_is_not_a_secret_as_a_whole(masker: Masker) -> None:
    masker.learn(
        {
            "auth": {"note": "profile number 1", "password": "pass number 1"},
            "apiKey": {"source": "env", "id": "ID_NUMBER_1"},
        }
    )
    shown = masker.clean("profile number 1, pass number 1, ID_NUMBER_1")
    assert shown.startswith("profile number 1, …(")
    assert shown.endswith(", ID_NUMBER_1")


def test_answers_about_keys_are_keys(masker: Masker) -> None:
    masker.learn({"customApiKeyResponses": {"approved": ["tail-of-a-key-1"], "rejected": ["tail-of-a-key-2"]}})
    assert "tail" not in masker.clean("tail-of-a-key-1 tail-of-a-key-2")


def test_text_without_an_end_is_masked_in_time(masker: Masker) -> None:
    assert masker.clean("a" * 39 + ". " * 20_000 + "key" * 30_000)


@pytest.mark.parametrize("place", ["env", "headers"])
def test_letters_alone_are_a_secret_when_they_are_too_many_for_a_word(masker: Masker, place: str) -> None:
    letters = "qhzkvbxwjrtmnplcfgdsyuae"
    masker.learn({place: {"X-Custom": letters, "X-Title": "application"}})
    assert letters not in masker.clean(f"it said {letters} and left")
    assert masker.clean("an application") == "an application"


def test_the_text_of_a_member_is_masked_by_its_name_or_by_what_is_in_it(masker: Masker) -> None:
    assert masker.member("apiKey", "hunter2") == masker.show("hunter2")
    assert masker.member("note", f"use {KEY} here") == f"use {masker.show(KEY)} here"


@pytest.mark.parametrize(
    ("name", "value", "known"),
    [("BASE_URL", "x", True), ("FLAG", "true", True), ("THING", "plain", False), ("TOKEN_URL_KEY", "x", False)],
)
def test_a_setting_is_known_by_its_name_or_as_a_word_of_the_format(
    masker: Masker, name: str, value: str, known: bool
) -> None:
    assert masker.is_setting(name, value) is known
