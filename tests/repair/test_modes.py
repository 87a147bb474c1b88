"""Giving a file other permission bits and nothing else: done, foreseen, undone, and cut off at every call."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.errors import MountedError
from clawmend.core.plan import Action
from clawmend.core.verdict import Verdict
from clawmend.repair.apply import Step, carry_out
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.planning import Options
from clawmend.repair.recovery import recover
from clawmend.repair.tools import dry_tools
from clawmend.repair.undo import choose, preview, undo
from clawmend.system import durable
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.files import RealFiles
from clawmend.system.reading import identity_of
from clawmend.system.records import Checkpoint, Kind
from repair.home import Home, MeddledFiles, cache
from support.faults import failing_call
from support.rules import add_rule, closing
from system.fakes import FakeClock, tree

OPTIONS = Options(version="2026.3.2")
# version 2; user:: rw-, user:1 r--, group:: ---, mask:: r--, other:: ---
_ENTRIES = [(1, 6, 2**32 - 1), (2, 4, 1), (4, 0, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1)]
_LIST = (2).to_bytes(4, "little") + b"".join(
    tag.to_bytes(2, "little") + rights.to_bytes(2, "little") + who.to_bytes(4, "little")
    for tag, rights, who in _ENTRIES
)


@pytest.fixture(autouse=True)
def _rule(monkeypatch: pytest.MonkeyPatch) -> None:
    add_rule(monkeypatch, closing)


@pytest.fixture
def opened(home: Home) -> Home:
    """A home whose openclaw.json anybody may read."""
    home.config.chmod(0o644)
    return home


def run(home: Home, **parts: Any) -> Outcome:
    return repair(home.tools(**parts), OPTIONS, dry_run=False)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def store(home: Home) -> CheckpointStore:
    return CheckpointStore(str(home.state))


def last(home: Home) -> Checkpoint:
    return store(home).all()[-1]


class TestOneRepair:
    def test_the_mode_is_another_and_bytes_and_time_are_the_same(self, opened: Home) -> None:
        before = opened.config.stat()
        data = opened.config.read_bytes()
        outcome = run(opened)
        assert outcome.verdict is Verdict.REPAIRED
        (change,) = outcome.changes
        assert (change.action, change.mode, change.rules) == (Action.MODE, 0o600, ("OC999",))
        after = opened.config.stat()
        assert (opened.config.read_bytes(), mode(opened.config)) == (data, 0o600)
        assert (after.st_mtime_ns, after.st_uid, after.st_gid) == (before.st_mtime_ns, before.st_uid, before.st_gid)
        (entry,) = last(opened).entries
        assert (entry.before == entry.after, entry.mode, entry.mode_before) == (True, 0o600, 0o644)

    def test_a_second_run_does_nothing(self, opened: Home) -> None:
        run(opened)
        left = tree(opened.root)
        assert run(opened).verdict is Verdict.HEALTHY
        assert tree(opened.root) == left

    def test_a_dry_run_foresees_it_and_changes_nothing(self, opened: Home) -> None:
        left = tree(opened.root)
        outcome = repair(dry_tools(opened.tools().place, FakeClock()), OPTIONS, dry_run=True)
        assert (outcome.verdict, outcome.findings) == (Verdict.WOULD_REPAIR, ())
        assert [(change.action, change.mode) for change in outcome.changes] == [(Action.MODE, 0o600)]
        assert tree(opened.root) == left

    def test_a_file_that_is_edited_and_closed_is_changed_once_and_is_as_new_as_the_edit(self, home: Home) -> None:
        home.write(home.models, cache())
        home.models.chmod(0o644)
        outcome = run(home)
        (change,) = outcome.changes
        assert (change.action, change.mode, change.rules) == (Action.EDIT, 0o600, ("OC101", "OC999"))
        assert b"bailian" not in home.models.read_bytes()
        assert mode(home.models) == 0o600
        assert home.models.stat().st_mtime_ns == int(FakeClock.time * 1e9)
        undo(home.tools(), store(home), choose(store(home), str(home.path), None))
        assert (home.models.read_text(), mode(home.models)) == (cache(), 0o644)

    def test_a_list_of_others_who_may_read_it_goes_and_comes_back(self, opened: Home) -> None:
        try:
            os.setxattr(opened.config, "system.posix_acl_access", _LIST)
        except OSError:
            pytest.skip("this file system has no access lists")
        before = mode(opened.config)
        assert before & 0o077
        assert run(opened).verdict is Verdict.REPAIRED
        assert mode(opened.config) == 0o600
        assert "system.posix_acl_access" not in os.listxattr(opened.config)
        undo(opened.tools(), store(opened), last(opened))
        assert os.getxattr(opened.config, "system.posix_acl_access") == _LIST
        assert mode(opened.config) == before

    def test_somebody_who_changes_the_mode_meanwhile_is_looked_at_again(self, opened: Home) -> None:
        times: list[str] = []

        class Meddled(RealFiles):
            def leftover(self, path: str, label: str) -> bytes | None:
                times.append(path)
                return super().leftover(path, label)

            def attributes(self, path: str) -> tuple[tuple[str, bytes], ...]:
                if not times:
                    opened.config.chmod(0o640)
                return super().attributes(path)

        assert run(opened, files=Meddled()).verdict is Verdict.REPAIRED
        assert mode(opened.config) == 0o600
        undo(opened.tools(), store(opened), last(opened))
        assert mode(opened.config) == 0o640
        assert [one.undone for one in store(opened).all()] == [True, True, False]

    def test_a_mount_point_is_closed_in_place(self, opened: Home) -> None:
        class Mounted(RealFiles):
            def replace(self, path: str, *_arguments: Any, **_options: Any) -> None:
                raise MountedError(f"{path} is a mount point of its own")

        before, data = opened.config.stat(), opened.config.read_bytes()
        assert run(opened, files=Mounted()).verdict is Verdict.REPAIRED
        after = opened.config.stat()
        assert (mode(opened.config), after.st_ino, after.st_mtime_ns) == (0o600, before.st_ino, before.st_mtime_ns)
        undo(opened.tools(files=Mounted()), store(opened), last(opened))
        assert (mode(opened.config), opened.config.read_bytes()) == (0o644, data)

    def test_a_repair_that_is_taken_back_takes_the_mode_back(self, opened: Home) -> None:
        opened.write(opened.claude, "{}")  # a second file, whose write fails
        before = tree(opened.path)

        def fail(path: str) -> None:
            if path == str(opened.claude):
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            run(opened, files=MeddledFiles(fail))
        assert tree(opened.path) == before
        assert last(opened).undone


class TestUndoing:
    def test_the_mode_comes_back_and_an_undo_can_be_undone(self, opened: Home) -> None:
        before = tree(opened.path)
        first = run(opened).checkpoint
        after = tree(opened.path)
        for _ in range(2):
            made = undo(opened.tools(), store(opened), choose(store(opened), str(opened.path), None)).made
            assert made is not None
            assert tree(opened.path) == before
            assert store(opened).named(str(first)).undone
            undo(opened.tools(), store(opened), store(opened).named(made))
            assert tree(opened.path) == after
            assert not store(opened).named(str(first)).undone

    def test_it_is_foreseen(self, opened: Home) -> None:
        run(opened)
        (item,) = preview(opened.tools(), store(opened), last(opened), frozenset()).restored
        assert (item.needed, item.changed_since, item.before == item.after) == (True, False, True)

    @pytest.mark.parametrize("what", ["mode", "content"])
    def test_what_somebody_changed_since_is_a_conflict(self, opened: Home, what: str) -> None:
        before = tree(opened.path)
        run(opened)
        if what == "mode":
            opened.config.chmod(0o400)
        else:
            opened.config.write_bytes(b"{}")
        left = tree(opened.path)
        refused = undo(opened.tools(), store(opened), last(opened))
        assert [item.entry.path for item in refused.conflicts] == [str(opened.config)]
        assert tree(opened.path) == left
        assert undo(opened.tools(), store(opened), last(opened), force=True).restored
        assert tree(opened.path) == before

    def test_one_that_is_open_again_already_needs_no_undo(self, opened: Home) -> None:
        run(opened)
        opened.config.chmod(0o644)
        assert undo(opened.tools(), store(opened), last(opened)).restored == ()
        assert last(opened).undone

    def test_a_file_that_has_gone_comes_back_by_force(self, opened: Home) -> None:
        before = tree(opened.path)
        run(opened)
        opened.config.unlink()
        assert undo(opened.tools(), store(opened), last(opened)).conflicts
        undo(opened.tools(), store(opened), last(opened), force=True)
        assert tree(opened.path) == before


class Cut:
    """A change of mode that was begun and no more."""

    def __init__(self, home: Home) -> None:
        self.home, self.store = home, store(home)
        self.file = home.path / "file"
        self.file.write_bytes(b"old")
        self.file.chmod(0o644)
        self.before = tree(home.path)
        self.store.prepare()
        change = (str(self.file), b"old", b"old", identity_of(self.file.stat()), ("OC999",), 0o600)
        self.checkpoint = self.store.register(Kind.REPAIR, str(home.path), 1.0, [change])

    def beside(self, data: bytes, bits: int = 0o600) -> Path:
        path = self.file.with_name(durable.temporary_name(self.file.name, self.checkpoint.id))
        path.write_bytes(data)
        path.chmod(bits)
        return path

    def found(self) -> list[bytes]:
        entries = [one.entries[0] for one in self.store.all() if one.kind is Kind.FOUND]
        return [self.store.blob(str(entry.before)) for entry in entries]


class TestCutOff:
    @pytest.fixture
    def cut(self, home: Home) -> Cut:
        return Cut(home)

    @pytest.mark.parametrize("stage", ["nothing", "half", "whole", "swapped", "done"])
    def test_it_is_put_back(self, cut: Cut, stage: str) -> None:
        if stage in {"half", "whole"}:
            cut.beside(b"ol" if stage == "half" else b"old")
        if stage in {"swapped", "done"}:
            cut.file.chmod(0o600)
        if stage == "swapped":
            cut.beside(b"old", 0o644)
        (result,) = recover(cut.home.tools(), cut.store)
        assert (result.problem, result.foreign, result.found) == ("", (), ())
        assert result.restored == ((str(cut.file),) if stage in {"swapped", "done"} else ())
        assert tree(cut.home.path) == cut.before
        assert cut.store.named(cut.checkpoint.id).undone
        assert cut.found() == []

    def test_after_it_was_applied_it_is_finished(self, cut: Cut) -> None:
        cut.file.chmod(0o600)
        cut.store.applied(cut.checkpoint)
        assert recover(cut.home.tools(), cut.store)[0].finished
        assert mode(cut.file) == 0o600

    def test_what_somebody_wrote_just_before_the_swap_is_the_file_again(self, cut: Cut) -> None:
        """The content is the same before and after; that it was swapped shows in the mode."""
        cut.file.chmod(0o600)
        beside = cut.beside(b"theirs", 0o644)
        (result,) = recover(cut.home.tools(), cut.store)
        assert cut.file.read_bytes() == b"theirs"
        assert (cut.found(), result.foreign) == ([b"theirs"], (str(cut.file),))
        assert not beside.exists()

    def test_a_mode_of_somebody_else_is_left(self, cut: Cut) -> None:
        cut.file.chmod(0o640)
        (result,) = recover(cut.home.tools(), cut.store)
        assert result.foreign == (str(cut.file),)
        assert mode(cut.file) == 0o640

    @pytest.mark.parametrize("edit", [False, True], ids=["mode alone", "mode and content"])
    @pytest.mark.parametrize("way", ["repair", "undo"])
    def test_killed_at_any_call_it_is_one_or_the_other_after_recovery(
        self, home: Home, tmp_path: Path, edit: bool, way: str
    ) -> None:
        problems: list[str] = []
        for call in range(1, 200):
            place = Home(tmp_path / str(call), home.port).healthy()
            file = place.path / "file"
            file.write_bytes(b"old")
            file.chmod(0o644)
            before = tree(place.path)
            was = identity_of(file.stat())
            data = b"new" if edit else b"old"
            step = Step(str(file), b"old", data, was, replace(was, mode=0o600), (), 0o600)
            kept, tools = store(place), place.tools()
            kept.prepare()
            if way == "undo":
                kept.finish(carry_out(tools, Kind.REPAIR, (step,), "a reason"))
            with failing_call(call, KeyboardInterrupt) as fault:
                try:
                    if way == "undo":
                        undo(tools, kept, kept.all()[0])
                    else:
                        kept.finish(carry_out(tools, Kind.REPAIR, (step,), "a reason"))
                except KeyboardInterrupt:
                    assert fault.happened
            results = recover(tools, kept)
            left = tree(place.path)
            after = {**before, "file": (before["file"][0] & ~0o777 | 0o600, step.after)}
            if left not in (before, after) or kept.unfinished() or any(one.problem or one.found for one in results):
                problems.append(f"call {call}, {fault.what}: the file is {left.get('file')}")
            elif kept.all() and kept.all()[0].undone is not (left == before):
                problems.append(f"call {call}, {fault.what}: what is noted")
            if not fault.happened:
                assert left == (before if way == "undo" else after)
                break
        assert call > 10
        assert problems == []
