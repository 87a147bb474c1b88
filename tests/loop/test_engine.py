"""The watcher's turns: state decides, nothing new costs nothing, nothing is fought, a person's work is left alone."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.core.gateway import Condition, GatewayHealth
from clawmend.core.operation import QuietHours, WatchMode
from clawmend.core.snapshot import GatewayRunning
from clawmend.core.verdict import Verdict
from clawmend.loop import engine
from clawmend.loop.engine import LONGEST_REST
from clawmend.loop.wakes import Reason, Wake
from clawmend.repair import observe as observing
from clawmend.repair.cycle import repair
from clawmend.repair.planning import Options
from clawmend.repair.recording import record, record_undo
from clawmend.repair.undo import choose, undo
from clawmend.system.checkpoints import CheckpointStore
from loop.bed import AGAIN, CHANGE, START, SWEEP, VERSION, Bed, held_open, settings
from repair.home import NEW_KEY, OLD_KEY, cache, profiles
from support.logs import RUN, line, refusal
from support.machine import health_beside
from system.fakes import tree


def stale(bed: Bed, url: str = "https://old.example.com/v1") -> None:
    """The cache goes stale, as any program would write it."""
    bed.home.write(bed.home.models, cache(url), age=60)


class TestLooking:
    def test_a_home_in_order_is_looked_at_once_and_left_alone(self, bed: Bed) -> None:
        first = bed.turn(START)
        assert first.outcome is not None
        assert first.outcome.verdict is Verdict.HEALTHY
        assert first.receipt is None
        reads = dict(bed.files.reads)
        for _ in range(20):
            bed.clock.time += 10
            assert bed.turn(CHANGE).outcome is None
            assert bed.turn(SWEEP).outcome is None
        assert bed.files.reads == reads
        assert bed.engine.looks == 1

    def test_what_is_broken_is_repaired_at_the_next_turn(self, bed: Bed) -> None:
        bed.turn(START)
        stale(bed)
        turn = bed.turn()
        assert turn.outcome is not None
        assert turn.outcome.verdict is Verdict.REPAIRED
        assert bed.home.models.read_text() == '{\n  "providers": {}\n}'
        assert turn.receipt is not None
        assert [fault.rule for fault in turn.receipt.mended] == ["OC101"]

    def test_a_log_is_read_once_however_often_is_looked(self, bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
        log, now = bed.home.path / "gateway.log", bed.clock.time
        store = {"storePath": f"{bed.home.agent}/openclaw-agent.sqlite", "runId": RUN}
        whose = line("slow SQLite session write", store, subsystem="session-sqlite", time=now - 90)
        noise = [line("nothing", subsystem="gateway", time=now - 30)] * 1000
        bed.home.write(log, "\n".join([whose, refusal(now - 60), *noise, ""]))
        named = f'gateway: {{ mode: "local", port: {bed.home.port} }}, logging: {{ file: "{log}" }},'
        text = bed.home.config.read_text()
        bed.home.write(bed.home.config, text.replace(next(one for one in text.splitlines() if "gateway" in one), named))
        read: list[int] = []
        pread = os.pread
        monkeypatch.setattr(os, "pread", lambda *arguments: read.append(arguments[1]) or pread(*arguments))
        first = bed.turn(START)
        assert sum(read) > 100_000
        read.clear()
        stale(bed)
        turn = bed.turn()
        assert turn.outcome is not None
        assert turn.outcome.verdict is Verdict.REPAIRED
        assert 0 < sum(read) < 1000  # whether it is the same file, at each of four looks
        assert first.outcome is not None
        told, tells = (one.snapshot.openclaws[0].evidence for one in (first.outcome, turn.outcome))
        assert tells == told
        assert len(tells.events) == 1

    def test_what_we_wrote_ourselves_wakes_nobody(self, bed: Bed) -> None:
        bed.turn(START)
        stale(bed)
        bed.turn()
        assert bed.turn(CHANGE).outcome is None
        assert bed.turn(SWEEP).outcome is None

    def test_what_breaks_again_while_it_is_repaired_is_noticed(self, bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
        bed.turn(START)
        stale(bed)

        def repaired_and_broken_again(*arguments: object, **options: object) -> object:
            outcome = repair(*arguments, **options)  # type: ignore[arg-type]
            stale(bed, "https://another.example.com/v1")
            return outcome

        with monkeypatch.context() as patch:
            patch.setattr(engine, "repair", repaired_and_broken_again)
            bed.turn(CHANGE)
        assert bed.turn(SWEEP).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    def test_a_look_that_fails_is_made_up_for(self, bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
        bed.turn(START)
        stale(bed)

        def fail(*_arguments: object) -> None:
            raise ClawmendError("the disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(engine, "look", fail)
            with pytest.raises(ClawmendError):
                bed.turn(CHANGE)
        assert bed.turn(SWEEP).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    def test_a_file_that_is_being_written_is_judged_when_it_is_closed(self, bed: Bed) -> None:
        bed.turn(START)
        text = cache("https://old.example.com/v1")
        with bed.home.models.open("w") as file:
            file.write(text[:100])
            file.flush()
            with held_open(bed.home.models):
                turn = bed.turn(CHANGE)
                assert turn.outcome is None
                assert turn.again_at == bed.clock.time + 2
                assert bed.turn(START).outcome is None
        bed.home.write(bed.home.models, text, age=60)
        assert bed.turn(CHANGE).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    def test_one_that_is_held_open_for_long_is_looked_at_and_left_alone(self, bed: Bed) -> None:
        bed.turn(START)
        stale(bed)
        before = bed.home.models.read_bytes()
        with held_open(bed.home.models):
            assert bed.turn(CHANGE).outcome is None
            bed.clock.time += 31
            turn = bed.turn(SWEEP)
            assert turn.outcome is not None
            assert "has it open for writing" in turn.outcome.held[0].reason
            assert turn.again_at == bed.clock.time + 10
        assert bed.home.models.read_bytes() == before
        assert bed.turn(SWEEP).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    def test_one_that_is_written_again_later_is_waited_for_again(self, bed: Bed) -> None:
        bed.turn(START)
        for number in range(2):
            stale(bed, f"https://old{number}.example.com/v1")
            with held_open(bed.home.models):
                assert bed.turn(CHANGE).outcome is None
            assert bed.turn(AGAIN).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]
            bed.clock.time += 3600

    def test_what_it_has_seen_of_secrets_the_log_knows_from_then_on(self, bed: Bed) -> None:
        secret = "no-shape-tells-that-this-is-one"
        bed.turn(START)
        assert secret in bed.log.masker.clean(f"it is {secret}")
        bed.home.write(bed.home.config, bed.home.config.read_text().replace(NEW_KEY, secret))
        bed.turn(CHANGE)
        assert secret not in bed.log.masker.clean(f"it is {secret}")

    def test_running_it_twice_changes_nothing(self, bed: Bed) -> None:
        stale(bed)
        assert bed.turn(START).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]
        again = bed.turn(START)
        assert again.outcome is not None
        assert again.outcome.verdict is Verdict.HEALTHY
        assert again.outcome.changes == ()

    def test_a_rewrite_that_changes_nothing_that_is_judged_is_no_reason_to_look(self, bed: Bed) -> None:
        bed.home.write(bed.home.profiles, profiles("sk-sp-new00000000000000000000000001"))
        bed.turn(START)
        text = bed.home.profiles.read_text()
        for number in range(50):
            used = text[:-2] + f',\n  "usageStats": {{"bailian:default": {{"lastUsed": {number}}}}}\n}}'
            bed.home.write(bed.home.profiles, used, age=50 - number)
            assert bed.turn(CHANGE).outcome is None
        assert bed.engine.looks == 1

    def test_what_no_file_shows_is_looked_at_every_few_minutes(self, bed: Bed) -> None:
        bed.turn(START)
        bed.clock.time += LONGEST_REST - 1
        assert bed.turn(SWEEP).outcome is None
        bed.clock.time += 1
        assert bed.turn(SWEEP).outcome is not None

    def test_a_clock_that_was_set_back_is_no_rest(self, bed: Bed) -> None:
        bed.turn(START)
        bed.clock.time -= 86_400
        assert bed.turn(SWEEP).outcome is not None

    def test_a_home_with_something_left_is_looked_at_at_every_sweep(self, bed: Bed) -> None:
        bed.home.write(bed.home.profiles, profiles(OLD_KEY))
        assert bed.turn(START).outcome.verdict is Verdict.NEEDS_YOU  # type: ignore[union-attr]
        assert bed.turn(SWEEP).outcome is not None
        assert bed.turn(CHANGE).outcome is None

    @pytest.mark.parametrize("reason", [Reason.REARMED, Reason.SETTINGS, Reason.WOKEN, Reason.AGAIN])
    def test_when_something_may_have_been_missed_everything_is_looked_at(self, bed: Bed, reason: Reason) -> None:
        bed.turn(START)
        assert bed.turn(Wake(frozenset({reason}))).outcome is not None

    def test_watches_that_had_to_be_set_anew_are_a_reason_to_look(self, bed: Bed) -> None:
        bed.turn(START)
        bed.watching.fresh = True
        assert bed.turn(CHANGE).outcome is not None

    def test_a_missed_event_is_found_by_the_sweep(self, bed: Bed) -> None:
        bed.turn(START)
        stale(bed)
        assert bed.turn(SWEEP).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    def test_a_new_agent_is_watched_and_repaired(self, bed: Bed) -> None:
        bed.turn(START)
        other = bed.home.config.parent / "agents" / "second" / "agent" / "models.json"
        bed.home.write(other, cache())
        assert bed.turn(CHANGE).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]
        assert str(other.parent) in bed.watching.places

    def test_a_home_that_vanishes_and_comes_back(self, bed: Bed) -> None:
        bed.turn(START)
        folder = bed.home.config.parent
        os.rename(folder, f"{folder}.away")
        assert bed.turn(CHANGE).outcome.verdict is Verdict.HEALTHY  # type: ignore[union-attr]
        os.rename(f"{folder}.away", folder)
        stale(bed)
        assert bed.turn(CHANGE).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]


class TestGateways:
    def sees(self, bed: Bed, condition: Condition, pid: int | None = None) -> bool:
        """Whether a sweep looks again after a look that has seen the gateway so."""
        last = bed.turn(START).outcome
        assert last is not None
        (openclaw,) = last.snapshot.openclaws
        health = GatewayHealth(condition=condition, why="why", pid=pid)
        seen = replace(last.snapshot, openclaws=(replace(openclaw, health=health),))
        bed.engine._last = replace(last, snapshot=seen)
        return bed.turn(SWEEP).outcome is not None

    @pytest.mark.parametrize("condition", list(Condition))
    def test_one_that_is_neither_well_nor_stopped_is_looked_at_at_every_sweep(
        self, bed: Bed, condition: Condition
    ) -> None:
        assert self.sees(bed, condition) is (condition not in {Condition.READY, Condition.ABSENT, Condition.STOPPED})

    def test_one_whose_process_has_gone_is_looked_at_at_once(self, bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
        gone: dict[int, type[OSError]] = {4711: ProcessLookupError, 1: PermissionError}

        def kill(pid: int, number: int) -> None:
            assert number == 0
            if pid in gone:
                raise gone[pid]

        monkeypatch.setattr(engine.os, "kill", kill)
        assert self.sees(bed, Condition.READY, 4711)
        assert not self.sees(bed, Condition.READY, 1)
        assert not self.sees(bed, Condition.READY, 2)


class TestModes:
    def test_report_tells_and_touches_nothing(self, bed: Bed) -> None:
        bed.configuration = settings(mode=WatchMode.REPORT)
        stale(bed)
        before = bed.home.models.read_bytes()
        turn = bed.turn(START)
        assert turn.outcome is not None
        assert turn.outcome.verdict is Verdict.NEEDS_YOU
        assert [item.reason for item in turn.outcome.held] == ["the watcher only reports; to repair: clawmend repair"]
        assert turn.receipt is not None
        assert bed.home.models.read_bytes() == before

    def test_what_would_be_asked_is_never_done_by_itself(self, bed: Bed) -> None:
        bed.home.write(bed.home.profiles, profiles(OLD_KEY))
        before = bed.home.profiles.read_bytes()
        turn = bed.turn(START)
        assert turn.outcome is not None
        assert "allow it with --yes" in turn.outcome.held[0].reason
        assert bed.home.profiles.read_bytes() == before

    def test_quiet_hours_hold_no_repair_that_needs_no_restart(self, bed: Bed) -> None:
        bed.configuration = settings(quiet_hours=QuietHours(0, 24 * 60 - 1))
        stale(bed)
        turn = bed.turn(START)
        assert turn.outcome is not None
        assert turn.outcome.verdict is Verdict.REPAIRED
        assert turn.again_at is not None

    def test_quiet_hours_hold_what_needs_a_restart_and_it_is_done_when_they_end(
        self, bed: Bed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        running = GatewayRunning(4711, 1.0, bed.home.port, "systemd", "openclaw-gateway.service", {})
        monkeypatch.setattr(observing, "find_gateway", lambda *_arguments: running)
        monkeypatch.setattr(observing, "_health", lambda _folder, one, *_rest: health_beside(one.gateway))
        year, month, day, *_ = time.localtime(bed.clock.time)
        bed.clock.time = time.mktime((year, month, day, 23, 30, 20, 0, 0, -1))
        morning = time.mktime((year, month, day + 1, 7, 0, 0, 0, 0, -1))
        bed.configuration = settings(quiet_hours=QuietHours(23 * 60, 7 * 60))
        bed.home.write(bed.home.profiles, profiles())
        before = tree(bed.home.path)

        turn = bed.turn(START)
        assert turn.outcome is not None
        assert turn.outcome.verdict is Verdict.NEEDS_YOU
        assert [(item.finding.rule, item.reason) for item in turn.outcome.held] == [
            ("OC201", "quiet hours, in which no gateway is restarted, last until 07:00")
        ]
        assert turn.again_at == morning
        assert (turn.outcome.changes, turn.outcome.checkpoint) == ((), None)
        assert tree(bed.home.path) == before
        assert bed.gateway.asked == []

        bed.clock.time = morning - 1
        assert bed.turn(AGAIN).again_at == morning
        assert tree(bed.home.path) == before
        assert bed.gateway.asked == []

        bed.clock.time = morning
        turn = bed.turn(AGAIN)
        assert turn.outcome is not None
        assert turn.outcome.verdict is Verdict.REPAIRED
        assert turn.outcome.restart.done
        assert bed.gateway.asked == ["validate", "restart"]
        assert "YOUR_API_KEY" not in bed.home.profiles.read_text()
        assert turn.again_at is None


class TestNotFighting:
    def repair_twice(self, bed: Bed) -> None:
        for _ in range(2):
            stale(bed)
            assert bed.turn(CHANGE).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]
            bed.clock.time += 600

    def test_what_comes_back_after_two_repairs_is_contested_and_left_alone(self, bed: Bed) -> None:
        self.repair_twice(bed)
        stale(bed)
        before = bed.home.models.read_bytes()
        turn = bed.turn(CHANGE)
        assert turn.outcome is not None
        assert turn.outcome.held[0].reason.startswith("contested: it was repaired 2 times within a day")
        assert len(turn.held.contested) == 1
        assert turn.receipt is not None
        for _ in range(50):  # two days of sweeps
            bed.clock.time += 3600
            again = bed.turn(SWEEP)
            assert again.outcome is not None
            assert (len(again.held.contested), again.outcome.changes) == (1, ())
            assert again.receipt is None
        assert bed.home.models.read_bytes() == before

    def test_another_fault_in_the_same_file_is_not_contested(self, bed: Bed) -> None:
        self.repair_twice(bed)
        stale(bed, "https://another.example.com/v1")
        assert bed.turn(CHANGE).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    def test_a_person_who_repairs_it_says_so(self, bed: Bed) -> None:
        self.repair_twice(bed)
        stale(bed)
        bed.turn(CHANGE)
        outcome = repair(bed.tools(), Options(version=VERSION), dry_run=False)
        record(bed.engine.history, outcome, by="repair", now=bed.clock.time)
        assert bed.turn(CHANGE).outcome.verdict is Verdict.HEALTHY  # type: ignore[union-attr]
        stale(bed)
        bed.clock.time += 60
        assert bed.turn(CHANGE).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    def test_what_a_person_undoes_stays_undone(self, bed: Bed) -> None:
        stale(bed)
        assert bed.turn(START).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]
        store = CheckpointStore(str(bed.home.state))
        undone = undo(bed.tools(), store, choose(store, str(bed.home.path), None), force=False)
        assert record_undo(bed.engine.history, undone, str(bed.home.path), now=bed.clock.time) == ""
        before = bed.home.models.read_bytes()
        for wake in (CHANGE, SWEEP, START):
            bed.clock.time += 60
            turn = bed.turn(wake)
            assert turn.outcome is not None
            assert "its repair was undone" in turn.outcome.held[0].reason
        assert bed.home.models.read_bytes() == before

    def test_two_repairs_on_two_days_are_no_fight(self, bed: Bed) -> None:
        for _ in range(5):
            stale(bed)
            assert bed.turn(CHANGE).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]
            bed.clock.time += 86_401

    def test_without_a_history_nothing_is_repaired_twice(self, bed: Bed) -> None:
        stale(bed)
        before = bed.home.models.read_bytes()
        (bed.home.state / "history.jsonl").mkdir(parents=True)
        turn = bed.turn(START)
        assert turn.outcome is not None
        assert "nobody can tell whether it was repaired before" in turn.outcome.held[0].reason
        assert bed.home.models.read_bytes() == before


class TestEditing:
    def test_a_file_that_is_open_in_an_editor_is_left_alone_until_it_is_closed(self, bed: Bed) -> None:
        trace = bed.home.models.parent / f".{bed.home.models.name}.swp"
        bed.home.write(trace, "")
        os.utime(trace, (bed.clock.time, bed.clock.time))
        stale(bed)
        turn = bed.turn(START)
        assert turn.outcome is not None
        assert "somebody is editing the file" in turn.outcome.held[0].reason
        assert turn.again_at == bed.clock.time + 15
        trace.unlink()
        assert bed.turn(AGAIN).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    def test_what_it_finds_at_its_start_was_not_saved_just_now(self, bed: Bed) -> None:
        text = bed.home.config.read_text()
        bed.turn(START)
        for number in range(2):
            wrong = text.replace("/v1", "/v1 " if number else "/v1").replace("my OpenClaw", f"try {number}")
            bed.home.write(bed.home.config, wrong, age=50 - number)
            turn = bed.turn(CHANGE)
        assert turn.outcome is not None
        assert turn.outcome.verdict is Verdict.REPAIRED

    def test_one_that_is_open_in_neovim_has_its_trace_in_a_folder_of_all_of_them(self, bed: Bed) -> None:
        swaps = bed.home.path / ".local" / "state" / "nvim" / "swap"
        trace = swaps / f"{str(bed.home.models.resolve()).replace('/', '%')}.swp"
        bed.home.write(trace, "")
        os.utime(trace, (bed.clock.time, bed.clock.time))
        stale(bed)
        turn = bed.turn(START)
        assert turn.outcome is not None
        assert "as long as it is open in an editor" in turn.outcome.held[0].reason
        assert turn.again_at == bed.clock.time + 15  # its end wakes nobody
        trace.unlink()
        assert bed.turn(Wake(frozenset({Reason.AGAIN}))).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    def test_several_saves_of_openclaw_json_within_a_minute_are_somebody_at_work(self, bed: Bed) -> None:
        text = bed.home.config.read_text()
        bed.turn(START)
        for number in range(3):
            wrong = text.replace("/v1", "/v1 " if number == 2 else "/v1").replace("my OpenClaw", f"try {number}")
            bed.home.write(bed.home.config, wrong, age=50 - number)
            held = bed.turn(CHANGE)
            bed.clock.time += 10
        assert held.outcome is not None
        assert "somebody is editing" in held.outcome.held[0].reason
        assert held.again_at is not None
        bed.clock.time += 61
        again = bed.turn(AGAIN)
        assert again.outcome is not None
        assert again.outcome.verdict is Verdict.REPAIRED


def linked_folder(bed: Bed) -> None:
    """`~/.openclaw` is a link to a folder elsewhere."""
    folder = bed.home.config.parent
    os.rename(folder, bed.home.root / "elsewhere")
    folder.symlink_to(bed.home.root / "elsewhere", target_is_directory=True)


def linked_file(path: Path, target: Path) -> None:
    """A file is a link to another of another name, as whoever keeps dotfiles in a repository has it."""
    target.parent.mkdir(exist_ok=True)
    os.rename(path, target)
    path.symlink_to(target)


class TestLinks:
    @pytest.mark.parametrize("kind", ["folder", "file"])
    def test_several_saves_through_a_link_are_somebody_at_work(self, bed: Bed, kind: str) -> None:
        written = bed.home.config
        if kind == "folder":
            linked_folder(bed)
        else:
            written = bed.home.root / "dotfiles" / "openclaw.json"
            linked_file(bed.home.config, written)
        text = bed.home.config.read_text()
        bed.turn(START)
        for number in range(3):
            wrong = text.replace("/v1", "/v1 " if number == 2 else "/v1").replace("my OpenClaw", f"try {number}")
            bed.home.write(written, wrong, age=50 - number)
            held = bed.turn(CHANGE)
            bed.clock.time += 10
        assert held.outcome is not None
        assert "until it has been quiet for a minute" in held.outcome.held[0].reason
        bed.clock.time += 61
        assert bed.turn(Wake(frozenset({Reason.AGAIN}))).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    @pytest.mark.parametrize("kind", ["folder", "file", "two files"])
    def test_what_we_wrote_through_a_link_wakes_nobody_and_is_nobodys_save(self, bed: Bed, kind: str) -> None:
        if kind == "folder":
            linked_folder(bed)
        else:
            linked_file(bed.home.models, bed.home.root / "dotfiles" / "oc-models.json")
        if kind == "two files":
            (bed.home.path / ".qwen").mkdir()
            (bed.home.path / ".qwen" / "oauth_creds.json").symlink_to(bed.home.models.resolve())
        bed.turn(START)
        bed.home.write(bed.home.models.resolve(), cache("https://old.example.com/v1"), age=60)
        assert bed.turn().outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]
        assert bed.turn(CHANGE).outcome is None
        assert bed.turn(SWEEP).outcome is None
        assert bed.engine.looks == 2

    def test_what_a_program_saves_through_a_link_of_another_name_is_no_person_at_work(self, bed: Bed) -> None:
        target = bed.home.root / "dotfiles" / "oc-models.json"
        linked_file(bed.home.models, target)
        bed.turn(START)
        for number in range(4):
            bed.clock.time += 1
            bed.home.write(target, cache(f"https://old{number}.example.com/v1"), age=60 - number)
            turn = bed.turn()
        assert turn.outcome is not None
        assert turn.outcome.verdict is Verdict.REPAIRED

    def test_use_of_a_key_behind_a_link_of_another_name_is_no_reason_to_look(self, bed: Bed) -> None:
        bed.home.write(bed.home.profiles, profiles("sk-sp-new00000000000000000000000001"))
        target = bed.home.root / "dotfiles" / "oc-profiles"
        linked_file(bed.home.profiles, target)
        bed.turn(START)
        used = target.read_text()[:-2] + ',\n  "usageStats": {"bailian:default": {"lastUsed": 1}}\n}'
        bed.home.write(target, used, age=5)
        assert bed.turn(CHANGE).outcome is None

    def test_a_target_that_is_being_written_is_judged_when_it_is_closed(self, bed: Bed) -> None:
        target = bed.home.root / "dotfiles" / "oc-models.json"
        linked_file(bed.home.models, target)
        bed.turn(START)
        bed.home.write(target, cache("https://old.example.com/v1"), age=60)
        with held_open(target):
            turn = bed.turn(CHANGE)
        assert turn.outcome is None
        assert turn.again_at == bed.clock.time + 2
        assert bed.turn(CHANGE).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    def test_a_target_that_is_open_in_an_editor_is_left_alone_until_it_is_closed(self, bed: Bed) -> None:
        target = bed.home.root / "dotfiles" / "oc-models.json"
        linked_file(bed.home.models, target)
        bed.turn(START)
        bed.home.write(target, cache("https://old.example.com/v1"), age=60)
        trace = target.with_name(".oc-models.json.swp")
        bed.home.write(trace, "")
        os.utime(trace, (bed.clock.time, bed.clock.time))
        turn = bed.turn(CHANGE)
        assert turn.outcome is not None
        assert "as long as it is open in an editor" in turn.outcome.held[0].reason
        trace.unlink()
        assert bed.turn(CHANGE).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]

    def test_another_target_is_a_change(self, bed: Bed) -> None:
        linked_file(bed.home.models, bed.home.root / "dotfiles" / "oc-models.json")
        bed.turn(START)
        other = bed.home.root / "dotfiles" / "others.json"
        bed.home.write(other, cache("https://old.example.com/v1"), age=60)
        bed.home.models.unlink()
        bed.home.models.symlink_to(other)
        assert bed.turn(CHANGE).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]
        assert str(other.parent) in bed.watching.places

    def test_a_device_behind_a_link_that_everybody_writes_puts_nothing_off(self, bed: Bed) -> None:
        (bed.home.config.parent / ".env").symlink_to("/dev/null")
        bed.turn(START)
        stale(bed)
        with held_open(Path("/dev/null")):
            assert bed.turn(CHANGE).outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]
        assert "/dev" not in bed.watching.places

    @pytest.mark.parametrize("target", ["nowhere/at/all", ".env", "/dev/null"])
    def test_a_link_that_leads_to_no_file_changes_nothing(self, bed: Bed, target: str) -> None:
        (bed.home.config.parent / ".env").symlink_to(target)
        bed.turn(START)
        stale(bed)
        assert bed.turn().outcome.verdict is Verdict.REPAIRED  # type: ignore[union-attr]
        assert bed.turn(CHANGE).outcome is None


def test_without_a_state_folder_nothing_is_touched_and_the_reason_is_told(bed: Bed) -> None:
    stale(bed)
    before = bed.home.models.read_bytes()
    bed.home.state.write_text("a file where the folder should be")
    turn = bed.turn(START)
    assert turn.outcome is not None
    assert "Not a directory" in turn.outcome.held[0].reason
    assert bed.home.models.read_bytes() == before


def test_what_was_never_looked_at_has_no_last_look(bed: Bed) -> None:
    assert bed.engine.last is None
    bed.turn(START)
    assert bed.engine.last is not None
