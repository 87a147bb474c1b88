"""The watcher as a process, without one: chores, signals, mistakes in a turn, settings read again, the end."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.configuration import Configuration, Problem
from clawmend.core.errors import BusyError, ClawmendError
from clawmend.core.event import Event
from clawmend.core.memory import Pause
from clawmend.core.metrics_options import MetricsOptions
from clawmend.core.notify_options import NotifyOptions, targets_of
from clawmend.core.operation import LogFormat, LogLevel, WatchMode
from clawmend.loop.daemon import Daemon, Parts
from clawmend.loop.engine import Turn
from clawmend.loop.jobs import Chore
from clawmend.loop.journal import Log
from clawmend.loop.posting import Post
from clawmend.loop.status import Status, read_status
from clawmend.loop.stopping import StoppableClock
from clawmend.loop.wakes import Reason
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.journal import Journal
from clawmend.system.memory import Forgetting
from clawmend.system.outbox import Outbox
from clawmend.system.records import Kind
from clawmend.system.sdnotify import Notifier
from loop.bed import VERSION, FakeWatching, settings, silent_log
from repair.home import OLD_KEY, OLD_URL, Home, cache, profiles


class Clock(StoppableClock):
    """Time that passes only when the test says so, except for those who wait on a bell."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 1_800_000_000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time - 1_700_000_000.0


@dataclass
class Told(Notifier):
    """A service manager that remembers what it was told."""

    said: list[str] = field(default_factory=list)

    def _send(self, *lines: str) -> bool:
        self.said += lines
        return True


@dataclass
class Watcher:
    """A daemon whose loop the test turns by hand, or lets run in a thread."""

    home: Home
    clock: Clock
    watching: FakeWatching
    notifier: Told
    daemon: Daemon
    configuration: list[Configuration | ClawmendError]

    def go_on(self, *chores: Chore) -> None:
        """Everything that is due, once round."""
        for chore in chores:
            self.daemon._ring(chore)
        self.daemon._chores_due()
        wake = self.daemon.wakes.take()
        if wake is not None:
            self.daemon._turn(wake)

    def start(self) -> "Watcher":
        self.daemon.wakes.ring(Reason.START)
        self.go_on()
        return self

    @property
    def status(self) -> Status:
        found = read_status(str(self.home.state))
        assert found is not None
        return found


Make = Callable[..., Watcher]


@pytest.fixture
def make(home: Home) -> Iterator[Make]:
    logs: list[Log] = []
    daemons: list[Daemon] = []

    def one(configuration: Configuration | None = None, **tools: object) -> Watcher:
        home.state.mkdir(mode=0o700, exist_ok=True)
        clock, watching, notifier, log = Clock(), FakeWatching(), Told(None), silent_log()
        notifier.said = []
        read: list[Configuration | ClawmendError] = [configuration or settings()]

        def reading() -> Configuration:
            if isinstance(read[-1], ClawmendError):
                raise read[-1]
            return read[-1]

        parts = Parts(
            tools=home.tools(clock=clock, **tools),
            clock=clock,
            log=log,
            notifier=notifier,
            post=Post(str(home.state), ("true",)),
            watch=lambda _changed: watching,
            read=reading,
            version=None,
        )
        daemon = Daemon(parts, reading())
        daemon._engine._version = VERSION
        logs.append(log)
        daemons.append(daemon)
        return Watcher(home, clock, watching, notifier, daemon, read)

    yield one
    for daemon in daemons:
        daemon._jobs.close()
    for log in logs:
        log.close()


def stale(home: Home) -> None:
    home.write(home.models, cache(), age=60)


def test_it_is_ready_and_then_tells_what_the_first_look_found(make: Make) -> None:
    watcher = make().start()
    assert "READY=1" in watcher.notifier.said
    assert any(line.startswith("STATUS=") and "nothing to do" in line for line in watcher.notifier.said)
    status = watcher.status
    assert (status.pid, status.mode, status.stopped) == (os.getpid(), "auto", None)
    assert status.last_look is not None
    assert status.watched
    assert all(one.proven for one in status.watched)


def test_a_repair_is_told_with_its_way_back(make: Make, home: Home) -> None:
    watcher = make().start()
    stale(home)
    watcher.daemon.wakes.changed(str(home.models))
    watcher.clock.time += 2
    watcher.go_on()
    last = watcher.status.last_repair
    assert last is not None
    assert last.result.startswith("repaired (OC101); undo: clawmend undo 2")


