"""`clawmend service` with a manager that remembers what it was asked."""

import os
import stat
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from clawmend.cli import service as module
from clawmend.core.errors import ClawmendError
from clawmend.system.commands import Ran
from clawmend.system.reading import identity_of
from clawmend.system.service_manager import ServiceState
from clawmend.system.service_systemd import Systemd
from cli.run import CommandLine, neighbour
from repair.home import Home
from system.fakes import FakeClock, stub, tree

STOPPED = ServiceState(False, False, "inactive (dead)", None, None, "", "", "journalctl --user -u clawmend")
RUNNING = replace(STOPPED, enabled=True, running=True, active="active (running)", since=1_800_000_000.0, pid=4711)


@dataclass
class FakeManager:
    """A manager without a machine."""

    unit: Path
    name: str = "systemd"
    now: ServiceState = STOPPED
    asked: list[str] = field(default_factory=list)
    refusal: str = ""
    note: str = ""

    def path(self) -> str:
        if self.refusal:
            raise ClawmendError(self.refusal, "log in")
        return str(self.unit)

    def state(self) -> ServiceState:
        return self.now

    def enable(self) -> None:
        self.asked.append("enable")
        self.now = replace(self.now, enabled=True)

    def start(self, *, again: bool) -> None:
        self.asked.append("restart" if again else "start")
        self.now = RUNNING

    def disable(self) -> None:
        assert self.unit.exists()
        self.asked.append("disable")
        self.now = STOPPED

    def forget(self) -> None:
        assert not self.unit.exists()
        self.asked.append("forget")

    def warning(self) -> str:
        return self.note


@pytest.fixture
def command(home: Home) -> Path:
    return stub(home.root / "bin", "clawmend", 'echo "clawmend 1.0"')


@pytest.fixture
def manager(home: Home, command: Path, monkeypatch: pytest.MonkeyPatch) -> FakeManager:
    made = FakeManager(home.path / ".config/systemd/user/clawmend.service")
    monkeypatch.setattr(module, "own_command", lambda: str(command))
    monkeypatch.setattr(module, "own_manager", lambda *_given: made)
    monkeypatch.setattr("clawmend.system.launching.home_of_user", lambda: str(home.path))
    return made


