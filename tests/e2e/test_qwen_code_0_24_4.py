"""Qwen Code asks where ~/.qwen/settings.json says, and does not start on one that does not parse."""

from pathlib import Path

import pytest

from e2e.home import KEY, Home, write_private
from e2e.lab import Lab

pytestmark = pytest.mark.e2e

PLAN = "https://coding-intl.dashscope.aliyuncs.com"
SETTINGS = """{
  // mine: the plan's URL for Anthropic's protocol got here
  "env": { "BAILIAN_CODING_PLAN_API_KEY": "@KEY@" },
  "modelProviders": {
    "openai": [
      {
        "id": "qwen3-coder-plus",
        "name": "[Bailian Coding Plan for Global/Intl] qwen3-coder-plus",
        "baseUrl": "@URL@", // here
        "envKey": "BAILIAN_CODING_PLAN_API_KEY",
        "generationConfig": { "extra_body": { "enable_thinking": true } }
      }
    ]
  },
  "security": { "auth": { "selectedType": "openai" } },
  "codingPlan": { "region": "global", "version": "1" },
  "model": { "name": "qwen3-coder-plus" },
  "$version": @VERSION@
}
"""


def lay_down(home: Home, url: str, version: int) -> Path:
    file = home.user / ".qwen" / "settings.json"
    text = SETTINGS.replace("@KEY@", KEY).replace("@URL@", url).replace("@VERSION@", str(version))
    write_private(file, text)
    return file


@pytest.mark.parametrize("version", [3, 4])
def test_the_request_reaches_the_plan_after_a_repair(lab: Lab, version: int) -> None:
    lab.provider.stand_in_for_the_plan(lab.folder)
    home = lab.qwen("0.24.4")
    file = lay_down(home, f"{PLAN}/apps/anthropic/v1", version)
    before = home.command("qwen", "-p", "hi")
    assert "STUB-OK" not in before.stdout
    refused = lab.provider.requests[-1]
    assert (refused.url, refused.status) == (f"{PLAN}/apps/anthropic/v1/chat/completions", 404)
    lab.transcript.say(f"  it asked {refused.url}: {refused.status}")

    untouched = file.read_bytes()
    assert home.clawmend("repair").verdict == "needs-you"
    assert file.read_bytes() == untouched
    repaired = home.clawmend("repair", "--yes")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert [change["rules"] for change in repaired.said["changes"]] == [["QW101", "QW102"]]
    expected = untouched.replace(b"/apps/anthropic/v1", b"/v1").replace(b'{ "enable_thinking": true }', b"{}")
    assert file.read_bytes() == expected

    after = home.command("qwen", "-p", "hi")
    assert "STUB-OK /v1/chat/completions" in after.stdout
    asked = lab.provider.requests[-1]
    assert (asked.url, asked.key, asked.status) == (f"{PLAN}/v1/chat/completions", KEY, 200)
    lab.transcript.say(f"  it asked {asked.url} with {asked.key}: {asked.status}")
    assert b"// mine: the plan's URL" in file.read_bytes()
    assert home.clawmend("check").code == 0


def test_it_starts_again_once_the_copy_of_an_interrupted_save_is_back(lab: Lab) -> None:
    lab.provider.stand_in_for_the_plan(lab.folder)
    home = lab.qwen("0.24.4")
    file = lay_down(home, f"{PLAN}/v1", 4)
    text = file.read_text().replace('"enable_thinking": true', '"enable_thinking": false')
    write_private(file.with_name("settings.json.orig"), text)
    write_private(file, text[:300])
    torn = file.read_bytes()
    before = home.command("qwen", "-p", "hi")
    assert before.returncode != 0
    assert "Cannot read operator sandbox policy from" in before.stderr
    assert file.read_bytes() == torn
    assert home.clawmend("explain", before.stderr).said["explanations"][0]["id"] == "qwen-settings-unparseable"

    assert home.clawmend("repair").verdict == "needs-you"
    repaired = home.clawmend("repair", "--yes")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert file.read_text() == text
    assert "STUB-OK /v1/chat/completions" in home.command("qwen", "-p", "hi").stdout

    write_private(file, text)
    assert home.clawmend("undo").code == 0
    assert file.read_bytes() == torn


@pytest.mark.parametrize("text", ["/* a */ {} // b", '\ufeff{ "a": "//" }', '{ "a": 1, }', "{ a: 1 }", "[]"])
def test_what_qwen_code_takes_is_what_clawmend_takes(lab: Lab, text: str) -> None:
    home = lab.qwen("0.24.4")
    file = home.user / ".qwen" / "settings.json"
    write_private(file, text)
    broken = [one["rule"] for one in home.clawmend("check").said["findings"]] == ["QW103"]
    said = home.command("qwen", "-p", "hi").stderr
    assert ("Cannot read operator sandbox policy" in said) is broken, said
