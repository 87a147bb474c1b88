"""What is done about a repair that was cut off, at every point where it can be."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.core.state import Contents, Unreadable
from clawmend.repair.recovery import Recovered, recover, recover_if_needed
from clawmend.repair.tools import Tools
from clawmend.system import durable
from clawmend.system.blobs import digest
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.files import RealFiles
from clawmend.system.journal import Journal
from clawmend.system.locks import owners_lock
from clawmend.system.reading import identity_of
from clawmend.system.records import Checkpoint, Kind
from repair.home import Home
from support.faults import failing_call
from system.fakes import FakeClock, tree

OLD, NEW = b'{"old": 1}', b'{"new": 2}'


class Cut:
    """A repair of three files (one changed, one made, one removed) that was begun and no more."""

    def __init__(self, home: Home, **options: Any) -> None:
        self.home = home
        self.store = CheckpointStore(str(home.state))
        self.tools: Tools = home.tools(store=self.store)
        self.changed, self.made, self.removed = (home.path / name for name in ("changed", "made", "removed"))
        for path in (self.changed, self.removed):
            path.write_bytes(OLD)
            path.chmod(0o640)
            os.utime(path, ns=(5, 1_700_000_000_123_456_789))
        self.before = self.tree()
        self.store.prepare()
        files = [(self.changed, OLD, NEW), (self.made, None, NEW), (self.removed, OLD, None)]
        self.checkpoint = self.store.register(
            Kind.REPAIR,
            str(home.path),
            1.0,
            [
                (str(path), old, new, identity_of(path.stat()) if old is not None else None, ("OC101",))
                for path, old, new in files
            ],
            **options,
        )

    def tree(self) -> dict[str, object]:
        """Everything in the home, with the times of the files that are not made by the repair."""
        times = [path.stat().st_mtime_ns if path.exists() else None for path in (self.changed, self.removed)]
        return {**tree(self.home.path), "times": times}

    def temporary(self, path: Path) -> Path:
        return path.with_name(durable.temporary_name(path.name, self.checkpoint.id))

    def swap(self, path: Path, displaced: bytes = OLD) -> None:
        """As after the swap, before the temporary file is gone."""
        path.write_bytes(NEW)
        self.temporary(path).write_bytes(displaced)

    def write_all(self) -> None:
        self.changed.write_bytes(NEW)
        self.made.write_bytes(NEW)
        self.removed.unlink()

    def recover(self) -> Recovered:
        """Recover, and see that doing it once more changes nothing."""
        (result,) = recover(self.tools, self.store)
        left = tree(self.home.path)
        again = recover(self.tools, self.store)
        assert [one.problem for one in again] == ([result.problem] if result.problem else [])
        assert tree(self.home.path) == left
        return result

    def now(self) -> Checkpoint:
        return self.store.named(self.checkpoint.id)

    def found(self) -> list[bytes]:
        """What was kept for people."""
        entries = [one.entries[0] for one in self.store.all() if one.kind is Kind.FOUND and one.done]
        return [self.store.blob(str(entry.before)) for entry in entries]


@pytest.fixture
def cut(home: Home) -> Cut:
    return Cut(home)


def _nothing(cut: Cut) -> None:
    del cut


def _half(cut: Cut) -> None:
    cut.temporary(cut.changed).write_bytes(NEW[:3])


def _empty(cut: Cut) -> None:
    cut.temporary(cut.changed).write_bytes(b"")


def _whole(cut: Cut) -> None:
    cut.temporary(cut.changed).write_bytes(NEW)


def _swapped(cut: Cut) -> None:
    cut.swap(cut.changed)


def _one_done(cut: Cut) -> None:
    cut.changed.write_bytes(NEW)


def _half_of_the_second(cut: Cut) -> None:
    _one_done(cut)
    cut.temporary(cut.made).write_bytes(NEW[:5])


def _second_linked(cut: Cut) -> None:
    _one_done(cut)
    cut.made.write_bytes(NEW)
    os.link(cut.made, cut.temporary(cut.made))


def _two_done(cut: Cut) -> None:
    _one_done(cut)
    cut.made.write_bytes(NEW)


def _moved_away(cut: Cut) -> None:
    _two_done(cut)
    cut.removed.rename(cut.temporary(cut.removed))


def _all_done(cut: Cut) -> None:
    cut.write_all()


STAGES = [
    *(_nothing, _half, _empty, _whole, _swapped, _one_done, _half_of_the_second),
    *(_second_linked, _two_done, _moved_away, _all_done),
]


class TestCutOff:
    @pytest.mark.parametrize("stage", STAGES)
    def test_before_everything_was_written_all_is_put_back(self, cut: Cut, stage: Callable[[Cut], None]) -> None:
        stage(cut)
        result = cut.recover()
        assert (result.problem, result.finished, result.foreign, result.found) == ("", False, (), ())
        assert cut.tree() == cut.before
        assert (cut.now().undone, cut.now().done) == (True, False)
        assert cut.found() == []

    @pytest.mark.parametrize("stage", [_half_of_the_second, _moved_away, _all_done])
    @pytest.mark.parametrize("call", range(1, 60))
    def test_a_recovery_that_is_cut_off_itself_is_recovered(
        self, cut: Cut, stage: Callable[[Cut], None], call: int
    ) -> None:
        stage(cut)
        with failing_call(call, KeyboardInterrupt) as fault:
            try:
                recover(cut.tools, cut.store)
            except KeyboardInterrupt:
                assert fault.happened
        if not fault.happened:
            assert cut.now().undone
        recover(cut.tools, cut.store)
        assert cut.store.unfinished() == ()
        assert cut.tree() == cut.before
        assert cut.found() == []

    @pytest.mark.parametrize("half", [b"", OLD[:3], bytes(len(OLD))], ids=["empty", "half", "zeros"])
    @pytest.mark.parametrize("name", ["changed", "removed"])
    def test_what_a_rollback_that_was_cut_off_had_half_written_is_ours_and_never_becomes_the_file(
        self, cut: Cut, name: str, half: bytes
    ) -> None:
        path: Path = getattr(cut, name)

        class Killed(RealFiles):
            """Putting a file back is cut off while its temporary file is written."""

            def replace(self, where: str, data: bytes, *, label: str = "", **options: Any) -> None:
                if where != str(path) or data != OLD:
                    super().replace(where, data, label=label, **options)
                    return
                beside = path.with_name(durable.temporary_name(path.name, label))
                beside.write_bytes(half)
                raise KeyboardInterrupt

        cut.write_all()
        with pytest.raises(KeyboardInterrupt):
            recover(cut.home.tools(store=cut.store, files=Killed()), cut.store)
        cut.recover()
        assert cut.tree() == cut.before
        assert cut.found() == []

    def test_after_everything_was_written_it_is_finished(self, cut: Cut) -> None:
        cut.write_all()
        cut.store.applied(cut.checkpoint)
        left = cut.tree()
        result = cut.recover()
        assert (result.finished, result.restored, result.problem) == (True, (), "")
        assert (cut.now().done, cut.now().undone) == (True, False)
        assert cut.tree() == left

    def test_without_the_restart_that_it_needed_everything_is_put_back(self, home: Home) -> None:
        cut = Cut(home, needs_restart=True)
        cut.write_all()
        cut.store.applied(cut.checkpoint)
        result = cut.recover()
        assert not result.finished
        assert sorted(result.restored) == sorted(map(str, (cut.changed, cut.made, cut.removed)))
        assert cut.tree() == cut.before
        assert cut.now().undone

    def test_what_is_finished_or_undone_is_left_alone(self, cut: Cut) -> None:
        cut.write_all()
        cut.store.applied(cut.checkpoint)
        cut.store.finish(cut.checkpoint)
        left = cut.tree()
        assert recover(cut.tools, cut.store) == ()
        assert cut.tree() == left

    def test_two_that_were_cut_off_are_put_back_newest_first(self, cut: Cut) -> None:
        cut.changed.write_bytes(NEW)
        second = cut.store.register(
            Kind.REPAIR,
            str(cut.home.path),
            2.0,
            [(str(cut.changed), NEW, b"newer", cut.checkpoint.entries[0].identity, ())],
        )
        cut.changed.write_bytes(b"newer")
        assert [one.checkpoint.id for one in recover(cut.tools, cut.store)] == [second.id, cut.checkpoint.id]
        assert cut.tree() == cut.before


class TestSomebodyElse:
    @pytest.mark.parametrize("applied", [False, True])
    def test_a_file_that_is_neither_old_nor_new_is_theirs(self, cut: Cut, applied: bool) -> None:
        cut.write_all()
        if applied:
            cut.store.applied(cut.checkpoint)
        cut.changed.write_bytes(b"theirs")
        result = cut.recover()
        assert cut.changed.read_bytes() == b"theirs"
        assert result.foreign == (() if applied else (str(cut.changed),))
        assert cut.store.unfinished() == ()
        if not applied:
            assert cut.removed.read_bytes() == OLD
            assert not cut.made.exists()

    def test_what_was_displaced_just_before_the_swap_is_the_file_again(self, cut: Cut) -> None:
        cut.swap(cut.changed, b"theirs")
        result = cut.recover()
        assert cut.changed.read_bytes() == b"theirs"
        assert result.foreign == (str(cut.changed),)
        assert cut.found() == [b"theirs"]
        assert [cut.store.named(name).kind for name in result.found] == [Kind.FOUND]
        assert not cut.temporary(cut.changed).exists()

    def test_what_was_moved_away_just_before_a_removal_is_the_file_again(self, cut: Cut) -> None:
        cut.removed.unlink()
        cut.temporary(cut.removed).write_bytes(b"theirs")
        cut.recover()
        assert cut.removed.read_bytes() == b"theirs"
        assert cut.found() == [b"theirs"]

    @pytest.mark.parametrize("name", ["changed", "made", "removed"])
    def test_two_contents_of_theirs_are_both_kept(self, cut: Cut, name: str) -> None:
        path: Path = getattr(cut, name)
        path.write_bytes(b"theirs")
        cut.temporary(path).write_bytes(b"theirs of a moment ago")
        result = cut.recover()
        assert path.read_bytes() == b"theirs"
        assert cut.found() == [b"theirs of a moment ago"]
        assert len(result.found) == 1
        assert not cut.temporary(path).exists()

    def test_what_was_displaced_stays_kept_when_a_recovery_is_cut_off(self, home: Home, tmp_path: Path) -> None:
        for call in range(1, 100):
            cut = Cut(Home(tmp_path / str(call), home.port).healthy())
            cut.swap(cut.changed, b"theirs")
            with failing_call(call, KeyboardInterrupt) as fault, suppress(KeyboardInterrupt):
                recover(cut.tools, cut.store)
            recover(cut.tools, cut.store)
            assert cut.changed.read_bytes() == b"theirs", fault.what
            assert cut.store.unfinished() == ()
            assert not cut.temporary(cut.changed).exists()
            if not fault.happened:
                return
        pytest.fail("no run came through")

    def test_a_link_of_theirs_that_was_displaced_is_not_lost(self, cut: Cut) -> None:
        cut.changed.write_bytes(NEW)
        cut.temporary(cut.changed).symlink_to("theirs")
        result = cut.recover()
        links = [path for path in cut.home.path.iterdir() if path.is_symlink()]
        assert [os.readlink(path) for path in links] == ["theirs"]
        assert links == [cut.changed] or result.problem

    def test_a_file_that_they_removed_stays_away(self, cut: Cut) -> None:
        cut.write_all()
        cut.changed.unlink()
        result = cut.recover()
        assert not cut.changed.exists()
        assert result.foreign == (str(cut.changed),)
        assert cut.now().undone

    def test_a_file_that_they_put_back_is_as_it_was(self, cut: Cut) -> None:
        cut.write_all()
        cut.changed.write_bytes(OLD)
        result = cut.recover()
        assert str(cut.changed) not in (*result.restored, *result.foreign)


class TestWrittenInPlace:
    @pytest.fixture(autouse=True)
    def _noted(self, cut: Cut) -> None:
        cut.store.note_in_place(cut.checkpoint, str(cut.changed), NEW)

    @pytest.mark.parametrize("length", range(len(NEW) + 1))
    def test_a_torn_file_is_put_back(self, cut: Cut, length: int) -> None:
        cut.changed.write_bytes(NEW[:length] + OLD[length:])
        result = cut.recover()
        assert result.problem == ""
        assert cut.changed.read_bytes() == OLD

    @pytest.mark.parametrize("torn", [b"", NEW[:4], NEW[:4] + bytes(len(NEW) - 4), bytes(len(NEW))])
    def test_so_is_one_that_is_cut_short_or_full_of_zeros(self, cut: Cut, torn: bytes) -> None:
        cut.changed.write_bytes(torn)
        assert cut.recover().restored == (str(cut.changed),)
        assert cut.changed.read_bytes() == OLD

    @pytest.mark.parametrize("theirs", [b'{"theirs"}', NEW + b"\n", OLD + b"more"])
    def test_one_that_somebody_wrote_is_left(self, cut: Cut, theirs: bytes) -> None:
        cut.changed.write_bytes(theirs)
        assert cut.recover().foreign == (str(cut.changed),)
        assert cut.changed.read_bytes() == theirs


def test_a_torn_file_that_was_not_written_in_place_is_theirs(cut: Cut) -> None:
    cut.changed.write_bytes(NEW[:4])
    assert cut.recover().foreign == (str(cut.changed),)
    assert cut.changed.read_bytes() == NEW[:4]


class TestProblems:
    def test_a_file_that_cannot_be_read_is_a_problem_and_stays_open(self, cut: Cut) -> None:
        cut.changed.unlink()
        cut.changed.mkdir()
        (result,) = recover(cut.tools, cut.store)
        assert "is a directory" in result.problem
        assert not result.finished
        assert cut.store.unfinished() == (cut.now(),)
        cut.changed.rmdir()
        cut.changed.write_bytes(NEW)
        assert recover(cut.tools, cut.store)[0].problem == ""
        assert cut.changed.read_bytes() == OLD

    def test_a_missing_backup_is_a_problem_and_stays_open(self, cut: Cut) -> None:
        cut.write_all()
        os.unlink(cut.store.blobs.path(str(digest(OLD))))
        (result,) = recover(cut.tools, cut.store)
        assert "cannot be read" in result.problem
        assert cut.store.unfinished() == (cut.now(),)
        assert cut.changed.read_bytes() == NEW

    def test_a_file_whose_disk_fails_is_a_problem_and_stays_open(self, cut: Cut) -> None:
        class Failing(RealFiles):
            def read(self, path: str, limit: int = 0) -> Contents:
                if path == str(cut.changed):
                    return Unreadable(path, "lies on a disk that fails (EIO)", "")
                return super().read(path, limit or 2**20)

        cut.write_all()
        (result,) = recover(cut.home.tools(store=cut.store, files=Failing()), cut.store)
        assert "EIO" in result.problem
        assert cut.store.unfinished() == (cut.now(),)
        assert cut.changed.read_bytes() == NEW

    def test_a_note_that_cannot_be_written_is_a_problem_and_stays_open(
        self, cut: Cut, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_store: CheckpointStore, _checkpoint: Checkpoint) -> None:
            raise ClawmendError("cannot note it")

        cut.write_all()
        with monkeypatch.context() as patch:
            patch.setattr(CheckpointStore, "mark_undone", fail)
            (result,) = recover(cut.tools, cut.store)
        assert result.problem == "cannot note it"
        assert cut.tree() == cut.before
        assert recover(cut.tools, cut.store)[0].problem == ""

    def test_one_that_cannot_be_recovered_does_not_keep_the_others_from_it(self, cut: Cut) -> None:
        path = cut.home.path / "another"
        path.write_bytes(NEW)
        cut.store.register(Kind.REPAIR, str(cut.home.path), 2.0, [(str(path), OLD, NEW, identity_of(path.stat()), ())])
        cut.changed.unlink()
        cut.changed.mkdir()
        first, second = recover(cut.tools, cut.store)
        assert (first.problem, "is a directory" in second.problem) == ("", True)
        assert path.read_bytes() == OLD


class TestLocks:
    def test_one_that_we_died_over_is_given_back(self, home: Home) -> None:
        cut = Cut(home)
        profiles = home.path / "auth-profiles.json"
        profiles.write_bytes(NEW)
        lock = home.path / "auth-profiles.json.lock"
        lock.write_text('{"pid": 999999999}')
        cut.store.register(
            Kind.REPAIR, str(home.path), 2.0, [(str(profiles), OLD, NEW, identity_of(profiles.stat()), ())]
        )
        tools = home.tools(store=cut.store, lock=lambda path: owners_lock(path, FakeClock()))
        assert {one.problem for one in recover(tools, cut.store)} == {""}
        assert profiles.read_bytes() == OLD
        assert not lock.exists()

    def test_our_own_is_held_meanwhile_and_without_need_it_is_not_taken(self, cut: Cut) -> None:
        held: list[str] = []

        @contextmanager
        def exclusive() -> Iterator[None]:
            held.append(cut.changed.read_text())
            yield

        tools = cut.home.tools(store=cut.store, exclusive=exclusive)
        cut.write_all()
        assert len(recover_if_needed(tools, cut.store)) == 1
        assert recover_if_needed(tools, cut.store) == ()
        assert held == [NEW.decode()]

    def test_while_another_clawmend_is_at_work_nothing_is_touched(self, cut: Cut) -> None:
        @contextmanager
        def busy() -> Iterator[None]:
            raise BusyError("another clawmend is at work")
            yield

        cut.write_all()
        left = tree(cut.home.root)
        with pytest.raises(BusyError):
            recover_if_needed(cut.home.tools(store=cut.store, exclusive=busy), cut.store)
        assert tree(cut.home.root) == left


def test_where_a_newer_clawmend_has_written_nothing_is_recovered(cut: Cut) -> None:
    cut.write_all()
    with (cut.home.state / "checkpoints" / "manifest.jsonl").open("ab") as file:
        file.write(b'{"schema":99,"event":"done","id":"it may well be finished"}\n')
    left = tree(cut.home.root)
    with pytest.raises(ClawmendError, match="a newer clawmend"):
        recover(cut.tools, cut.store)
    assert recover_if_needed(cut.tools, cut.store) == ()
    assert tree(cut.home.root) == left


def test_where_the_journal_is_damaged_nothing_is_recovered(cut: Cut) -> None:
    cut.write_all()
    cut.store.applied(cut.checkpoint)
    cut.store.finish(cut.checkpoint)
    manifest = cut.home.state / "checkpoints" / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes().replace(b'"event":"done"', b'"event":"dome"'))
    left = tree(cut.home.root)
    for way in (recover, recover_if_needed):
        with pytest.raises(ClawmendError, match="is damaged in line 3"):
            way(cut.tools, cut.store)
    assert tree(cut.home.root) == left


def test_what_is_damaged_in_the_archive_hinders_no_recovery(cut: Cut) -> None:
    archive = cut.home.state / "checkpoints" / "manifest.old.jsonl"
    archive.write_bytes(b'{"schema":2,"event":"begin"}\n{"schema":3}\n')
    (recovered,) = recover(cut.tools, cut.store)
    assert (recovered.problem, recovered.checkpoint.id) == ("", cut.checkpoint.id)
    assert cut.store.unfinished() == ()


def test_where_nothing_was_cut_off_the_journal_is_read_once(cut: Cut, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watcher asks at every turn."""
    cut.store.finish(cut.checkpoint)
    read, readings = Journal.read, []
    monkeypatch.setattr(Journal, "read", lambda self: readings.append(self.path) or read(self))
    assert recover_if_needed(cut.tools, cut.store) == ()
    assert readings == [str(cut.home.state / "checkpoints" / "manifest.jsonl")]