def test_the_sweep_finds_what_nobody_noticed(make: Make, home: Home) -> None:
    watcher = make().start()
    stale(home)
    watcher.go_on(Chore.SWEEP)
    assert watcher.status.last_repair is not None


def test_what_is_left_to_a_person_is_in_the_status_and_without_a_key(make: Make, home: Home) -> None:
    home.write(home.profiles, profiles(OLD_KEY))
    watcher = make().start()
    assert [one.rule for one in watcher.status.held] == ["OC201"]
    assert OLD_KEY not in json.dumps([one.reason for one in watcher.status.held])


def test_a_jump_of_the_clock_is_a_reason_to_look(make: Make) -> None:
    watcher = make().start()
    before = watcher.daemon._engine.looks
    watcher.go_on(Chore.PULSE)
    assert watcher.daemon._engine.looks == before
    watcher.daemon._drift -= 3600  # the machine slept for an hour
    watcher.go_on(Chore.PULSE)
    assert watcher.daemon._engine.looks == before + 1


def test_it_looks_again_when_it_said_so(make: Make) -> None:
    watcher = make().start()
    before = watcher.daemon._engine.looks
    watcher.daemon._again_at = watcher.clock.time + 30
    watcher.go_on(Chore.PULSE)
    assert watcher.daemon._engine.looks == before
    watcher.clock.time += 31
    watcher.go_on(Chore.PULSE)
    assert watcher.daemon._engine.looks == before + 1


def test_a_turn_in_which_nobody_looks_does_not_forget_when_to_look_again(make: Make) -> None:
    watcher = make().start()
    before = watcher.daemon._engine.looks
    watcher.daemon._again_at = watcher.clock.time + 30
    watcher.go_on(Chore.SWEEP)
    assert watcher.daemon._engine.looks == before
    watcher.clock.time += 31
    watcher.go_on(Chore.PULSE)
    assert watcher.daemon._engine.looks == before + 1


def test_when_changes_are_not_noticed_it_says_so_and_looks_every_few_seconds(make: Make) -> None:
    watcher = make()
    watcher.watching.deaf = True
    watcher.start()
    assert watcher.daemon._jobs._scheduler.get_job("poll") is not None
    assert {one.problem for one in watcher.status.watched} == {"changes are not noticed"}
    watcher.watching.deaf = False
    watcher.go_on(Chore.PROVE)
    assert watcher.daemon._jobs._scheduler.get_job("poll") is None


