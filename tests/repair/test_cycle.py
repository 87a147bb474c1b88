import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.core.finding import CouldNotLook, Finding, Report, Rule
from clawmend.core.plan import Action
from clawmend.core.snapshot import GatewayRunning, Snapshot
from clawmend.core.verdict import Verdict
from clawmend.repair import looking
from clawmend.repair import observe as observing
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.planning import Options, look, propose
from clawmend.repair.tools import dry_tools
from clawmend.repair.undo import choose, undo
from clawmend.rules import registry
from clawmend.system import durable
from clawmend.system import swap as swapping
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.records import Kind
from clawmend.system.restart import Restart
from clawmend.system.slot import Slot
from repair.home import NEW_KEY, OLD_KEY, PLAN_URL, FakeGateway, Home, MeddledFiles, cache, profiles
from support.machine import health_beside
from system.fakes import FakeClock, tree

OPTIONS = Options(version="2026.3.2")
NOT_DONE = Restart(needed=True, done=False, reason="no proof of a restart within 240 seconds")
DONE = Restart(needed=True, done=True, reason="it held the old state", proof="1 became 2")

INVALID_PROFILE = 'auth: { profiles: { "x:default": { provider: "x", mode: "bearer" } } }'


def _run(home: Home, options: Options = OPTIONS, **parts: object) -> Outcome:
    return repair(home.tools(**parts), options, dry_run=False)


def _gateway_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    running = GatewayRunning(4711, 1.0, 18789, "systemd", "openclaw-gateway.service", {})
    monkeypatch.setattr(observing, "find_gateway", lambda *_arguments: running)
    monkeypatch.setattr(observing, "_health", lambda _folder, one, *_rest: health_beside(one.gateway))


def _checkpoints(home: Home) -> list[tuple[str, bool, bool]]:
    return [(found.kind.value, found.done, found.undone) for found in CheckpointStore(str(home.state)).all()]


class TestNothingToDo:
    def test_a_healthy_home_is_healthy_and_nothing_is_written_anywhere(self, home: Home) -> None:
        before = tree(home.root)
        outcome = _run(home)
        assert (outcome.verdict, outcome.changes, outcome.checkpoint) == (Verdict.HEALTHY, (), None)
        assert not outcome.restart.needed
        assert tree(home.root) == before

    def test_a_home_without_anything_is_healthy(self, tmp_path: Path) -> None:
        (tmp_path / "home").mkdir()
        assert _run(Home(tmp_path, 1)).verdict is Verdict.HEALTHY


