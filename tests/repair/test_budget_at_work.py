"""The cycle with its memory: what is restarted, what is held and until when, what is never tried again."""

import errno
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clawmend.core.budget import By, Restarted
from clawmend.core.errors import ClawmendError
from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.finding import Confidence, Finding, Fix, Need, Report, Rule, Safety, Severity
from clawmend.core.finding import Restart as Start
from clawmend.core.gateway import Condition, GatewayHealth
from clawmend.core.memory import Memory, Pause
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, Snapshot
from clawmend.core.verdict import Verdict
from clawmend.repair import budgeting, looking
from clawmend.repair import observe as observing
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.moments import moment_words
from clawmend.repair.planning import Options
from clawmend.repair.tools import Tools, dry_tools
from clawmend.rules import registry
from clawmend.system import memory as remembering
from clawmend.system.hands_off import AtWork
from clawmend.system.memory import MemoryStore
from clawmend.system.restart import Restart
from repair.home import FakeGateway, Home, cache, profiles
from system.fakes import FakeClock, tree

OPTIONS = Options(version="2026.3.2")
DONE = Restart(needed=True, done=True, reason="it held the old state", proof="1 became 2")
NOT_DONE = Restart(needed=True, done=False, reason="no proof of a restart within 240 seconds")
NOW = FakeClock.time
RUNNING = GatewayRunning(4711, NOW - 90_000, 18789, "systemd", "openclaw-gateway.service", {})
WELL = GatewayHealth(condition=Condition.READY, why="", pid=4711, started=NOW - 90_000, manager="systemd", restarts=0)
DOWN = GatewayHealth(
    condition=Condition.START_LIMIT, why="systemd has given up", manager="systemd", unit="openclaw-gateway.service"
)


class Life:
    """A home with a gateway whose key has to be taken away again and again, and one clock for all of it."""

    def __init__(self, home: Home, patch: pytest.MonkeyPatch) -> None:
        self.home, self.clock, self.gateway = home, FakeClock(), FakeGateway()
        self.health = WELL
        patch.setattr(observing, "find_gateway", lambda *_arguments: RUNNING if self.health.pid else GatewayAbsent())
        patch.setattr(observing, "_health", lambda *_arguments: self.health)

    @property
    def directory(self) -> str:
        return str(self.home.config.parent)

    @property
    def store(self) -> MemoryStore:
        return MemoryStore(str(self.home.state), self.clock)

    def tools(self, **parts: object) -> Tools:
        known = {"gateway": self.gateway, "clock": self.clock, "memory": self.store}
        return self.home.tools(**(known | parts))

    def broken(self, key: str = "YOUR_API_KEY") -> None:
        self.home.write(self.home.profiles, profiles(key))

    def repair(self, options: Options = OPTIONS, **parts: object) -> Outcome:
        return repair(self.tools(**parts), options, dry_run=False)

    def age(self, seconds: float) -> None:
        self.clock.time += seconds

    def restarts(self) -> int:
        return sum(word.startswith(("restart", "start")) for word in self.gateway.asked)


@pytest.fixture
def life(home: Home, monkeypatch: pytest.MonkeyPatch) -> Life:
    return Life(home, monkeypatch)


