"""What only OpenClaw may do: asked after the files, each for itself, kept before, taken back when it did not help."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.core.finding import Finding, Fix, LogOut, Need
from clawmend.core.snapshot import GatewayRunning, Snapshot
from clawmend.core.verdict import Verdict
from clawmend.repair import commands as module
from clawmend.repair import observe as observing
from clawmend.repair.cycle import repair
from clawmend.repair.planning import Options, propose
from clawmend.repair.recovery import recover
from clawmend.repair.tools import dry_tools
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.memory import Forgetting
from clawmend.system.restart import Restart
from repair.home import OLD_KEY, FakeGateway, Home, MeddledFiles
from repair.store import IN_ONE, IN_TWO, LOGIN, MINE, OLD, OPTIONS, OUT_ONE, OUT_TWO, Stored, same
from support.faults import failing_call
from support.rules import add_rule, dropping, fault
from support.stores import key_entry
from system.fakes import FakeClock, tree

NOT_DONE = Restart(needed=True, done=False, reason="no proof of a restart")
DONE = Restart(needed=True, done=True, reason="it held the old state", proof="1 became 2")


@pytest.fixture
def stored(home: Home, monkeypatch: pytest.MonkeyPatch) -> Stored:
    add_rule(monkeypatch, dropping)
    return Stored(home).laid()


def _restarting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway runs, and what is dropped needs its restart."""
    running = GatewayRunning(4711, 1.0, 18789, "systemd", "openclaw-gateway.service", {})
    monkeypatch.setattr(observing, "find_gateway", lambda *_arguments: running)

    def check(snapshot: Snapshot) -> list[Finding]:
        found = [one for one in dropping(snapshot) if isinstance(one, Finding)]
        return [replace(one, fix=Fix(one.fix.edits if one.fix else (), Need.RESTART)) for one in found]

    add_rule(monkeypatch, check)


