"""OpenCode and Qwen Code save their files while clawmend repairs them: each file is whole, and nothing is lost."""

import json
import re
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from clawmend.core.document import Document, SetValue, Syntax
from clawmend.core.errors import StaleError
from clawmend.core.state import Found
from clawmend.core.verdict import Verdict
from clawmend.repair.cycle import repair
from clawmend.repair.planning import Options
from clawmend.repair.tools import Tools, real_tools
from clawmend.system.machine import Place, RealClock
from e2e.home import KEY, Home, write_private
from e2e.lab import Lab
from faults.racing import with_care

pytestmark = pytest.mark.e2e

PLAN = "https://coding-intl.dashscope.aliyuncs.com"
_ENDS = {Verdict.REPAIRED, Verdict.NEEDS_YOU, Verdict.HEALTHY, Verdict.STALE}
OPENCODE = """{
\t// mine
\t"provider": {
\t\t"bailian-coding-plan": {
\t\t\t"npm": "@ai-sdk/anthropic",
\t\t\t"options": { "baseURL": "@URL@/apps/anthropic/v1", "apiKey": "@KEY@" }, // its key
\t\t\t"models": {
\t\t\t\t"qwen3.5-plus": { "options": { "thinking": { "type": "enabled", "budgetTokens": 99999 } } }, /* much */
\t\t\t},
\t\t},
\t},
}
"""
QWEN = """{
  // mine
  "env": { "BAILIAN_CODING_PLAN_API_KEY": "@KEY@" },
  "modelProviders": {
    "openai": [
      {
        "id": "qwen3-coder-plus",
        "name": "plan",
        "baseUrl": "@URL@/v1",
        "envKey": "BAILIAN_CODING_PLAN_API_KEY",
        "generationConfig": { "extra_body": { "enable_thinking": true } }
      }
    ]
  },
  "security": { "auth": { "selectedType": "openai" } },
  "model": { "name": "qwen3-coder-plus" },
  "unknownToIt": { "z": 1 },
  "$version": 3
}
"""


class Client(threading.Thread):
    """Starts a program again and again; each time it may save its file."""

    def __init__(self, home: Home, *command: str, times: int) -> None:
        super().__init__()
        self._home, self._command, self._times = home, command, times
        self.codes: list[int] = []

    def run(self) -> None:
        for _ in range(self._times):
            self.codes.append(self._home.command(*self._command).returncode)


def tools_of(home: Home) -> Tools:
    return real_tools(Place(str(home.user), str(home.folder / "ours"), environment=home.env()), RealClock())


def race(home: Home, file: Path, client: Client, broken: SetValue, rule: str) -> int:
    """Break the file and repair it as long as the client is at it; how often a repair changed it."""
    tools, mended = tools_of(home), 0
    client.start()
    while client.is_alive():
        found = tools.files.read(str(file))
        if isinstance(found, Found):  # Qwen Code has a moment without a file
            document = Document.parse(found.data, Syntax.JSON5)
            with suppress(StaleError):
                with_care(tools)(str(file), document.edit(broken).encode(), found.data)
        outcome = repair(tools, Options(only=frozenset({rule}), yes=True), dry_run=False)
        assert outcome.verdict in _ENDS, outcome.note
        mended += bool(outcome.changes)
    client.join()
    last = repair(tools, Options(only=frozenset({rule}), yes=True), dry_run=False)
    assert last.verdict in {Verdict.REPAIRED, Verdict.HEALTHY, Verdict.NEEDS_YOU}, last.note
    return mended


def test_opencode_that_adds_its_schema_meanwhile(lab: Lab) -> None:
    home = lab.opencode("1.18.33")
    file = home.user / ".config" / "opencode" / "opencode.json"
    write_private(file, OPENCODE.replace("@URL@", PLAN).replace("@KEY@", KEY))
    place = ("provider", "bailian-coding-plan", "models", "qwen3.5-plus", "options", "thinking", "budgetTokens")
    client = Client(home, "opencode", "models", "bailian-coding-plan", times=6)
    mended = race(home, file, client, SetValue(place, 99999), "OP101")
    lab.transcript.say(f"  OpenCode: {client.codes}, repaired {mended} times")
    assert set(client.codes) == {0}
    assert mended > 3
    document = Document.parse(file.read_bytes(), Syntax.JSON5)
    assert document.get(place) == 81920
    assert document.get(("$schema",)) == "https://opencode.ai/config.json"
    assert document.get(("provider", "bailian-coding-plan", "options", "apiKey")) == KEY
    assert re.findall(r"(?<!:)//[^\n]*|/\*.*?\*/", file.read_text()) == ["// mine", "// its key", "/* much */"]


def test_qwen_code_that_migrates_its_settings_meanwhile(lab: Lab) -> None:
    lab.provider.stand_in_for_the_plan(lab.folder)
    home = lab.qwen("0.24.4")
    file = home.user / ".qwen" / "settings.json"
    write_private(file, QWEN.replace("@URL@", PLAN).replace("@KEY@", KEY))
    place = ("modelProviders", "openai", 0, "generationConfig", "extra_body", "enable_thinking")
    client = Client(home, "qwen", "-p", "hi", times=3)
    mended = race(home, file, client, SetValue(place, value=True), "QW102")
    lab.transcript.say(f"  Qwen Code: {client.codes}, repaired {mended} times")
    assert set(client.codes) == {0}
    assert mended > 3
    document = Document.parse(file.read_bytes(), Syntax.JSON5)
    assert document.get(place[:-1]) in ({}, None)
    assert document.get(("unknownToIt",)) == {"z": 1}
    assert document.get(("env",)) == {"BAILIAN_CODING_PLAN_API_KEY": KEY}
    assert json.loads(json.dumps(document.get(("model",)))) == {"name": "qwen3-coder-plus"}
