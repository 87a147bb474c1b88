"""Credentials that were never migrated, and a gateway under systemd: stopped for the migration, started after it."""

import json

import pytest

from e2e.home import KEY, write_private
from e2e.lab import Lab
from e2e.systemd_bench import under_systemd
from e2e.test_legacy_login_2026_9_6 import STORED

pytestmark = pytest.mark.e2e


def test_a_gateway_under_systemd_stands_still_meanwhile_and_is_started_once(lab: Lab) -> None:
    with under_systemd(lab, "2026.9.6") as gateway:
        home = gateway.home
        gateway.start()
        config = home.config.read_bytes()
        write_private(home.profiles, json.dumps({"version": 1, "profiles": STORED}, indent=2))
        before = gateway.unit()
        assert before.state == "active"
        unit = home.user / ".config/systemd/user/openclaw-gateway.service"
        service = unit.read_bytes()

        repaired = home.clawmend("repair", "--yes", seconds=500)
        assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
        assert [change["rules"] for change in repaired.said["changes"]] == [["OC204"]]
        assert repaired.said["restart"]["done"], repaired.said["restart"]
        after = gateway.unit()
        assert (after.state, after.starts, after.restarts_by_itself) == ("active", before.starts + 1, 0)
        assert (home.config.read_bytes(), unit.read_bytes()) == (config, service)
        assert not home.profiles.exists()
        turn = gateway.turn()
        assert turn.worked
        assert {request.key for request in turn.requests} == {KEY}