class TestOneRepair:
    def test_openclaw_is_asked_and_its_store_shows_it(self, stored: Stored) -> None:
        before = stored.files
        outcome = stored.repair()
        assert outcome.verdict is Verdict.REPAIRED
        assert stored.openclaw.asked == [OUT_ONE, OUT_TWO]
        assert stored.profiles == MINE
        assert stored.files == before
        assert (outcome.changes, outcome.held, outcome.note) == ((), (), "")
        assert [command.edit.profile for command in outcome.commands] == ["old:one", "old:two"]

    def test_a_repair_of_commands_alone_has_a_checkpoint_that_keeps_what_went(self, stored: Stored) -> None:
        outcome = stored.repair()
        assert outcome.checkpoint == stored.last.id
        assert (stored.last.done, stored.last.undone, stored.last.reason) == (True, False, "made-up")
        assert [(taken.profile, taken.agent, taken.rules) for taken in stored.last.commands] == [
            ("old:one", "main", ("OC999",)),
            ("old:two", "main", ("OC999",)),
        ]
        assert b"key-number-one" in stored.kept.blob(stored.last.commands[0].stored)

    def test_a_second_run_does_nothing(self, stored: Stored) -> None:
        stored.repair()
        left = tree(stored.home.root)
        assert stored.repair().verdict is Verdict.HEALTHY
        assert tree(stored.home.root) == left
        assert len(stored.openclaw.asked) == 2

    def test_a_dry_run_says_what_it_would_ask_and_asks_nothing(self, stored: Stored) -> None:
        left = tree(stored.home.root)
        outcome = repair(dry_tools(stored.tools.place, FakeClock()), OPTIONS, dry_run=True)
        assert (outcome.verdict, outcome.findings, outcome.held) == (Verdict.WOULD_REPAIR, (), ())
        assert [command.edit.profile for command in outcome.commands] == ["old:one", "old:two"]
        assert tree(stored.home.root) == left

    def test_files_come_first_under_the_same_checkpoint(self, stored: Stored) -> None:
        stored.home.write(stored.home.claude, "{}")
        seen: list[str] = []
        stored.openclaw.before = lambda _profile: seen.append(stored.home.claude.read_text())
        outcome = stored.repair()
        assert outcome.verdict is Verdict.REPAIRED
        assert "hasCompletedOnboarding" in seen[0]
        assert len(stored.kept.all()) == 1
        assert stored.last.reason == "onboarding-flag, made-up"

    def test_the_last_look_of_a_plan_is_without_what_will_be_asked(self, stored: Stored) -> None:
        stored.home.write(stored.home.claude, "{}")
        proposal = propose(stored.tools, OPTIONS)
        assert [command.edit.profile for command in proposal.commands] == ["old:one", "old:two"]
        assert [finding.rule for finding in proposal.before.findings] == ["CC101", "OC999", "OC999"]
        assert proposal.after.findings == ()

    def test_the_rule_of_shadowing_credentials_uses_it(self, home: Home) -> None:
        stored = Stored(home).laid({"bailian:default": key_entry(OLD_KEY)})
        assert stored.repair().verdict is Verdict.NEEDS_YOU
        outcome = stored.repair(replace(OPTIONS, yes=True))
        assert (outcome.verdict, stored.profiles) == (Verdict.REPAIRED, {})
        assert [command.rules for command in outcome.commands] == [("OC201",)]

    def test_a_person_is_asked_once(self, home: Home) -> None:
        stored = Stored(home).laid({"bailian:default": key_entry(OLD_KEY)})
        asked: list[str] = []
        options = replace(OPTIONS, ask=lambda finding, _snapshot: bool(asked.append(finding.rule)) or True)
        stored.home.write(stored.home.claude, "{}")
        assert stored.repair(options).verdict is Verdict.REPAIRED
        assert asked == ["OC201"]

    def test_left_out_by_only_it_is_not_asked(self, stored: Stored) -> None:
        outcome = stored.repair(replace(OPTIONS, only=frozenset({"CC101"})))
        assert [item.reason for item in outcome.held] == ["left out by --only or --skip"] * 2
        assert stored.openclaw.asked == []


