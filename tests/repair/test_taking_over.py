"""Retired credentials: OpenClaw takes them over, each is looked for afterwards, and the files come back."""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.core.verdict import Verdict
from clawmend.repair import taking_over as module
from clawmend.repair.cycle import repair
from clawmend.repair.planning import Options
from clawmend.repair.recovery import recover
from clawmend.repair.tools import dry_tools
from clawmend.repair.undo import choose, undo
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.restart import Restart
from repair.home import Home
from repair.retired import ASKED, KEY, MINE, VERSION, WORK, YES, Retired
from support.stores import profiles_in
from system.fakes import FakeClock, tree


def _failing(problem: str) -> Callable[..., None]:
    def fail(*_given: Any, **_named: Any) -> None:
        raise ClawmendError(problem)

    return fail


@pytest.fixture
def retired(home: Home) -> Retired:
    return Retired(home)


class TestOneRepair:
    def test_every_credential_is_in_a_database_and_openclaw_is_asked_once(self, retired: Retired) -> None:
        outcome = retired.repair()
        assert outcome.verdict is Verdict.REPAIRED, (outcome.held, outcome.note)
        assert retired.openclaw.asked == [ASKED]
        assert profiles_in(retired.shared) == MINE
        assert profiles_in(retired.work.parent / "openclaw-agent.sqlite") == WORK
        assert [command.rules for command in outcome.commands] == [("OC204",), ("OC204",)]
        assert retired.home.config.read_bytes() == retired.kept[retired.home.config]
        assert not retired.home.profiles.exists()
        assert retired.repair().verdict is Verdict.HEALTHY

    def test_what_it_is_given_holds_no_key_of_a_provider(self, retired: Retired) -> None:
        retired.repair()
        providers = json.loads(retired.openclaw.given[0])["models"]["providers"]
        assert {provider["apiKey"]["source"] for provider in providers.values()} == {"env"}

    def test_nobody_has_said_yes(self, retired: Retired) -> None:
        outcome = retired.repair(Options(version=VERSION, only=frozenset({"OC204"})))
        assert (outcome.verdict, retired.openclaw.asked) == (Verdict.NEEDS_YOU, [])
        assert {item.reason for item in outcome.held} == {"this may be what somebody wants; allow it with --yes"}

    def test_a_dry_run_says_what_it_would_ask_and_asks_nothing(self, retired: Retired) -> None:
        left = tree(retired.home.root)
        outcome = repair(dry_tools(retired.tools().place, FakeClock()), YES, dry_run=True)
        assert outcome.verdict is Verdict.WOULD_REPAIR
        assert [command.edit.path for command in outcome.commands] == [str(retired.home.profiles), str(retired.work)]
        assert tree(retired.home.root) == left

    def test_the_checkpoint_keeps_the_files_and_says_where_their_content_went(self, retired: Retired) -> None:
        retired.repair()
        assert (retired.last.done, retired.last.taken_over, retired.last.reason) == (
            True,
            True,
            "unmigrated-credentials",
        )
        kept = {entry.path: retired.store.blob(entry.before or "") for entry in retired.last.entries}
        assert kept == {str(path): data for path, data in retired.kept.items()}


