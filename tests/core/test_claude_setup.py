"""Which of the three places decides where Claude Code sends its requests, and with which key."""

from typing import Any

import pytest

from clawmend.core.claude_code import ClaudeCode, ClaudeProcess, relevant
from clawmend.core.claude_setup import (
    KEY,
    TOKEN,
    URL,
    Where,
    alone,
    claude_rows,
    flaw_in,
    has_credentials,
    means_plan,
    said,
    uses_another_vendor,
    winner,
)
from clawmend.core.plan_data import CODING_PLAN
from clawmend.core.state import Absent
from support.build import HOME, malformed, parsed, unreadable

PLAN_KEY = "sk-sp-0123456789abcdef"
RIGHT = "https://coding-intl.dashscope.aliyuncs.com/apps/anthropic"


def claude(settings: Any = None, config: Any = None, **fields: Any) -> ClaudeCode:
    paths = (f"{HOME}/.claude.json", f"{HOME}/.claude/settings.json")
    states = [
        Absent(path) if value is None else parsed(path, value)
        for path, value in zip(paths, (config, settings), strict=True)
    ]
    return ClaudeCode(f"{HOME}/.claude", states[0], states[1], **fields)


def test_settings_win_over_the_old_place_and_that_over_the_environment() -> None:
    environment = {URL: "https://three"}
    full = claude({"env": {URL: "https://one"}}, {"env": {URL: "https://two"}}, environment=environment)
    assert [(one.where, one.text.reveal()) for one in said(full, URL)] == [
        (Where.SETTINGS, "https://one"),
        (Where.CONFIG, "https://two"),
        (Where.ENVIRONMENT, "https://three"),
    ]
    second = winner(claude({"env": {}}, {"env": {URL: "https://two"}}, environment=environment), URL)
    assert second is not None
    assert (second.place, second.pointer, second.path) == (".claude.json", ("env", URL), f"{HOME}/.claude.json")
    third = winner(claude({"env": {URL: 1}}, environment=environment), URL)
    assert third is not None
    assert (third.place, third.path) == ("the environment", None)
    assert winner(claude({}, {}), URL) is None


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_text_in_a_file_blanks_what_weaker_places_say(text: str) -> None:
    environment = {KEY: "sk-ant-api03-one"}
    assert winner(claude({"env": {KEY: text}}, {"env": {KEY: "two"}}, environment=environment), KEY) is None
    assert winner(claude({}, {"env": {KEY: text}}, environment=environment), KEY) is None
    assert winner(claude({}, {}, environment={KEY: text}, processes=(ClaudeProcess(7, {KEY: "x"}),)), KEY) is not None


def test_what_two_environments_say_never_goes_together() -> None:
    processes = (ClaudeProcess(7, {TOKEN: "a"}), ClaudeProcess(8), ClaudeProcess(9, {KEY: "b"}))
    views = alone(claude(processes=processes, environment={URL: "https://a"}))
    assert [[name for name in (URL, TOKEN, KEY) if winner(view, name)] for view in views] == [[URL], [TOKEN], [KEY]]


def test_a_process_tells_what_the_shell_does_not() -> None:
    processes = (ClaudeProcess(7, {URL: "https://a"}), ClaudeProcess(8, {URL: "https://b"}), ClaudeProcess(9))
    found = said(claude(processes=processes, environment={URL: "https://a"}), URL)
    assert [(one.place, one.text.reveal()) for one in found] == [
        ("the environment", "https://a"),
        ("the environment of process 8", "https://b"),
    ]


def test_only_variables_that_decide_something_are_kept() -> None:
    assert relevant({URL: "x", "HOME": "/h", "CLAUDE_CODE_USE_VERTEX": "1", "PATH": "/"}) == {
        URL: "x",
        "CLAUDE_CODE_USE_VERTEX": "1",
    }


@pytest.mark.parametrize(
    ("text", "switched"), [("1", True), ("true", True), ("0", False), ("", False), ("false", False)]
)
def test_another_vendors_cloud_is_switched_on_by_a_variable(text: str, switched: bool) -> None:
    assert uses_another_vendor(claude({"env": {"CLAUDE_CODE_USE_BEDROCK": text}})) is switched


