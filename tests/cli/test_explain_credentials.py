"""`clawmend explain credentials`: every source of a key per agent, masked, with the one that wins."""

import json
from typing import Any

import pytest

from cli.run import CommandLine
from repair.home import NEW_KEY, OLD_KEY, Home, profiles

VERSION = ("--openclaw-version", "2026.3.2")


@pytest.fixture
def shadowed(home: Home) -> Home:
    home.write(home.profiles, profiles(OLD_KEY))
    return home


def rows(clawmend: CommandLine, *words: str) -> list[dict[str, Any]]:
    run = clawmend("explain", "credentials", *words, "--json", *VERSION)
    assert run.code == 0
    found: list[dict[str, Any]] = json.loads(run.out)["credentials"]
    return found


@pytest.mark.usefixtures("shadowed")
def test_the_winner_comes_first_and_says_why(clawmend: CommandLine) -> None:
    (row,) = rows(clawmend, "bailian")
    assert (row["agent"], row["provider"], row["folder"]) == ("main", "bailian", "~/.openclaw")
    assert [(one["kind"], one["wins"], one["usable"]) for one in row["sources"]] == [
        ("profile", True, True),
        ("config", False, True),
    ]
    assert row["sources"][0]["path"] == "~/.openclaw/agents/main/agent/auth-profiles.json"


@pytest.mark.usefixtures("shadowed")
@pytest.mark.parametrize("words", [(), ("bailian",), ("--json",)])
def test_no_key_is_ever_shown(clawmend: CommandLine, words: tuple[str, ...]) -> None:
    run = clawmend("explain", "credentials", *words, *VERSION)
    assert run.code == 0
    assert OLD_KEY not in run.out
    assert NEW_KEY not in run.out
    assert "sk-sp-\u2026(" in run.out or "chars" in run.out


@pytest.mark.usefixtures("shadowed")
def test_people_read_who_wins_and_who_is_next(clawmend: CommandLine) -> None:
    text = clawmend("explain", "credentials", *VERSION).out
    assert "bailian, agent main" in text
    assert text.index("wins  1. profile bailian:default") < text.index("next  2. openclaw.json")


@pytest.mark.usefixtures("home")
def test_a_provider_that_nobody_has_a_key_for(clawmend: CommandLine) -> None:
    assert rows(clawmend, "nobody")[0]["sources"] == []
    assert "No API key found" in clawmend("explain", "credentials", "nobody", *VERSION).out


@pytest.mark.usefixtures("home")
def test_an_unknown_version_has_no_known_order(clawmend: CommandLine) -> None:
    run = clawmend("explain", "credentials")
    assert run.code == 2
    assert "Nobody knows the order here" in run.out
    assert json.loads(clawmend("explain", "credentials", "--json").out)["credentials"] == []


def test_a_home_without_openclaw_has_none(clawmend: CommandLine, home: Home) -> None:
    (home.path / ".openclaw").rename(home.path / "elsewhere")
    assert "There is no OpenClaw state here." in clawmend("explain", "credentials", *VERSION).out