class TestOneRepair:
    def test_it_registers_changes_verifies_and_is_done(self, home: Home) -> None:
        home.write(home.models, cache())
        before = home.models.stat()

        outcome = _run(home)

        assert outcome.verdict is Verdict.REPAIRED
        (change,) = outcome.changes
        assert (change.path, change.action, change.rules) == (str(home.models), Action.EDIT, ("OC101",))
        assert json.loads(home.models.read_text()) == {"providers": {}}
        assert home.models.stat().st_mode == before.st_mode
        assert outcome.findings == ()
        assert _checkpoints(home) == [("repair", True, False)]
        assert CheckpointStore(str(home.state)).all()[0].id == outcome.checkpoint

    def test_a_second_run_does_nothing(self, home: Home) -> None:
        home.write(home.models, cache())
        _run(home)
        before = tree(home.root)
        assert _run(home).verdict is Verdict.HEALTHY
        assert tree(home.root) == before

    def test_undo_restores_bytes_mode_and_time(self, home: Home) -> None:
        home.write(home.models, cache())
        home.models.chmod(0o640)
        content, status = home.models.read_bytes(), home.models.stat()
        _run(home)
        store = CheckpointStore(str(home.state))

        result = undo(home.tools(), store, choose(store, str(home.path), None), force=False)

        assert [item.entry.path for item in result.restored] == [str(home.models)]
        after = home.models.stat()
        assert home.models.read_bytes() == content
        assert (after.st_mode, after.st_uid, after.st_mtime_ns) == (status.st_mode, status.st_uid, status.st_mtime_ns)
        assert _checkpoints(home) == [("repair", True, True), ("undo", True, False)]
        with pytest.raises(ClawmendError, match="there is no repair to undo"):
            choose(store, str(home.path), None)

    def test_a_dry_run_says_what_it_would_do_and_writes_nothing(self, home: Home) -> None:
        home.write(home.models, cache())
        before = tree(home.root)
        tools = dry_tools(home.tools().place, FakeClock())

        outcome = repair(tools, OPTIONS, dry_run=True)

        assert (outcome.verdict, outcome.checkpoint, outcome.findings) == (Verdict.WOULD_REPAIR, None, ())
        assert [change.path for change in outcome.changes] == [str(home.models)]
        assert tree(home.root) == before

    def test_a_dry_run_with_a_running_gateway_says_that_it_would_restart_it(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home.write(home.profiles, profiles())
        _gateway_runs(monkeypatch)
        outcome = repair(dry_tools(home.tools().place, FakeClock()), OPTIONS, dry_run=True)
        assert outcome.verdict is Verdict.WOULD_REPAIR
        assert outcome.restart == Restart(True, False, "a real run would restart the gateway (process 4711)")

    def test_two_rules_on_one_file_give_one_change(self, home: Home) -> None:
        """OC307 (a mode that OpenClaw does not know) and OC303 (a model of nobody) both edit openclaw.json."""
        home.write(
            home.config,
            home.config.read_text()
            .replace('primary: "bailian/', 'primary: "bailina/')
            .replace("agents:", 'auth: { profiles: { "a:b": { provider: "a", mode: "bearer" } } },\n  agents:'),
        )
        found = {finding.rule for finding in look(home.tools(), OPTIONS).findings}
        assert {"OC303", "OC307"} <= found

        outcome = _run(home, replace(OPTIONS, yes=True))

        (change,) = outcome.changes
        assert change.rules == ("OC307", "OC303")
        text = home.config.read_text()
        assert "bearer" not in text
        assert '"bailian/qwen3.5-plus"' in text
        assert text.startswith("// my OpenClaw\n")
        assert "// the new endpoint" in text
        assert len(_checkpoints(home)) == 1

    def test_one_file_that_two_agents_link_to_is_mended_once_and_undone_once(self, home: Home) -> None:
        shared = home.path / "shared.json"
        home.write(shared, cache())
        others = [home.agent.parents[1] / name / "agent" / "models.json" for name in ("one", "two")]
        for path in others:
            path.parent.mkdir(parents=True)
            path.symlink_to(shared)
        before = shared.read_bytes()
        outcome = _run(home)
        assert outcome.verdict is Verdict.REPAIRED
        assert [change.path in map(str, others) for change in outcome.changes] == [True]
        assert outcome.findings == ()
        assert shared.read_text() == '{\n  "providers": {}\n}'
        assert all(path.is_symlink() for path in others)
        store = CheckpointStore(str(home.state))
        undo(home.tools(), store, choose(store, str(home.path), outcome.checkpoint))
        assert shared.read_bytes() == before
        assert all(path.is_symlink() for path in others)

    def test_a_repair_that_uncovers_another_fault_mends_both_under_one_checkpoint(self, home: Home) -> None:
        home.write(home.models, cache())
        home.write(home.config.with_name("openclaw.json.bak"), home.config.read_text(), age=172_800)
        home.write(home.config, home.config.read_text()[:100])
        assert [finding.rule for finding in look(home.tools(), OPTIONS).findings] == ["OC301"]

        outcome = _run(home)

        assert outcome.verdict is Verdict.REPAIRED
        assert [change.rules for change in outcome.changes] == [("OC301",), ("OC101",)]
        assert outcome.changes[0].action is Action.RESTORE
        assert PLAN_URL in home.config.read_text()
        assert len(_checkpoints(home)) == 1
        before = tree(home.root)
        assert _run(home).verdict is Verdict.HEALTHY
        assert tree(home.root) == before

        store = CheckpointStore(str(home.state))
        undo(home.tools(), store, choose(store, str(home.path), None), force=False)
        assert len(home.config.read_text()) == 100
        assert home.models.read_text() == cache()


class TestAsking:
    def test_what_may_be_meant_is_held_without_an_answer(self, home: Home) -> None:
        home.write(home.profiles, profiles(OLD_KEY))
        before = tree(home.path)
        outcome = _run(home)
        assert outcome.verdict is Verdict.NEEDS_YOU
        (held,) = outcome.held
        assert (held.finding.rule, held.reason) == (
            "OC201",
            "this may be what somebody wants; allow it with --yes",
        )
        assert tree(home.path) == before
        assert outcome.checkpoint is None

    @pytest.mark.parametrize("answer", [True, False])
    def test_a_person_is_asked_once(self, home: Home, answer: bool) -> None:
        home.write(home.profiles, profiles(OLD_KEY))
        home.write(home.models, cache())  # repaired meanwhile, so that there is a second pass
        asked: list[str] = []

        def ask(finding: Finding, _snapshot: Snapshot) -> bool:
            asked.append(finding.rule)
            return answer

        outcome = _run(home, replace(OPTIONS, ask=ask))

        assert asked == ["OC201"]
        assert outcome.verdict is (Verdict.REPAIRED if answer else Verdict.NEEDS_YOU)
        assert (OLD_KEY in home.profiles.read_text()) is not answer

    def test_a_person_is_not_asked_again_because_somebody_else_wrote_meanwhile(self, home: Home) -> None:
        home.write(home.profiles, profiles(OLD_KEY))
        home.write(home.models, cache())
        asked: list[str] = []

        def ask(finding: Finding, _snapshot: Snapshot) -> bool:
            asked.append(finding.rule)
            if len(asked) == 1:
                home.write(home.models, cache("https://third.example/v1"))
            return True

        outcome = _run(home, replace(OPTIONS, ask=ask))

        assert outcome.verdict is Verdict.REPAIRED
        assert asked == ["OC201"]

    def test_yes_answers_for_all(self, home: Home) -> None:
        home.write(home.profiles, profiles(OLD_KEY))
        assert _run(home, replace(OPTIONS, yes=True)).verdict is Verdict.REPAIRED

    def test_only_and_skip_choose_and_say_what_was_left_out(self, home: Home) -> None:
        home.write(home.models, cache())
        home.write(home.claude, "{}")
        outcome = _run(home, replace(OPTIONS, only=frozenset({"CC101"})))
        assert [change.rules for change in outcome.changes] == [("CC101",)]
        assert [(item.finding.rule, item.reason) for item in outcome.held] == [
            ("OC101", "left out by --only or --skip")
        ]
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert _run(home, replace(OPTIONS, skip=frozenset({"OC101"}))).changes == ()


class TestRestarting:
    @pytest.fixture(autouse=True)
    def _running(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _gateway_runs(monkeypatch)

    def test_a_profile_taken_away_under_a_running_gateway_restarts_it_once(self, home: Home) -> None:
        home.write(home.profiles, profiles())
        gateway = FakeGateway()
        outcome = _run(home, gateway=gateway)
        assert (outcome.verdict, outcome.restart) == (Verdict.REPAIRED, DONE)
        assert gateway.asked == ["validate", "restart"]
        assert CheckpointStore(str(home.state)).all()[0].needs_restart

    def test_a_cache_taken_away_under_a_running_gateway_restarts_nothing(self, home: Home) -> None:
        home.write(home.models, cache())
        gateway = FakeGateway()
        outcome = _run(home, gateway=gateway)
        assert outcome.verdict is Verdict.REPAIRED
        assert not outcome.restart.needed
        assert gateway.asked == []

    def test_two_agents_of_one_gateway_restart_it_once(self, home: Home) -> None:
        home.write(home.profiles, profiles())
        home.write(home.path / ".openclaw/agents/other/agent/auth-profiles.json", profiles())
        gateway = FakeGateway()
        outcome = _run(home, gateway=gateway)
        assert len(outcome.changes) == 2
        assert gateway.asked == ["validate", "restart"]

    def test_every_profile_has_a_gateway_of_its_own(self, home: Home) -> None:
        home.write(home.profiles, profiles())
        other = home.path / ".openclaw-work"
        home.write(other / "openclaw.json", home.config.read_text())
        home.write(other / "agents/main/agent/auth-profiles.json", profiles())
        gateway = FakeGateway()
        assert _run(home, gateway=gateway).verdict is Verdict.REPAIRED
        assert gateway.asked == ["validate", "validate", "restart", "restart"]

    def test_an_agent_whose_folder_lies_elsewhere_restarts_it_too(self, home: Home) -> None:
        home.write(home.path / "elsewhere" / "agent" / "auth-profiles.json", profiles())
        agents = '[{ id: "work", agentDir: "~/elsewhere/agent" }]'
        home.write(home.config, home.config.read_text().replace("defaults:", f"list: {agents}, defaults:"))
        gateway = FakeGateway()
        outcome = _run(home, gateway=gateway)
        assert [change.rules for change in outcome.changes] == [("OC201",)]
        assert gateway.asked == ["validate", "restart"]

    def test_with_an_invalid_configuration_only_what_needs_a_restart_is_held(self, home: Home) -> None:
        home.write(home.profiles, profiles())
        home.write(home.models, cache())
        before = home.profiles.read_bytes()
        gateway = FakeGateway(invalid="openclaw config validate says the configuration is not valid")
        outcome = _run(home, gateway=gateway)
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert [change.rules for change in outcome.changes] == [("OC101",)]
        assert [(item.finding.rule, item.reason) for item in outcome.held] == [
            (
                "OC201",
                "it needs a restart of the gateway, and openclaw config validate says the configuration is not valid",
            )
        ]
        assert home.profiles.read_bytes() == before
        assert gateway.asked == ["validate"]

    def test_a_configuration_that_the_repair_mends_is_validated_after_it(self, home: Home) -> None:
        home.write(home.profiles, profiles())
        home.write(home.config, home.config.read_text().replace("agents:", f"{INVALID_PROFILE}, agents:"))
        gateway = FakeGateway()
        outcome = _run(home, gateway=gateway)
        assert outcome.verdict is Verdict.REPAIRED
        assert {rule for change in outcome.changes for rule in change.rules} == {"OC201", "OC307"}
        assert gateway.asked == ["validate", "restart"]

    def test_one_that_stays_invalid_is_mended_as_far_as_it_goes(self, home: Home) -> None:
        home.write(home.profiles, profiles())
        home.write(home.config, home.config.read_text().replace("agents:", f"{INVALID_PROFILE}, agents:"))
        before = home.profiles.read_bytes()
        gateway = FakeGateway(invalid="openclaw config validate says the configuration is not valid")
        outcome = _run(home, gateway=gateway)
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert [change.rules for change in outcome.changes] == [("OC307",)]
        assert home.profiles.read_bytes() == before
        assert gateway.asked == ["validate", "await"]

    def test_a_restart_that_was_not_done_puts_everything_back(self, home: Home) -> None:
        home.write(home.profiles, profiles())
        home.write(home.models, cache())
        before, times = tree(home.path), home.profiles.stat().st_mtime_ns
        gateway = FakeGateway(results=[NOT_DONE, DONE])

        outcome = _run(home, gateway=gateway)

        assert outcome.verdict is Verdict.ROLLED_BACK
        assert outcome.note == "no proof of a restart within 240 seconds"
        assert tree(home.path) == before
        assert home.profiles.stat().st_mtime_ns == times
        assert gateway.asked == ["validate", "restart", "restart"]
        assert {finding.rule for finding in outcome.findings} == {"OC101", "OC201"}
        assert _checkpoints(home) == [("repair", False, True)]

    def test_a_gateway_that_is_gone_after_a_failed_restart_is_started_again(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home.write(home.profiles, profiles())
        gateway = FakeGateway(results=[NOT_DONE, DONE])
        gateway.on_restart = monkeypatch.undo
        outcome = _run(home, gateway=gateway)
        assert outcome.verdict is Verdict.ROLLED_BACK
        assert outcome.restart == DONE
        assert gateway.asked == ["validate", "restart", "restart"]

    def test_what_somebody_wrote_meanwhile_is_never_rolled_back(self, home: Home) -> None:
        home.write(home.profiles, profiles())
        gateway = FakeGateway(results=[NOT_DONE])
        gateway.on_restart = lambda: home.write(home.profiles, '{"theirs": 1}')
        with pytest.raises(ClawmendError, match="what it was before is kept in the newest checkpoint"):
            _run(home, gateway=gateway)
        assert home.profiles.read_text() == '{"theirs": 1}'

    def test_without_a_restart_an_instruction_is_left(self, home: Home) -> None:
        home.write(home.profiles, profiles())
        gateway = FakeGateway()
        outcome = _run(home, replace(OPTIONS, restart=False), gateway=gateway)
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert outcome.restart == Restart(
            True,
            False,
            "left to you by --no-restart; before the next message: systemctl --user restart openclaw-gateway.service",
        )
        assert NEW_KEY not in home.profiles.read_text()
        assert "YOUR_API_KEY" not in home.profiles.read_text()
        assert gateway.asked == []

    def test_without_a_restart_an_invalid_configuration_is_no_hindrance(self, home: Home) -> None:
        home.write(home.profiles, profiles())
        gateway = FakeGateway(invalid="it is not valid")
        assert _run(home, replace(OPTIONS, restart=False), gateway=gateway).verdict is Verdict.NEEDS_YOU


class TestSomebodyElseAtWork:
    def test_a_file_that_changed_since_the_plan_is_planned_again(self, home: Home) -> None:
        home.write(home.models, cache())
        third = json.loads(cache())
        third["providers"]["mine"] = {"baseUrl": "https://mine.example", "models": []}
        times = []

        def meddle(path: str) -> None:
            times.append(path)
            if len(times) == 1:
                home.write(home.models, json.dumps(third))

        outcome = _run(home, files=MeddledFiles(meddle))

        assert outcome.verdict is Verdict.REPAIRED
        assert len(times) == 2
        assert "bailian" not in home.models.read_text()
        assert [(done, undone) for _, done, undone in _checkpoints(home)] == [(False, True), (True, False)]

    def test_after_three_tries_it_is_left_to_them_and_nothing_is_written(self, home: Home) -> None:
        home.write(home.models, cache())
        home.write(home.claude, "{}")
        times: list[str] = []

        def meddle(path: str) -> None:
            if path == str(home.models):
                times.append(path)
                home.write(home.models, cache(f"https://{len(times)}.example/v1"))

        outcome = _run(home, files=MeddledFiles(meddle))

        assert outcome.verdict is Verdict.STALE
        assert "was changed by somebody else" in outcome.note
        assert len(times) == 3
        assert outcome.changes == ()
        assert "https://3.example/v1" in home.models.read_text()
        assert home.claude.read_text() == "{}"
        assert all(undone for _, _, undone in _checkpoints(home))

    def test_what_somebody_repaired_meanwhile_needs_no_repair(self, home: Home) -> None:
        home.write(home.models, cache())
        outcome = _run(home, files=MeddledFiles(lambda _path: home.write(home.models, cache(PLAN_URL))))
        assert outcome.verdict is Verdict.HEALTHY

    def test_a_lock_that_is_not_let_go_of_puts_everything_back(self, home: Home) -> None:
        home.write(home.models, cache())
        home.write(home.claude, "{}")
        before = tree(home.path)

        @contextmanager
        def busy(path: str) -> Iterator[None]:
            if path == str(home.claude):
                raise BusyError(f"{path}.lock has been held for 15 seconds", "try again in a moment")
            yield

        with pytest.raises(BusyError):
            _run(home, lock=busy)

        assert tree(home.path) == before
        assert _checkpoints(home) == [("repair", False, True)]

    def test_every_file_is_swapped_under_its_owners_lock_and_written_before_it(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home.write(home.models, cache())
        home.write(home.claude, "{}")
        held: list[str] = []
        swapped: list[tuple[str, list[str]]] = []
        written: list[list[str]] = []
        swap, write = Slot.swap, durable.write_temporary

        @contextmanager
        def lock(path: str) -> Iterator[None]:
            held.append(path)
            yield
            held.remove(path)

        def recorded_swap(place: Slot) -> bool:
            swapped.append((place.path, list(held)))
            return swap(place)

        def recorded_write(*arguments: Any, **options: Any) -> None:
            written.append(list(held))
            write(*arguments, **options)

        monkeypatch.setattr(Slot, "swap", recorded_swap)
        monkeypatch.setattr(swapping, "write_temporary", recorded_write)

        _run(home, lock=lock)

        assert swapped == [(str(path), [str(path)]) for path in (home.models, home.claude)]
        assert written == [[], []]
        assert held == []


class TestFailures:
    @pytest.mark.parametrize("error", [KeyboardInterrupt, ClawmendError, ZeroDivisionError])
    @pytest.mark.parametrize("failing", [1, 2, 3])
    def test_a_write_that_fails_puts_everything_back(
        self, home: Home, error: type[BaseException], failing: int
    ) -> None:
        home.write(home.models, cache())
        home.write(home.claude, "{}")
        home.write(home.profiles, profiles())
        before = tree(home.path)
        count = 0

        def fail(_path: str) -> None:
            nonlocal count
            count += 1
            if count == failing:
                raise error("")

        with pytest.raises(error):
            _run(home, files=MeddledFiles(fail))

        assert tree(home.path) == before
        assert _checkpoints(home) == [("repair", False, True)]
        assert _run(home).verdict is Verdict.REPAIRED

    def test_without_a_place_for_backups_nothing_is_changed(self, home: Home) -> None:
        home.write(home.models, cache())
        home.state.write_text("in the way")
        before = tree(home.root)
        with pytest.raises(ClawmendError, match=r"cannot write backups in .*; nothing was changed"):
            _run(home)
        assert tree(home.root) == before

    def test_a_backup_that_cannot_be_finished_puts_everything_back(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home.write(home.models, cache())
        before = tree(home.path)

        def fail(_self: CheckpointStore, _checkpoint: object) -> None:
            raise ClawmendError("cannot note that it is done", "free some space")

        monkeypatch.setattr(CheckpointStore, "finish", fail)
        with pytest.raises(ClawmendError, match="cannot note that it is done"):
            _run(home)
        assert tree(home.path) == before
        assert _checkpoints(home) == [("repair", False, True)]

    def test_a_repair_that_makes_it_worse_is_rolled_back(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        home.write(home.models, cache())
        before = tree(home.path)

        def diagnose(snapshot: Snapshot, rules: tuple[Rule, ...]) -> Iterator[Report]:
            """What nobody could foresee: once the repair is on the disk, there is another fault in that file."""
            yield from registry.diagnose(snapshot, rules)
            if home.models.read_text() != cache():
                yield replace(fault, rule="OC999", summary="it is worse now")

        (fault,) = look(home.tools(), OPTIONS).findings
        monkeypatch.setattr(looking, "diagnose", diagnose)

        outcome = _run(home)

        assert (outcome.verdict, outcome.note) == (Verdict.ROLLED_BACK, "it is worse now")
        assert tree(home.path) == before
        assert _checkpoints(home) == [("repair", False, True)]

    def test_a_file_that_can_no_longer_be_read_is_worse(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        home.write(home.models, cache())
        before = tree(home.path)

        def diagnose(snapshot: Snapshot, rules: tuple[Rule, ...]) -> Iterator[Report]:
            yield from registry.diagnose(snapshot, rules)
            if home.models.read_text() != cache():
                yield CouldNotLook("OC104", str(home.models), "may not be accessed by this user")

        monkeypatch.setattr(looking, "diagnose", diagnose)

        outcome = _run(home)

        assert outcome.verdict is Verdict.ROLLED_BACK
        assert outcome.note == f"{home.models} may not be accessed by this user"
        assert tree(home.path) == before

    def test_a_file_with_two_names_is_left_and_said_so(self, home: Home) -> None:
        home.write(home.models, cache())
        os.link(home.models, home.root / "other")
        before = tree(home.root)
        outcome = _run(home)
        assert outcome.verdict is Verdict.FAILED
        assert "2 names (hard links)" in outcome.note
        assert tree(home.root) == before

    def test_one_file_that_cannot_be_written_does_not_keep_the_others_from_being_repaired(self, home: Home) -> None:
        home.write(home.models, cache())
        home.write(home.claude, "{}")
        os.link(home.models, home.root / "other")
        outcome = _run(home)
        assert [change.rules for change in outcome.changes] == [("CC101",)]
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert [item.finding.rule for item in outcome.held] == ["OC101"]


class TestUndoing:
    def test_a_file_changed_since_is_a_conflict_and_nothing_is_touched(self, home: Home) -> None:
        home.write(home.models, cache())
        home.write(home.claude, "{}")
        _run(home)
        home.write(home.models, '{"providers": {"mine": {}}}')
        before = tree(home.path)
        store = CheckpointStore(str(home.state))

        result = undo(home.tools(), store, choose(store, str(home.path), None), force=False)

        assert [item.entry.path for item in result.conflicts] == [str(home.models)]
        assert result.restored == ()
        assert tree(home.path) == before
        assert _checkpoints(home) == [("repair", True, False)]

    def test_by_force_it_is_overwritten_and_kept(self, home: Home) -> None:
        home.write(home.models, cache())
        _run(home)
        home.write(home.models, '{"theirs": 1}')
        store = CheckpointStore(str(home.state))

        undo(home.tools(), store, choose(store, str(home.path), None), force=True)

        assert home.models.read_text() == cache()
        second = choose(store, str(home.path), store.all()[-1].id)
        undo(home.tools(), store, second, force=False)
        assert home.models.read_text() == '{"theirs": 1}'

    def test_a_file_that_has_gone_is_put_back_by_force(self, home: Home) -> None:
        home.write(home.models, cache())
        _run(home)
        home.models.unlink()
        store = CheckpointStore(str(home.state))
        chosen = choose(store, str(home.path), None)
        assert undo(home.tools(), store, chosen, force=False).conflicts
        undo(home.tools(), store, chosen, force=True)
        assert home.models.read_text() == cache()
        assert home.models.stat().st_mode & 0o777 == 0o600

    def test_what_already_is_as_it_was_needs_no_undo(self, home: Home) -> None:
        home.write(home.models, cache())
        _run(home)
        home.write(home.models, cache())
        store = CheckpointStore(str(home.state))
        result = undo(home.tools(), store, choose(store, str(home.path), None), force=False)
        assert (result.restored, result.conflicts) == ((), ())
        assert _checkpoints(home) == [("repair", True, True)]

    def test_a_damaged_backup_is_not_put_back(self, home: Home) -> None:
        home.write(home.models, cache())
        _run(home)
        before = tree(home.path)
        (blob,) = (home.state / "checkpoints" / "blobs").iterdir()
        blob.chmod(0o600)
        blob.write_text("damaged")
        store = CheckpointStore(str(home.state))
        with pytest.raises(ClawmendError, match="is damaged"):
            undo(home.tools(), store, choose(store, str(home.path), None), force=True)
        assert tree(home.path) == before

    def test_a_directory_in_the_place_of_the_file_is_a_sentence(self, home: Home) -> None:
        home.write(home.models, cache())
        _run(home)
        home.models.unlink()
        home.models.mkdir()
        store = CheckpointStore(str(home.state))
        with pytest.raises(ClawmendError, match=re.escape("is a directory; nothing was undone")):
            undo(home.tools(), store, choose(store, str(home.path), None), force=True)

    def test_a_repair_of_another_home_is_not_undone_unasked(self, home: Home) -> None:
        home.write(home.models, cache())
        outcome = _run(home)
        store = CheckpointStore(str(home.state))
        with pytest.raises(ClawmendError, match="there is no repair to undo"):
            choose(store, "/home/other", None)
        assert choose(store, "/home/other", outcome.checkpoint).id == outcome.checkpoint

    def test_a_repair_cut_off_in_the_middle_is_undone_too(self, home: Home) -> None:
        """Only one of two files was written when the machine lost its power."""
        home.write(home.models, cache())
        home.write(home.claude, "{}")
        before = tree(home.path)
        tools = home.tools()
        changes = propose(tools, OPTIONS).changes
        tools.store.prepare()
        tools.store.register(
            Kind.REPAIR,
            str(home.path),
            1.0,
            [(one.path, one.before.data, one.after, one.before.identity, one.rules) for one in changes],
        )
        assert changes[0].after is not None
        tools.files.replace(changes[0].path, changes[0].after, expected=changes[0].before.data)
        assert tree(home.path) != before

        store = CheckpointStore(str(home.state))
        undo(tools, store, choose(store, str(home.path), None), force=False)

        assert tree(home.path) == before
