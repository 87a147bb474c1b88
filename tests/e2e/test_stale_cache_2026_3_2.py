"""OpenClaw 2026.3.2 believes the provider URL in its cache more than the one in openclaw.json."""

import json

import pytest

from e2e.gateway import Gateway
from e2e.home import KEY, Home
from e2e.lab import Lab

pytestmark = pytest.mark.e2e


def make_stale(home: Home) -> bytes:
    """Point the cache to where the provider once was; return the bytes of it."""
    cache = json.loads(home.models.read_bytes())
    cache["providers"]["bailian"]["baseUrl"] = f"{home.provider.url}/old/v1"
    home.models.write_text(json.dumps(cache, indent=2) + "\n")
    home.transcript.say(f"models.json made stale: {home.provider.url}/old/v1")
    return home.models.read_bytes()


def assert_turn_takes_the_configured_route(gateway: Gateway) -> None:
    turn = gateway.turn()
    assert turn.worked, turn
    assert turn.routes == [(f"{gateway.home.provider.url}/v1/chat/completions", KEY)]


@pytest.mark.proves("OC101", "2026.3.2")
def test_a_stale_model_cache_is_repaired_under_a_running_gateway_and_can_be_undone(lab: Lab) -> None:
    gateway = lab.openclaw("2026.3.2")
    home = gateway.home
    config = home.config.read_bytes()
    gateway.start()
    assert_turn_takes_the_configured_route(gateway)
    started = gateway.identity()

    make_stale(home)
    failed = gateway.turn()
    assert not failed.worked
    assert {url for url, _ in failed.routes} == {f"{lab.provider.url}/old/v1/chat/completions"}
    stale = home.models.read_bytes()

    repaired = home.clawmend("repair")
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert [change["rules"] for change in repaired.said["changes"]] == [["OC101"]]
    assert not repaired.said["restart"]["needed"]
    assert not repaired.said["restart"]["done"]
    assert_turn_takes_the_configured_route(gateway)
    assert gateway.identity() == started
    assert home.config.read_bytes() == config
    rebuilt = home.models.read_bytes()
    assert json.loads(rebuilt)["providers"]["bailian"]["baseUrl"] == f"{lab.provider.url}/v1"
    assert home.clawmend("check").code == 0

    refused = home.clawmend("undo")
    assert refused.code == 2, "OpenClaw has rewritten the cache since: undo must not overwrite that unasked"
    assert home.models.read_bytes() == rebuilt
    assert home.clawmend("undo", "--force").code == 0
    assert home.models.read_bytes() == stale

    stale = make_stale(home)
    described = home.models.stat()
    assert home.clawmend("repair").verdict == "repaired"
    assert not home.models.exists() or home.models.read_bytes() != stale
    assert home.clawmend("undo").code == 0
    restored = home.models.stat()
    assert home.models.read_bytes() == stale
    assert (restored.st_mode, restored.st_mtime_ns) == (described.st_mode, described.st_mtime_ns)
    assert home.config.read_bytes() == config
