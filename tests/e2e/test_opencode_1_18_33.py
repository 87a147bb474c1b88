"""OpenCode takes any thinking budget and any URL from opencode.json, and asks the plan with them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from e2e.home import KEY, Home, write_private
from e2e.lab import Lab

pytestmark = pytest.mark.e2e

PLAN = "https://coding-intl.dashscope.aliyuncs.com"
GLOBAL = """{
\t// my plan
\t"$schema": "https://opencode.ai/config.json",
\t"model": "bailian-coding-plan/qwen3.5-plus",
\t"provider": {
\t\t"bailian-coding-plan": {
\t\t\t"npm": "@ai-sdk/anthropic",
\t\t\t"name": "Model Studio Coding Plan",
\t\t\t"options": { "baseURL": "@URL@", "apiKey": "@KEY@" }, // its key
\t\t\t"models": {
\t\t\t\t"qwen3.5-plus": {
\t\t\t\t\t"limit": { "context": 1000000, "output": 65536 },
\t\t\t\t\t"options": { "thinking": { "type": "enabled", "budgetTokens": 99999 } }, /* much */
\t\t\t\t},
\t\t\t\t"glm-5": { "limit": { "context": 202752, "output": 65536 } },
\t\t\t\t"qwen3-coder-plus": {
\t\t\t\t\t"options": {
\t\t\t\t\t\t"thinking": { "type": "enabled", "budgetTokens": 1024 },
\t\t\t\t\t},
\t\t\t\t},
\t\t\t},
\t\t},
\t},
}
"""


def lay_down(home: Home, url: str) -> Path:
    file = home.user / ".config" / "opencode" / "opencode.json"
    write_private(file, GLOBAL.replace("@URL@", url).replace("@KEY@", KEY))
    return file


def config_of(home: Home) -> dict[str, Any]:
    """What OpenCode makes of all its files."""
    shown = home.command("opencode", "debug", "config")
    assert shown.returncode == 0, shown.stderr
    provider: dict[str, Any] = json.loads(shown.stdout)["provider"]["bailian-coding-plan"]
    return provider


def comments_in(file: Path) -> list[str]:
    return re.findall(r"(?<!:)//[^\n]*|/\*.*?\*/", file.read_text())


def test_opencode_takes_the_repaired_file_and_every_comment_is_there(lab: Lab) -> None:
    home = lab.opencode("1.18.33")
    file = lay_down(home, f"{PLAN}/v1")
    write_private(file.with_suffix(".jsonc"), '{ "provider": {} /* nothing of mine */ }\n')
    before = config_of(home)
    assert before["models"]["qwen3.5-plus"]["options"]["thinking"]["budgetTokens"] == 99999
    untouched, comments = file.read_text(), comments_in(file)
    assert comments == ["// my plan", "// its key", "/* much */"]

    repaired = home.clawmend("repair", "--yes")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert [change["rules"] for change in repaired.said["changes"]] == [["OP104", "OP102", "OP101", "OP103"]]
    expected = untouched.replace(f"{PLAN}/v1", f"{PLAN}/apps/anthropic/v1").replace("99999", "81920")
    expected = expected.replace('202752, "output": 65536', '202752, "output": 16384')
    expected = re.sub(
        r'"options": \{\s+"thinking": \{ "type": "enabled", "budgetTokens": 1024 \},\s+\}', '"options": {}', expected
    )
    assert file.read_text() == expected

    after = config_of(home)
    assert comments_in(file) == comments
    assert after["options"]["baseURL"] == f"{PLAN}/apps/anthropic/v1"
    assert after["models"]["qwen3.5-plus"]["options"]["thinking"]["budgetTokens"] == 81920
    assert after["models"]["glm-5"]["limit"]["output"] == 16384
    assert after["models"]["qwen3-coder-plus"]["options"] == {}
    listed = home.command("opencode", "models", "bailian-coding-plan")
    assert listed.returncode == 0
    assert "bailian-coding-plan/qwen3.5-plus" in listed.stdout
    assert home.clawmend("check").code == 0


@pytest.mark.parametrize(
    ("name", "variable"),
    [("opencode.jsonc", None), ("my.json", "OPENCODE_CONFIG"), ("mine/opencode.json", "OPENCODE_CONFIG_DIR")],
)
def test_the_file_that_wins_for_opencode_is_the_one_that_is_repaired(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, name: str, variable: str | None
) -> None:
    home = lab.opencode("1.18.33")
    weaker = lay_down(home, f"{PLAN}/apps/anthropic/v1")
    text = weaker.read_text()
    winner = weaker.parent / name
    budget = {"options": {"thinking": {"budgetTokens": 88888}}}
    write_private(winner, json.dumps({"provider": {"bailian-coding-plan": {"models": {"qwen3.5-plus": budget}}}}))
    named = {variable: str(winner.parent if variable.endswith("DIR") else winner)} if variable else {}
    plain = Home.env
    monkeypatch.setattr(Home, "env", lambda self: plain(self) | named)
    assert config_of(home)["models"]["qwen3.5-plus"]["options"]["thinking"]["budgetTokens"] == 88888
    repaired = home.clawmend("repair", "--only", "OP101")
    assert [change["path"] for change in repaired.said["changes"]] == [f"~/.config/opencode/{name}"]
    assert config_of(home)["models"]["qwen3.5-plus"]["options"]["thinking"]["budgetTokens"] == 81920
    assert weaker.read_text() == text


@pytest.mark.parametrize(
    ("package", "wrong", "asked_wrongly", "right"),
    [
        ("@ai-sdk/anthropic", "/apps/anthropic", "/apps/anthropic/messages", "/apps/anthropic/v1/messages"),
        ("", "/apps/anthropic/v1", "/apps/anthropic/v1/chat/completions", "/v1/chat/completions"),
    ],
)
def test_the_request_reaches_the_plan_after_a_repair(
    lab: Lab, package: str, wrong: str, asked_wrongly: str, right: str
) -> None:
    lab.provider.stand_in_for_the_plan(lab.folder)
    home = lab.opencode("1.18.33")
    file = lay_down(home, PLAN + wrong)
    if not package:
        file.write_text(file.read_text().replace('"npm": "@ai-sdk/anthropic",', ""))
    before = home.command("opencode", "run", "hi")
    assert "STUB-OK" not in before.stdout
    refused = lab.provider.requests[-1]
    assert (refused.url, refused.status) == (PLAN + asked_wrongly, 404)
    lab.transcript.say(f"  it asked {refused.url}: {refused.status}")

    assert home.clawmend("repair", "--yes").verdict == "repaired"
    after = home.command("opencode", "run", "hi")
    assert f"STUB-OK {right}" in after.stdout
    asked = lab.provider.requests[-1]
    assert (asked.url, asked.key, asked.status) == (PLAN + right, KEY, 200)
    lab.transcript.say(f"  it asked {asked.url} with {asked.key}: {asked.status}")
    assert comments_in(file) == ["// my plan", "// its key", "/* much */"]
