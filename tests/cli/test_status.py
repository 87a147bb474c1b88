"""`clawmend status`: what runs, what it did, what is left, at any width, and followed until Ctrl-C."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from clawmend.cli import following
from clawmend.cli.app import Settings
from clawmend.cli.following import follow_status
from clawmend.cli.lean import takes_colour
from clawmend.cli.status import status_json
from clawmend.cli.wrapping import cells
from clawmend.loop.status import Happened, Status, Waiting, Watched, write_status
from clawmend.system.liveness import start_of_process
from clawmend.system.locks import own_lock
from clawmend.system.machine import Place, RealClock
from cli.run import CommandLine
from repair.home import Home
from system.fakes import FakeClock

KEY = "sk-sp-0123456789abcdef0123456789abcdef"
LONG = "~/.openclaw/agents/a-name-that-is-rather-long/agent/auth-profiles.json"


@pytest.fixture
def running(home: Home) -> Status:
    """What a daemon would have written that is this very process."""
    started = start_of_process(os.getpid())
    assert started is not None
    now = RealClock().now()
    return Status(
        os.getpid(),
        started,
        now - 3700,
        "0.1.0",
        str(home.path),
        "auto",
        now,
        watched=(Watched("~/.openclaw", True), Watched("~", True)),
        last_look=Happened(now - 3, "nothing to do"),
        last_repair=Happened(now - 7300, "repaired ~/.openclaw/x (OC101)"),
        gateway=("the gateway is healthy",),
        budget="1 of 2 in the last minute",
    )


def write(home: Home, status: Status) -> None:
    home.state.mkdir(mode=0o700, exist_ok=True)
    write_status(str(home.state), status)


def test_one_that_has_not_looked_yet_says_so(clawmend: CommandLine, home: Home, running: Status) -> None:
    write(home, replace(running, last_look=None))
    run = clawmend("status")
    assert run.code == 0
    assert "Its first look is going on." in " ".join(run.out.split())


def test_one_that_runs_and_needs_nobody_is_0(clawmend: CommandLine, home: Home, running: Status) -> None:
    write(home, running)
    run = clawmend("status")
    assert (run.code, run.err) == (0, "")
    first, *others = run.out.splitlines()
    assert first.startswith("clawmend is running since 20")
    assert "(1 h 1 min)" in run.out
    assert f"process {os.getpid()}." in run.out
    assert [line.split()[0] for line in others if line[4:5] != " "][-6:] == [
        "watching",
        "watching",
        "looked",
        "repaired",
        "gateway",
        "restarts",
    ]
    assert "    looked    3 s ago: nothing to do\n" in run.out
    assert "    repaired  2 h 1 min ago: repaired ~/.openclaw/x (OC101)\n" in run.out


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"held": (Waiting("OC201", "~/x", "asks"),)}, "held      OC201 ~/x: asks"),
        ({"contested": (Waiting("OC101", "~/y", "came back twice"),)}, "contested OC101 ~/y: came back twice"),
        ({"contested": (Waiting("OC301", "~/y", "contested: it was undone"),)}, "contested OC301 ~/y: it was undone"),
        ({"errors": ("cannot look at ~/z",)}, "error     cannot look at ~/z"),
        ({"settings": "the earlier settings hold"}, "error     the earlier settings hold"),
        ({"gateway": ("the gateway is down",), "gateway_down": True}, "gateway   the gateway is down"),
    ],
)
def test_what_needs_a_person_is_1(
    clawmend: CommandLine, home: Home, running: Status, changes: dict[str, object], shown: str
) -> None:
    write(home, replace(running, **changes))  # type: ignore[arg-type]
    run = clawmend("status")
    assert run.code == 1
    assert f"    {shown}\n" in run.out
    assert clawmend("status", "--json").json["needs_you"] is True
    assert clawmend("status", "-q").code == 1


def test_a_watch_that_is_not_proven_is_told_and_needs_nobody(
    clawmend: CommandLine, home: Home, running: Status
) -> None:
    watched = (Watched("~/.openclaw", False, "looked at every 60 s"),)
    write(home, replace(running, watched=watched, mode="report"))
    run = clawmend("status")
    assert run.code == 0
    assert "    watching  ~/.openclaw: looked at every 60 s\n" in run.out
    assert "mode report" in run.out.replace("\n", " ")


def test_a_long_list_is_cut_and_says_where_the_rest_is(clawmend: CommandLine, home: Home, running: Status) -> None:
    write(home, replace(running, held=tuple(Waiting("OC201", f"~/{n}", "asks") for n in range(11))))
    assert "held      and 3 more: clawmend status --json\n" in clawmend("status").out
    assert len(clawmend("status", "--json").json["held"]) == 11


def ago(status: Status, seconds: float, sweep: float | None = 60.0) -> Status:
    """The status as it was written so long ago, while the machine was awake."""
    return replace(status, written=status.written - seconds, awake=time.monotonic() - seconds, sweep=sweep)


class TestSilent:
    """A watcher that lives and has not said for long how it is: what it said last is no answer."""

    def test_it_needs_you_and_says_since_when(self, clawmend: CommandLine, home: Home, running: Status) -> None:
        write(home, ago(running, 170))
        assert clawmend("status").code == 0
        write(home, ago(running, 240))
        run = clawmend("status")
        assert run.code == 1
        told = " ".join(run.out.split())
        assert "error clawmend last said 4 min ago how it is" in told
        assert f"it cannot write to {home.state}, or hangs; see: df -h {home.state}" in told
        assert clawmend("status", "--json").json["needs_you"] is True

    def test_one_that_looks_seldom_may_be_silent_for_longer(
        self, clawmend: CommandLine, home: Home, running: Status
    ) -> None:
        write(home, ago(running, 3000, sweep=1200.0))
        assert clawmend("status").code == 0

    def test_a_machine_that_slept_and_a_clock_that_jumps_silence_nobody(
        self, clawmend: CommandLine, home: Home, running: Status
    ) -> None:
        write(home, replace(ago(running, 10), written=running.written - 8 * 3600))
        assert clawmend("status").code == 0

    def test_a_watcher_of_before_an_upgrade_does_not_say_how_often_it_writes(
        self, clawmend: CommandLine, home: Home, running: Status
    ) -> None:
        write(home, ago(running, 400, sweep=None))
        assert clawmend("status").code == 0

    def test_one_that_is_at_work_is_waited_for(self, clawmend: CommandLine, home: Home, running: Status) -> None:
        write(home, ago(running, 240))
        with own_lock(str(home.state)):
            assert clawmend("status").code == 0
        assert clawmend("status").code == 1

    @pytest.mark.parametrize(("free", "told"), [(0, "is full"), (2**30, "or hangs"), (None, "or hangs")])
    def test_a_full_disk_is_named(
        self, clawmend: CommandLine, home: Home, running: Status, monkeypatch: pytest.MonkeyPatch,
        free: int | None, told: str,
    ) -> None:  # fmt: skip
        write(home, ago(running, 240))

        def asked(_path: str) -> SimpleNamespace:
            if free is None:
                raise OSError
            return SimpleNamespace(f_bavail=free // 4096, f_frsize=4096)

        monkeypatch.setattr(os, "statvfs", asked)
        assert told in clawmend("status").out.replace("\n              ", " ")


class TestPause:
    """What holds is what `check` goes by, whatever the watcher had read when it last looked."""

    HELD = Waiting("OC101", "~/x", "clawmend is paused until clawmend resume; to repair all the same: clawmend repair")

    def test_it_is_told_the_moment_it_begins_and_needs_nobody(
        self, clawmend: CommandLine, home: Home, running: Status
    ) -> None:
        write(home, running)
        clawmend("pause")
        run = clawmend("status")
        assert run.code == 0
        assert "    paused    clawmend is paused until clawmend resume\n" in run.out
        assert clawmend("status", "--json").json["paused"] == "clawmend is paused until clawmend resume"

    def test_it_is_over_the_moment_it_ends_and_so_are_the_reasons_that_speak_of_it(
        self, clawmend: CommandLine, home: Home, running: Status
    ) -> None:
        write(home, replace(running, paused="clawmend is paused until clawmend resume", held=(self.HELD,)))
        clawmend("pause")
        assert clawmend("status", "--json").json["held"][0]["reason"] == self.HELD.reason
        clawmend("resume")
        document = clawmend("status", "--json").json
        assert document["paused"] == ""
        assert document["held"][0]["reason"].startswith("clawmend was paused when it last looked")

    def test_it_is_told_where_no_watcher_runs_or_can_be_understood(self, clawmend: CommandLine, home: Home) -> None:
        clawmend("pause")
        assert "paused    clawmend is paused until" in clawmend("status").out
        (home.state / "status.json").write_text("{}")
        assert "paused    clawmend is paused until" in clawmend("status").out


class TestNotRunning:
    def said(self, clawmend: CommandLine) -> str:
        run = clawmend("status")
        assert run.code == 2
        assert clawmend("status", "-q").out == ""
        assert "    next      clawmend service install --now\n" in run.out
        return " ".join(run.out.split())

    def test_where_it_never_ran_it_is_2_with_the_command_to_start_it(self, clawmend: CommandLine, home: Home) -> None:
        assert self.said(clawmend).startswith("clawmend is not running, and has not run here yet.")
        assert not home.state.exists()
        assert set(clawmend("status", "--json").json) == {
            "schema", "running", "problem", "next", "needs_you", "pid", "since", "version", "home", "mode", "written",
            "last_look", "last_repair", "watched", "held", "contested", "gateway", "errors", "budget", "paused"
        }  # fmt: skip

    def test_one_that_was_stopped_says_since_when(self, clawmend: CommandLine, home: Home, running: Status) -> None:
        write(home, replace(running, stopped=RealClock().now() - 120))
        assert self.said(clawmend).startswith("clawmend is not running: it was stopped 2 min ago.")
        assert "looked" in clawmend("status").out

    def test_one_that_was_killed_is_known_by_its_process(
        self, clawmend: CommandLine, home: Home, running: Status
    ) -> None:
        write(home, replace(running, started=running.started - 3600))
        assert "ended without a word, last heard of" in self.said(clawmend)
        write(home, replace(running, pid=2**22 + 1))
        assert "process 4194305 ended without a word" in self.said(clawmend)

    def test_one_that_is_held_says_how_to_let_it_go(self, clawmend: CommandLine, home: Home, running: Status) -> None:
        with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as process:
            started = start_of_process(process.pid)
            assert started is not None
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
            write(home, replace(running, pid=process.pid, started=started))
            run = clawmend("status")
            process.kill()
        assert run.code == 2
        assert f"process {process.pid} is held (Ctrl-Z).\n    next      kill -CONT {process.pid}\n" in run.out

    def test_one_that_watches_another_home_is_not_ours(
        self, clawmend: CommandLine, home: Home, running: Status
    ) -> None:
        write(home, replace(running, home="/elsewhere"))
        assert f"watches /elsewhere, not {home.path}" in self.said(clawmend)

    def test_a_file_of_another_version_is_2(self, clawmend: CommandLine, home: Home) -> None:
        home.state.mkdir()
        (home.state / "status.json").write_text("{}")
        run = clawmend("status", "--json")
        assert (run.code, run.json["running"]) == (2, False)
        assert "was not written by this version" in run.json["problem"]


def test_the_json_says_the_same_with_and_without_a_daemon(clawmend: CommandLine, home: Home, running: Status) -> None:
    without = clawmend("status", "--json").json
    write(home, running)
    document = clawmend("status", "--json").json
    assert set(document) == set(without)
    assert document["last_look"] == {"at": running.last_look.at, "result": "nothing to do"}  # type: ignore[union-attr]
    assert document["watched"][0] == {"path": "~/.openclaw", "proven": True, "problem": ""}


def test_what_stands_in_the_file_steers_no_terminal_and_gives_no_key_away(
    clawmend: CommandLine, home: Home, running: Status
) -> None:
    write(home, replace(running, errors=(f"\x1b[31m{KEY}\nforged",), gateway=(KEY,), budget=KEY, paused=KEY))
    for words in ([], ["--json"]):
        out = clawmend("status", *words).out
        assert KEY not in out
        assert "\x1b" not in out
    assert "…(38 chars" in clawmend("status").out


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits_the_terminal_and_breaks_no_path(
    clawmend: CommandLine, home: Home, running: Status, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    write(
        home, replace(running, held=(Waiting("OC201", LONG, "it may be somebody's intent, so it asks first 名名名"),))
    )
    out = clawmend("status").out
    assert LONG in out
    assert all(cells(line) <= width or LONG in line for line in out.splitlines())


class TestColour:
    def test_on_a_terminal_there_is_some_unless_it_is_not_wanted(
        self, clawmend: CommandLine, home: Home, running: Status
    ) -> None:
        write(home, running)
        # The process of the test is the daemon, and stays alive while another one asks about it.
        assert "\x1b[32mclawmend is running" in clawmend.on_terminal("status").out
        for words, environment in ((["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})):
            run = clawmend.on_terminal("status", *words, environment=environment)
            assert "\x1b" not in run.out
            assert run.out.startswith("clawmend is running")

    def test_it_can_be_forced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert takes_colour(no_color=False) is False
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert takes_colour(no_color=False) is True
        assert takes_colour(no_color=True) is False


class TestFollow:
    @pytest.fixture
    def clock(self, running: Status) -> FakeClock:
        return FakeClock(running.written)

    def follow(self, home: Home, clock: FakeClock, steps: Iterator[Status | None], **options: object) -> None:
        """Follow while each step is written in turn; Ctrl-C comes after the last."""

        def next_step() -> None:
            step = next(steps, "end")
            if step == "end":
                raise KeyboardInterrupt
            if isinstance(step, Status):
                write(home, step)

        clock.on_sleep = next_step
        settings = Settings(**options)  # type: ignore[arg-type]
        place = Place(str(home.path), str(home.state), {})
        follow_status(settings, lambda ages: status_json(place, clock, ages=ages), clock)

    def test_elsewhere_than_on_a_terminal_a_line_is_a_change(
        self, home: Home, running: Status, clock: FakeClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(home, running)
        repaired = replace(running, last_repair=Happened(1_800_000_000.0, "repaired ~/z"), written=running.written + 1)
        looked = replace(running, written=running.written + 2, last_look=Happened(1_800_000_000.0, "nothing to do"))
        self.follow(home, clock, iter([None, looked, repaired, None]))
        out = capsys.readouterr().out.splitlines()
        assert out[0].startswith("clawmend is running since ")
        assert "watching  ~/.openclaw" in out
        stamped = [line for line in out if "  repaired  " in line and line.startswith("20")]
        assert stamped == out[-1:]
        assert out[-1].endswith(": repaired ~/z")

    def test_with_json_each_change_is_one_object(
        self, home: Home, running: Status, clock: FakeClock, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        write(home, running)
        stopped = replace(running, stopped=1.0)
        self.follow(
            home, clock, iter([None, replace(running, written=running.written + 2), stopped, None]), format="json"
        )
        documents = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
        assert [document["running"] for document in documents] == [True, False]

    @pytest.mark.parametrize("form", ["text", "json"])
    @pytest.mark.parametrize("changes", [{"stopped": 1_799_999_990.0}, {"pid": 2**22 + 1}])
    def test_where_no_watcher_runs_that_is_said_once(
        self, home: Home, running: Status, clock: FakeClock, capfd: pytest.CaptureFixture[str],
        form: str, changes: dict[str, float]
    ) -> None:  # fmt: skip
        gone = replace(running, **changes)  # type: ignore[arg-type]
        write(home, gone)
        self.follow(home, clock, iter([None, None]), format=form)
        once = capfd.readouterr().out
        assert once.count("is not running: ") == 1
        assert re.search(r"(stopped|heard of) at 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.", once)
        self.follow(home, clock, iter([None] * 100), format=form)
        assert capfd.readouterr().out == once

    def test_quiet_says_nothing(
        self, home: Home, running: Status, clock: FakeClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(home, running)
        self.follow(home, clock, iter([replace(running, stopped=1.0)]), quiet=True)
        assert capsys.readouterr().out == ""

    @pytest.mark.parametrize("columns", ["60", "100"])
    def test_on_a_terminal_it_is_drawn_anew_and_ctrl_c_ends_it(
        self, clawmend: CommandLine, home: Home, running: Status, columns: str
    ) -> None:
        write(home, replace(running, held=(Waiting("OC201", LONG, "asks"),)))
        run = on_terminal_until_drawn_twice(clawmend, "status", "--follow", columns=columns)
        assert run[0] == 1
        assert "clawmend is running since" in run[1]
        assert "Ctrl-C ends this view, not the daemon." in run[1]
        assert run[1].endswith("\x1b[?25h")  # the cursor is shown again
        assert "Traceback" not in run[1]


def on_terminal_until_drawn_twice(clawmend: CommandLine, *words: str, columns: str) -> tuple[int, str]:
    """Run on a terminal, wait until the view was drawn a second time, and press Ctrl-C."""
    master, slave = os.openpty()
    environment = {"TERM": "xterm-256color", "COLUMNS": columns, "LINES": "40"}
    process = clawmend.start(*words, environment=environment, stdin=slave, stdout=slave, stderr=subprocess.STDOUT)
    os.close(slave)
    said, interrupted = b"", False
    try:
        while True:
            if not select.select([master], [], [], 30)[0]:
                raise TimeoutError(said)
            try:
                chunk = os.read(master, 65536)
            except OSError:  # the other side has closed
                break
            said += chunk
            if said.count(b"Ctrl-C ends") >= 2 and not interrupted:
                interrupted = True
                process.send_signal(signal.SIGINT)
        return process.wait(30), said.decode().replace("\r", "").rstrip("\n")
    finally:
        process.kill()
        process.wait()
        os.close(master)


def test_its_poll_is_slow_enough_for_nobody_to_notice() -> None:
    assert following._EVERY_SECONDS >= 1


def test_the_home_is_the_same_through_a_link(home: Home, running: Status, tmp_path: Path) -> None:
    write(home, running)
    (tmp_path / "link").symlink_to(home.path)
    assert status_json(Place(str(tmp_path / "link"), str(home.state), {}), RealClock())["running"] is True
