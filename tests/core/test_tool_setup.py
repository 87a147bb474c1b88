"""What a tool should be set to on this machine, and what it is set to."""

from dataclasses import replace
from typing import Any

import pytest

from clawmend.core.claude_code import ClaudeCode
from clawmend.core.clues import clues_in, region_in
from clawmend.core.document import Json, Syntax
from clawmend.core.neighbours import Neighbours, OpenCode, QwenCode
from clawmend.core.plan_kinds import Region, Tool
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Absent
from clawmend.core.tool_setup import TOOLS, Setup, setup_of
from support.build import CONFIG, HOME, agent, openclaw, parsed, snapshot
from support.purity import only_thinking

INTL, CHINA = "https://coding-intl.dashscope.aliyuncs.com", "https://coding.dashscope.aliyuncs.com"
PLAN_KEY, GENERAL_KEY = "sk-sp-0123456789abcdef", "sk-0123456789abcdef0123"
OPENCODE, SETTINGS = f"{HOME}/.config/opencode/opencode.json", f"{HOME}/.qwen/settings.json"
# The table of base URLs in the FAQ, "Why do I get HTTP 401: Incorrect API key provided?".
FAQ = {
    Tool.OPENCODE: "/apps/anthropic/v1",
    Tool.CLAUDE_CODE: "/apps/anthropic",
    Tool.CURSOR: "/v1",
    Tool.CLINE: "/v1",
    Tool.QWEN_CODE: "/v1",
}


def with_opencode(settings: Json) -> Neighbours:
    return Neighbours(OpenCode((parsed(OPENCODE, settings, Syntax.JSON5),), Absent(f"{HOME}/auth.json")))


def with_qwen(settings: Json) -> Neighbours:
    return Neighbours(qwen=QwenCode(parsed(SETTINGS, settings), Absent(f"{SETTINGS}.orig")))


def provider(url: str, **options: Any) -> Json:
    return {
        "provider": {
            "plan": {"npm": "@ai-sdk/anthropic", "options": {"baseURL": url, **options}, "models": {"glm-5": {}}}
        }
    }


def ask(shot: Snapshot, tool: Tool) -> Setup:
    with only_thinking():
        return setup_of(shot, tool)


def right(setup: Setup, name: str) -> tuple[str, ...]:
    return next(value.right for value in setup.values if value.name == name)


def found(setup: Setup, name: str) -> list[str]:
    return [
        one.secret.reveal() if one.secret else one.text
        for value in setup.values
        if value.name == name
        for one in value.found
    ]


@pytest.mark.parametrize("tool", FAQ)
def test_without_a_clue_the_urls_of_both_regions_are_told(tool: Tool) -> None:
    setup = ask(snapshot(), tool)
    assert (setup.region, setup.clues) == (None, ())
    urls = right(setup, "base URL")
    assert urls[0].startswith(f"{CHINA}{FAQ[tool]} (china")
    assert any(url.startswith(f"{INTL}{FAQ[tool]} (international") for url in urls)


@pytest.mark.parametrize("tool", FAQ)
def test_with_one_the_url_of_its_region_is_told(tool: Tool) -> None:
    setup = ask(replace(snapshot(), neighbours=with_opencode(provider(f"{INTL}/apps/anthropic/v1"))), tool)
    assert setup.region is Region.INTERNATIONAL
    assert right(setup, "base URL")[0].partition(" ")[0] == INTL + FAQ[tool]
    assert not [url for url in right(setup, "base URL") if CHINA in url]


def test_every_tool_of_the_faq_has_a_name_to_ask_for() -> None:
    assert set(TOOLS.values()) == set(FAQ)


def test_cursor_and_cline_cannot_be_seen() -> None:
    seen = {tool: ask(snapshot(), tool).seen for tool in TOOLS.values()}
    assert [tool for tool, there in seen.items() if not there] == [Tool.CURSOR, Tool.CLINE]
    assert all(not found(ask(snapshot(), tool), "base URL") for tool in (*TOOLS.values(), Tool.OPENCLAW))


def test_limits_are_told_with_the_models() -> None:
    models = right(ask(snapshot(), Tool.CURSOR), "models")
    assert models[0] == "qwen3.5-plus: context 1,000,000, thinking 81,920, output 65,536"
    assert models[-1] == "qwen3-coder-plus: context 1,000,000, no thinking, output 65,536"
    plan = snapshot().plan
    unheard = replace(snapshot(), plan=replace(plan, models=(replace(plan.models[0], id="new"),)))
    assert right(ask(unheard, Tool.CURSOR), "models") == ("new: context 1,000,000, thinking 81,920",)


def test_what_opencode_is_set_to() -> None:
    tool = ask(replace(snapshot(), neighbours=with_opencode(provider(f"{CHINA}/v1", apiKey=PLAN_KEY))), Tool.OPENCODE)
    assert found(tool, "base URL") == [f"{CHINA}/v1"]
    assert found(tool, "protocol") == ["@ai-sdk/anthropic"]
    assert found(tool, "API key") == [PLAN_KEY]
    assert found(tool, "models") == ["glm-5"]


