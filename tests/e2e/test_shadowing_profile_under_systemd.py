"""A gateway that runs as a systemd user unit is restarted through systemd, once, and only when that is needed."""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.home import KEY, OLD_KEY, write_private
from e2e.lab import Lab
from e2e.systemd_bench import UNIT, ManagedGateway, under_systemd

pytestmark = pytest.mark.e2e

INSTRUCTION = f"systemctl --user restart {UNIT}"


@pytest.fixture
def gateway(lab: Lab) -> Iterator[ManagedGateway]:
    """A gateway under systemd whose stored key is refused: the turn fails."""
    with under_systemd(lab, "2026.3.2") as gateway:
        shadow = {"type": "api_key", "provider": "bailian", "key": OLD_KEY}
        text = json.dumps({"version": 1, "profiles": {"bailian:default": shadow}}, indent=2)
        write_private(gateway.home.profiles, text)
        gateway.start()
        refused = gateway.turn()
        assert not refused.worked
        assert {(request.key, request.status) for request in refused.requests} == {(OLD_KEY, 401)}
        yield gateway


def stored(gateway: ManagedGateway) -> dict[str, Any]:
    file = gateway.home.profiles
    profiles: dict[str, Any] = json.loads(file.read_bytes())["profiles"] if file.exists() else {}
    return profiles


def assert_turn_uses_the_configured_key(gateway: ManagedGateway) -> None:
    turn = gateway.turn()
    assert turn.worked, turn
    assert turn.routes == [(f"{gateway.home.provider.url}/v1/chat/completions", KEY)]


def test_a_shadowing_profile_is_removed_for_good_and_systemd_restarts_the_gateway_once(
    gateway: ManagedGateway,
) -> None:
    home = gateway.home
    before = gateway.unit()
    assert (before.state, before.starts) == ("active", 1)

    repaired = home.clawmend("repair", "--yes", seconds=300)
    assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
    assert [change["rules"] for change in repaired.said["changes"]] == [["OC201"]]
    restart = repaired.said["restart"]
    assert (restart["needed"], restart["done"]) == (True, True), restart
    after = gateway.unit()
    # A process that dies is restarted by systemd as well; only one that systemd was asked for leaves this at 0.
    assert (after.state, after.starts, after.restarts_by_itself) == ("active", 2, 0)
    assert after.invocation != before.invocation
    assert after.entered > before.entered
    assert re.findall(r"\d+", restart["proof"]) == [str(before.main_pid), str(after.main_pid)]

    for _ in range(2):
        assert_turn_uses_the_configured_key(gateway)
    assert "bailian:default" not in stored(gateway)
    assert gateway.unit() == after

    again = home.clawmend("repair", "--yes")
    assert (again.code, again.verdict, again.said["changes"]) == (0, "healthy", []), again
    assert not again.said["restart"]["done"]
    assert gateway.unit() == after


def test_without_a_restart_the_unit_is_left_alone_and_the_command_for_it_is_said(gateway: ManagedGateway) -> None:
    before = gateway.unit()
    ended = gateway.home.command(sys.executable, "-m", "clawmend", "repair", "--yes", "--no-restart")
    assert ended.returncode == 1, ended
    assert INSTRUCTION in ended.stdout
    assert gateway.unit() == before
    assert "bailian:default" not in stored(gateway)


def test_a_stale_model_cache_restarts_no_unit(lab: Lab) -> None:
    with under_systemd(lab, "2026.3.2") as gateway:
        home = gateway.home
        gateway.start()
        assert_turn_uses_the_configured_key(gateway)
        cache = json.loads(home.models.read_bytes())
        cache["providers"]["bailian"]["baseUrl"] = f"{home.provider.url}/old/v1"
        home.models.write_text(json.dumps(cache, indent=2) + "\n")
        before = gateway.unit()

        repaired = home.clawmend("repair")
        assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
        assert [change["rules"] for change in repaired.said["changes"]] == [["OC101"]]
        assert (repaired.said["restart"]["needed"], repaired.said["restart"]["done"]) == (False, False)
        assert gateway.unit() == before
        assert_turn_uses_the_configured_key(gateway)
        assert gateway.unit() == before