class TestTheGateway:
    def test_one_that_its_manager_runs_is_started_anew_once(
        self, retired: Retired, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        retired.run_a_gateway(monkeypatch)
        outcome = retired.repair()
        assert (outcome.verdict, outcome.restart.done) == (Verdict.REPAIRED, True)
        assert retired.gateway.asked.count("restart") == 1

    def test_one_in_the_foreground_is_left_alone(self, retired: Retired, monkeypatch: pytest.MonkeyPatch) -> None:
        retired.run_a_gateway(monkeypatch, None)
        outcome = retired.repair()
        assert (outcome.verdict, retired.openclaw.asked, retired.is_as_before) == (Verdict.NEEDS_YOU, [], True)
        assert all("(process 4711) that clawmend cannot stop" in item.reason for item in outcome.held)

    def test_it_is_not_stopped_against_the_word_of_a_person(
        self, retired: Retired, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        retired.run_a_gateway(monkeypatch)
        outcome = retired.repair(Options(version=VERSION, yes=True, only=frozenset({"OC204"}), restart=False))
        assert (retired.openclaw.asked, retired.is_as_before) == ([], True)
        assert all("--no-restart" in item.reason for item in outcome.held)

    def test_it_runs_again_when_nothing_was_taken_over(self, retired: Retired, monkeypatch: pytest.MonkeyPatch) -> None:
        retired.run_a_gateway(monkeypatch)
        retired.openclaw.refusals["main"] = "it did not end"
        assert retired.repair().verdict is Verdict.NEEDS_YOU
        assert retired.gateway.asked.count("restart") == 1
        assert retired.is_as_before

    def test_one_that_does_not_come_back_brings_the_files_back(
        self, retired: Retired, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        retired.run_a_gateway(monkeypatch)
        retired.gateway.results = [Restart(needed=True, done=False, reason="no proof of a restart")]
        assert retired.repair().verdict is Verdict.ROLLED_BACK
        assert retired.is_as_before
        assert retired.last.undone


class TestItDidNotWork:
    def test_a_command_that_fails_changes_nothing(self, retired: Retired) -> None:
        retired.openclaw.refusals["main"] = "openclaw doctor ended with exit code 1"
        outcome = retired.repair()
        assert (outcome.verdict, outcome.checkpoint, retired.is_as_before) == (Verdict.NEEDS_YOU, None, True)
        assert [item.reason for item in outcome.held] == ["openclaw doctor ended with exit code 1"] * 2
        assert retired.last.undone

    @pytest.mark.parametrize("lost", ["other:default", "mine:default", "third:default"])
    def test_one_credential_that_no_database_holds_brings_every_file_back(self, retired: Retired, lost: str) -> None:
        retired.openclaw.loses = frozenset({lost})
        outcome = retired.repair()
        assert (outcome.verdict, retired.is_as_before) == (Verdict.NEEDS_YOU, True)
        assert all(f"do not hold {lost}; the files were put back" in item.reason for item in outcome.held)
        assert retired.last.undone

    def test_an_error_of_ours_is_a_reason(self, retired: Retired) -> None:
        def fail(_path: str) -> None:
            raise ClawmendError("cannot write a copy of openclaw.json")

        retired.openclaw.before = fail
        outcome = retired.repair()
        assert [item.reason for item in outcome.held] == ["cannot write a copy of openclaw.json"] * 2
        assert retired.is_as_before

    def test_a_file_that_was_changed_meanwhile_is_left_to_whoever_did(self, retired: Retired) -> None:
        tools, real = retired.tools(), module.found_at
        theirs = json.dumps({"profiles": {"new:default": KEY}})

        def meddled(given: Any, path: str) -> Any:
            if path == str(retired.home.profiles):
                retired.home.write(retired.home.profiles, theirs)
            return real(given, path)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "found_at", meddled)
            outcome = repair(tools, YES, dry_run=False)
        assert retired.openclaw.asked == []
        assert any("has changed meanwhile" in item.reason for item in outcome.held)
        assert retired.home.profiles.read_text() == theirs

    def test_without_a_way_back_nothing_is_asked(self, retired: Retired, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(CheckpointStore, "note_commands", _failing("cannot write a backup in it"))
        with pytest.raises(ClawmendError, match="cannot write a backup"):
            retired.repair()
        assert (retired.openclaw.asked, retired.is_as_before) == ([], True)

    def test_a_config_that_openclaw_writes_anew_is_put_back_byte_for_byte(self, retired: Retired) -> None:
        retired.openclaw.before = lambda _path: retired.home.config.write_text("{}")
        assert retired.repair().verdict is Verdict.REPAIRED
        assert retired.home.config.read_bytes() == retired.kept[retired.home.config]

    def test_one_that_cannot_be_put_back_is_said(self, retired: Retired, monkeypatch: pytest.MonkeyPatch) -> None:
        retired.openclaw.before = lambda _path: retired.home.config.write_text("{}")
        monkeypatch.setattr(CheckpointStore, "note_rewritten", _failing("the disk is full"))
        outcome = retired.repair()
        assert all("could not be put back: the disk is full" in item.reason for item in outcome.held)
        assert retired.home.profiles.read_bytes() == retired.kept[retired.home.profiles]


class TestTheWayBack:
    def test_undo_brings_the_files_back_and_takes_nothing_out_of_a_database(self, retired: Retired) -> None:
        retired.repair()
        tools = retired.tools()
        undone = undo(tools, retired.store, choose(retired.store, str(retired.home.path), None), version=VERSION)
        assert retired.is_as_before
        assert {item.entry.path for item in undone.restored} == {str(retired.home.profiles), str(retired.work)}
        assert profiles_in(retired.shared) == MINE
        assert retired.repair().verdict is Verdict.REPAIRED
        assert profiles_in(retired.shared) == MINE

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_after_a_kill_credentials_are_in_a_file_again(
        self, retired: Retired, monkeypatch: pytest.MonkeyPatch, moment: str
    ) -> None:
        class KilledError(BaseException):
            """Nothing of ours runs after it."""

        def kill(*_given: Any) -> None:
            raise KilledError

        def forget(work: Callable[..., Any]) -> Callable[..., Any]:
            del work
            return lambda *_given, **_named: None

        if moment == "before":
            retired.openclaw.before = kill
        else:
            monkeypatch.setattr(module, "observe", kill)
        for name in ("put_back", "take_back"):
            monkeypatch.setattr(module, name, forget(getattr(module, name)))
        with pytest.raises(KilledError):
            retired.repair()
        copies = retired.home.state / "taking-over"
        copies.mkdir(parents=True)
        assert retired.home.profiles.exists() == (moment == "before")
        assert not retired.last.done
        monkeypatch.undo()
        recover(retired.tools(), retired.store)
        assert retired.is_as_before
        assert retired.last.undone
        assert not copies.exists()
        assert os.listdir(retired.home.profiles.parent)
