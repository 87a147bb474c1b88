"""The login of a retired provider that the primary model still leads to: dropped, and the model points elsewhere."""

import json

import pytest

from e2e.home import KEY, write_private
from e2e.lab import Lab

pytestmark = pytest.mark.e2e

LOGIN = {
    "type": "oauth",
    "provider": "qwen-portal",
    "access": "made-up-access",
    "refresh": "made-up-refresh",
    "expires": 1_700_000_000_000,
}


@pytest.mark.proves("OC202", "2026.3.2")
@pytest.mark.proves("OC303", "2026.3.2")
def test_a_retired_login_is_dropped_and_the_primary_goes_to_the_plan(lab: Lab) -> None:
    gateway = lab.openclaw("2026.3.2")
    home = gateway.home
    text = home.config.read_text().replace('"primary": "bailian/', '"primary": "qwen-portal/')
    write_private(home.config, text)
    write_private(home.profiles, json.dumps({"version": 1, "profiles": {"qwen-portal:default": LOGIN}}, indent=2))
    gateway.start()
    failed = gateway.turn()
    assert not failed.worked
    assert not failed.requests

    held = home.clawmend("repair")
    assert held.code == 1
    assert {item["finding"]["rule"] for item in held.said["held"]} >= {"OC202"}

    config = home.config.read_text()  # OpenClaw 2026.3.2 itself took the comments out when its gateway started
    repaired = home.clawmend("repair", "--yes", seconds=300)
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert home.config.read_text() == config.replace('"primary": "qwen-portal/', '"primary": "bailian/')
    assert '"primary": "bailian/qwen3.5-plus"' in home.config.read_text()
    turn = gateway.turn()
    assert turn.worked, turn
    assert {request.key for request in turn.requests} == {KEY}
    left = json.loads(home.profiles.read_bytes()) if home.profiles.exists() else {"profiles": {}}
    assert "qwen-portal:default" not in left["profiles"]
