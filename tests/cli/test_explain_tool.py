"""`clawmend explain TOOL`: the right values for this machine's plan beside those that are set."""

import json
from typing import Any

import pytest

from clawmend.core.explanations import EXPLANATIONS
from clawmend.core.tool_setup import TOOLS
from cli.run import CommandLine
from repair.home import NEW_KEY, PLAN_URL, Home

SETTINGS = {
    "env": {"BAILIAN_CODING_PLAN_API_KEY": NEW_KEY},
    "modelProviders": {
        "openai": [
            {
                "id": "qwen3-coder-plus",
                "baseUrl": PLAN_URL.replace("/v1", "/apps/anthropic"),
                "envKey": "BAILIAN_CODING_PLAN_API_KEY",
                "generationConfig": {"extra_body": {"enable_thinking": True}},
            }
        ]
    },
}
OPENCODE = {
    "provider": {
        "plan": {
            "npm": "@ai-sdk/anthropic",
            "options": {"baseURL": PLAN_URL.replace("/v1", "/apps/anthropic/v1"), "apiKey": "{env:PLAN_KEY_OF_MINE}"},
            "models": {f"model-{number}": {} for number in range(12)},
        }
    }
}


@pytest.fixture
def neighbours(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    home.write(home.path / ".qwen/settings.json", json.dumps(SETTINGS))
    home.write(home.path / ".config/opencode/opencode.json", json.dumps(OPENCODE))
    monkeypatch.setenv("PLAN_KEY_OF_MINE", "an-unusual-secret-of-mine")
    return home


def told(clawmend: CommandLine, tool: str) -> dict[str, Any]:
    document: dict[str, Any] = clawmend("explain", tool, "--json").json
    return document


def values(document: dict[str, Any]) -> dict[str, tuple[list[str], list[str]]]:
    return {one["name"]: (one["right"], [found["value"] for found in one["is"]]) for one in document["values"]}


@pytest.mark.usefixtures("neighbours")
@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_is_explained_within_sixty_columns_and_without_a_key(
    clawmend: CommandLine, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    run = clawmend("explain", tool)
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith(f"{TOOLS[tool].value} with the Coding Plan\nThis machine's plan is the international one")
    assert NEW_KEY not in run.out
    assert "an-unusual-secret-of-mine" not in run.out
    assert not [line for line in run.out.splitlines() if len(line) > 60 and "https://" not in line]


@pytest.mark.usefixtures("neighbours")
def test_what_it_is_set_to_stands_beside_what_it_should_be(clawmend: CommandLine) -> None:
    document = told(clawmend, "qwen")
    assert set(document) == {
        "schema", "tool", "can_be_seen", "region", "clues", "values", "limits", "steps", "findings", "source",
    }  # fmt: skip
    assert values(document)["base URL"] == ([PLAN_URL], [PLAN_URL.replace("/v1", "/apps/anthropic")])
    ((key,),) = (values(document)["API key"][1],)
    assert key.startswith("sk-sp-\u2026(")
    assert [one["rule"] for one in document["findings"]] == ["QW101", "QW102"]
    assert {clue["tool"] for clue in document["clues"]} == {"OpenClaw", "OpenCode", "Qwen Code"}


@pytest.mark.usefixtures("neighbours")
def test_what_is_wrong_is_told_with_the_next_step(clawmend: CommandLine) -> None:
    text = clawmend("explain", "qwen").out
    assert "ERROR   QW101 qwen-endpoint" in text
    assert "next  clawmend repair --only QW101 --yes" in text


@pytest.mark.usefixtures("neighbours")
def test_a_long_list_is_cut(clawmend: CommandLine) -> None:
    text = clawmend("explain", "opencode").out
    assert "model-7" in text
    assert "model-8" not in text
    assert "and 4 more" in text
    assert len(values(told(clawmend, "opencode"))["models"][1]) == 12


def test_where_nothing_leads_to_the_plan_both_regions_are_told(clawmend: CommandLine, home: Home) -> None:
    (home.path / ".openclaw").rename(home.path / "elsewhere")
    text = clawmend("explain", "Cursor").out
    assert "Which region your plan is of cannot be told: no file here leads to the plan." in text
    assert "(china)" in text
    assert "(international)" in text
    assert "not set for the plan" not in text  # nobody can see it
    assert "not set for the plan" in clawmend("explain", "opencode").out


def test_where_files_disagree_the_region_is_not_told(clawmend: CommandLine, neighbours: Home) -> None:
    china = json.dumps(OPENCODE).replace("coding-intl", "coding")
    neighbours.write(neighbours.path / ".config/opencode/opencode.json", china)
    assert told(clawmend, "cline")["region"] is None
    text = clawmend("explain", "cline").out.replace("\n", " ")
    assert "cannot be told: ~/.openclaw/openclaw.json: international; ~/.config/opencode/opencode.json: china" in text


@pytest.mark.usefixtures("home")
def test_quiet_is_quiet(clawmend: CommandLine) -> None:
    run = clawmend("explain", "cline", "--quiet")
    assert (run.code, run.out) == (0, "")


class TestErrorMessages:
    @pytest.mark.parametrize("tool", TOOLS)
    def test_no_message_is_the_name_of_a_tool(self, tool: str) -> None:
        assert not [one.id for one in EXPLANATIONS if tool in one.patterns]

    @pytest.mark.usefixtures("home")
    @pytest.mark.parametrize("words", [["opencode", "shows", "Request", "Entity", "Too", "Large"],
                                       ["OpenCode shows Request Entity Too Large"]])  # fmt: skip
    def test_a_message_that_begins_with_one_is_a_message(self, clawmend: CommandLine, words: list[str]) -> None:
        assert clawmend("explain", *words).out.startswith("The request is larger than the endpoint takes")
