"""Undoing: whole, in part, undone itself, foreseen, and cut off at every call."""

from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.repair.apply import Step, carry_out
from clawmend.repair.recovery import recover
from clawmend.repair.tools import Tools
from clawmend.repair.undo import choose, preview, undo
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.durable import temporary_name
from clawmend.system.reading import identity_of
from clawmend.system.records import Checkpoint, Kind
from repair.home import Home
from support.faults import failing_call
from system.fakes import tree

OLD, NEW = b"old", b"new"


class Repaired:
    """A finished repair of two files, one changed and one removed."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.store = CheckpointStore(str(home.state))
        self.tools: Tools = home.tools(store=self.store)
        self.first, self.second = home.path / "first", home.path / "second"
        for path in (self.first, self.second):
            path.write_bytes(OLD)
        self.before = tree(home.path)
        steps = (
            Step(str(self.first), OLD, NEW, identity_of(self.first.stat())),
            Step(str(self.second), OLD, None, identity_of(self.second.stat())),
        )
        self.store.prepare()
        self.checkpoint = carry_out(self.tools, Kind.REPAIR, steps, "a reason")
        self.store.finish(self.checkpoint)
        self.after = tree(home.path)

    def undo(self, checkpoint: Checkpoint | None = None, *paths: Path) -> Checkpoint:
        """Undo and return the checkpoint of the undo."""
        chosen = checkpoint or choose(self.store, str(self.home.path), None)
        made = undo(self.tools, self.store, chosen, paths=frozenset(map(str, paths))).made
        assert made is not None
        return self.store.named(made)

    def undone(self) -> bool:
        return self.store.named(self.checkpoint.id).undone


@pytest.fixture
def done(home: Home) -> Repaired:
    return Repaired(home)


def test_an_undo_is_a_finished_checkpoint_that_says_what_it_undoes(done: Repaired) -> None:
    made = done.undo()
    assert (made.kind, made.undoes, made.applied, made.done, made.undone) == (
        *(Kind.UNDO, done.checkpoint.id),
        *(True, True, False),
    )
    assert tree(done.home.path) == done.before
    assert done.undone()


def test_one_file_is_put_back_and_the_repair_is_undone_only_with_the_last(done: Repaired) -> None:
    made = done.undo(None, done.first)
    assert [entry.path for entry in made.entries] == [str(done.first)]
    assert (done.first.read_bytes(), done.second.exists(), done.undone()) == (OLD, False, False)
    done.undo(None, done.second)
    assert tree(done.home.path) == done.before
    assert done.undone()


def test_a_file_that_the_checkpoint_does_not_hold_is_a_sentence(done: Repaired) -> None:
    with pytest.raises(ClawmendError, match=f"checkpoint {done.checkpoint.id} holds no /elsewhere"):
        undo(done.tools, done.store, done.checkpoint, paths=frozenset({"/elsewhere", str(done.first)}))
    assert tree(done.home.path) == done.after


def test_a_conflict_in_another_file_does_not_matter_for_the_one_that_is_named(done: Repaired) -> None:
    done.second.write_bytes(b"theirs")
    assert undo(done.tools, done.store, done.checkpoint).conflicts
    done.undo(None, done.first)
    assert (done.first.read_bytes(), done.second.read_bytes()) == (OLD, b"theirs")


def test_after_the_undo_of_an_undo_the_repair_is_in_force_and_can_be_undone_again(done: Repaired) -> None:
    for _ in range(2):
        first = done.undo()
        second = done.undo(first)
        assert tree(done.home.path) == done.after
        assert not done.undone()
        assert done.store.named(first.id).undone
        assert second.undoes == first.id
        assert choose(done.store, str(done.home.path), None).id == done.checkpoint.id
    done.undo()
    assert tree(done.home.path) == done.before


def test_the_undo_of_an_undo_of_one_file_puts_that_one_in_force_again(done: Repaired) -> None:
    first = done.undo(None, done.first)
    done.undo(first)
    assert tree(done.home.path) == done.after
    assert not done.undone()


def test_an_undo_whose_undo_is_undone_is_in_force_again(done: Repaired) -> None:
    first = done.undo()
    second = done.undo(first)
    done.undo(second)
    assert tree(done.home.path) == done.before
    assert not done.store.named(first.id).undone
    assert done.undone()


def test_an_undo_whose_files_are_what_they_were_before_it_is_noted_as_undone(done: Repaired) -> None:
    first = done.undo()
    done.first.write_bytes(NEW)
    done.second.unlink()
    assert undo(done.tools, done.store, first).restored == ()
    assert done.store.named(first.id).undone
    assert not done.undone()


def test_a_preview_says_what_would_be_done_and_does_nothing(done: Repaired) -> None:
    done.first.write_bytes(b"theirs")
    left = tree(done.home.root)
    seen = preview(done.tools, done.store, done.checkpoint, frozenset(), force=True)
    assert [(item.entry.path, item.before, item.after) for item in seen.restored] == [
        (str(done.first), b"theirs", OLD),
        (str(done.second), None, OLD),
    ]
    assert [item.entry.path for item in seen.conflicts] == [str(done.first)]
    assert seen.made is None
    refused = preview(done.tools, done.store, done.checkpoint, frozenset())
    assert (refused.restored, refused.conflicts) == ((), seen.conflicts)
    assert tree(done.home.root) == left


@pytest.mark.parametrize("again", [False, True], ids=["undo", "undo of an undo"])
def test_an_undo_cut_off_anywhere_is_whole_or_nothing_after_recovery(home: Home, tmp_path: Path, again: bool) -> None:
    problems: list[str] = []
    for call in range(1, 300):
        done = Repaired(Home(tmp_path / str(call), home.port).healthy())
        chosen = done.undo() if again else done.checkpoint
        sides = [done.before, done.after] if again else [done.after, done.before]
        with failing_call(call, KeyboardInterrupt) as fault:
            try:
                undo(done.tools, done.store, chosen)
            except KeyboardInterrupt:
                assert fault.happened
        results = recover(done.tools, done.store)
        left = tree(done.home.path)
        if left not in sides or done.store.unfinished() or any(one.problem or one.found for one in results):
            problems.append(f"call {call}, {fault.what}: the files")
        elif done.undone() is not (left == done.before):
            problems.append(f"call {call}, {fault.what}: what is noted")
        elif again and done.store.named(chosen.id).undone is not (left == done.after):
            problems.append(f"call {call}, {fault.what}: what is noted of the undo")
        if not fault.happened:
            assert left == sides[1]
            break
    assert problems == []


def test_one_that_was_cut_off_is_left_to_recovery_which_knows_what_lies_about(done: Repaired) -> None:
    step = Step(str(done.first), NEW, b"newer", identity_of(done.first.stat()))
    cut = done.store.register(Kind.REPAIR, str(done.home.path), 2.0, [(step.path, NEW, b"newer", step.was, ())])
    beside = done.first.with_name(temporary_name(done.first.name, cut.id))
    beside.write_bytes(b"new")
    undo(done.tools, done.store, cut)
    assert done.store.unfinished() == (cut,)
    recover(done.tools, done.store)
    assert not beside.exists()
    assert done.store.named(cut.id).undone