def test_what_a_later_repair_has_proved_is_never_taken_back(cut: Cut) -> None:
    cut.write_all()
    later = cut.store.register(
        Kind.REPAIR, str(cut.home.path), 2.0, [(str(cut.changed), OLD, NEW, identity_of(cut.changed.stat()), ())]
    )
    cut.store.finish(later)
    (one,) = recover(cut.tools, cut.store)
    assert cut.changed.read_bytes() == NEW
    assert one.restored == (str(cut.removed), str(cut.made))
    assert not cut.store.unfinished()


def test_a_home_that_is_not_there_is_waited_for(cut: Cut) -> None:
    cut.write_all()
    aside = cut.home.path.rename(cut.home.root / "unmounted")
    (one,) = recover(cut.tools, cut.store)
    assert "is not there" in one.problem
    with pytest.raises(ClawmendError, match="cannot be recovered yet"):
        recover_if_needed(cut.tools, cut.store)
    elsewhere = replace(cut.tools, place=replace(cut.tools.place, home=str(cut.home.root)))
    assert recover_if_needed(elsewhere, cut.store)  # which is no failure of another home
    aside.rename(cut.home.path)
    recover(cut.tools, cut.store)
    assert cut.tree() == cut.before


@pytest.mark.parametrize("kind", [Kind.GOOD, Kind.FOUND])
@pytest.mark.parametrize("there", [True, False])
def test_a_content_that_was_being_kept_is_kept_and_changes_no_file(cut: Cut, kind: Kind, there: bool) -> None:
    cut.recover()
    if not there:
        cut.changed.unlink()
    left = cut.tree()
    made = cut.store.register(kind, str(cut.home.path), 3.0, [(str(cut.changed), b"kept", None, None, ())])
    assert recover(cut.tools, cut.store) == ()
    assert cut.tree() == left
    assert cut.store.named(made.id).done


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could write there")
def test_root_writes_nowhere_but_in_the_home_where_the_journal_is_a_users(cut: Cut, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    evil = (str(outside), b"content", None, None, ())
    cut.recover()
    cut.store.register(Kind.REPAIR, str(cut.home.path), 3.0, [evil])
    os.chown(cut.store.root, 65534, 65534)
    (one,) = recover(cut.tools, cut.store)
    assert "lies outside of" in one.problem
    assert not outside.exists()


def test_half_written_backups_are_swept(cut: Cut) -> None:
    blob = cut.home.state / "checkpoints" / "blobs" / f"{digest(b'x')}.clawmend-00112233"
    blob.write_bytes(b"half")
    cut.recover()
    assert not blob.exists()