def test_a_key_may_come_from_many_places() -> None:
    assert has_credentials(claude({"env": {TOKEN: PLAN_KEY}}))
    assert has_credentials(claude({}, {"env": {KEY: PLAN_KEY}}))
    assert has_credentials(claude(environment={"CLAUDE_CODE_OAUTH_TOKEN": "x"}))
    assert has_credentials(claude({"apiKeyHelper": "/bin/key"}))
    assert has_credentials(claude({}, {"primaryApiKey": "x"}))
    assert has_credentials(claude({}, {"oauthAccount": {"emailAddress": "a"}}))
    assert has_credentials(claude(may_log_in=True))
    assert not has_credentials(claude({"env": {TOKEN: "YOUR_API_KEY"}}, {"oauthAccount": {}}))
    assert not has_credentials(claude())


@pytest.mark.parametrize(
    ("url", "means"),
    [
        (RIGHT, True),
        ("coding.dashscope.aliyuncs.com", True),
        ("https://coding.dashscop.aliyuncs.com/v1", True),
        ("https://api.anthropic.com", False),
        ("https://dashscope-intl.aliyuncs.com/apps/anthropic", False),
        ("", False),
    ],
)
def test_a_url_means_the_plan_by_its_host(url: str, means: bool) -> None:
    assert means_plan(CODING_PLAN, url) is means


@pytest.mark.parametrize("url", [RIGHT, f" {RIGHT}/ ", "https://openrouter.ai/api", "${BASE}/v1", "http://127.0.0.1:1"])
def test_a_right_url_and_somebodys_own_have_no_flaw(url: str) -> None:
    assert flaw_in(CODING_PLAN, url, (PLAN_KEY,)) is None


def test_a_wrong_url_has_the_right_one_of_its_region() -> None:
    flaw = flaw_in(CODING_PLAN, "https://coding.dashscope.aliyuncs.com/v1", ())
    assert flaw is not None
    assert flaw.right == "https://coding.dashscope.aliyuncs.com/apps/anthropic"


def test_the_general_api_is_a_flaw_only_for_a_key_of_the_plan() -> None:
    general = "https://dashscope-intl.aliyuncs.com/apps/anthropic"
    flaw = flaw_in(CODING_PLAN, general, (PLAN_KEY,))
    assert flaw is not None
    assert flaw.right == RIGHT
    assert flaw_in(CODING_PLAN, general, ()) is None
    assert flaw_in(CODING_PLAN, general, (PLAN_KEY, "sk-0123456789abcdef01")) is None
    assert flaw_in(CODING_PLAN, "https://dashscope-us.aliyuncs.com/apps/anthropic", (PLAN_KEY,)) is None


def test_rows_name_the_winner_and_never_show_a_key() -> None:
    full = claude({"env": {URL: RIGHT, TOKEN: PLAN_KEY}}, {"env": {URL: "https://two"}}, environment={KEY: PLAN_KEY})
    rows = claude_rows(full)
    assert [row.words for row in rows] == [
        f"env.{URL}, wins",
        f"env.{URL}, without effect",
        f"env.{TOKEN}, wins",
        f"{KEY} of the environment, wins",
    ]
    assert [row.secret is not None for row in rows] == [False, False, True, True]
    assert PLAN_KEY not in repr(rows)


def test_a_configuration_knows_its_files_and_whether_the_first_is_broken() -> None:
    settings = Absent(f"{HOME}/.claude/settings.json")
    torn, path = malformed(f"{HOME}/.claude.json"), f"{HOME}/.claude.json"
    assert ClaudeCode("", torn, settings).broken is torn
    assert ClaudeCode("", parsed(path, {}), settings).broken is None
    assert ClaudeCode("", unreadable(path), settings).broken is None
    listed = ClaudeCode("", parsed(path, []), settings)
    assert listed.broken is not None
    assert listed.broken.problem == "it is not an object"
    assert listed.states == (listed.config,)
    assert not listed.runs
    assert claude(processes=(ClaudeProcess(1),)).runs