class TestSettings:
    def test_sighup_reads_them_again(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        watcher = make().start()
        asked: list[tuple[LogLevel, LogFormat]] = []
        monkeypatch.setattr(watcher.daemon._log, "change", lambda *arguments: asked.append(arguments))
        log = {"log_level": LogLevel.DEBUG, "log_format": LogFormat.JSON}
        watcher.configuration.append(settings(mode=WatchMode.REPORT, sweep=30.0, debounce=3.0, **log))
        watcher.daemon.reload()
        watcher.go_on()
        assert asked == [(LogLevel.DEBUG, LogFormat.JSON)]
        assert (watcher.status.mode, watcher.status.sweep) == ("report", 30.0)
        assert watcher.daemon.wakes.debounce == 3.0
        assert "RELOADING=1" in watcher.notifier.said
        assert watcher.notifier.said[-2:][0].startswith(("READY=1", "STATUS="))

    @pytest.mark.parametrize(
        "broken",
        [
            Configuration("/c", True, problems=(Problem("/c", 3, "watch.mode", 'is "x"'),)),
            ClawmendError("/c cannot be read"),
        ],
    )
    def test_a_broken_one_keeps_the_last_good_one_and_is_told(
        self, make: Make, broken: Configuration | ClawmendError
    ) -> None:
        watcher = make(settings(mode=WatchMode.REPORT)).start()
        watcher.configuration.append(broken)
        watcher.daemon.reload()
        watcher.go_on()
        assert watcher.status.mode == "report"
        assert "the earlier settings hold, because /c" in watcher.status.settings


class TestMistakes:
    def test_a_bug_of_ours_ends_one_turn_and_not_the_watcher(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        watcher = make().start()

        def broken(*_arguments: object) -> None:
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr(watcher.daemon._engine, "turn", broken)
            watcher.go_on(Chore.SWEEP)
        assert "a bug of clawmend: ZeroDivisionError" in watcher.status.errors[-1]
        watcher.daemon.wakes.ring(Reason.WOKEN)
        watcher.go_on()
        assert watcher.status.errors == ()

    def test_what_a_person_can_mend_is_told_as_a_sentence(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        watcher = make().start()

        def refused(*_arguments: object) -> None:
            raise ClawmendError("the disk is full", "free some space")

        monkeypatch.setattr(watcher.daemon._engine, "turn", refused)
        watcher.go_on(Chore.SWEEP)
        assert watcher.status.errors[-1].endswith("the disk is full; free some space")

    def test_a_chore_that_fails_is_told_too(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        watcher = make().start()

        def refused() -> None:
            raise ClawmendError("no")

        monkeypatch.setattr(watcher.daemon, "_prove", refused)
        watcher.go_on(Chore.PROVE)
        watcher.daemon._say(watcher.daemon._status)
        assert watcher.status.errors[-1].endswith(" no")


class TestBackupTrouble:
    NOTIFY = replace(settings(), notify=NotifyOptions(targets_of(("good://x",), desktop=False)))

    def test_backups_that_cannot_be_written_are_told_once_a_day(self, make: Make, home: Home) -> None:
        stale(home)
        home.state.mkdir(mode=0o700)
        (home.state / "checkpoints").write_text("no folder")
        watcher = make(self.NOTIFY).start()
        watcher.go_on(Chore.SWEEP)
        (message,) = Outbox(str(home.state)).all()
        assert message.notice.title == "clawmend cannot keep backups"
        assert str(home.state / "checkpoints") in message.notice.lines[0]
        assert "checkpoints" in watcher.status.errors[-1]
        assert home.models.read_text() == cache(OLD_URL)

    def test_a_file_that_may_not_be_written_is_no_trouble_of_the_backups(self, make: Make, home: Home) -> None:
        stale(home)
        os.link(home.models, home.models.with_name("other.json"))
        make(self.NOTIFY).start()
        assert [one.notice.title for one in Outbox(str(home.state)).all()] == ["clawmend needs you: stale-model-cache"]

    def test_where_no_message_can_be_kept_either_it_goes_on(
        self, make: Make, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stale(home)
        home.state.mkdir(mode=0o700)
        (home.state / "checkpoints").write_text("no folder")
        watcher = make(self.NOTIFY)

        def refuse(*_arguments: object) -> None:
            raise ClawmendError("the outbox cannot be written")

        monkeypatch.setattr(watcher.daemon._parts.post, "put", refuse)
        watcher.start()
        assert "checkpoints" in watcher.status.errors[-1]


def test_a_pause_is_shown_and_nothing_is_touched_while_it_lasts(make: Make, home: Home) -> None:
    memory = Forgetting()
    memory.change(lambda one: replace(one, paused=Pause(since=0.0)))
    stale(home)
    before = home.models.read_bytes()
    watcher = make(memory=memory).start()
    assert watcher.status.paused.startswith("clawmend is paused until clawmend resume")
    assert home.models.read_bytes() == before
    memory.change(lambda one: replace(one, paused=None))
    watcher.go_on(Chore.SWEEP)
    assert watcher.status.paused == ""
    assert home.models.read_bytes() != before


def test_a_repair_becomes_a_notice_and_a_sender_is_started(make: Make, home: Home) -> None:
    notify = NotifyOptions(targets_of(("good://x",), desktop=False))
    watcher = make(replace(settings(), notify=notify))
    stale(home)
    watcher.start()
    (message,) = Outbox(str(home.state)).all()
    assert message.notice.title == "clawmend repaired stale-model-cache"
    watcher.go_on(Chore.PULSE)
    sender = watcher.daemon._parts.post._sender
    assert sender is not None
    assert sender.wait(10) == 0


class TestRetention:
    """Repairs that are so old that they go, but for the first, which has the first content, and the newest twenty."""

    @pytest.fixture
    def watcher(self, make: Make, home: Home) -> Watcher:
        watcher = make().start()
        for number in range(23):
            home.write(home.models, cache(f"https://old{number}.example.com/v1"), age=60)
            watcher.go_on(Chore.SWEEP)
            watcher.clock.time += 3600
        assert len(self.repairs(home)) == 23
        watcher.clock.time += 400 * 86_400
        return watcher

    def repairs(self, home: Home) -> list[str]:
        return [one.id for one in CheckpointStore(str(home.state)).all() if one.kind is Kind.REPAIR]

    def test_old_backups_go_and_what_is_protected_stays(self, watcher: Watcher, home: Home) -> None:
        before = self.repairs(home)
        watcher.go_on(Chore.RETENTION)
        assert watcher.status.errors == ()
        assert self.repairs(home) == [before[0], *before[-20:]]

    def test_where_something_cannot_be_understood_nothing_goes(self, watcher: Watcher, home: Home) -> None:
        before = self.repairs(home)
        Journal(str(home.state / "checkpoints" / "manifest.jsonl")).append({"event": "something new", "schema": 99})
        assert CheckpointStore(str(home.state)).strange()
        watcher.go_on(Chore.RETENTION)
        assert self.repairs(home) == before

    def test_while_another_clawmend_is_at_work_nothing_goes(
        self, watcher: Watcher, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = self.repairs(home)

        def busy() -> None:
            raise BusyError("another clawmend is at work")

        monkeypatch.setattr(watcher.daemon, "_tools", replace(watcher.daemon._tools, exclusive=busy))
        watcher.go_on(Chore.RETENTION)
        assert self.repairs(home) == before
        assert watcher.status.errors == ()


def test_it_ends_when_it_is_told_to_and_says_that_it_has(make: Make) -> None:
    watcher = make()
    thread = threading.Thread(target=watcher.daemon.run)
    thread.start()
    for _ in range(2000):
        if "READY=1" in watcher.notifier.said:
            break
        thread.join(0.005)
    watcher.clock.stop()
    watcher.daemon.wake()
    thread.join(5)
    assert not thread.is_alive()
    assert watcher.watching.closed
    assert watcher.status.stopped is not None
    assert watcher.notifier.said.count("STOPPING=1") == 1


def test_the_service_manager_hears_from_us_while_the_thread_comes_round(make: Make) -> None:
    watcher = make().start()
    watcher.daemon._heart.rest(lambda _seconds: None)
    assert watcher.notifier.said.count("WATCHDOG=1") == 1
    watcher.clock.time += 29
    watcher.daemon._heart.tell()
    assert watcher.notifier.said.count("WATCHDOG=1") == 2
    watcher.clock.time += 31
    watcher.daemon._heart.tell()
    assert watcher.notifier.said.count("WATCHDOG=1") == 2


def test_it_says_that_it_lives_before_whatever_may_take_long(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = make()
    order: list[str] = []
    heart, engine, wakes = watcher.daemon._heart, watcher.daemon._engine, watcher.daemon.wakes
    for where, name in ((heart, "work"), (engine, "turn"), (wakes, "wait")):
        before = getattr(where, name)

        def noted(*arguments: object, name: str = name, before: Callable[..., object] = before) -> object:
            order.append(name)
            return before(*arguments)

        monkeypatch.setattr(where, name, noted)
    thread = threading.Thread(target=watcher.daemon.run)
    thread.start()
    for _ in range(2000):
        if "wait" in order:
            break
        thread.join(0.005)
    watcher.daemon._ring(Chore.RETENTION)
    for _ in range(2000):
        if order.count("work") == 3:
            break
        thread.join(0.005)
    watcher.clock.stop()
    watcher.daemon.wake()
    thread.join(5)
    assert order[:6] == ["work", "work", "turn", "wait", "work", "wait"]


def test_it_is_ready_before_the_first_repair(make: Make, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    stale(home)
    watcher = make()
    said: list[str] = []
    turn = watcher.daemon._engine.turn

    def slow(*arguments: Any) -> Turn:
        said.extend(watcher.notifier.said)
        assert watcher.status.last_look is None
        assert watcher.status.watched
        return turn(*arguments)

    monkeypatch.setattr(watcher.daemon._engine, "turn", slow)
    watcher.start()
    assert "READY=1" in said
    assert watcher.notifier.said.count("READY=1") == 1
    assert watcher.status.last_repair is not None


def test_what_fails_before_the_first_look_leaves_it_ready_all_the_same(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = make()

    def refuse() -> bool:
        raise ClawmendError("no canary today")

    with monkeypatch.context() as patch:
        patch.setattr(watcher.watching, "prove", refuse)
        watcher.start()
    assert watcher.notifier.said.count("READY=1") == 1
    assert "no canary today" in watcher.status.errors[-1]


def test_a_clock_that_was_set_has_everything_planned_anew(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = make().start()
    planned: list[bool] = []
    monkeypatch.setattr(watcher.daemon._jobs, "plan_anew", lambda: planned.append(True))
    watcher.go_on(Chore.PULSE)
    assert planned == []
    watcher.daemon._drift += 3600  # the clock was set back
    watcher.go_on(Chore.PULSE)
    assert planned == [True]


def test_a_state_folder_that_cannot_be_written_does_not_end_it(make: Make, home: Home, tmp_path: Path) -> None:
    watcher = make().start()
    os.rename(home.state, tmp_path / "away")
    (home.state).write_text("no folder")
    watcher.go_on(Chore.SWEEP)
    os.unlink(home.state)
    os.rename(tmp_path / "away", home.state)
    watcher.clock.time += 400
    watcher.go_on(Chore.SWEEP)
    assert watcher.status.last_look is not None


def test_what_is_left_is_told_once_a_day(make: Make, home: Home) -> None:
    notify = NotifyOptions(targets_of(("good://x",), desktop=False), events=frozenset(Event))
    watcher = make(replace(settings(), notify=notify))
    watcher.go_on(Chore.DIGEST)
    assert Outbox(str(home.state)).all() == ()  # nothing has ever happened
    home.write(home.profiles, profiles(OLD_KEY))
    watcher.start()
    watcher.clock.time += 60
    watcher.go_on(Chore.DIGEST)
    assert Event.DIGEST in {one.notice.event for one in Outbox(str(home.state)).all()}


@pytest.mark.parametrize(
    ("error", "told"),
    [(BusyError("another clawmend"), None), (ZeroDivisionError(), "a bug of clawmend: ZeroDivisionError")],
)
def test_a_chore_that_ends_in_a_bug_is_told_and_one_that_has_to_wait_is_not(
    make: Make, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str | None
) -> None:
    watcher = make().start()

    def fail(_now: float) -> None:
        raise error

    monkeypatch.setattr(watcher.daemon, "_prune", fail)
    watcher.go_on(Chore.RETENTION)
    errors = watcher.daemon._status.errors
    assert [one.partition(" ")[2] for one in errors] == ([told] if told else [])


def test_while_another_clawmend_is_at_work_it_looks_again_soon(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = make().start()

    def busy(*_arguments: object) -> None:
        raise BusyError("another clawmend is at work")

    with monkeypatch.context() as patch:
        patch.setattr(watcher.daemon._engine, "turn", busy)
        watcher.go_on(Chore.SWEEP)
    assert watcher.status.errors == ()
    before = watcher.daemon._engine.looks
    watcher.clock.time += 10
    watcher.go_on(Chore.PULSE)
    assert watcher.daemon._engine.looks == before + 1


def test_when_a_folder_is_refused_it_polls_from_then_on(make: Make, home: Home) -> None:
    watcher = make().start()
    watcher.watching.problem = "1 of 8 folders are not watched"
    stale(home)
    watcher.go_on(Chore.SWEEP)
    assert watcher.daemon._jobs._scheduler.get_job("poll") is not None


def test_the_figures_are_told_after_a_turn_and_follow_the_settings(make: Make, home: Home) -> None:
    watcher = make(settings()).start()
    path = home.state / "metrics.prom"
    assert not path.exists()
    watcher.configuration.append(replace(settings(), metrics=MetricsOptions(file="")))
    watcher.daemon.reload()
    watcher.go_on()
    assert "clawmend_last_look_timestamp_seconds 1.8e+09" in path.read_text()


def test_figures_that_cannot_be_told_are_said_in_the_status_and_the_watcher_goes_on(
    make: Make, home: Home, tmp_path: Path
) -> None:
    watcher = make(replace(settings(), metrics=MetricsOptions(file=str(tmp_path / "nowhere" / "x.prom")))).start()
    (error,) = watcher.status.errors
    assert "nowhere/x.prom" in error
    home.write(home.models, cache())
    watcher.go_on(Chore.SWEEP)
    assert watcher.status.last_repair is not None
