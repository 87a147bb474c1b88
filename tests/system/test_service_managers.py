"""Our service under the two managers, through recorded words: a systemd that answers, and a launchd with its races."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.system import service_systemd
from clawmend.system.commands import Ran
from clawmend.system.service_launchd import Launchd
from clawmend.system.service_manager import own_manager
from clawmend.system.service_systemd import Systemd
from system.fakes import FakeClock

NOW = 1_800_000_000.0
# As a real systemd 252 printed them.
RUNNING = """\
Result=success
NRestarts=0
MainPID=146
ExecMainCode=0
ExecMainStatus=0
StatusText=watching
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
ActiveEnterTimestampMonotonic={entered}
"""
FAILED = """\
Result={result}
MainPID=0
ExecMainCode={code}
ExecMainStatus={status}
StatusText=
LoadState=loaded
ActiveState=failed
SubState=failed
UnitFileState=enabled
ActiveEnterTimestampMonotonic=0
"""


@dataclass
class Manager:
    """Answers by the first words of a command; the last answer of a list stays."""

    answers: dict[str, list[Ran | None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, command: list[str], timeout: float) -> Ran | None:
        assert timeout > 0
        line = " ".join(command)
        self.asked.append(line)
        for start, answers in self.answers.items():
            if line.startswith(start):
                return answers.pop(0) if len(answers) > 1 else answers[0]
        return Ran(0, "")


def systemd(manager: Manager, home: str = "/h", environment: dict[str, str] | None = None) -> Systemd:
    return Systemd(home, environment or {}, FakeClock(NOW), manager)


class TestSystemd:
    @pytest.mark.parametrize(
        ("looked_at", "environment", "path"),
        [
            ("/h/.config/systemd/user /etc/systemd/user", {}, "/h/.config/systemd/user/clawmend.service"),
            ("/x/systemd/user", {"XDG_CONFIG_HOME": "/x"}, "/x/systemd/user/clawmend.service"),
            ("/h/.config/systemd/user", {"XDG_CONFIG_HOME": "/x"}, "/h/.config/systemd/user/clawmend.service"),
            ("", {}, "/h/.config/systemd/user/clawmend.service"),
        ],
    )
    def test_the_unit_lies_where_the_manager_looks(
        self, looked_at: str, environment: dict[str, str], path: str
    ) -> None:
        manager = Manager({"systemctl --user show --property=UnitPath": [Ran(0, looked_at + "\n")]})
        assert systemd(manager, environment=environment).path() == path

    def test_one_that_looks_elsewhere_is_a_sentence(self) -> None:
        manager = Manager({"systemctl --user show": [Ran(0, "/root/.config/systemd/user")]})
        with pytest.raises(ClawmendError, match=r"does not look for units in /h/\.config/systemd/user; log in anew"):
            systemd(manager).path()

    @pytest.mark.parametrize("method", ["path", "state"])
    def test_without_a_manager_it_is_one_sentence_with_a_remedy(
        self, method: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = "Failed to connect to bus: No medium found\n"
        service = systemd(Manager({"systemctl": [Ran(1, "", said)]}))
        monkeypatch.setattr(service_systemd.shutil, "which", lambda _name: "/bin/systemctl")
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        with pytest.raises(ClawmendError, match=r"reached here \(Failed to connect .*\); run it as the user whose"):
            getattr(service, method)()
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        with pytest.raises(ClawmendError, match=r"log in as yourself .* or run: loginctl enable-linger"):
            getattr(service, method)()
        monkeypatch.setattr(service_systemd.shutil, "which", lambda _name: None)
        with pytest.raises(ClawmendError, match=r"this machine has no systemd; .*clawmend watch"):
            getattr(systemd(Manager({"systemctl": [None]})), method)()

    def test_one_that_runs_says_since_when(self) -> None:
        entered = int((NOW - 90) * 1e6)  # the clock of the test has one time for both
        state = systemd(Manager({"systemctl --user show": [Ran(0, RUNNING.format(entered=entered))]})).state()
        assert (state.running, state.enabled, state.pid, state.said) == (True, True, 146, "watching")
        assert state.since == pytest.approx(NOW - 90)
        assert (state.active, state.last_exit) == ("active (running)", "")

    @pytest.mark.parametrize(
        ("result", "code", "status", "said"),
        [
            ("exit-code", 1, 2, "it ended with exit code 2"),
            ("watchdog", 2, 6, "it did not answer any more and was killed (watchdog)"),
            ("start-limit-hit", 2, 9, "it failed too often and is not started any more (start-limit-hit)"),
            ("signal", 2, 9, "it was killed by signal 9"),
            ("core-dump", 3, 11, "it was killed by signal 11"),
            ("timeout", 1, 0, "it failed (timeout)"),
        ],
    )
    def test_one_that_failed_says_how(self, result: str, code: int, status: int, said: str) -> None:
        shown = FAILED.format(result=result, code=code, status=status)
        state = systemd(Manager({"systemctl --user show": [Ran(0, shown)]})).state()
        assert (state.running, state.since, state.pid, state.last_exit) == (False, None, None, said)

    def test_every_step_is_asked_for_and_a_refusal_is_a_sentence(self) -> None:
        manager = Manager()
        service = systemd(manager)
        service.enable()
        service.start(again=False)
        service.start(again=True)
        service.disable()
        service.forget()
        assert manager.asked == [
            f"systemctl --user {words}"
            for words in (
                "daemon-reload",
                "enable clawmend.service",
                "reset-failed clawmend.service",
                "start clawmend.service",
                "reset-failed clawmend.service",
                "restart clawmend.service",
                "disable --now clawmend.service",
                "daemon-reload",
                "reset-failed clawmend.service",
            )
        ]
        failing = systemd(
            Manager({"systemctl --user start": [Ran(1, "", "Job failed.\nSee more.\n"), Ran(4, ""), None]})
        )
        for problem in ("failed: Job failed; see why", "failed: exit code 4; see why", "gave no answer within 90 sec"):
            with pytest.raises(ClawmendError, match=f"systemctl --user start clawmend.service {problem}"):
                failing.start(again=False)

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (Ran(0, "yes\n"), ""),
            (Ran(0, "no\n"), "it stops when you log out, and starts when you log in; to keep it running: loginctl"),
            (
                Ran(1, "", "Failed to connect"),
                "cannot tell whether it goes on after you log out; to make sure: loginctl",
            ),
            (None, "cannot tell whether it goes on after you log out; to make sure: loginctl enable-linger somebody"),
        ],
    )
    def test_lingering_is_looked_at(self, answer: Ran | None, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOGNAME", "somebody")
        warning = systemd(Manager({"loginctl": [answer]})).warning()
        assert warning.startswith(said)
        assert bool(warning) is bool(said)

    def test_a_user_without_a_name_is_a_number(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def nobody() -> str:
            raise KeyError("no entry")

        monkeypatch.setattr(service_systemd.getpass, "getuser", nobody)
        warning = systemd(Manager({"loginctl": [None]})).warning()
        assert warning.endswith(f"enable-linger {os.getuid()}")


PRINTED = """\
gui/501/dev.clawmend = {
\tactive count = 1
\tpath = /h/Library/LaunchAgents/dev.clawmend.plist
\tstate = running

\tprogram = /opt/clawmend
\tdefault environment = {
\t\tPATH => /usr/bin:/bin
\t\tpid = 1
\t}
\truns = 1
\tpid = 4711
\tlast exit code = (never exited)
}
"""
WAITING = PRINTED.replace("\tpid = 4711\n", "").replace("state = running", "state = not running")
ABSENT = Ran(113, "", 'Could not find service "dev.clawmend" in domain for user gui: 501')
UP, DOWN, OK = Ran(0, PRINTED), Ran(0, WAITING), Ran(0, "")


class TestLaunchd:
    def launchd(self, manager: Manager) -> tuple[Launchd, FakeClock]:
        clock = FakeClock(NOW)
        return Launchd("/h", clock, manager), clock

    def verbs(self, manager: Manager) -> list[str]:
        return [line.split()[1] for line in manager.asked if line.split()[1] not in {"print", "print-disabled"}]

    def test_the_agent_lies_in_the_users_library(self) -> None:
        launchd, _ = self.launchd(Manager())
        assert launchd.path() == "/h/Library/LaunchAgents/dev.clawmend.plist"
        assert launchd.warning() == ""
        launchd.forget()

    def test_what_print_says_is_read_and_inner_blocks_are_not(self) -> None:
        state = self.launchd(Manager({"launchctl print gui": [UP]}))[0].state()
        assert (state.running, state.pid, state.active, state.last_exit) == (True, 4711, "running", "")
        crashed = Ran(0, WAITING.replace("(never exited)", "78: EX_CONFIG"))
        state = self.launchd(Manager({"launchctl print gui": [crashed]}))[0].state()
        assert (state.running, state.pid, state.last_exit) == (False, None, "it ended with exit code 78")
        state = self.launchd(Manager({"launchctl print gui": [ABSENT]}))[0].state()
        assert (state.running, state.active) == (False, "not loaded")

    @pytest.mark.parametrize("word", ["disabled", "true"])
    def test_one_that_is_disabled_is_not_enabled(self, word: str, tmp_path: Path) -> None:
        manager = Manager({"launchctl print-disabled": [Ran(0, f'\t"dev.clawmend" => {word}\n')]})
        launchd = Launchd(str(tmp_path), FakeClock(), manager)
        Path(launchd.path()).parent.mkdir(parents=True)
        Path(launchd.path()).touch()
        assert launchd.state().enabled is False
        manager.answers = {}
        assert launchd.state().enabled is True

    def test_a_new_one_is_loaded_and_waited_for(self) -> None:
        manager = Manager({"launchctl print gui": [ABSENT, DOWN, DOWN, UP]})
        launchd, clock = self.launchd(manager)
        launchd.enable()
        launchd.start(again=False)
        assert self.verbs(manager) == ["enable", "bootstrap", "kickstart"]
        assert clock.slept == [0.2]

    def test_bootstrap_fails_with_5_while_the_old_one_goes_and_is_tried_again(self) -> None:
        manager = Manager(
            {
                "launchctl print gui": [UP, UP, UP, ABSENT, ABSENT, ABSENT, UP],
                "launchctl bootstrap": [Ran(5, "", "Bootstrap failed: 5: Input/output error"), Ran(5, ""), OK],
            }
        )
        launchd, clock = self.launchd(manager)
        launchd.start(again=True)
        assert self.verbs(manager) == ["bootout", "bootstrap", "bootstrap", "bootstrap", "kickstart"]
        assert clock.slept == [0.2, 0.2, 0.2, 0.5]

    def test_what_bootstrap_says_counts_less_than_what_print_finds(self) -> None:
        manager = Manager({"launchctl print gui": [ABSENT, UP], "launchctl bootstrap": [Ran(37, "")]})
        self.launchd(manager)[0].start(again=False)
        assert self.verbs(manager) == ["bootstrap", "kickstart"]

    def test_one_that_is_loaded_and_stopped_is_only_started(self) -> None:
        manager = Manager({"launchctl print gui": [DOWN, DOWN, UP]})
        self.launchd(manager)[0].start(again=False)
        assert self.verbs(manager) == ["kickstart"]

    @pytest.mark.parametrize(
        ("answers", "said"),
        [
            ({"launchctl print gui": [ABSENT], "launchctl bootstrap": [Ran(5, "")]}, r"bootstrap .* \(exit code 5\)"),
            ({"launchctl print gui": [ABSENT], "launchctl bootstrap": [Ran(125, "")]}, "nobody is logged in at the sc"),
            ({"launchctl print gui": [DOWN], "launchctl kickstart": [None]}, r"kickstart .* \(no answer\)"),
            ({"launchctl print gui": [None]}, "launchctl gave no answer"),
        ],
    )
    def test_one_that_does_not_come_up_is_a_sentence(self, answers: dict[str, list[Ran | None]], said: str) -> None:
        with pytest.raises(ClawmendError, match=said):
            self.launchd(Manager(answers))[0].start(again=False)

    def test_one_that_does_not_go_is_a_sentence_too(self) -> None:
        manager = Manager({"launchctl print gui": [UP]})
        launchd, clock = self.launchd(manager)
        with pytest.raises(ClawmendError, match=r"launchctl bootout gui/\d+/dev\.clawmend failed"):
            launchd.disable()
        assert sum(clock.slept) == pytest.approx(30, abs=0.5)
        manager.answers = {"launchctl print gui": [ABSENT], "launchctl enable": [Ran(1, "")]}
        launchd.disable()
        assert self.verbs(manager) == ["bootout"]
        with pytest.raises(ClawmendError, match="launchctl enable"):
            launchd.enable()


def test_a_mac_has_launchd_and_the_others_have_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    for platform, name in (("darwin", "launchd"), ("linux", "systemd")):
        monkeypatch.setattr("clawmend.system.service_manager.sys.platform", platform)
        assert own_manager("/h", {}, FakeClock()).name == name
