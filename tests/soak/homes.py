"""The homes of a soak, as their people have set them up: everything in order, comments and trailing commas in it."""

import contextlib
import json
from pathlib import Path

from e2e.home import GATEWAY_TOKEN, HERE, KEY, Home, write_private

PLAN = "https://coding-intl.dashscope.aliyuncs.com"
URL = f"{PLAN}/v1"
OLD, NEW, DESK = "old", "new", "desk"
"""OpenClaw 2026.3.2 with its gateway and OpenCode; 2026.9.6 with its gateway; Claude Code, and an idle OpenClaw."""
VERSIONS = {OLD: "2026.3.2", NEW: "2026.9.6", DESK: "2026.3.2"}
CLAUDE = "2.1.330"

OPENCODE = """{
\t// my plan
\t"model": "bailian-coding-plan/qwen3.5-plus",
\t"provider": {
\t\t"bailian-coding-plan": {
\t\t\t"npm": "@ai-sdk/anthropic",
\t\t\t"options": { "baseURL": "@PLAN@/apps/anthropic/v1", "apiKey": "@KEY@" }, // its key
\t\t\t"models": {
\t\t\t\t"qwen3.5-plus": {
\t\t\t\t\t"limit": { "context": 1000000, "output": 65536 },
\t\t\t\t\t"options": { "thinking": { "type": "enabled", "budgetTokens": 81920 } }, /* enough */
\t\t\t\t},
\t\t\t\t"qwen3-coder-plus": { "variants": {} },
\t\t\t},
\t\t},
\t},
}
"""
ADDED = """"auth": {
    "profiles": {
      "bailian:default": { "provider": "bailian", "mode": "api_key" }, // which account
    },
  },
  logging: {"""
CLAUDE_FILE = {
    "numStartups": 7,
    "hasCompletedOnboarding": True,
    "customUnknownKey": {"z": 1},
    "mcpServers": {name: {"type": "stdio", "command": "/bin/false", "args": []} for name in ("one", "two", "three")},
    "projects": {"/srv/app": {"allowedTools": ["Bash(ls)"]}, "/srv/site": {"allowedTools": []}},
}


class SoakHome(Home):
    """A home of a soak."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def ours(self) -> Path:
        """The state folder of clawmend."""
        return self.folder / "state" / "clawmend"

    @property
    def agents(self) -> Path:
        return self.state / "agents"

    @property
    def opencode(self) -> Path:
        return self.user / ".config" / "opencode" / "opencode.json"

    @property
    def claude(self) -> Path:
        return self.user / ".claude.json"

    @property
    def claude_settings(self) -> Path:
        return self.user / ".claude" / "settings.json"

    def set_up(self) -> None:
        """Lay everything down that a person of this home has."""
        self.lay_down()
        with contextlib.suppress(StopIteration):
            compiled = next(one.compiled for one in self.programs if one.command.name == "openclaw")
            self.temporary.joinpath("jiti").symlink_to(compiled)
        write_private(self.config, self._settings())
        if self.name != NEW:
            write_private(self.opencode, OPENCODE.replace("@PLAN@", PLAN).replace("@KEY@", KEY))
        if self.name == DESK:
            self._set_up_claude()
        for name in ("notes.md", "plans/today.md"):
            write_private(self.state / "workspace" / name, f"# {name}\nmine\n")

    def _set_up_claude(self) -> None:
        text = json.dumps(CLAUDE_FILE, indent=2)
        write_private(self.claude, text)
        write_private(self.user / ".claude" / "backups" / ".claude.json.backup.1795450000000", text)
        env = {"ANTHROPIC_BASE_URL": f"{PLAN}/apps/anthropic", "ANTHROPIC_AUTH_TOKEN": KEY}
        write_private(self.claude_settings, json.dumps({"env": env}, indent=2))

    def _settings(self) -> str:
        text = (HERE / "openclaw.json5").read_text()
        for name, value in {
            "@PORT@": str(self.port),
            "@TOKEN@": GATEWAY_TOKEN,
            "@BASE_URL@": URL,
            "@KEY@": KEY,
            "@LOG@": str(self.state / "logs" / "gateway.log"),
            "logging: {": ADDED,
        }.items():
            assert name in text, name
            text = text.replace(name, value)
        return text
