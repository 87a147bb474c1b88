"""OpenClaw 2026.3.2 prefers a stored key to the one in openclaw.json, and its gateway writes the stored one back."""

import json

import pytest

from e2e.home import KEY, OLD_KEY, write_private
from e2e.lab import Lab

pytestmark = pytest.mark.e2e


@pytest.mark.proves("OC201", "2026.3.2")
def test_a_shadowing_profile_is_removed_for_good_under_a_running_gateway(lab: Lab) -> None:
    gateway = lab.openclaw("2026.3.2")
    home = gateway.home
    config = home.config.read_bytes()
    shadow = {"type": "api_key", "provider": "bailian", "key": OLD_KEY}
    write_private(home.profiles, json.dumps({"version": 1, "profiles": {"bailian:default": shadow}}, indent=2))
    gateway.start()
    before = home.profiles.read_bytes()
    started = gateway.identity()

    held = home.clawmend("repair")  # nothing says yet which of the two keys is the one that is meant
    assert (held.code, held.verdict) == (1, "needs-you"), held
    assert [item["finding"]["rule"] for item in held.said["held"]] == ["OC201"]
    assert held.said["changes"] == []
    assert home.profiles.read_bytes() == before
    assert gateway.identity() == started

    refused = gateway.turn()
    assert not refused.worked
    assert {(request.key, request.status) for request in refused.requests} == {(OLD_KEY, 401)}

    repaired = home.clawmend("repair", seconds=300)  # now the gateway's log says it
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert [change["rules"] for change in repaired.said["changes"]] == [["OC201"]], repaired.said["changes"]
    restart = repaired.said["restart"]
    assert restart["done"], restart
    assert gateway.identity() != started
    assert str(gateway.process().pid) in restart["proof"]
    for _ in range(2):
        turn = gateway.turn()
        assert turn.worked, turn
        assert turn.routes == [(f"{lab.provider.url}/v1/chat/completions", KEY)]
    left = json.loads(home.profiles.read_bytes()) if home.profiles.exists() else {"profiles": {}}
    assert "bailian:default" not in left["profiles"]
    assert home.config.read_bytes() == config
