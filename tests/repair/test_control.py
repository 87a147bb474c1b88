"""The control of a real gateway: what it passes on, and who is let in when two of us want to restart the same one."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.era import Era, Installation
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, OpenClaw, Settings
from clawmend.core.state import Absent
from clawmend.core.version import Version
from clawmend.repair import control as module
from clawmend.repair.control import RealGatewayControl
from clawmend.system.files import RealFiles
from clawmend.system.machine import Place
from clawmend.system.reload import Silent
from clawmend.system.restart import Restart, Terms
from clawmend.system.restart_lock import restart_lock
from clawmend.system.services import Service
from support.build import agent
from system.fakes import FakeClock

DONE = Restart(needed=True, done=True, reason="the gateway held the old state in memory", proof="1 became 2")
INSTALLATION = Installation(Version(2026, 3, 2), "package", Era.B, "/bin/openclaw")
UNIT = Service("systemd", "openclaw-gateway.service", "", ())
RUNNING = GatewayRunning(1, 1.0, 18789, "systemd", UNIT.name, {})


class Stage:
    """A control whose gateway, service and OpenClaw are the test's."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = folder / "state"
        self.state.mkdir()
        self.home = folder / "home"
        (self.home / ".openclaw").mkdir(parents=True)
        self.clock = FakeClock()
        self.control = RealGatewayControl(
            Place(str(self.home), str(self.state), {}), RealFiles(), self.clock, restart_wait=30
        )
        self.asked: list[tuple[str, Any]] = []
        self.service: Service | None = UNIT
        monkeypatch.setattr(module, "find_service", lambda *_arguments: self.service)
        monkeypatch.setattr(module, "find_gateway", lambda _folder, port, *_rest: self._found(port))
        monkeypatch.setattr(module, "validate_config", lambda *_arguments: None)
        for name in ("restart", "start", "prove"):
            monkeypatch.setattr(module, name, self._answers(name))

    def _found(self, port: int | None) -> GatewayAbsent:
        self.asked.append(("look", port))
        return GatewayAbsent()

    def _answers(self, name: str) -> Any:
        def answer(*given: Any, **options: Any) -> Restart:
            looks = [one for one in given if callable(one) and getattr(one, "__name__", "") == "<lambda>"]
            for look in looks:
                look()
            self.asked.append((name, [one for one in given if isinstance(one, Terms)] or options))
            return DONE

        return answer

    def openclaw(self, settings: Any = None) -> OpenClaw:
        folder = str(self.home / ".openclaw")
        absent = Absent(f"{folder}/openclaw.json")
        mine = replace(agent(), directory=f"{folder}/agents/main/agent")
        return OpenClaw(folder, None, absent, None if settings is None else Settings(settings), (mine,))

    def turn(self) -> Path:
        lock = self.home / ".openclaw" / "agents" / "main" / "sessions" / "a.jsonl.lock"
        lock.parent.mkdir(parents=True)
        lock.write_text(json.dumps({"pid": os.getpid()}))
        os.utime(lock, (self.clock.time, self.clock.time))
        return lock


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(tmp_path, monkeypatch)


class TestBeforehand:
    def test_with_no_turn_and_a_valid_configuration_nothing_is_in_the_way(self, stage: Stage) -> None:
        assert stage.control.validate(stage.openclaw(), RUNNING, INSTALLATION) is None
        assert stage.clock.slept == []

    def test_a_turn_that_does_not_end_is(self, stage: Stage) -> None:
        lock = stage.turn()
        refusal = stage.control.validate(stage.openclaw(), RUNNING, INSTALLATION)
        assert refusal == f"a turn has been running for 30 s (process {os.getpid()} holds {lock})"
        assert sum(stage.clock.slept) == 30

    def test_a_turn_is_waited_for_only_where_a_restart_can_come_of_it(self, stage: Stage) -> None:
        stage.turn()
        refusal = stage.control.validate(stage.openclaw(), replace(RUNNING, manager=None), INSTALLATION)
        assert refusal is not None
        assert refusal.startswith("nobody manages it")
        assert stage.clock.slept == []


class TestRestarting:
    @pytest.mark.parametrize(("commands", "by_signal"), [({}, True), ({"restart": False}, False)])
    def test_the_terms_say_what_openclaw_json_allows(self, stage: Stage, commands: object, by_signal: bool) -> None:
        openclaw = stage.openclaw({"commands": commands})
        assert stage.control.restart(openclaw, RUNNING, INSTALLATION, since=5.0) == DONE
        look, (name, (terms,)) = stage.asked
        assert (look, name) == (("look", 18789), "restart")
        assert (terms.since, terms.wait, terms.by_signal) == (5.0, 30, by_signal)
        assert terms.quiet(0) is None

    def test_another_clawmend_at_the_same_gateway_is_waited_for_and_then_it_is_pending(self, stage: Stage) -> None:
        with restart_lock(str(stage.state), stage.openclaw().directory, FakeClock(), 0):
            result = stage.control.restart(stage.openclaw(), RUNNING, INSTALLATION)
            started = stage.control.start(stage.openclaw(), INSTALLATION)
        assert (result.done, result.pending) == (False, True)
        assert result.reason == "another clawmend is restarting this gateway; try again in a moment"
        assert started == result
        assert stage.asked == []

    def test_its_own_restart_is_only_proven(self, stage: Stage) -> None:
        assert stage.control.prove(stage.openclaw(), RUNNING, INSTALLATION, 5.0) == DONE
        assert [name for name, _ in stage.asked] == ["look", "prove"]


class TestStarting:
    @pytest.mark.parametrize(("port", "known"), [(18888, 18888), (True, None), ("18888", None), (None, None)])
    def test_it_looks_where_openclaw_json_says(self, stage: Stage, port: object, known: int | None) -> None:
        openclaw = stage.openclaw({"gateway": {"port": port}})
        assert stage.control.start(openclaw, INSTALLATION, reset_failed=True) == DONE
        assert stage.asked == [("look", known), ("start", {"reset_failed": True})]

    def test_what_no_service_starts_is_left_to_the_person(self, stage: Stage) -> None:
        stage.service = None
        result = stage.control.start(stage.openclaw(), INSTALLATION)
        assert result.reason == "no service starts it; start it with: openclaw gateway run"
        assert stage.asked == []


def test_a_reload_is_asked_of_the_log_of_this_home(stage: Stage) -> None:
    told = stage.control.await_reload(stage.openclaw({"logging": {"level": "error"}}), (), 0.0)
    assert told == Silent("logging.level is error, so that its log does not tell")


def test_who_asks_once_whether_it_is_ready_and_how_it_is_restarted(stage: Stage) -> None:
    assert not stage.control.is_ready(replace(RUNNING, port=None), INSTALLATION)
    assert stage.control.instruction(stage.openclaw(), RUNNING) == f"systemctl --user restart {UNIT.name}"
