"""The facts of one gateway are gathered: whom it asks, what that costs, and what comes of it."""

import json
import os
import shutil
import socket
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from clawmend.core.era import Installation, era_of
from clawmend.core.gateway import NO_GATEWAY, Cause, Condition, GatewayHealth, Holder
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, GatewayState, GatewayUnknown
from clawmend.repair import gateway_look as module
from clawmend.repair.gateway_look import look_at_gateway
from clawmend.repair.observe import _health
from clawmend.system import gateway as gateway_module
from clawmend.system.files import RealFiles
from clawmend.system.homes import StateFolder
from clawmend.system.machine import Place, RealClock
from clawmend.system.services import Service, find_service
from clawmend.system.supervisor import Supervisor
from support.build import openclaw, version
from system.fakes import http_gateway, listening, stub

FILES = RealFiles()
RECORDED = Path(__file__).parents[1] / "system"
UNIT = "openclaw-gateway.service"
JSON = {"Content-Type": "application/json"}
READY = (200, JSON, json.dumps({"ready": True, "failing": [], "uptimeMs": 4000}).encode())
STARTED = (200, JSON, json.dumps({"status": "started", "version": "2026.9.6"}).encode())
NEW = version("2026.9.6")
INSTALLED = Installation(NEW, "package", era_of(NEW))


@dataclass
class Stage:
    """A home with a unit, and a systemctl that says what was recorded of a real one and counts how often."""

    home: Path

    @property
    def folder(self) -> StateFolder:
        return StateFolder(str(self.home / ".openclaw"), str(self.home / ".openclaw" / "openclaw.json"))

    def install(self, recorded: str) -> Service:
        unit = self.home / ".config" / "systemd" / "user" / UNIT
        unit.parent.mkdir(parents=True)
        unit.write_text("[Service]\nExecStart=node openclaw gateway --port 9\n")
        self.systemctl(recorded)
        found = find_service(str(self.home), None, {}, FILES)
        assert found is not None
        return found

    def systemctl(self, recorded: str) -> None:
        text = (RECORDED / "systemctl" / f"{recorded}.txt").read_text()
        stub(self.home / "bin", "systemctl", f"echo \"$@\" >> {self.home}/calls; cat <<'END'\n{text}END")

    @property
    def calls(self) -> list[str]:
        file = self.home / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def look(self, gateway: GatewayState, service: Service | None = None, **fields: Any) -> GatewayHealth:
        state = openclaw({"gateway": {"mode": "local"}}, gateway=gateway, **fields)
        return look_at_gateway(self.folder, state, service, None, INSTALLED, FILES, RealClock())


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    return Stage(tmp_path)


def own(port: int, **fields: Any) -> GatewayRunning:
    """This very process as a gateway."""
    return GatewayRunning(os.getpid(), psutil.Process().create_time(), port, **fields)


def test_a_home_without_a_service_and_a_process_asks_nobody(stage: Stage) -> None:
    stage.systemctl("running")
    place = Place(str(stage.home), "", {})
    found = _health(stage.folder, openclaw({}), None, INSTALLED, place, FILES, RealClock())
    assert found is NO_GATEWAY
    assert stage.calls == []


def test_a_home_with_a_service_is_looked_at(stage: Stage) -> None:
    service = stage.install("exit-78")
    place = Place(str(stage.home), "", {})
    found = _health(stage.folder, openclaw({}), service, INSTALLED, place, FILES, RealClock())
    assert found.condition is Condition.EXIT_78


def test_a_gateway_by_hand_is_asked_twice_and_no_manager_is(stage: Stage) -> None:
    stage.systemctl("running")
    with http_gateway(READY, STARTED) as gateway:
        found = stage.look(own(gateway.port))
    assert (found.condition, found.version, found.uptime) == (Condition.READY, "2026.9.6", 4.0)
    assert found.pid == os.getpid()
    assert found.unit is None
    assert gateway.asked == ["GET /readyz", "GET /startupz"]
    assert stage.calls == []


def test_a_gateway_of_a_unit_is_asked_and_its_manager_once(stage: Stage) -> None:
    service = stage.install("running")
    with http_gateway(READY, STARTED) as gateway:
        found = stage.look(own(gateway.port, manager="systemd", service=UNIT), service)
    assert (found.condition, found.manager, found.unit, found.restarts) == (Condition.READY, "systemd", UNIT, 0)
    assert len(stage.calls) == 1


