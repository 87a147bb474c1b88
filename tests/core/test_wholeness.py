"""What is worth keeping as known good."""

import pytest

from clawmend.core.document import Json
from clawmend.core.era import Era
from clawmend.core.wholeness import (
    has_content,
    is_whole_claude,
    is_whole_config,
    is_whole_profiles,
    mentions,
    richness,
    weight,
)

_REDACTED = "__OPENCLAW_REDACTED__"


@pytest.mark.parametrize(
    ("value", "era", "whole"),
    [
        ({"gateway": {"mode": "local"}}, Era.B, True),
        ({"$include": "./other.json5"}, Era.E, True),
        ({"meta": {"lastTouchedAt": "x"}, "models": {}}, Era.D, True),
        ({"meta": {"lastTouchedAt": "x"}, "models": {}}, Era.E, False),
        ({"meta": {"lastTouchedAt": "x"}, "models": {}}, Era.NEWER, False),
        ({"models": {"providers": {"a": {"apiKey": _REDACTED}}}}, Era.B, False),
        ({"channels": [{"token": _REDACTED}]}, Era.B, False),
        ({"meta": {}}, Era.B, False),
        ({}, Era.B, False),
        ([], Era.B, False),
        (None, Era.B, False),
    ],
)
def test_a_config_is_whole_with_settings_and_without_a_redacted_secret(value: Json, era: Era, whole: bool) -> None:
    assert is_whole_config(value, era) is whole


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        ({"profiles": {"a:default": {"key": "k"}}}, True),
        ({"profiles": {"a:default": {"key": _REDACTED}}}, False),
        ({"profiles": {}}, False),
        ([], False),
    ],
)
def test_credentials_are_whole_when_there_are_some_and_none_is_redacted(value: Json, whole: bool) -> None:
    assert is_whole_profiles(value) is whole


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        ({"hasCompletedOnboarding": True, "numStartups": 2}, True),
        ({"hasCompletedOnboarding": True, "projects": {"/p": {}}}, True),
        ({"hasCompletedOnboarding": True, "mcpServers": {"m": {}}}, True),
        ({"hasCompletedOnboarding": True, "numStartups": 0}, False),
        ({"hasCompletedOnboarding": True, "numStartups": "2"}, False),
        ({"hasCompletedOnboarding": True}, False),
        ({"hasCompletedOnboarding": "true", "numStartups": 2}, False),
        ({"numStartups": 2}, False),
        ([], False),
    ],
)
def test_claude_codes_file_is_whole_when_somebody_has_worked_with_it(value: Json, whole: bool) -> None:
    assert is_whole_claude(value) is whole


def test_riches_are_keys_projects_and_servers() -> None:
    assert richness({"a": 1, "projects": {"/p": {}, "/q": {}}, "mcpServers": {"m": {}}}) == 6
    assert richness([]) == 0


@pytest.mark.parametrize("value", [None, {}, [], {"a": {}}, {"a": [None, {"b": None}]}])
def test_what_is_empty_all_through_holds_nothing(value: Json) -> None:
    assert not has_content(value)


@pytest.mark.parametrize("value", [0, False, "", {"a": ""}, [{"a": [False]}]])
def test_one_value_anywhere_is_content(value: Json) -> None:
    assert has_content(value)


def test_names_and_values_weigh_what_they_are_long() -> None:
    assert weight({"ab": "cde", "f": [1, 23], "empty": {}}) == 5 + 1 + 2
    assert weight(["abc"]) == 3


def test_a_name_is_found_however_deep_and_not_as_a_value() -> None:
    assert mentions({"a": [{"b": {"$include": 1}}]}, "$include")
    assert not mentions({"a": ["$include", {"b": "$include"}]}, "$include")
    assert not mentions(None, "$include")
