"""Credentials that were never migrated: OpenClaw 2026.9.6 refuses to start on them, and `rm` would lose the login."""

import json

import pytest

from e2e.home import KEY, write_private
from e2e.lab import Lab

pytestmark = pytest.mark.e2e

OTHER = "sk-or-made-up-login-that-must-survive"


@pytest.mark.proves("OC204", "2026.9.6")
def test_a_legacy_login_survives_whatever_clawmend_does(lab: Lab) -> None:
    gateway = lab.openclaw("2026.9.6")
    home = gateway.home
    stored = {"openrouter:default": {"type": "api_key", "provider": "openrouter", "key": OTHER}}
    write_private(home.profiles, json.dumps({"version": 1, "profiles": stored}, indent=2))
    legacy = home.profiles.read_bytes()
    assert "migration" in gateway.refuses_to_start().lower()
    gateway.stop()

    checked = home.clawmend("check")
    assert checked.code == 1
    assert [finding["rule"] for finding in checked.said["findings"] if finding["severity"] == "error"] == ["OC204"]

    for options in ((), ("--yes",)):
        home.clawmend("repair", *options, seconds=300)
        everything = b"".join(path.read_bytes() for path in home.state.rglob("*") if path.is_file())
        assert OTHER.encode() in everything, f"repair {options} lost the login"
    assert home.profiles.read_bytes() == legacy

    # What the advice says, done by hand: the login is in the database afterwards, and the gateway starts.
    home.command("openclaw", "doctor", "--fix", "--non-interactive", seconds=300)
    assert not home.profiles.exists()
    gateway.start()
    turn = gateway.turn()
    assert turn.worked
    assert {request.key for request in turn.requests} == {KEY}
    after = home.clawmend("check")
    assert "OC204" not in {finding["rule"] for finding in after.said["findings"] if finding["severity"] != "info"}
