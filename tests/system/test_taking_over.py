"""Taking retired credentials over by OpenClaw's own command: what it is given, what stands still, what is left."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.era import Era, Installation, era_of
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import LogOut, TakeOver
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, GatewayState
from clawmend.core.version import Version
from clawmend.system import taking_over as module
from clawmend.system.commands import Ran
from clawmend.system.services import Service
from clawmend.system.taking_over import line_of, resume, take_over
from support.build import openclaw
from system.fakes import as_another_user, stub

UNIT = Service("systemd", "openclaw-gateway.service", "/u", ("node",))
CONFIG = b'{"gateway": {}}'
STOP = "systemctl --user stop openclaw-gateway.service"
START = "systemctl --user restart openclaw-gateway.service"


def installation(version: str | None = "2026.9.6", executable: str | None = "/bin/openclaw") -> Installation:
    found = Version.parse(version) if version else None
    return Installation(found, "package", era_of(found) if found else Era.UNKNOWN, executable)


class Bench:
    """A home, our state folder, a service manager that is told what to say, and the command that is asked."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state, self.file = folder / "state", folder / "auth-profiles.json"
        self.file.write_text("{}")
        self.managed: list[str] = []
        self.ran: list[tuple[list[str], dict[str, str]]] = []
        self.answers = {
            "is-active": Ran(3, "inactive\n"),
            "stop": Ran(0, ""),
            "restart": Ran(0, ""),
            "start": Ran(0, ""),
        }
        self.result: Ran | None = Ran(0, "")
        self.work: Callable[[], object] = lambda: None
        monkeypatch.setattr(module, "run_manager", self._manager)
        monkeypatch.setattr(module, "run_openclaw", self._openclaw)

    @property
    def folder(self) -> Path:
        return self.state / "taking-over"

    def _manager(self, command: list[str], _timeout: float) -> Ran | None:
        if "is-active" not in command:
            self.managed.append(" ".join(command))
        return self.answers["start" if "start" in command else command[2]]

    def _openclaw(self, arguments: list[str], _found: Installation, environment: dict[str, str], *_: Any) -> Ran | None:
        self.ran.append((arguments, environment))
        self.work()
        return self.result

    def take_over(
        self,
        missing: str = "",
        *,
        found: Installation | None = None,
        service: Service | None = None,
        gateway: GatewayState | None = None,
    ) -> str | None:
        return take_over(
            TakeOver(str(self.file), "main"),
            openclaw({}, gateway=gateway or GatewayAbsent()),
            found or installation(),
            {"PATH": "/bin", "OPENCLAW_CONFIG_PATH": "/theirs"},
            service=service,
            state=str(self.state),
            config=CONFIG,
            lacking=lambda: missing,
        )


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


