"""The way back of what OpenClaw removed: stored again by OpenClaw, or said plainly why not."""

from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.repair import undo as module
from clawmend.repair.recovery import recover
from clawmend.repair.undo import preview
from clawmend.system.records import Kind
from repair.home import Home, MeddledFiles
from repair.store import IN_ONE, IN_TWO, LOGIN, MINE, OLD, OUT_ONE, OUT_TWO, VERSION, Stored
from support.faults import failing_call
from support.rules import add_rule, dropping
from support.stores import key_entry
from system.fakes import tree

OTHER = key_entry("key-of-somebody", "other")


@pytest.fixture
def home_of(home: Home, monkeypatch: pytest.MonkeyPatch) -> Stored:
    add_rule(monkeypatch, dropping)
    return Stored(home)


@pytest.fixture
def done(home_of: Stored) -> Stored:
    """A repair that had a file changed and two credentials removed; what was asked for it is forgotten."""
    home_of.laid()
    home_of.home.write(home_of.home.claude, "{}")
    assert home_of.repair().checkpoint is not None
    home_of.openclaw.asked.clear()
    return home_of


class TestBack:
    def test_they_are_stored_again_and_the_files_are_what_they_were(self, done: Stored) -> None:
        repair = done.last.id
        result = done.undo()
        assert done.openclaw.asked == [IN_ONE, IN_TWO]
        assert done.profiles == OLD | MINE
        assert done.home.claude.read_text() == "{}"
        assert done.home.config.read_text().startswith("// my OpenClaw")
        assert [(login.taken.profile, login.done, login.problem) for login in result.commands] == [
            ("old:one", True, ""),
            ("old:two", True, ""),
        ]
        assert result.made == done.last.id
        assert (done.last.kind, done.last.done, done.last.commands) == (Kind.UNDO, True, ())
        assert done.kept.named(repair).undone

    def test_it_is_foreseen_and_nothing_is_done(self, done: Stored) -> None:
        left = tree(done.home.root)
        seen = preview(done.tools, done.kept, done.last, frozenset())
        assert [(login.is_wanted, login.done, login.problem) for login in seen.commands] == [(True, False, "")] * 2
        assert (done.openclaw.asked, tree(done.home.root)) == ([], left)

    def test_openclaw_is_asked_before_the_files_go_back(self, done: Stored) -> None:
        """Its command wants a config that is valid, and the one before the repair may not have been."""
        seen: list[str] = []
        done.openclaw.before = lambda _profile: seen.append(done.home.claude.read_text())
        done.undo()
        assert all("hasCompletedOnboarding" in text for text in seen)

    def test_the_undo_of_an_undo_removes_nothing_again(self, done: Stored) -> None:
        repair, mended = done.last.id, done.home.claude.read_text()
        first = done.undo().made
        done.undo(first)
        assert done.profiles == OLD | MINE
        assert done.home.claude.read_text() == mended
        assert not done.kept.named(repair).undone
        again = done.undo()
        assert (done.home.claude.read_text(), [login.done for login in again.commands]) == ("{}", [True, True])
        assert done.kept.named(repair).undone

    def test_what_is_there_again_needs_nothing(self, done: Stored) -> None:
        done.home.write(done.home.claude, "{}")
        done.change(old_one=OLD["old:one"] | {"displayName": "mine"}, old_two=OLD["old:two"])
        result = done.undo()
        assert (result.restored, result.made, done.openclaw.asked) == ((), None, [])
        assert done.last.undone

    def test_only_the_database_or_only_a_file(self, done: Stored) -> None:
        claude = frozenset({str(done.home.claude)})
        assert done.undo(paths=claude).commands == ()
        assert done.openclaw.asked == []
        assert not done.kept.all()[0].undone
        result = done.undo(paths=frozenset({str(done.database)}))
        assert (result.restored, done.profiles) == ((), OLD | MINE)
        assert done.kept.all()[0].undone

    def test_a_file_that_was_changed_since_refuses_everything(self, done: Stored) -> None:
        done.home.write(done.home.claude, '{"theirs": 1}')
        assert done.undo().conflicts
        assert (done.openclaw.asked, done.profiles) == ([], MINE)
        done.undo(force=True)
        assert (done.home.claude.read_text(), done.profiles) == ("{}", OLD | MINE)

    def test_an_undo_that_cannot_write_the_files_can_be_done_again(self, done: Stored) -> None:
        def fail(path: str) -> None:
            if path == str(done.home.claude):
                raise ClawmendError("the disk is full")

        done.parts["files"] = MeddledFiles(fail)
        with pytest.raises(ClawmendError, match="the disk is full"):
            done.undo()
        assert done.last.undone
        assert not done.kept.all()[0].undone
        done.parts.clear()
        assert done.undo().restored
        assert (done.profiles, done.openclaw.asked) == (OLD | MINE, [IN_ONE, IN_TWO])


