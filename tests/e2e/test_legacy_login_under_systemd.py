"""Credentials that were never migrated, and a gateway under systemd: stopped for the migration, started after it."""

import contextlib
import json
import os
import shutil

import pytest

from e2e.home import KEY, write_private
from e2e.lab import Lab
from e2e.processes import wait_until
from e2e.systemd_bench import UNIT, Bench, ManagedGateway
from e2e.test_legacy_login_2026_9_6 import STORED

pytestmark = pytest.mark.e2e


def _unit(gateway: ManagedGateway) -> str:
    """The unit as OpenClaw writes it; this version installs none for a HOME that is made up."""
    program = gateway.home.programs[0]
    node = shutil.which("node", path=os.pathsep.join(str(folder) for folder in program.path))
    return (
        f"[Service]\nExecStart={node} {program.command.resolve()} gateway --port {gateway.home.port}\n"
        "Restart=always\nRestartSec=5\nRestartPreventExitStatus=78\nKillMode=mixed\n"
        f"Environment=TMPDIR={gateway.home.temporary}\nEnvironment=OPENCLAW_GATEWAY_PORT={gateway.home.port}\n"
        "Environment=OPENCLAW_SERVICE_MARKER=openclaw\nEnvironment=OPENCLAW_SERVICE_KIND=gateway\n"
        f"Environment=OPENCLAW_SYSTEMD_UNIT={UNIT}\n[Install]\nWantedBy=default.target\n"
    )


def test_a_gateway_under_systemd_stands_still_meanwhile_and_is_started_once(lab: Lab) -> None:
    bench = Bench(lab.openclaw("2026.9.6").home)
    with contextlib.closing(bench):
        bench.open()
        gateway = ManagedGateway(bench.managed_home(), bench)
        home = gateway.home
        unit = home.user / ".config" / "systemd" / "user" / UNIT
        unit.parent.mkdir(parents=True)
        unit.write_text(_unit(gateway))
        bench.systemctl("daemon-reload")
        bench.systemctl("start", UNIT)
        wait_until(gateway.ready, 300, "the gateway is ready")
        config, service = home.config.read_bytes(), unit.read_bytes()
        write_private(home.profiles, json.dumps({"version": 1, "profiles": STORED}, indent=2))
        before = gateway.unit()
        assert before.state == "active"

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
