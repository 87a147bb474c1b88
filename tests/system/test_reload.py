"""Waiting for what a gateway's log says of a changed openclaw.json."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.snapshot import OpenClaw, Settings
from clawmend.core.state import Absent
from clawmend.system import reload as module
from clawmend.system.homes import StateFolder
from clawmend.system.reload import NotTaken, Reload, Reloaded, Restarting, Silent, Skipped, await_reload
from support.logs import line
from system.fakes import FakeClock

BEGAN = FakeClock.time
MEMBERS = (("models", "providers", "bailian"), ("agents", "defaults"))


class Bench:
    """A state folder, its log, and a gateway that writes into it some looks later."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / ".openclaw"
        self.folder.mkdir()
        self.log = folder / "gateway.log"
        self.clock = FakeClock()
        self.openclaw = OpenClaw(
            str(self.folder),
            None,
            Absent(str(self.folder / "openclaw.json")),
            Settings({"logging": {"file": str(self.log)}}),
            (),
        )

    @property
    def own(self) -> StateFolder:
        return StateFolder(self.openclaw.directory, self.openclaw.config.path)

    def say(self, text: str, time: float, *, subsystem: str = "gateway/reload") -> None:
        with self.log.open("a") as file:
            file.write(line(text, subsystem=subsystem, level="INFO", time=time) + "\n")
        self.log.chmod(0o600)

    def after(self, looks: int, work: Callable[[], None]) -> None:
        self.clock.on_sleep = lambda: work() if len(self.clock.slept) == looks else None

    def wait(self, members: Any = MEMBERS, everyone: tuple[StateFolder, ...] = ()) -> Reload:
        return await_reload(self.openclaw, (self.own, *everyone), members, BEGAN, self.clock)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_line_is_waited_for_and_its_time_is_the_figure(bench: Bench) -> None:
    bench.say("config hot reload applied (models.providers.bailian.baseUrl)", BEGAN - 60)
    bench.after(3, lambda: bench.say("config hot reload applied (models.providers.bailian.baseUrl)", BEGAN + 0.25))
    assert bench.wait() == Reloaded("config hot reload applied (models.providers.bailian.baseUrl)", 0.25)
    assert bench.clock.slept == pytest.approx([0.1, 0.1, 0.1])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("config change applied (dynamic reads: agents.list)", Reloaded),
        ("config reload skipped (invalid config): auth.profiles.x.mode: Invalid input", Skipped),
        ("config change requires gateway restart (auth)", Restarting),
        ("config reload disabled (gateway.reload.mode=off)", NotTaken),
        ("config reload requires gateway restart; hot mode ignoring (auth)", NotTaken),
    ],
)
def test_each_answer_of_the_log(bench: Bench, text: str, told: type) -> None:
    bench.say(text, BEGAN + 1)
    assert isinstance(bench.wait(), told)


def test_a_restart_within_the_process_is_one_as_well(bench: Bench) -> None:
    bench.say("received SIGUSR2; restarting", BEGAN + 1, subsystem="gateway")
    assert bench.wait() == Restarting("received SIGUSR2; restarting")


def test_a_line_whose_time_was_cut_to_the_millisecond_of_the_write_counts(bench: Bench) -> None:
    bench.say("config hot reload applied (models)", BEGAN)
    told = await_reload(bench.openclaw, (bench.own,), MEMBERS, BEGAN + 0.0009, bench.clock)
    assert told == Reloaded("config hot reload applied (models)", 0.0)


def test_what_was_taken_over_for_another_change_is_none_of_it(bench: Bench) -> None:
    bench.say("config hot reload applied (tools.web, hooks)", BEGAN + 0.5)
    assert bench.wait() == Silent("its log has said nothing of it for 10 s")
    assert bench.wait(members=()) == Reloaded("config hot reload applied (tools.web, hooks)", 0.5)


def test_a_line_that_was_cut_may_name_any_member(bench: Bench) -> None:
    many = ", ".join(f"tools.number{number}" for number in range(40))
    bench.say(f"config hot reload applied ({many}, models)", BEGAN + 1)
    assert isinstance(bench.wait(), Reloaded)


def test_silence_is_given_up_after_ten_seconds_and_the_log_is_read_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.say("config hot reload applied (models)", BEGAN - 1)
    read: list[float] = []
    real = module.evidence_for

    def counted(*arguments: Any) -> Any:
        read.append(bench.clock.now())
        return real(*arguments)

    monkeypatch.setattr(module, "evidence_for", counted)
    assert bench.wait() == Silent("its log has said nothing of it for 10 s")
    assert sum(bench.clock.slept) == pytest.approx(10, abs=0.2)
    assert len(read) == 1


def test_without_a_log_there_is_nothing_to_read(bench: Bench) -> None:
    assert bench.wait() == Silent("its log has said nothing of it for 10 s")


@pytest.mark.parametrize("level", ["silent", "error", "Warn"])
def test_a_gateway_that_logs_no_such_lines_is_not_waited_for(bench: Bench, level: str) -> None:
    bench.openclaw = replace(bench.openclaw, settings=Settings({"logging": {"level": level}}))
    assert bench.wait() == Silent(f"logging.level is {level}, so that its log does not tell")
    assert bench.clock.slept == []


def test_a_log_that_only_the_gateway_can_find_is_not_waited_for(bench: Bench) -> None:
    bench.openclaw = replace(bench.openclaw, settings=Settings({"logging": {"file": "logs/here.log"}}))
    told = bench.wait()
    assert isinstance(told, Silent)
    assert "only the gateway knows" in told.reason
    assert bench.clock.slept == []


def test_a_state_folder_that_is_gone_is_not_waited_for(bench: Bench) -> None:
    bench.folder.rmdir()
    assert bench.wait() == Silent("its state folder is gone")
    assert bench.clock.slept == []


def test_a_folder_that_goes_meanwhile_is_silent(bench: Bench) -> None:
    bench.after(1, bench.folder.rmdir)
    assert bench.wait() == Silent("its log has said nothing of it for 10 s")


def test_of_two_homes_that_share_a_log_nobody_knows_whose_line_it_is(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = StateFolder(str(tmp_path / "other"), str(tmp_path / "other" / "openclaw.json"))
    bench.say("config hot reload applied (models)", BEGAN + 1)
    assert isinstance(bench.wait(everyone=(other,)), Silent)


def test_a_home_without_settings_has_its_log_in_the_usual_place(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clawmend.system.gateway_log.PREFERRED", str(tmp_path / "none"))
    for name in ("TMPDIR", "TMP", "TEMP"):
        monkeypatch.setenv(name, str(tmp_path))
    folder = tmp_path / f"openclaw-{os.getuid()}"
    folder.mkdir(mode=0o700)
    bench.log = folder / "openclaw-2027-01-15.log"
    bench.say("config hot reload applied (models)", BEGAN + 1)
    bench.openclaw = replace(bench.openclaw, settings=None)
    assert isinstance(bench.wait(), Reloaded)
