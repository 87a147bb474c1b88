"""Claude Code asks a newcomer's questions until ~/.claude.json says that they were answered."""

import json
from typing import Any

import pytest

from e2e.home import KEY, write_private
from e2e.lab import Lab
from e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

ONBOARDING = "Choose the text style"
TRUST = "Is this a project you created or one you trust?"
STATE: dict[str, Any] = {
    "numStartups": 7,
    "customUnknownKey": {"z": 1, "a": [1, 2]},
    "mcpServers": {"old": {"type": "stdio", "command": "/bin/false", "args": []}},
    "projects": {"/srv/app": {"hasTrustDialogAccepted": True, "allowedTools": []}},
}


def test_onboarding_is_not_shown_again_after_a_repair(lab: Lab) -> None:
    home = lab.claude("2.1.330")
    file = home.user / ".claude.json"
    write_private(file, json.dumps(STATE, indent=2))
    plan = {"ANTHROPIC_BASE_URL": lab.provider.url, "ANTHROPIC_AUTH_TOKEN": KEY}
    write_private(home.user / ".claude" / "settings.json", json.dumps({"env": plan}))
    with Terminal(home, "claude") as terminal:
        shown = terminal.settled(ONBOARDING, TRUST)
    assert ONBOARDING in shown
    lab.transcript.say(f"  it shows: {ONBOARDING}")
    before = json.loads(file.read_bytes())
    assert "hasCompletedOnboarding" not in before
    assert {key: before[key] for key in STATE} == STATE

    repaired = home.clawmend("repair")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert [change["rules"] for change in repaired.said["changes"]] == [["CC101"]]
    after = json.loads(file.read_bytes())
    assert after.pop("hasCompletedOnboarding") is True
    assert list(after.items()) == list(before.items())

    with Terminal(home, "claude") as terminal:
        shown = terminal.settled(ONBOARDING, TRUST)
    assert TRUST in shown
    assert ONBOARDING not in shown
    lab.transcript.say(f"  it shows: {TRUST}")
    assert "STUB-OK /v1/messages" in home.command("claude", "-p", "hi").stdout
    last = lab.provider.requests[-1]
    lab.transcript.say(f"  provider saw {last.url} with {last.key}: {last.status}")
    assert {key: json.loads(file.read_bytes())[key] for key in ("customUnknownKey", "mcpServers")} == {
        key: STATE[key] for key in ("customUnknownKey", "mcpServers")
    }