class TestTheCommand:
    def test_it_gets_a_private_copy_and_the_real_folder(self, bench: Bench) -> None:
        seen: list[tuple[bytes, int, int]] = []

        def look() -> None:
            path = bench.folder / "openclaw.json"
            modes = (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode))
            seen.append((path.read_bytes(), *modes))

        bench.work = look
        assert bench.take_over() is None
        ((arguments, environment),) = bench.ran
        assert arguments == ["doctor", "--fix", "--non-interactive"]
        assert environment["OPENCLAW_STATE_DIR"] == "/home/user/.openclaw"
        assert environment["OPENCLAW_CONFIG_PATH"] == str(bench.folder / "openclaw.json")
        assert environment["OPENCLAW_SERVICE_REPAIR_POLICY"] == "external"
        assert seen == [(CONFIG, 0o600, 0o700)]
        assert not bench.folder.exists()

    def test_a_real_program_that_fails_is_believed_when_nothing_is_lacking(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.undo()
        program = stub(tmp_path, "openclaw", "exit 3")
        assert bench.take_over(found=installation(executable=str(program))) is None
        said = bench.take_over("its databases do not hold a", found=installation(executable=str(program)))
        assert said == (
            "openclaw doctor --fix --non-interactive ended with exit code 3, and its databases do not hold a"
        )

    def test_one_that_does_not_end_is_said_to_be_one(self, bench: Bench) -> None:
        bench.result = None
        assert "did not end within 420 seconds, and a is lacking" in str(bench.take_over("a is lacking"))

    def test_how_it_is_shown(self) -> None:
        assert line_of(TakeOver("/x", "main")).endswith(" openclaw doctor --fix --non-interactive")
        assert line_of(LogOut("/x", "main", "a", {})) == "openclaw models auth logout a --yes --agent main"


class TestRefused:
    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (installation(None), "OpenClaw of unknown version takes nothing over"),
            (installation("2026.7.1"), "OpenClaw 2026.7.1 takes nothing over"),
            (installation(executable=None), "no openclaw command was found"),
        ],
    )
    def test_without_a_command_that_does_it(self, bench: Bench, found: Installation, reason: str) -> None:
        assert reason in str(bench.take_over(found=found))
        assert (bench.ran, bench.managed, bench.state.exists()) == ([], [], False)

    def test_a_file_that_is_gone(self, bench: Bench) -> None:
        bench.file.unlink()
        assert "No such file" in str(bench.take_over())

    def test_what_belongs_to_another_user(self, monkeypatch: pytest.MonkeyPatch) -> None:
        del monkeypatch
        edit = TakeOver("/etc/passwd", "main")
        found = as_another_user(lambda: module._why_not(edit, installation()))
        assert "belongs to another user" in str(found)

    def test_a_copy_that_cannot_be_written(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_given: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(module, "private_folder", full)
        with pytest.raises(ClawmendError, match="No space left on device; nothing was run"):
            bench.take_over()
        assert bench.ran == []


class TestTheService:
    def test_one_that_does_not_run_is_left_alone(self, bench: Bench) -> None:
        assert bench.take_over(service=UNIT) is None
        assert bench.managed == []

    def test_launchd_is_never_asked(self, bench: Bench) -> None:
        bench.answers["is-active"] = Ran(0, "active")
        assert bench.take_over(service=Service("launchd", "ai.openclaw.gateway", "/p", ())) is None
        assert bench.managed == []

    @pytest.mark.parametrize("missing", ["", "a is lacking"])
    def test_one_that_keeps_failing_stands_still_and_is_started_again(self, bench: Bench, missing: str) -> None:
        bench.answers["is-active"] = Ran(3, "activating\n")
        bench.work = lambda: bench.managed.append("openclaw")
        bench.take_over(missing, service=UNIT)
        assert bench.managed == [STOP, "openclaw", START]

    def test_a_gateway_that_ran_is_left_to_whoever_asked(self, bench: Bench) -> None:
        bench.answers["is-active"] = Ran(0, "active\n")
        gateway = GatewayRunning(1, 1.0, 18789, "systemd", UNIT.name)
        assert bench.take_over(service=UNIT, gateway=gateway) is None
        assert bench.managed == [STOP]

    def test_it_is_started_when_we_fail(self, bench: Bench) -> None:
        def fail() -> None:
            raise MemoryError

        bench.answers["is-active"], bench.work = Ran(0, "active\n"), fail
        with pytest.raises(MemoryError):
            bench.take_over(service=UNIT, gateway=GatewayRunning(1, 1.0, 18789, "systemd", UNIT.name))
        assert bench.managed == [STOP, START]
        assert not bench.folder.exists()

    @pytest.mark.parametrize("answer", [None, Ran(1, "")])
    def test_one_that_does_not_stop_is_a_reason(self, bench: Bench, answer: Ran | None) -> None:
        bench.answers["is-active"] = Ran(0, "active\n")
        bench.answers["stop"] = answer  # type: ignore[assignment] - a manager may not answer
        assert bench.take_over(service=UNIT) == f"{STOP} did not stop the gateway"
        assert bench.ran == []
        assert bench.managed == [STOP, f"systemctl --user --no-block start {UNIT.name}"]


class TestAfterAKill:
    def test_a_service_that_was_stopped_is_started_and_the_copy_goes(self, bench: Bench) -> None:
        left: list[str] = []
        bench.work = lambda: left.append((bench.folder / "stopped").read_text())
        bench.answers["is-active"] = Ran(0, "active\n")
        bench.take_over(service=UNIT)
        assert left == [UNIT.name]
        os.makedirs(bench.folder)
        (bench.folder / "stopped").write_text(left[0])
        (bench.folder / "openclaw.json").write_text(json.dumps({}))
        bench.managed.clear()
        resume(str(bench.state))
        assert bench.managed == [f"systemctl --user start {UNIT.name}"]
        assert not bench.folder.exists()

    def test_nothing_was_left_and_nothing_is_done(self, bench: Bench) -> None:
        resume(str(bench.state))
        assert bench.managed == []