class TestConflicts:
    def test_another_credential_under_the_name_is_left_alone(self, done: Stored) -> None:
        done.change(old_one=OTHER)
        result = done.undo()
        assert [(login.done, login.problem) for login in result.commands] == [
            (False, "another credential is stored under this name by now; it was left alone"),
            (True, ""),
        ]
        assert done.profiles["old:one"] == OTHER
        assert done.home.claude.read_text() == "{}"
        assert done.kept.all()[0].undone  # nothing is missing any more

    def test_by_force_it_is_replaced_and_kept(self, done: Stored) -> None:
        done.change(old_one=OTHER)
        repair = done.last.id
        made = done.undo(force=True).made
        assert done.profiles == OLD | MINE
        (kept,) = done.last.commands
        assert (kept.profile, b"key-of-somebody" in done.kept.blob(kept.stored)) == ("old:one", True)
        done.undo(made, force=True)
        assert done.profiles["old:one"] == OTHER
        assert not done.kept.named(repair).undone

    def test_a_database_that_cannot_be_read_is_said(self, done: Stored) -> None:
        data = done.database.read_bytes()
        done.database.write_bytes(b"garbage" * 1000)
        result = done.undo()
        assert all("is not a readable SQLite database" in login.problem for login in result.commands)
        assert done.openclaw.asked == []
        done.database.write_bytes(data)
        assert done.undo(done.kept.all()[0].id).commands[0].done


class TestNotBack:
    def test_a_login_cannot_come_back_and_the_person_is_told_where_it_is(self, home_of: Stored) -> None:
        home_of.laid({"old:one": LOGIN, "old:two": OLD["old:two"]})
        home_of.repair()
        kept = home_of.kept.blobs.path(home_of.last.commands[0].stored)
        result = home_of.undo()
        assert result.commands[0].problem == (
            f"OpenClaw has no command that stores an OAuth login again; what was stored is kept in {kept}; "
            "sign in: openclaw models auth login --provider other --agent main"
        )
        assert b"a-token" in Path(kept).read_bytes()
        assert set(home_of.profiles) == {"old:two"}
        assert home_of.kept.all()[0].undone  # nothing more can be done about it

    def test_one_that_fails_is_said_and_tried_again_by_the_next_undo(self, done: Stored) -> None:
        done.openclaw.refusals["old:one"] = "the store is busy"
        result = done.undo()
        assert [(login.done, login.problem) for login in result.commands] == [(False, "the store is busy"), (True, "")]
        assert not done.kept.all()[0].undone
        done.openclaw.refusals.clear()
        assert [login.done for login in done.undo().commands] == [True, True]
        assert done.kept.all()[0].undone

    def test_when_nothing_came_of_it_nothing_is_left_to_undo(self, home_of: Stored) -> None:
        home_of.laid().repair()
        home_of.openclaw.refusals |= dict.fromkeys(OLD, "the store is busy")
        assert home_of.undo().made is None
        assert [(one.kind, one.undone) for one in home_of.kept.all()] == [(Kind.REPAIR, False), (Kind.UNDO, True)]

    def test_a_backup_that_is_damaged_is_said(self, done: Stored) -> None:
        blob = Path(done.kept.blobs.path(done.last.commands[0].stored))
        blob.chmod(0o600)
        blob.write_text("{}")
        assert "is damaged" in done.undo().commands[0].problem
        assert done.profiles == {"old:two": OLD["old:two"]} | MINE

    def test_the_one_of_another_home_is_not_asked_for_here(self, done: Stored, tmp_path: Path) -> None:
        elsewhere = Stored(Home(tmp_path / "elsewhere", done.home.port).healthy())
        elsewhere.parts["store"] = done.kept
        result = module.undo(elsewhere.tools, done.kept, done.last, version=VERSION)
        assert all("belongs to no state folder of" in login.problem for login in result.commands)
        assert done.home.claude.read_text() == "{}"

    def test_a_config_that_openclaw_spoils_meanwhile_stops_the_undo(self, done: Stored) -> None:
        """What it was is in the backup of the undo; the next one shows it as a conflict."""
        done.openclaw.before = lambda _profile: done.home.config.unlink(missing_ok=True)
        done.openclaw.rewrites = False
        result = done.undo()
        assert not done.home.config.exists()
        assert result.made == done.last.id


class TestCutOff:
    @pytest.mark.parametrize("at", ["old:one", "old:two"])
    def test_a_kill_between_two_commands_leaves_the_rest_to_the_next_undo(self, done: Stored, at: str) -> None:
        def kill(profile: str) -> None:
            if profile == at:
                raise KeyboardInterrupt

        done.openclaw.before = kill
        with pytest.raises(KeyboardInterrupt):
            done.undo()
        recover(done.tools, done.kept)
        assert not done.kept.all()[0].undone
        done.openclaw.before = lambda _profile: None
        done.undo()
        assert (done.profiles, done.home.claude.read_text()) == (OLD | MINE, "{}")

    def test_cut_off_at_any_call_it_can_be_done_again(self, home_of: Stored, tmp_path: Path) -> None:
        problems: list[str] = []
        for call in range(1, 300):
            done = Stored(Home(tmp_path / str(call), home_of.home.port).healthy()).laid()
            done.home.write(done.home.claude, "{}")
            before = done.files
            done.repair()
            with failing_call(call, KeyboardInterrupt) as fault:
                try:
                    done.undo()
                except KeyboardInterrupt:
                    assert fault.happened
            results = recover(done.tools, done.kept)
            if done.kept.unfinished() or any(one.problem for one in results):
                problems.append(f"call {call}, {fault.what}: it is still open")
            if not done.kept.all()[0].undone:
                done.undo(force=True)
            if done.profiles != OLD | MINE or done.files != before or not done.kept.all()[0].undone:
                problems.append(f"call {call}, {fault.what}: {done.profiles.keys()}")
            if not fault.happened:
                break
        assert call > 20
        assert problems == []


def test_what_was_asked_in_a_repair_is_what_is_taken_back(home_of: Stored) -> None:
    home_of.laid().repair()
    home_of.undo()
    assert home_of.openclaw.asked == [OUT_ONE, OUT_TWO, IN_ONE, IN_TWO]
