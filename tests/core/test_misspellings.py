"""Stored profiles and providers whose members have the wrong names."""

from typing import Any

import pytest

from clawmend.core.misspellings import Misspelling, misspelling_of, misspelt_member
from support.build import version

KEY = "sk-sp-abc0000000000000001"


def entry(**members: Any) -> dict[str, Any]:
    return {"provider": "bailian", **members}


@pytest.mark.parametrize(
    ("members", "early", "late"),
    [
        ({"type": "api_key", "key": KEY}, None, None),
        (
            {"mode": "api_key", "apiKey": KEY},
            Misspelling((("mode", "type"), ("apiKey", "key")), (), True),
            None,
        ),
        ({"type": "api_key", "apiKey": KEY}, Misspelling((("apiKey", "key"),), (), True), None),
        ({"mode": "api_key", "key": KEY}, Misspelling((("mode", "type"),), (), True), None),
        ({"mode": "token", "token": "t"}, None, None),
        ({"type": "oauth", "access": "a"}, None, None),
        ({"type": "api_key", "key": " "}, None, None),
        ({"type": "api-key"}, None, None),
        ({"type": ["api_key"], "key": KEY}, None, None),
        ({"key": KEY}, None, None),
        ({"type": "secret", "key": KEY}, None, None),
        ({"type": "api_key", "key": 5}, None, None),
    ],
)
def test_the_old_names_count_where_the_version_does_not_take_them(members: Any, early: Any, late: Any) -> None:
    assert misspelling_of(entry(**members), version("2026.2.25")) == early
    assert misspelling_of(entry(**members), version("2026.2.26")) == late
    assert misspelling_of(entry(**members), version("2026.6.5")) is None
    assert misspelling_of(entry(**members), version("2026.10.1")) is None


@pytest.mark.parametrize("kind", ["api-key", "apiKey", "API_KEY", " api_key", "api key"])
def test_a_kind_that_no_version_knows(kind: str) -> None:
    wanted = Misspelling((), (("type", "api_key"),), of_known_kind=False)
    for on in ("2026.2.12", "2026.3.2", "2026.5.7"):
        assert misspelling_of(entry(type=kind, key=KEY), version(on)) == wanted
    assert misspelling_of(entry(type=kind, key=KEY), version("2026.7.1")) is None


@pytest.mark.parametrize(
    ("members", "wrong"),
    [
        (["baseUrl", "api_key"], "api_key"),
        (["API-Key", "models"], "API-Key"),
        (["apikey"], "apikey"),
        (["key"], "key"),
        (["token"], "token"),
        (["secret_key"], "secret_key"),
        (["apiKey"], None),
        (["apiKey", "key"], None),
        (["key", "token"], None),
        (["baseUrl", "models", "headers"], None),
        ([], None),
    ],
)
def test_the_one_member_that_is_meant_to_be_the_key(members: list[str], wrong: str | None) -> None:
    assert misspelt_member(members) == wrong
