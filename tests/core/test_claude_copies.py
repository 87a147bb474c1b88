"""Which copy of .claude.json is worth restoring, and what was lost against it."""

from typing import Any

import pytest

from clawmend.core.claude_copies import best_copy, wiped
from clawmend.core.state import Parsed
from support.build import parsed

RICH: dict[str, Any] = {
    "hasCompletedOnboarding": True,
    "numStartups": 9,
    "firstStartTime": "2026-01-01T00:00:00.000Z",
    "theme": "dark",
    "mcpServers": {"a": {"command": "x"}, "b": {"command": "y"}},
    "projects": {"/p": {"hasTrustDialogAccepted": True, "allowedTools": ["Bash(ls)"]}, "/q": {}},
    "bypassPermissionsModeAccepted": True,
    "customApiKeyResponses": {"approved": ["k"]},
}


def copy(value: Any, name: str = "1") -> Parsed:
    return parsed(f"/home/user/.claude/backups/.claude.json.backup.{name}", value)


def members(value: dict[str, Any], *copies: Parsed) -> dict[str, Any]:
    found = wiped(value, copies)
    assert found is not None
    return dict(found.members)


def test_the_newest_whole_copy_that_holds_nearly_the_most_is_the_best() -> None:
    without_flag = copy({**RICH, "hasCompletedOnboarding": False})
    skeleton = copy({"hasCompletedOnboarding": True, "numStartups": 1})
    list_ = copy([1])
    one_less = copy({**RICH, "mcpServers": {"a": {}}})
    assert best_copy([without_flag, skeleton, list_, one_less, copy(RICH, "old")]) == one_less
    half = copy({**RICH, "mcpServers": {}})
    assert best_copy([half, copy(RICH, "old")]) == copy(RICH, "old")
    assert best_copy([]) is None
    assert best_copy([without_flag, list_]) is None
    assert best_copy([skeleton]) == skeleton


@pytest.mark.parametrize(
    "value",
    [
        {"numStartups": 1},
        {},
        {"numStartups": "9", "theme": "light"},
        {"numStartups": 12, "firstStartTime": "2026-02-01T00:00:00.000Z"},
        {"numStartups": 9, "hasCompletedOnboarding": True},
        {"numStartups": 1, "mcpServers": {"c": {}}, "projects": {"/p": {}}},
    ],
)
def test_a_file_that_was_begun_anew_and_lacks_half_was_wiped(value: dict[str, Any]) -> None:
    assert wiped(value, [copy(RICH)]) is not None


@pytest.mark.parametrize(
    "value",
    [
        {**RICH, "numStartups": 10, "mcpServers": {}, "projects": {}},
        {**RICH, "numStartups": 1},
        {**RICH, "numStartups": 1, "mcpServers": {}, "projects": {"/p": {}, "/q": {}, "/r": {}}}
        | {"mcpServers": {"a": {}}},
        RICH,
    ],
)
def test_one_that_was_not_or_that_lacks_little_was_not(value: dict[str, Any]) -> None:
    assert wiped(value, [copy(RICH)]) is None


def test_without_a_good_copy_nothing_is_said() -> None:
    assert wiped({}, []) is None
    assert wiped({}, [copy({"hasCompletedOnboarding": True, "numStartups": 3})]) is None


def test_what_is_gone_comes_back_and_no_consent_and_not_the_flag() -> None:
    assert members({"numStartups": 1}, copy(RICH)) == {
        "firstStartTime": RICH["firstStartTime"],
        "theme": "dark",
        "mcpServers": RICH["mcpServers"],
        "projects": {"/p": {"allowedTools": ["Bash(ls)"]}, "/q": {}},
    }


def test_what_the_file_holds_now_stays_and_wins() -> None:
    value = {
        "numStartups": 1,
        "theme": "light",
        "mcpServers": {"a": {"command": "newer"}, "c": {}},
        "projects": {
            "/p": {"hasTrustDialogAccepted": False, "allowedTools": []},
            "/r": {"hasTrustDialogAccepted": True},
        },
        "customApiKeyResponses": {"approved": []},
        "firstStartTime": "2026-03-01T00:00:00.000Z",
    }
    assert members(value, copy({**RICH, "projects": {**RICH["projects"], "/s": {}, "/t": {}}})) == {
        "mcpServers": {"a": {"command": "newer"}, "c": {}, "b": {"command": "y"}},
        "projects": {
            "/p": {"hasTrustDialogAccepted": False, "allowedTools": ["Bash(ls)"]},
            "/r": {"hasTrustDialogAccepted": True},
            "/q": {},
            "/s": {},
            "/t": {},
        },
    }


def test_a_collection_of_another_kind_is_left_alone() -> None:
    assert members({"mcpServers": [1], "projects": None}, copy({**RICH, "projects": {"/p": 1, "/q": {}}})) == {
        "numStartups": 9,
        "firstStartTime": RICH["firstStartTime"],
        "theme": "dark",
    }


def test_empty_collections_are_not_made_up() -> None:
    value = {"numStartups": 1}
    assert "projects" not in members(value, copy({key: child for key, child in RICH.items() if key != "projects"}))