class TestInstall:
    def test_without_now_it_waits_for_the_next_log_in(
        self, clawmend: CommandLine, manager: FakeManager, command: Path, home: Home
    ) -> None:
        run = clawmend("service", "install")
        assert (run.code, run.err) == (0, "")
        assert run.out == (
            "Installed ~/.config/systemd/user/clawmend.service\n"
            "It starts at the next log-in. To start it now:\n"
            "    next  clawmend service install --now\n"
        )
        text = manager.unit.read_text()
        assert f"ExecStart={command} watch\n" in text
        assert f"Environment=CLAWMEND_STATE_DIR={home.state}\n" in text
        assert manager.asked == ["enable"]

    def test_with_now_it_is_started_and_a_second_time_nothing_happens(
        self, clawmend: CommandLine, manager: FakeManager
    ) -> None:
        run = clawmend("service", "install", "--now")
        assert "It is running (process 4711). See: clawmend status\n" in run.out
        assert manager.asked == ["enable", "start"]
        before = identity_of(manager.unit.stat())
        for words in (["--now"], []):
            again = clawmend("service", "install", *words)
            assert again.out.startswith("Already installed, unchanged: ~/.config/systemd/user/clawmend.service\n")
        assert manager.asked == ["enable", "start"]
        assert identity_of(manager.unit.stat()) == before
        document = clawmend("service", "install", "--json").json
        assert set(document) == {
            "schema", "manager", "path", "change", "diff", "kept", "enabled", "running", "pid", "warning"
        }  # fmt: skip
        assert (document["change"], document["kept"], document["diff"]) == ("unchanged", None, "")

    def test_one_that_was_disabled_or_stopped_is_enabled_and_started_again(
        self, clawmend: CommandLine, manager: FakeManager
    ) -> None:
        clawmend("service", "install")
        manager.now, manager.asked = STOPPED, []
        clawmend("service", "install", "--now")
        assert manager.asked == ["enable", "start"]

    def test_another_unit_is_shown_kept_and_replaced(
        self, clawmend: CommandLine, manager: FakeManager, home: Home
    ) -> None:
        clawmend("service", "install", "--now")
        edited = manager.unit.read_text().replace("Nice=10", "Nice=5")
        manager.unit.write_text(edited)
        manager.asked = []
        run = clawmend("service", "install")
        assert run.out.startswith("Replaced ~/.config/systemd/user/clawmend.service; the one before is")
        assert "    -Nice=5\n    +Nice=10\n" in run.out
        assert "It runs with the file before until it is started again:\n    next  systemctl --user rest" in run.out
        (kept,) = (home.state / "units").iterdir()
        assert kept.read_text() == edited
        assert manager.asked == ["enable"]
        manager.unit.write_text(edited)
        run = clawmend("service", "install", "--now", "--json")
        assert (run.json["change"], manager.asked) == ("replaced", ["enable", "enable", "restart"])

    def test_a_warning_is_passed_on(self, clawmend: CommandLine, manager: FakeManager) -> None:
        manager.note = "it stops when you log out; to keep it running: loginctl enable-linger somebody"
        assert "It stops when you log out; to keep it running: loginctl" in clawmend("service", "install").out
        assert clawmend("service", "install", "--json").json["warning"] == manager.note

    def test_without_a_manager_it_is_2_and_nothing_is_written(
        self, clawmend: CommandLine, manager: FakeManager, home: Home
    ) -> None:
        manager.refusal = "no systemd user manager can be reached here"
        for verb in ("install", "uninstall", "status"):
            run = clawmend("service", verb)
            assert (run.code, run.out) == (2, "")
            assert run.err == "clawmend: no systemd user manager can be reached here; log in\n"
        assert not manager.unit.exists()
        assert not home.state.exists()

    def test_a_command_that_does_not_start_is_not_installed(
        self, clawmend: CommandLine, manager: FakeManager, command: Path
    ) -> None:
        command.write_text("#!/bin/sh\nexit 1\n")
        run = clawmend("service", "install")
        assert run.code == 2
        assert run.err == f"clawmend: {command} does not start; look at what it says: {command} --version\n"
        assert not manager.unit.exists()

    def test_a_command_in_a_cache_is_not_installed(
        self, clawmend: CommandLine, manager: FakeManager, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fleeting = stub(home.root / ".cache/uv/archive-v0/x/bin", "clawmend", 'echo "clawmend 1.0"')
        monkeypatch.setattr(module, "own_command", lambda: str(fleeting))
        run = clawmend("service", "install")
        assert run.code == 2
        assert "lies in a cache that is emptied now and then; install it for good: pipx install clawmend" in run.err
        assert not manager.unit.exists()

    def test_with_a_mistake_in_the_settings_it_is_not_installed(
        self, clawmend: CommandLine, manager: FakeManager, home: Home
    ) -> None:
        path = home.path / ".config/clawmend/config.toml"
        path.parent.mkdir(parents=True)
        path.write_text('[watch]\nmode = "x"\n')
        path.chmod(0o600)
        run = clawmend("service", "install")
        assert run.code == 2
        assert f'{path}:2: watch.mode is "x"' in run.err
        assert not manager.unit.exists()

    def test_a_unit_that_is_a_link_is_left(self, clawmend: CommandLine, manager: FakeManager) -> None:
        manager.unit.parent.mkdir(parents=True)
        manager.unit.symlink_to("/dev/null")
        for verb in ("install", "uninstall"):
            run = clawmend("service", verb)
            assert run.code == 2
            assert "unmask it first: systemctl --user unmask clawmend" in run.err
        assert os.readlink(manager.unit) == "/dev/null"
        assert manager.asked == []

    def test_for_the_home_of_somebody_else_it_is_refused(
        self, clawmend: CommandLine, manager: FakeManager, home: Home
    ) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root gives files away")
        os.chown(home.path, 65534, 65534)
        run = clawmend("service", "install")
        assert (run.code, run.out) == (2, "")
        assert "belongs to nobody, and a service has to be installed by its owner; log in as nobody" in run.err
        assert not manager.unit.exists()


class TestUninstall:
    def test_nothing_is_left_and_the_backups_stay(
        self, clawmend: CommandLine, manager: FakeManager, home: Home
    ) -> None:
        clawmend("service", "install", "--now")
        (Path(f"{manager.unit}.d")).mkdir()
        manager.asked = []
        run = clawmend("service", "uninstall")
        assert (run.code, run.err) == (0, "")
        said = " ".join(run.out.split())
        assert "Stopped the service and removed ~/.config/systemd/user/clawmend.service" in said
        assert "Your own ~/.config/systemd/user/clawmend.service.d was left as it is." in said
        assert f"Backups, logs and the removed file stay in {home.state} (clawmend backups list)." in said
        assert manager.asked == ["disable", "forget"]
        (kept,) = (home.state / "units").iterdir()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    def test_where_there_is_none_nothing_happens(self, clawmend: CommandLine, manager: FakeManager) -> None:
        run = clawmend("service", "uninstall")
        assert run.code == 0
        assert run.out.startswith("There is no ~/.config/systemd/user/clawmend.service; nothing was removed.")
        assert clawmend("service", "uninstall", "--json").json["removed"] is False
        assert manager.asked == []


def test_the_unit_of_the_gateway_beside_ours_stays_as_it_is(
    clawmend: CommandLine, manager: FakeManager, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes, mode, time and the very file; and the real adapter asks systemd for nothing but our own unit."""
    folder, asked = manager.unit.parent, []
    before = neighbour(folder, "openclaw-gateway.service", "[Service]\nExecStart=/usr/bin/node openclaw gateway\n")
    neighbour(folder / "openclaw-gateway.service.d", "override.conf", "[Service]\nNice=5\n")
    (folder / "default.target.wants").mkdir()
    (folder / "default.target.wants/openclaw-gateway.service").symlink_to(folder / "openclaw-gateway.service")
    beside = tree(folder)

    def systemctl(command: list[str], _timeout: float) -> Ran:
        asked.append(command)
        return Ran(0, f"{folder}\n" if "--property=UnitPath" in command else "ActiveState=inactive\n")

    real = Systemd(str(home.path), {}, FakeClock(), systemctl)
    monkeypatch.setattr(module, "own_manager", lambda *_given: real)

    assert clawmend("service", "install").code == 0
    manager.unit.write_text(manager.unit.read_text().replace("Nice=10", "Nice=5"))
    assert clawmend("service", "install", "--now", "--json").json["change"] == "replaced"
    assert {name: found for name, found in tree(folder).items() if name != "clawmend.service"} == beside
    assert clawmend("service", "uninstall", "--json").json["removed"] is True

    assert tree(folder) == beside
    assert identity_of((folder / "openclaw-gateway.service").stat()) == before
    units = {word for command in asked for word in command if word.endswith(".service")}
    assert units == {"clawmend.service"}


class TestStatus:
    def test_one_that_runs_is_0(self, clawmend: CommandLine, manager: FakeManager) -> None:
        clawmend("service", "install", "--now")
        manager.now = replace(RUNNING, said="watching sk-sp-0123456789abcdef0123")
        run = clawmend("service", "status")
        assert run.code == 0
        assert run.out.startswith("The service is running since 20")
        assert "(process 4711)" in run.out
        assert "log   journalctl --user -u clawmend" in run.out
        assert "/state/logs/clawmend.log\n" in run.out
        assert "sk-sp-0123456789abcdef0123" not in run.out
        document = clawmend("service", "status", "--json").json
        assert (document["installed"], document["running"], document["since"]) == (True, True, 1_800_000_000.0)

    def test_one_that_failed_is_1_and_says_how_it_ended(self, clawmend: CommandLine, manager: FakeManager) -> None:
        clawmend("service", "install")
        manager.now = replace(STOPPED, active="failed (failed)", last_exit="it ended with exit code 2")
        run = clawmend("service", "status")
        assert run.code == 1
        assert run.out.startswith("The service does not run: failed (failed).\n")
        assert run.out.endswith("    next  clawmend service install --now\n")
        assert "last  it ended with exit code 2" in run.out
        assert "which is not started at log-in" in " ".join(run.out.split())

    def test_none_is_1_with_the_command_to_install_it(self, clawmend: CommandLine, manager: FakeManager) -> None:
        run = clawmend("service", "status")
        assert run.code == 1
        assert run.out.endswith("    next  clawmend service install --now\n")
        assert clawmend("service", "status", "--json").json["installed"] is False
        assert manager.asked == []


@pytest.mark.parametrize("words", [["install", "--now"], ["status"], ["uninstall"]])
def test_on_a_machine_without_a_manager_it_is_one_sentence(home: Home, words: list[str]) -> None:
    """The real command, where neither a bus nor a runtime folder is."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home.path), "XDG_RUNTIME_DIR": str(home.root / "none"),
                   "DBUS_SESSION_BUS_ADDRESS": f"unix:path={home.root}/none/bus"}  # fmt: skip
    command = Path(sys.executable).with_name("clawmend")
    if not command.exists():
        pytest.skip("clawmend is not installed beside this Python")
    run = subprocess.run(
        [command, "service", *words], env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert len(run.stderr.splitlines()) == 1
    assert "systemd" in run.stderr
    assert "; " in run.stderr