def test_a_provider_that_opencode_knows_by_itself() -> None:
    shot = replace(snapshot(), neighbours=with_opencode({"provider": {"alibaba-coding-plan": {}, "other": {}}}))
    setup = ask(shot, Tool.OPENCODE)
    assert found(setup, "base URL") == [f"{INTL}/v1"]
    assert found(setup, "API key") == []
    assert [clue.path for clue in setup.clues] == [OPENCODE]


def test_what_qwen_code_is_set_to() -> None:
    entry = {"id": "glm-5", "baseUrl": f"{INTL}/x", "envKey": "BAILIAN_CODING_PLAN_API_KEY"}
    elsewhere = {"id": "a", "baseUrl": "https://api.example.com/v1", "envKey": "X"}
    settings = {
        "env": {"BAILIAN_CODING_PLAN_API_KEY": PLAN_KEY},
        "modelProviders": {"openai": [entry, elsewhere]},
        "security": {"auth": {"selectedType": "openai", "baseUrl": f"{INTL}/v1"}},
    }
    setup = ask(replace(snapshot(), neighbours=with_qwen(settings)), Tool.QWEN_CODE)
    assert found(setup, "base URL") == [f"{INTL}/x", f"{INTL}/v1"]
    assert found(setup, "models") == ["glm-5"]
    assert found(setup, "protocol") == ["openai"]
    assert found(setup, "API key") == [PLAN_KEY]
    empty = ask(replace(snapshot(), neighbours=with_qwen({})), Tool.QWEN_CODE)
    assert found(empty, "API key") == []


def claude(config: Json, settings: Json, **environment: str) -> Snapshot:
    states = parsed(f"{HOME}/.claude.json", config), parsed(f"{HOME}/.claude/settings.json", settings)
    return replace(snapshot(), claudes=(ClaudeCode(f"{HOME}/.claude", *states, environment=environment),))


def test_what_the_three_places_of_claude_code_say_the_winner_first() -> None:
    old = {"env": {"ANTHROPIC_BASE_URL": f"{CHINA}/apps/anthropic", "ANTHROPIC_AUTH_TOKEN": GENERAL_KEY}}
    new = {"env": {"ANTHROPIC_BASE_URL": f"{INTL}/apps/anthropic"}}
    shot = claude(old, new, ANTHROPIC_API_KEY=PLAN_KEY)
    setup = ask(shot, Tool.CLAUDE_CODE)
    assert setup.region is Region.INTERNATIONAL
    assert found(setup, "base URL") == [f"{INTL}/apps/anthropic", f"{CHINA}/apps/anthropic"]
    assert found(setup, "API key") == [GENERAL_KEY, PLAN_KEY]
    (clue,) = setup.clues
    assert (clue.where, clue.path, clue.kind) == ("settings.json", f"{HOME}/.claude/settings.json", "a general key")


def test_a_url_of_the_shell_leads_to_the_plan_too() -> None:
    (clue,) = clues_in(claude({}, {}, ANTHROPIC_BASE_URL=f"{CHINA}/apps/anthropic"))
    assert (clue.region, clue.where, clue.kind) == (Region.CHINA, "the environment", "no key")


def test_a_claude_code_that_goes_elsewhere_is_no_clue() -> None:
    assert clues_in(claude({}, {})) == ()
    assert clues_in(claude({}, {}, ANTHROPIC_BASE_URL="https://api.anthropic.com")) == ()
    vendor = {"ANTHROPIC_BASE_URL": f"{CHINA}/apps/anthropic", "CLAUDE_CODE_USE_BEDROCK": "1"}
    assert clues_in(claude({}, {"env": vendor})) == ()


def test_clues_come_from_every_tool_with_the_kind_of_their_key() -> None:
    providers: Json = {
        "a": {"baseUrl": f"{INTL}/v1", "apiKey": PLAN_KEY},
        "b": {"baseUrl": f"{INTL}/v1", "apiKey": GENERAL_KEY},
        "c": {"baseUrl": f"{INTL}/v1", "apiKey": "YOUR_API_KEY"},
        "d": {"baseUrl": f"{INTL}/v1", "apiKey": "ant-something"},
        "e": {"baseUrl": "https://api.example.com/v1"},
        "f": {},
    }
    shot = snapshot(openclaw({"models": {"providers": providers}}, agent()))
    assert [(clue.tool, clue.where, clue.kind, clue.path) for clue in clues_in(shot)] == [
        ("OpenClaw", "a", "a plan key", CONFIG),
        ("OpenClaw", "b", "a general key", CONFIG),
        ("OpenClaw", "c", "no key", CONFIG),
        ("OpenClaw", "d", "another key", CONFIG),
    ]


def test_where_the_clues_differ_nobody_can_tell() -> None:
    noted = {"codingPlan": {"region": "global"}, "modelProviders": {"openai": [{"id": "x", "baseUrl": f"{CHINA}/v1"}]}}
    shot = replace(snapshot(), neighbours=with_qwen(noted))
    assert [clue.region for clue in clues_in(shot)] == [Region.INTERNATIONAL, Region.CHINA]
    assert region_in(clues_in(shot)) is None
    assert region_in(clues_in(shot)[:1]) is Region.INTERNATIONAL
    assert [clue.kind for clue in clues_in(shot)] == ["no key", "no key"]
