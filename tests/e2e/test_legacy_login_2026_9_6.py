"""Credentials that were never migrated: OpenClaw 2026.9.6 refuses to start on them, and `rm` would lose the login."""

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.home import KEY, OLD_KEY, write_private
from e2e.lab import Lab
from e2e.test_inert_on_2026_9_6 import credentials

pytestmark = pytest.mark.e2e

OTHER = "sk-or-made-up-login-that-must-survive"
LOGIN = {
    "type": "oauth",
    "provider": "qwen-portal",
    "access": "made-up-access",
    "refresh": "made-up-refresh-that-must-survive",
    "expires": 1_999_999_999_000,
}
STORED: dict[str, Any] = {
    "openrouter:default": {"type": "api_key", "provider": "openrouter", "key": OTHER},
    "qwen-portal:default": LOGIN,
}
OF_WORK: dict[str, Any] = {"deepseek:default": {"type": "api_key", "provider": "deepseek", "key": "sk-made-up-of-work"}}


def _errors(checked: Any) -> set[str]:
    return {finding["rule"] for finding in checked.said["findings"] if finding["severity"] == "error"}


@pytest.mark.proves("OC204", "2026.9.6")
def test_openclaw_takes_every_login_over_and_its_config_stays_as_it_was(lab: Lab, tmp_path: Path) -> None:
    gateway = lab.openclaw("2026.9.6")
    home = gateway.home
    agents = '"agents": {\n    list: [{ id: "main", default: true }, { id: "work" }], // two of them'
    write_private(home.config, home.config.read_text().replace('"agents": {', agents))
    work = home.state / "agents" / "work" / "agent" / "auth-profiles.json"
    write_private(home.profiles, json.dumps({"version": 1, "profiles": STORED}, indent=2))
    write_private(work, json.dumps({"version": 1, "profiles": OF_WORK}))
    cache = {"providers": {"bailian": {"baseUrl": f"{lab.provider.url}/v1", "apiKey": KEY, "models": []}}}
    write_private(home.models, json.dumps(cache))
    kept = {path: path.read_bytes() for path in (home.config, home.profiles, work, home.models)}
    assert "migration" in gateway.refuses_to_start().lower()
    gateway.stop()
    assert _errors(home.clawmend("check")) == {"OC204"}

    # Nobody has said yes, and then only what would be done is said.
    home.clawmend("repair")
    dry = home.clawmend("repair", "--yes", "--dry-run")
    assert [change["diff"].partition(" ")[2] for change in dry.said["changes"]] == [
        "openclaw doctor --fix --non-interactive"
    ] * 2
    assert {path: path.read_bytes() for path in kept} == kept

    repaired = home.clawmend("repair", "--yes", seconds=500)
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert OTHER not in str(repaired.said)
    assert (home.config.read_bytes(), home.models.read_bytes()) == (kept[home.config], kept[home.models])
    assert not home.profiles.exists()
    assert not work.exists()
    held = str(credentials(home, tmp_path / "copies"))
    assert all(secret in held for secret in (OTHER, "made-up-refresh-that-must-survive"))
    assert b"sk-made-up-of-work" in work.with_name("openclaw-agent.sqlite").read_bytes()
    assert KEY not in held  # a copy of openclaw.json's own key would win over it after a rotation
    assert OLD_KEY not in held
    assert not list((home.folder / "state").rglob("taking-over"))

    gateway.start()
    turn = gateway.turn()
    assert turn.worked
    assert {request.key for request in turn.requests} == {KEY}
    assert home.config.read_bytes() == kept[home.config]
    assert _errors(home.clawmend("check")) == set()
    gateway.stop()

    undone = home.clawmend("undo", seconds=300)
    assert undone.code == 0, undone
    assert "stays in its database" in undone.said["note"]
    assert {path: path.read_bytes() for path in kept} == kept
    assert OTHER in str(credentials(home, tmp_path / "copies"))
    # The fault is back with the files: OpenClaw stops the turns of these providers while they lie there.
    assert _errors(home.clawmend("check")) == {"OC204"}
    again = home.clawmend("repair", "--yes", seconds=500)
    assert (again.code, again.verdict) == (0, "repaired"), again
    assert home.config.read_bytes() == kept[home.config]
    assert OTHER in str(credentials(home, tmp_path / "copies"))
    assert _errors(home.clawmend("check")) == set()


def test_while_a_gateway_runs_that_nobody_can_stop_it_is_held_and_nothing_changes(lab: Lab) -> None:
    gateway = lab.openclaw("2026.9.6")
    home = gateway.home
    gateway.start()
    write_private(home.profiles, json.dumps({"version": 1, "profiles": STORED}, indent=2))
    legacy, config = home.profiles.read_bytes(), home.config.read_bytes()
    started = gateway.identity()
    repaired = home.clawmend("repair", "--yes", seconds=300)
    reasons = {one["finding"]["rule"]: one["reason"] for one in repaired.said["held"]}
    assert "cannot stop and start again" in reasons["OC204"]
    assert (home.profiles.read_bytes(), home.config.read_bytes()) == (legacy, config)
    assert gateway.identity() == started