class TestTheBudget:
    def test_a_restart_is_remembered_before_it_is_made(self, life: Life) -> None:
        life.broken()
        seen: list[Memory] = []
        life.gateway.on_restart = lambda: seen.append(life.store.read())
        assert life.repair().verdict is Verdict.REPAIRED
        (memory,) = seen
        assert [(one.by, one.directory, one.fresh) for one in memory.restarts if one.by is By.US] == [
            (By.US, life.directory, True)
        ]

    def test_killed_between_the_two_it_counts(self, life: Life) -> None:
        life.broken()

        def die() -> None:
            raise KeyboardInterrupt

        life.gateway.on_restart = die
        with pytest.raises(KeyboardInterrupt):
            life.repair()
        assert [one.by for one in life.store.read().restarts if one.by is not By.OTHERS] == [By.US]

    def test_what_is_not_allowed_yet_is_held_with_the_moment_and_nothing_else_is(self, life: Life) -> None:
        life.broken()
        life.repair()
        life.age(3)
        life.broken("PASTE_YOUR_KEY_HERE")
        life.home.write(life.home.models, cache())
        before = life.home.profiles.read_bytes()

        outcome = life.repair()

        assert [change.rules for change in outcome.changes] == [("OC101",)]
        (held,) = outcome.held
        moment = moment_words(NOW + 10, NOW)
        assert held.reason == (
            f"it needs a restart of the gateway, and clawmend has restarted it not long ago; it is possible at {moment}"
        )
        assert outcome.look_again_at == NOW + 10
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert life.home.profiles.read_bytes() == before
        assert life.restarts() == 1

    def test_then_it_is_made(self, life: Life) -> None:
        life.broken()
        life.repair()
        life.age(10)
        life.broken("PASTE_YOUR_KEY_HERE")
        assert life.repair().verdict is Verdict.REPAIRED
        assert life.restarts() == 2

    def test_the_fourth_for_the_same_fault_is_left_to_a_person(self, life: Life) -> None:
        for _ in range(3):
            life.broken()
            assert life.repair().verdict is Verdict.REPAIRED
            life.age(2000)
        life.broken()
        outcome = life.repair()
        assert life.restarts() == 3
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert outcome.held[0].reason == (
            "it needs a restart of the gateway, and 3 restarts have not helped against it; "
            "to try it once more: clawmend repair --again"
        )
        assert outcome.look_again_at is None
        assert life.repair(replace(OPTIONS, again=True)).verdict is Verdict.REPAIRED
        life.age(2000)
        life.broken("PASTE_YOUR_KEY_HERE")  # other input
        assert life.repair().verdict is Verdict.REPAIRED

    def test_what_the_manager_counts_keeps_us_from_its_start_limit(self, life: Life) -> None:
        life.health = replace(WELL, started=NOW - 20, restarts=3)
        life.broken()
        outcome = life.repair(Options(version="2026.5.7", yes=True))
        assert life.restarts() == 0
        assert "its unit allows 5" in outcome.held[0].reason
        life.health = replace(WELL, started=NOW - 90, restarts=3)
        assert life.repair(Options(version="2026.5.7", yes=True)).verdict is Verdict.REPAIRED

    def test_a_new_process_of_ours_is_not_taken_for_one_of_somebody_else(self, life: Life) -> None:
        life.broken()

        def again() -> None:
            life.health = replace(WELL, pid=4712, started=life.clock.time + 2)

        life.gateway.on_restart = again
        assert life.repair(Options(version="2026.5.7", yes=True)).restart.done
        life.age(30)
        life.broken("PASTE_YOUR_KEY_HERE")
        assert life.repair(Options(version="2026.5.7", yes=True)).restart.done
        others = [one.time for one in life.store.read().restarts if one.by is By.OTHERS]
        assert others == [NOW - 90_000] or others == []

    def test_a_whole_day_of_the_same_key_costs_three_restarts(self, life: Life) -> None:
        for _ in range(48):
            life.broken()
            life.repair()
            life.age(1800)
        assert life.restarts() == 3

    def test_without_a_restart_no_budget_is_asked(self, life: Life) -> None:
        for _ in range(5):
            life.broken()
            assert life.repair(replace(OPTIONS, restart=False)).changes
        assert life.store.read() == Memory()

    def test_a_dry_run_says_what_would_be_held_and_remembers_nothing(self, life: Life) -> None:
        life.broken()
        life.repair()
        life.broken("PASTE_YOUR_KEY_HERE")
        before = tree(life.home.root)
        outcome = repair(dry_tools(life.tools().place, life.clock), OPTIONS, dry_run=True)
        assert "restarted it not long ago" in outcome.held[0].reason
        assert tree(life.home.root) == before

    def test_another_clawmend_that_was_quicker_is_seen_under_the_lock(
        self, life: Life, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        life.broken()
        before = life.home.profiles.read_bytes()
        quicker = Restarted(time=NOW, directory=life.directory, by=By.US, fresh=True)
        real = budgeting.book

        def late(*arguments: object) -> str | None:
            life.store.change(lambda memory: memory.with_restart(quicker))
            return real(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr("clawmend.repair.cycle.book", late)
        outcome = life.repair()
        assert life.restarts() == 0
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert life.home.profiles.read_bytes() == before


class TestAMemoryThatIsOfNoUse:
    @pytest.fixture(autouse=True)
    def _faults(self, life: Life) -> None:
        life.broken()
        life.home.write(life.home.models, cache())

    def test_damaged_it_keeps_restarts_back_and_nothing_else(self, life: Life) -> None:
        life.store.change(lambda memory: replace(memory, contested={"a": 1}))
        Path(life.store.path).write_text("{")
        outcome = life.repair()
        assert [change.rules for change in outcome.changes] == [("OC101",)]
        assert "nobody knows how often it was restarted" in outcome.held[0].reason
        assert f"mv {life.store.path}" in outcome.held[0].reason
        assert life.restarts() == 0
        assert Path(life.store.path).read_text() == "{"

    def test_a_full_disk_keeps_restarts_back_and_puts_the_files_back(
        self, life: Life, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = life.home.profiles.read_bytes()

        def full(*_arguments: object) -> str:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(remembering, "replace_whole", full)
        outcome = life.repair()
        assert [change.rules for change in outcome.changes] == [("OC101",)]
        assert "it has to be remembered first" in outcome.held[0].reason
        assert life.home.profiles.read_bytes() == before
        assert life.restarts() == 0


class TestRolledBack:
    def test_it_is_never_tried_again_until_the_input_changes_or_a_person_says_so(self, life: Life) -> None:
        life.broken()
        life.gateway.results = [NOT_DONE, DONE, DONE]
        assert life.repair().verdict is Verdict.ROLLED_BACK
        before = tree(life.home.path)
        life.age(86_400)

        outcome = life.repair()

        assert outcome.verdict is Verdict.NEEDS_YOU
        assert outcome.held[0].reason == (
            "this repair was rolled back before (no proof of a restart within 240 seconds), and nothing has changed "
            "since; to try it again: clawmend repair --again"
        )
        assert tree(life.home.path) == before
        assert life.repair(replace(OPTIONS, again=True)).verdict is Verdict.REPAIRED
        life.age(86_400)
        life.broken("PASTE_YOUR_KEY_HERE")
        assert life.repair().verdict is Verdict.REPAIRED

    def test_only_what_needed_the_restart_that_failed_is_rejected(self, life: Life) -> None:
        life.broken()
        life.home.write(life.home.models, cache())
        life.gateway.results = [NOT_DONE, DONE]
        assert life.repair().verdict is Verdict.ROLLED_BACK
        life.age(3600)
        outcome = life.repair()
        assert [change.rules for change in outcome.changes] == [("OC101",)]

    def test_the_way_back_is_made_whatever_the_budget_says_and_counts(self, life: Life) -> None:
        life.broken()
        life.gateway.results = [NOT_DONE, DONE]
        assert life.repair().restart == DONE
        assert [one.by for one in life.store.read().restarts if one.by is not By.OTHERS] == [By.US, By.ROLLBACK]

    def test_a_gateway_that_does_not_run_any_more_is_worse(self, life: Life) -> None:
        life.broken()

        def fall() -> None:
            life.health = replace(DOWN, condition=Condition.EXIT_78, why="it ended with exit status 78")

        life.gateway.on_restart = fall
        outcome = life.repair()
        assert outcome.verdict is Verdict.ROLLED_BACK
        assert outcome.note == "the gateway does not run any more: it ended with exit status 78"

    def test_that_it_could_not_be_remembered_is_said(self, life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
        life.broken()
        life.gateway.results = [NOT_DONE, DONE]
        store = life.store
        real = store.change
        calls: list[int] = []

        def change(turn: object) -> Memory:
            calls.append(1)
            if len(calls) > 1:
                raise ClawmendError("nothing can be remembered")
            return real(turn)  # type: ignore[arg-type]

        monkeypatch.setattr(store, "change", change)
        outcome = life.repair(memory=store)
        assert outcome.verdict is Verdict.ROLLED_BACK
        assert outcome.note.endswith("it may be tried again, because nothing can be remembered")


class TestUnclear:
    @pytest.mark.parametrize(
        ("event", "again", "words"),
        [
            (Event(NOW - 9, Kind.COOLDOWN, "bailian", None, None, None, "", until=NOW + 600), NOW + 600, "rests"),
            (Event(NOW + 1, Kind.TIMEOUT, "bailian", None, None, None, ""), NOW + 300, "does not answer in time"),
        ],
    )
    def test_a_cooldown_or_an_outage_keeps_the_repair_and_says_when_to_look_again(
        self, life: Life, monkeypatch: pytest.MonkeyPatch, event: Event, again: float, words: str
    ) -> None:
        life.broken()
        evidence = Evidence((event,), 0.0, None, complete=True)
        monkeypatch.setattr(observing, "_evidence", lambda *_arguments: evidence)
        outcome = life.repair()
        assert outcome.verdict is Verdict.REPAIRED
        assert words in outcome.note
        assert moment_words(again, NOW) in outcome.note
        assert outcome.look_again_at == again
        assert "YOUR_API_KEY" not in life.home.profiles.read_text()


class TestOnlyToBeStarted:
    """A rule that says that a gateway is down, and that what it was down for is gone."""

    @pytest.fixture(autouse=True)
    def _down(self, life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
        life.health = DOWN

        def diagnose(snapshot: Snapshot, rules: tuple[Rule, ...]) -> Iterator[Report]:
            yield from (one for one in registry.diagnose(snapshot, rules) if one.rule != "OC402")
            if not life.health.is_down:
                return
            path = snapshot.openclaws[0].config.path
            broken = any(one.path == path for one in registry.diagnose(snapshot, rules) if one.rule != "OC402")
            yield Finding(
                rule="OC402",
                name="gateway-down",
                severity=Severity.ERROR,
                safety=Safety.ADVISE if broken else Safety.SAFE,
                confidence=Confidence.CERTAIN,
                path=path,
                summary="the gateway is down",
                fix=None if broken else Fix((Start(path, reset_failed=True),), Need.RESTART),
            )

        monkeypatch.setattr(looking, "diagnose", diagnose)

        def up() -> None:
            life.health = WELL

        class Starting(FakeGateway):
            def start(self, *arguments: object, **options: object) -> Restart:
                result = super().start(*arguments, **options)  # type: ignore[arg-type]
                up() if result.done else None
                return result

        life.gateway = Starting()

    def test_it_is_validated_and_started_and_no_file_is_touched(self, life: Life) -> None:
        before = tree(life.home.path)
        outcome = life.repair()
        assert (outcome.verdict, outcome.restart, outcome.checkpoint) == (Verdict.REPAIRED, DONE, None)
        assert life.gateway.asked == ["validate", "start after reset-failed"]
        assert tree(life.home.path) == before
        (restart,) = [one for one in life.store.read().restarts if one.by is By.US]
        assert restart.reset

    def test_never_into_a_configuration_that_is_not_valid_and_that_costs_nothing(self, life: Life) -> None:
        life.gateway.invalid = "openclaw config validate says the configuration is not valid"
        outcome = life.repair()
        assert life.gateway.asked == ["validate"]
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert "not valid" in outcome.held[0].reason
        assert [one for one in life.store.read().restarts if one.by is By.US] == []

    def test_a_repairable_cause_is_repaired_first_in_the_same_cycle_with_one_verdict(self, life: Life) -> None:
        bad = 'auth: { profiles: { "x:default": { provider: "x", mode: "bearer" } } }'
        life.home.write(life.home.config, life.home.config.read_text().replace("agents:", f"{bad}, agents:"))
        outcome = life.repair()
        assert [change.rules for change in outcome.changes] == [("OC307",)]
        assert (outcome.verdict, outcome.restart) == (Verdict.REPAIRED, DONE)
        assert outcome.checkpoint
        assert life.gateway.asked == ["validate", "start after reset-failed"]

    def test_one_that_fails_is_tried_three_times_and_then_waits_for_a_person(self, life: Life) -> None:
        life.gateway.results = [NOT_DONE]
        for _ in range(10):
            outcome = life.repair()
            life.age(3600)
        assert life.restarts() == 3
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert outcome.restart.needed
        assert not outcome.restart.done
        assert "3 restarts have not helped" in outcome.restart.reason

    def test_not_allowed_yet_it_is_pending_and_said_so(self, life: Life) -> None:
        life.gateway.results = [NOT_DONE, DONE]
        life.repair()
        life.age(3)
        outcome = life.repair()
        assert outcome.restart.needed
        assert outcome.restart.pending
        assert outcome.look_again_at == NOW + 10
        life.age(7)
        assert life.repair().verdict is Verdict.REPAIRED

    def test_without_a_restart_it_is_left_to_the_person(self, life: Life) -> None:
        outcome = life.repair(replace(OPTIONS, restart=False))
        assert life.gateway.asked == []
        assert [item.finding.rule for item in outcome.held] == ["OC402"]

    def test_a_dry_run_starts_nothing(self, life: Life) -> None:
        outcome = repair(dry_tools(life.tools().place, life.clock), OPTIONS, dry_run=True)
        assert outcome.verdict is Verdict.WOULD_REPAIR
        assert outcome.findings == ()
        assert [one.finding.rule for one in outcome.restarts] == ["OC402"]


class TestHandsOff:
    @pytest.fixture(autouse=True)
    def _faults(self, life: Life) -> None:
        life.home.write(life.home.models, cache())

    def pause(self, life: Life, until: float | None) -> None:
        life.store.change(lambda memory: replace(memory, paused=Pause(NOW, until)))

    def test_while_it_is_paused_nothing_is_touched_and_then_it_catches_up(self, life: Life) -> None:
        self.pause(life, NOW + 60)
        before = tree(life.home.root)
        outcome = life.repair()
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert outcome.note.startswith(f"clawmend is paused until {moment_words(NOW + 60, NOW)}")
        assert [item.finding.rule for item in outcome.held] == ["OC101"]
        assert outcome.look_again_at == NOW + 60
        assert tree(life.home.root) == before
        life.age(60)
        assert life.repair().verdict is Verdict.REPAIRED

    def test_a_person_may_repair_all_the_same(self, life: Life) -> None:
        self.pause(life, None)
        assert "until clawmend resume" in life.repair().note
        assert life.repair(replace(OPTIONS, even_if_paused=True)).verdict is Verdict.REPAIRED

    def test_while_openclaw_writes_its_files_nothing_is_touched(self, life: Life) -> None:
        before = tree(life.home.root)
        doctor = AtWork(99, "openclaw doctor runs")
        outcome = life.repair(replace(OPTIONS, even_if_paused=True), at_work=lambda: doctor)
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert outcome.note == "openclaw doctor runs (process 99); nothing is touched until it has ended"
        assert outcome.look_again_at == NOW + 30
        assert tree(life.home.root) == before

    def test_a_command_that_has_just_begun_is_given_the_time_to_show_its_name(self, life: Life) -> None:
        said = [AtWork(99, "", unnamed=True), AtWork(99, "", unnamed=True), AtWork(99, "openclaw update runs")]
        outcome = life.repair(at_work=lambda: said.pop(0))
        assert outcome.note.startswith("openclaw update runs")
        assert life.clock.slept == [0.25, 0.25]

    def test_one_that_never_does_keeps_nobody_waiting_for_long(self, life: Life) -> None:
        assert life.repair(at_work=lambda: AtWork(99, "", unnamed=True)).verdict is Verdict.REPAIRED
        assert sum(life.clock.slept) == 8.0

    def test_nobody_is_looked_for_where_there_is_nothing_to_repair(self, life: Life) -> None:
        life.repair()

        def fail() -> AtWork:
            raise AssertionError("the processes were searched")

        assert life.repair(at_work=fail).verdict is Verdict.HEALTHY

    def test_a_dry_run_shows_the_plan_and_says_so(self, life: Life) -> None:
        self.pause(life, None)
        outcome = repair(dry_tools(life.tools().place, life.clock), OPTIONS, dry_run=True)
        assert outcome.verdict is Verdict.WOULD_REPAIR
        assert "paused" in outcome.note


def test_the_memory_holds_no_key(life: Life) -> None:
    life.broken("sk-sp-old00000000000000000000000001")
    life.repair(replace(OPTIONS, yes=True))
    text = Path(life.store.path).read_text()
    assert "sk-" not in text
    assert json.loads(text)["restarts"]