def test_a_unit_that_only_the_control_group_names_is_the_one_that_is_asked_about(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = stage.install("running")
    mine = Supervisor("systemd", "my-openclaw.service", system=True)
    monkeypatch.setattr(module, "supervisor_of", lambda *_arguments, **_named: mine)
    with http_gateway(READY, STARTED) as gateway:
        found = stage.look(own(gateway.port), service)
    assert (found.unit, found.manager, found.system) == ("my-openclaw.service", "systemd", True)
    (call,) = stage.calls
    assert call.startswith("show ")
    assert call.endswith("-- my-openclaw.service")


def test_the_unit_whose_main_process_it_is_runs_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    service = stage.install("running")
    text = (RECORDED / "systemctl" / "running.txt").read_text().replace("MainPID=49", f"MainPID={os.getpid()}")
    stub(stage.home / "bin", "systemctl", f"cat <<'END'\n{text}END")
    monkeypatch.setattr(module, "supervisor_of", lambda *_arguments, **_named: Supervisor("foreground"))
    with http_gateway(READY, STARTED) as gateway:
        found = stage.look(own(gateway.port), service)
    assert (found.manager, found.unit) == ("systemd", UNIT)


def test_a_stranger_on_its_port_is_not_asked_how_the_gateway_is(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "listening", lambda _pid: {})
    with listening(tmp_path, {}, "some-server") as stranger:
        found = stage.look(own(stranger.port))
        assert (found.condition, found.cause) == (Condition.PORT_TAKEN, Cause.PORT)
        assert found.holder is not None
        assert found.holder.pid == stranger.pid


def test_a_gateway_that_was_started_with_another_port_is_asked_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_gateway(READY, STARTED) as gateway:
        monkeypatch.setattr(module, "listening", lambda _pid: {gateway.port: "127.0.0.1", 65000: "127.0.0.1"})
        found = stage.look(own(9))
    assert (found.condition, found.port) == (Condition.READY, gateway.port)


def test_where_nobody_may_know_on_which_port_it_listens_its_config_counts(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "listening", lambda _pid: None)
    with http_gateway(READY, STARTED) as gateway:
        assert stage.look(own(gateway.port)).condition is Condition.READY


def test_why_it_failed_is_read_from_what_it_left_behind(stage: Stage) -> None:
    service = stage.install("exit-78")
    folder = Path(stage.folder.directory) / "logs" / "stability"
    folder.mkdir(parents=True)
    for bundle in (RECORDED / "stability").glob("*.json"):
        text = bundle.read_text().replace("T16:46:18", "T16:40:46")  # when the unit was recorded to end
        (folder / bundle.name).write_text(text)
    found = stage.look(GatewayAbsent(UNIT, "systemd"), service)
    assert (found.condition, found.cause) == (Condition.EXIT_78, Cause.LEGACY_CREDENTIALS)
    assert len(stage.calls) == 1


@pytest.mark.parametrize(
    ("recorded", "condition"),
    [("stopped-by-hand", Condition.UNKNOWN), ("failed-no-restart", Condition.PORT_TAKEN)],
)
def test_a_listener_that_may_not_be_seen_is_a_stranger_when_the_service_should_run(
    stage: Stage, recorded: str, condition: Condition, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = stage.install(recorded)
    monkeypatch.setattr(gateway_module, "_listener", lambda _port: None)
    with closing(socket.create_server(("127.0.0.1", 0))) as stranger:
        service = replace(service, command=("node", "--port", str(stranger.getsockname()[1])))
        found = stage.look(GatewayUnknown("something listens"), service)
    assert found.condition is condition
    assert found.holder == (Holder(None, None) if condition is Condition.PORT_TAKEN else None)


def test_a_service_whose_process_listens_itself_has_no_stranger(stage: Stage, tmp_path: Path) -> None:
    service = stage.install("running")
    with listening(tmp_path, {}, "some-server") as child:
        text = (RECORDED / "systemctl" / "running.txt").read_text().replace("MainPID=49", f"MainPID={child.pid}")
        stub(stage.home / "bin", "systemctl", f"cat <<'END'\n{text}END")
        service = replace(service, command=("node", "--port", str(child.port)))
        found = stage.look(GatewayAbsent(UNIT, "systemd"), service)
    assert found.holder is None
    assert found.condition in {Condition.STARTING, Condition.ALIVE_NOT_READY}


def test_a_service_that_nobody_knows_of_is_not_judged(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    service = stage.install("running")
    monkeypatch.setenv("PATH", str(stage.home / "nothing"))
    assert stage.look(GatewayAbsent(UNIT, "systemd"), service).condition is Condition.UNKNOWN
    shutil.rmtree(stage.home / "bin")
