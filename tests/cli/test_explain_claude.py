"""`clawmend explain claude`: what each of the three places says, which one wins, and whether it is right."""

import json
from typing import Any

import pytest

from cli.run import CommandLine
from repair.home import NEW_KEY, Home

PLAN = "https://coding-intl.dashscope.aliyuncs.com"


@pytest.fixture
def claude(home: Home) -> Home:
    settings = {"env": {"ANTHROPIC_BASE_URL": f"{PLAN}/v1", "ANTHROPIC_AUTH_TOKEN": NEW_KEY}}
    home.write(home.path / ".claude/settings.json", json.dumps(settings))
    old = {"ANTHROPIC_BASE_URL": f"{PLAN}/apps/anthropic", "ANTHROPIC_MODEL": "qwen3.5-plus"}
    home.write(home.claude, json.dumps({"hasCompletedOnboarding": True, "env": old}))
    return home


def rows(document: dict[str, Any], name: str) -> list[tuple[str, str, str | None]]:
    found = next(one["is"] for one in document["values"] if one["name"] == name)
    return [(one["value"], one["where"], one["path"]) for one in found]


@pytest.mark.usefixtures("claude")
def test_every_place_is_shown_and_the_winner_named(clawmend: CommandLine) -> None:
    document = clawmend("explain", "claude", "--json").json
    assert document["region"] == "international"
    assert rows(document, "base URL") == [
        (f"{PLAN}/v1", "env.ANTHROPIC_BASE_URL, wins", "~/.claude/settings.json"),
        (f"{PLAN}/apps/anthropic", "env.ANTHROPIC_BASE_URL, without effect", "~/.claude.json"),
    ]
    assert rows(document, "models") == [("qwen3.5-plus", "ANTHROPIC_MODEL of .claude.json", "~/.claude.json")]
    (key,) = rows(document, "API key")
    assert NEW_KEY not in key[0]
    assert [one["rule"] for one in document["findings"]] == ["CC105"]


def test_the_right_value_is_told_and_that_nothing_is_wrong_once_it_is_set(clawmend: CommandLine, claude: Home) -> None:
    wrong = clawmend("explain", "claude").out
    assert "CC105" in wrong
    assert "as it should be" not in wrong
    settings = {"env": {"ANTHROPIC_BASE_URL": f"{PLAN}/apps/anthropic", "ANTHROPIC_AUTH_TOKEN": NEW_KEY}}
    claude.write(claude.path / ".claude/settings.json", json.dumps(settings))
    right = clawmend("explain", "claude").out
    assert "it is set as it should be" in right
    assert NEW_KEY not in wrong + right