class TestHeld:
    def test_one_that_fails_holds_back_its_own_finding_only(self, stored: Stored) -> None:
        stored.openclaw.refusals["old:one"] = "the store is busy"
        outcome = stored.repair()
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert [(item.finding.summary, item.reason) for item in outcome.held] == [
            ("old:one is old", "the store is busy")
        ]
        assert [command.edit.profile for command in outcome.commands] == ["old:two"]
        assert set(stored.profiles) == {"old:one", "mine:one"}
        assert stored.last.done

    def test_when_nothing_at_all_was_done_the_checkpoint_is_undone(self, stored: Stored) -> None:
        before = stored.files
        stored.openclaw.refusals |= dict.fromkeys(OLD, "no openclaw command was found")
        outcome = stored.repair()
        assert (outcome.verdict, outcome.checkpoint, outcome.commands) == (Verdict.NEEDS_YOU, None, ())
        assert len(outcome.held) == 2
        assert (stored.last.undone, stored.last.done) == (True, False)
        assert stored.files == before

    def test_a_command_that_writes_a_file_and_then_fails_leaves_it_as_it_was(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = stored.files
        config = stored.home.config
        monkeypatch.setattr(module, "in_the_writing_of", lambda *_arguments: None)
        stored.openclaw.before = lambda _profile: config.write_text(config.read_text().replace("18789", "1") + "\n ")
        stored.openclaw.refusals |= dict.fromkeys(OLD, "it was half done")
        assert stored.repair().checkpoint is None
        assert stored.files == before
        assert not stored.kept.unfinished()

    def test_a_credential_that_is_another_by_now_is_left(self, stored: Stored) -> None:
        stored.openclaw.before = lambda _profile: stored.change(old_two=key_entry("key-that-is-new"))
        outcome = stored.repair()
        assert [item.reason for item in outcome.held] == [
            "what is stored under old:two has changed meanwhile; run clawmend repair again"
        ]
        assert stored.openclaw.asked == [OUT_ONE]
        assert stored.profiles["old:two"] == key_entry("key-that-is-new")

    def test_a_store_that_cannot_be_read_by_then_is_a_sentence(self, stored: Stored) -> None:
        data = stored.database.read_bytes()
        stored.home.write(stored.home.claude, "{}")

        def spoil(_path: str) -> None:
            stored.database.write_bytes(b"garbage" * 1000)

        stored.parts["files"] = MeddledFiles(spoil)
        outcome = stored.repair()
        assert outcome.commands == ()
        assert stored.openclaw.asked == []
        assert stored.last.done
        stored.database.write_bytes(data)

    def test_what_openclaw_did_in_vain_is_said(self, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
        path = str(stored.database)
        stubborn = fault(path, Fix((LogOut(path, "main", "mine:one", MINE["mine:one"]),)), "mine", rule="OC998")
        add_rule(monkeypatch, lambda _snapshot: [stubborn], identifier="OC998")
        stored.change(old_one=None, old_two=None)
        outcome = stored.repair()
        assert outcome.verdict is Verdict.NEEDS_YOU
        assert [item.reason for item in outcome.held] == [
            "OpenClaw has done what it was asked, and it is there all the same"
        ]
        assert stored.profiles == {}

    @pytest.mark.parametrize(
        ("edit", "reason"),
        [
            (LogOut("/srv/other.sqlite", "main", "a", {"key": "k"}), "belongs to no state folder of"),
            (LogOut("", "main", "old\ud800", {"key": "k"}), "its name cannot be written on a command line"),
        ],
    )
    def test_what_cannot_be_asked_for_is_held(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch, edit: LogOut, reason: str
    ) -> None:
        edit = replace(edit, path=edit.path or str(stored.database))
        stored.change(old_one=None, old_two=None)
        add_rule(monkeypatch, lambda _snapshot: [fault(str(stored.database), Fix((edit,)), rule="OC998")], "x", "OC998")
        (held,) = stored.repair().held
        assert reason in held.reason
        assert stored.openclaw.asked == []

    def test_without_a_place_for_backups_nothing_is_asked_and_the_files_are_put_back(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stored.home.write(stored.home.claude, "{}")
        before = stored.files

        def fail(*_arguments: object) -> None:
            raise ClawmendError("the disk is full")

        monkeypatch.setattr(CheckpointStore, "note_commands", fail)
        with pytest.raises(ClawmendError, match="the disk is full"):
            stored.repair()
        assert stored.openclaw.asked == []
        assert stored.files == before
        assert stored.last.undone


def _described(stored: Stored) -> None:
    """Let openclaw.json describe the first of them, beside a comment."""
    text = stored.home.config.read_text()
    entry = '"old:one": { provider: "bailian", mode: "api_key" }, // what it is'
    stored.home.write(stored.home.config, text.replace("agents:", f"auth: {{ profiles: {{\n{entry}\n}} }},\n  agents:"))


def _plain(stored: Stored) -> dict[str, Any]:
    value = stored.value
    assert isinstance(value, dict)
    return value


class TestItsOwnWriting:
    def test_what_openclaw_changes_in_openclaw_json_goes_in_and_its_comments_stay(self, stored: Stored) -> None:
        _described(stored)
        before, text = _plain(stored), stored.home.config.read_text()
        outcome = stored.repair()
        assert same(stored.value, before | {"auth": {"profiles": {}}})
        after = stored.home.config.read_text()
        assert after.startswith("// my OpenClaw\n")
        assert "// the new endpoint" in after
        assert outcome.note == f"OpenClaw has changed {stored.home.config} as well, as its command does"
        undone = stored.undo()
        assert [item.entry.path for item in undone.restored] == [str(stored.home.config)]
        assert stored.home.config.read_text() == text

    def test_where_nothing_but_the_writing_was_another_it_is_byte_for_byte_as_before(self, stored: Stored) -> None:
        before = stored.home.config.stat()
        stored.repair()
        after = stored.home.config.stat()
        assert (after.st_mtime_ns, after.st_mode) == (before.st_mtime_ns, before.st_mode)
        assert not stored.last.entries[0].is_changed

    def test_an_edit_of_the_same_repair_stays_in_force(self, stored: Stored) -> None:
        text = stored.home.config.read_text()
        invalid = 'auth: { profiles: { "x:default": { provider: "x", mode: "bearer" } } }, // from a forum'
        stored.home.write(stored.home.config, text.replace("agents:", f"{invalid}\n  agents:"))
        broken = stored.home.config.read_text()
        outcome = stored.repair()
        assert [change.rules for change in outcome.changes] == [("OC307",)]
        assert "bearer" not in stored.home.config.read_text()
        assert "// my OpenClaw" in stored.home.config.read_text()
        stored.undo()
        assert stored.home.config.read_text() == broken
        assert stored.profiles == OLD | MINE

    @pytest.mark.parametrize("how", ["no way", "no room"])
    def test_where_it_cannot_be_put_into_its_own_writing_openclaws_stays_and_is_said(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        _described(stored)
        text = stored.home.config.read_text()
        if how == "no way":
            monkeypatch.setattr(module, "in_the_writing_of", lambda *_arguments: None)
        else:

            def fail(_path: str) -> None:
                raise ClawmendError("the disk is full")

            stored.parts["files"] = MeddledFiles(fail)
        outcome = stored.repair()
        assert outcome.verdict is Verdict.REPAIRED
        assert "// my OpenClaw" not in stored.home.config.read_text()
        assert f"OpenClaw has {'changed' if how == 'no way' else 'written'} {stored.home.config}" in outcome.note
        stored.parts.clear()
        stored.undo()
        assert stored.home.config.read_text() == text

    def test_one_that_cannot_be_read_afterwards_is_said(self, stored: Stored) -> None:
        config = stored.home.config

        def spoil(profile: str) -> None:
            if profile == "old:two":
                config.unlink()
                config.mkdir()

        stored.openclaw.rewrites = False
        stored.openclaw.before = spoil
        outcome = stored.repair()
        assert "is a directory" in outcome.note
        assert len(outcome.commands) == 2

    def test_one_that_has_gone_stays_away(self, stored: Stored) -> None:
        stored.openclaw.rewrites = False
        stored.openclaw.before = lambda _profile: stored.home.config.unlink(missing_ok=True)
        assert len(stored.repair().commands) == 2
        assert not stored.home.config.exists()


class TestRestarting:
    @pytest.fixture
    def stored(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> Stored:
        _restarting(monkeypatch)
        return Stored(home).laid({"old:one": OLD["old:one"]})

    def test_a_command_that_needs_it_is_followed_by_one(self, stored: Stored) -> None:
        gateway = FakeGateway()
        gateway.on_restart = lambda: stored.openclaw.asked.append("restart")
        stored.parts["gateway"] = gateway
        assert stored.repair().restart == DONE
        assert stored.openclaw.asked == [OUT_ONE, "restart"]
        assert gateway.asked == ["validate", "restart"]

    def test_one_that_failed_needs_none(self, stored: Stored) -> None:
        gateway = FakeGateway()
        stored.parts["gateway"] = gateway
        stored.openclaw.refusals["old:one"] = "busy"
        outcome = stored.repair()
        assert gateway.asked == ["validate"]
        assert not outcome.restart.needed

    def test_a_restart_that_fails_has_everything_stored_again(self, stored: Stored) -> None:
        profiles = stored.profiles
        _described(stored)
        before = stored.files
        stored.parts["gateway"] = FakeGateway(results=[NOT_DONE, DONE])
        outcome = stored.repair()
        assert (outcome.verdict, outcome.note) == (Verdict.ROLLED_BACK, "no proof of a restart")
        assert stored.openclaw.asked == [OUT_ONE, IN_ONE]
        assert (stored.profiles, stored.files) == (profiles, before)
        assert (stored.last.undone, stored.last.done) == (True, False)

    def test_a_config_that_was_edited_and_then_changed_by_openclaw_is_what_it_was(self, stored: Stored) -> None:
        _described(stored)
        text = stored.home.config.read_text()
        stored.home.write(
            stored.home.config, text.replace("// what it is", '"x:y": { provider: "x", mode: "bearer" },')
        )
        before = stored.files
        stored.parts["gateway"] = FakeGateway(results=[NOT_DONE, DONE])
        outcome = stored.repair()
        assert outcome.verdict is Verdict.ROLLED_BACK
        assert stored.files == before
        assert stored.last.undone
        stored.parts |= {"gateway": FakeGateway(), "memory": Forgetting()}  # as after a while, and with --again
        assert stored.repair().checkpoint == stored.last.id
        assert same(stored.value, {**_plain(stored), "auth": {"profiles": {}}})
        stored.undo()
        assert stored.files == before

    def test_what_cannot_be_stored_again_is_said_and_stays_to_be_undone(self, stored: Stored) -> None:
        stored.change(old_one=LOGIN)
        before = stored.files
        stored.parts["gateway"] = FakeGateway(results=[NOT_DONE, DONE])
        outcome = stored.repair()
        assert outcome.verdict is Verdict.ROLLED_BACK
        assert outcome.note == (
            "no proof of a restart; old:one is not stored again: "
            "OpenClaw has no command that stores an OAuth login again"
        )
        assert stored.files == before
        assert (stored.last.undone, stored.last.done) == (False, True)
        (login,) = stored.undo().commands
        assert "what was stored is kept in" in login.problem

    def test_a_rollback_that_cannot_note_what_it_does_still_puts_the_files_back(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stored.home.write(stored.home.claude, "{}")
        before = stored.files
        note, times = CheckpointStore.note_commands, []

        def once(store: CheckpointStore, *arguments: Any) -> None:
            times.append(1)
            if len(times) > 1:
                raise ClawmendError("the disk is full")
            note(store, *arguments)

        monkeypatch.setattr(CheckpointStore, "note_commands", once)
        stored.parts["gateway"] = FakeGateway(results=[NOT_DONE, DONE])
        outcome = stored.repair()
        assert outcome.note == "no proof of a restart; the disk is full"
        assert stored.files == before
        assert stored.last.done


def test_what_cannot_be_noted_as_done_is_all_taken_back(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    stored.home.write(stored.home.claude, "{}")
    before = stored.files

    def fail(*_arguments: object) -> None:
        raise ClawmendError("cannot note that it is done")

    monkeypatch.setattr(CheckpointStore, "finish", fail)
    with pytest.raises(ClawmendError, match="cannot note that it is done"):
        stored.repair()
    assert stored.openclaw.asked == [OUT_ONE, OUT_TWO, IN_ONE, IN_TWO]
    assert (stored.files, stored.profiles) == (before, OLD | MINE)
    assert stored.last.undone


class TestCutOff:
    @pytest.mark.parametrize("at", ["old:one", "old:two"])
    def test_a_kill_between_two_commands_is_harmless(self, stored: Stored, at: str) -> None:
        stored.home.write(stored.home.claude, "{}")
        before = stored.files

        def kill(profile: str) -> None:
            if profile == at:
                raise KeyboardInterrupt

        stored.openclaw.before = kill
        with pytest.raises(KeyboardInterrupt):
            stored.repair()
        (result,) = recover(stored.tools, stored.kept)
        assert (result.finished, result.problem, result.restored) == (True, "", ())
        assert stored.last.done
        assert set(stored.profiles) == ({*OLD, *MINE} if at == "old:one" else {"old:two", *MINE})
        stored.openclaw.before = lambda _profile: None
        asked = len(stored.openclaw.asked)
        stored.undo()
        assert (stored.files, stored.profiles) == (before, OLD | MINE)
        assert stored.openclaw.asked[asked:] == ([] if at == "old:one" else [IN_ONE])

    def test_of_a_repair_of_commands_alone_nothing_is_left_when_none_was_run(self, stored: Stored) -> None:
        def kill(_profile: str) -> None:
            raise KeyboardInterrupt

        stored.openclaw.before = kill
        with pytest.raises(KeyboardInterrupt):
            stored.repair()
        (result,) = recover(stored.tools, stored.kept)
        assert not result.finished
        assert stored.last.undone

    def test_without_the_restart_that_it_needed_the_files_go_back_and_the_rest_can_be_undone(
        self, stored: Stored
    ) -> None:
        stored.home.write(stored.home.claude, "{}")
        before = stored.files
        stored.repair()
        # The same, as if it had needed a restart and had been killed before it.
        manifest = Path(stored.kept.root, "manifest.jsonl")
        lines = manifest.read_bytes().splitlines(keepends=True)
        begun = [line for line in lines if b'"done"' not in line]
        needing = begun[0].replace(b'"needs_restart":false', b'"needs_restart":true ')
        manifest.write_bytes(
            b"".join([needing.replace(b'"schema":2', b'"schema":1').split(b',"check"')[0] + b"}\n", *begun[1:]])
        )
        (result,) = recover(stored.tools, stored.kept)
        assert (result.finished, result.problem) == (False, "")
        assert stored.files == before
        assert (stored.last.done, stored.last.undone) == (True, False)
        stored.undo()
        assert stored.profiles == OLD | MINE

    @pytest.mark.parametrize("described", [False, True])
    def test_cut_off_at_any_call_nothing_is_lost_and_everything_comes_back(
        self, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, described: bool
    ) -> None:
        """OpenClaw's own writing may stay where the cut fell; it says the same, and nobody's bytes are lost."""
        add_rule(monkeypatch, dropping)
        problems: list[str] = []
        for call in range(1, 400):
            stored = Stored(Home(tmp_path / str(call), home.port).healthy()).laid()
            stored.home.write(stored.home.claude, "{}")
            if described:
                _described(stored)
            before, text = stored.files, stored.home.config.read_bytes()
            with failing_call(call, KeyboardInterrupt) as fault_:
                try:
                    stored.repair()
                except KeyboardInterrupt:
                    assert fault_.happened
            results = recover(stored.tools, stored.kept)
            if stored.kept.unfinished() or any(one.problem for one in results):
                problems.append(f"call {call}, {fault_.what}: it is still open")
            if stored.kept.all() and not stored.last.undone:
                undone = stored.undo(force=stored.home.config.read_bytes() != text)
                if any(login.problem for login in undone.commands):
                    problems.append(f"call {call}, {fault_.what}: {undone.commands}")
            if stored.profiles != OLD | MINE or stored.files != before:
                problems.append(f"call {call}, {fault_.what}: {stored.profiles.keys()}")
            if not fault_.happened:
                break
        assert call > 40
        assert problems == []


def test_nobody_is_asked_where_there_is_nobody(stored: Stored) -> None:
    """Tools that have no OpenClaw at hand hold everything back."""
    tools = stored.home.tools()
    outcome = repair(tools, OPTIONS, dry_run=False)
    assert [item.reason for item in outcome.held] == [
        f"what {stored.database} holds under {name} is not looked at here" for name in OLD
    ]
    assert outcome.checkpoint is None


def test_a_version_that_is_not_known_is_looked_at_only(stored: Stored) -> None:
    stored.repair(Options(version="2027.1.1", yes=True))
    assert stored.openclaw.asked == []
