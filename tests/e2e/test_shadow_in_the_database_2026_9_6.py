"""OpenClaw 2026.9.6 copies keys into its database, where they win over openclaw.json after the key was changed."""

from pathlib import Path

import pytest

from e2e.home import KEY, OLD_KEY, write_private
from e2e.lab import Lab
from e2e.test_inert_on_2026_9_6 import credentials

pytestmark = pytest.mark.e2e

PLAN = "https://coding-intl.dashscope.aliyuncs.com/v1"


@pytest.mark.proves("OC201", "2026.9.6")
def test_a_key_that_doctor_stored_is_logged_out_after_a_rotation_and_can_be_put_back(lab: Lab, tmp_path: Path) -> None:
    gateway = lab.openclaw("2026.9.6")
    home = gateway.home
    lab.provider.keys.add(OLD_KEY)  # the old account still pays: nothing fails, and nobody notices
    write_private(home.config, home.config.read_text().replace(KEY, OLD_KEY))
    home.command("openclaw", "doctor", "--fix", "--non-interactive", seconds=300)
    assert "bailian:default" in str(credentials(home, tmp_path / "copies"))
    rotated = home.config.read_text().replace(OLD_KEY, KEY)
    write_private(home.config, rotated)
    gateway.start()
    silent = gateway.turn()
    assert silent.worked
    assert {request.key for request in silent.requests} == {OLD_KEY}

    explained = home.clawmend("explain", "credentials", "bailian")
    (row,) = explained.said["credentials"]
    assert [(source["kind"], source["wins"]) for source in row["sources"]] == [("profile", True), ("config", False)]

    started = gateway.identity()
    repaired = home.clawmend("repair", seconds=300)
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert [(change["action"], change["rules"]) for change in repaired.said["changes"]] == [("command", ["OC201"])]
    assert not repaired.said["restart"]["done"]
    assert OLD_KEY not in str(repaired.said)
    assert "bailian:default" not in str(credentials(home, tmp_path / "copies"))
    assert home.config.read_text() == rotated
    turn = gateway.turn()
    assert turn.worked
    assert {request.key for request in turn.requests} == {KEY}
    assert gateway.identity() == started

    undone = home.clawmend("undo", seconds=300)
    assert undone.code == 0, undone
    assert OLD_KEY in str(credentials(home, tmp_path / "copies"))


def test_the_id_of_a_profile_that_is_logged_out_is_no_key_to_give_back(lab: Lab) -> None:
    """`paste-api-key` writes the profile's id where the key was; after `logout` only copies have it."""
    gateway = lab.openclaw("2026.9.6")
    home = gateway.home
    home.command("openclaw", "models", "auth", "paste-api-key", "--provider", "bailian", stdin=f"{OLD_KEY}\n")
    assert '"bailian:manual"' in home.config.read_text()
    write_private(home.config, home.config.read_text().replace(f"{lab.provider.url}/v1", PLAN))
    assert home.clawmend("check").code == 0
    home.command("openclaw", "models", "auth", "logout", "bailian:manual", "--yes")
    logged_out = home.config.read_text()
    assert "bailian:manual" not in logged_out
    assert "bailian:manual" in (home.state / "openclaw.json.bak").read_text()

    repaired = home.clawmend("repair", "--only", "OC209", "--yes")
    assert repaired.said["changes"] == []
    assert [finding["rule"] for finding in repaired.said["findings"] if finding["severity"] == "error"] == ["OC209"]
    assert home.config.read_text() == logged_out
