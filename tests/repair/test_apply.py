"""Taking steps and taking them back; what cannot be taken back stays open for recovery."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.errors import ClawmendError, MountedError, StaleError, StrayError
from clawmend.core.state import Contents, Unreadable
from clawmend.repair.apply import Step, carry_out, give_up, put_back
from clawmend.system import durable
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.files import RealFiles
from clawmend.system.reading import MAX_BYTES, identity_of
from clawmend.system.records import Checkpoint, Kind
from repair.home import Home, MeddledFiles
from system.fakes import tree

OLD, NEW = b"old", b"new"


class Work:
    """Three steps in a home: one file changed, one made, one removed."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.store = CheckpointStore(str(home.state))
        self.changed, self.made, self.removed = (home.path / name for name in ("changed", "made", "removed"))
        for path in (self.changed, self.removed):
            path.write_bytes(OLD)
        self.steps = (
            Step(str(self.changed), OLD, NEW, identity_of(self.changed.stat())),
            Step(str(self.made), None, NEW, None),
            Step(str(self.removed), OLD, None, identity_of(self.removed.stat())),
        )
        self.before = tree(home.path)
        self.store.prepare()

    def do(self, **parts: Any) -> Checkpoint:
        return carry_out(self.home.tools(store=self.store, **parts), Kind.REPAIR, self.steps, "a reason")

    @property
    def last(self) -> Checkpoint:
        return self.store.all()[-1]


@pytest.fixture
def work(home: Home) -> Work:
    return Work(home)


def test_every_step_is_taken_and_noted_as_applied_and_not_as_done(work: Work) -> None:
    made = work.do()
    assert (work.changed.read_bytes(), work.made.read_bytes(), work.removed.exists()) == (NEW, NEW, False)
    assert (work.last.id, work.last.applied, work.last.done, work.last.undone) == (made.id, True, False, False)


def test_giving_up_puts_everything_back_and_says_so(work: Work) -> None:
    made = work.do()
    give_up(work.home.tools(store=work.store), made, work.steps, work.steps)
    assert tree(work.home.path) == work.before
    assert work.last.undone


@pytest.mark.parametrize("beside", ["changed", "made", "removed"])
def test_while_something_lies_about_the_checkpoint_stays_open(work: Work, beside: str) -> None:
    made = work.do()
    temporary = work.home.path / durable.temporary_name(beside, made.id)
    temporary.write_bytes(b"theirs")
    give_up(work.home.tools(store=work.store), made, work.steps, work.steps)
    assert temporary.read_bytes() == b"theirs"
    assert work.store.unfinished() == (work.last,)


@pytest.mark.parametrize("name", ["changed", "made", "removed"])
def test_a_file_that_cannot_be_put_back_keeps_the_checkpoint_open(work: Work, name: str) -> None:
    class Refusing(RealFiles):
        def replace(self, path: str, *arguments: Any, **options: Any) -> None:
            if os.path.basename(path) == name:
                raise ClawmendError("it cannot be written")
            super().replace(path, *arguments, **options)

        def remove(self, path: str, **options: Any) -> None:
            if os.path.basename(path) == name:
                raise ClawmendError("it cannot be removed")
            super().remove(path, **options)

    made = work.do()
    with pytest.raises(ClawmendError, match="what it was before is kept in the newest checkpoint"):
        give_up(work.home.tools(store=work.store, files=Refusing()), made, work.steps, work.steps)
    assert work.store.unfinished() == (work.last,)
    left = {path for path, one in tree(work.home.path).items() if work.before.get(path) != one}
    assert left | (set(work.before) - set(tree(work.home.path))) == {name}


@pytest.mark.parametrize("name", ["changed", "made", "removed"])
def test_a_file_that_cannot_be_read_any_more_keeps_the_checkpoint_open(work: Work, name: str) -> None:
    class Blind(RealFiles):
        def read(self, path: str, limit: int = MAX_BYTES) -> Contents:
            if os.path.basename(path) == name:
                return Unreadable(path, "lies on a disk that fails (EIO)", "")
            return super().read(path, limit)

        def replace(self, path: str, *arguments: Any, **options: Any) -> None:
            if os.path.basename(path) == name:
                raise ClawmendError("it lies on a disk that fails (EIO)")
            super().replace(path, *arguments, **options)

        def remove(self, path: str, **options: Any) -> None:
            if os.path.basename(path) == name:
                raise ClawmendError("it lies on a disk that fails (EIO)")
            super().remove(path, **options)

    made = work.do()
    with pytest.raises(ClawmendError, match="EIO"):
        give_up(work.home.tools(store=work.store, files=Blind()), made, work.steps, work.steps)
    assert work.store.unfinished() == (work.last,)


def test_what_somebody_wrote_since_is_theirs_and_that_is_said(work: Work) -> None:
    made = work.do()
    work.changed.write_bytes(b"theirs")
    with pytest.raises(ClawmendError, match="was changed by somebody else"):
        put_back(work.home.tools(store=work.store), made, work.steps)
    assert work.changed.read_bytes() == b"theirs"
    assert (work.made.exists(), work.removed.read_bytes()) == (False, OLD)


@pytest.mark.parametrize("error", [StaleError, StrayError, ClawmendError, KeyboardInterrupt])
@pytest.mark.parametrize("at", [1, 2])
def test_a_step_that_fails_takes_the_others_back(work: Work, error: type[BaseException], at: int) -> None:
    count = [0]

    def fail(_path: str) -> None:
        count[0] += 1
        if count[0] == at:
            raise error("somebody")

    with pytest.raises(error):
        work.do(files=MeddledFiles(fail))
    assert tree(work.home.path) == work.before
    assert work.last.undone


def test_what_a_stray_write_left_keeps_the_checkpoint_open(work: Work) -> None:
    class Stray(RealFiles):
        def replace(self, path: str, data: bytes, *, label: str = "", **options: Any) -> None:
            if path != str(work.made):
                super().replace(path, data, label=label, **options)
                return
            (work.home.path / durable.temporary_name("made", label)).write_bytes(b"theirs")
            raise StrayError("it was changed twice")

    with pytest.raises(StrayError):
        work.do(files=Stray())
    assert work.changed.read_bytes() == OLD
    assert work.store.unfinished() == (work.last,)


@pytest.mark.parametrize("error", [ClawmendError, KeyboardInterrupt])
def test_a_file_that_landed_before_the_failure_is_taken_back_too(work: Work, error: type[BaseException]) -> None:
    class Late(RealFiles):
        def replace(self, path: str, data: bytes, **options: Any) -> None:
            super().replace(path, data, **options)
            if data == NEW and path == str(work.made):
                raise error("the folder cannot be synced")

    with pytest.raises(error):
        work.do(files=Late())
    assert tree(work.home.path) == work.before
    assert work.last.undone


def test_when_it_cannot_be_noted_as_applied_it_is_taken_back(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_store: CheckpointStore, _checkpoint: Checkpoint) -> None:
        raise ClawmendError("the disk is full")

    monkeypatch.setattr(CheckpointStore, "applied", fail)
    with pytest.raises(ClawmendError, match="the disk is full"):
        work.do()
    assert tree(work.home.path) == work.before
    assert work.last.undone


def _mounted(path: Path) -> type[RealFiles]:
    class Mounted(RealFiles):
        def replace(self, where: str, data: bytes, **options: Any) -> None:
            if where == str(path):
                raise MountedError(f"{where} is a mount point of its own")
            super().replace(where, data, **options)

    return Mounted


def test_a_mount_point_is_written_in_place_after_that_was_noted(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    inode = work.changed.stat().st_ino
    noted: list[bytes] = []
    note: Callable[..., None] = CheckpointStore.note_in_place

    def recorded(store: CheckpointStore, checkpoint: Checkpoint, path: str, after: bytes) -> None:
        noted.append(work.changed.read_bytes())
        note(store, checkpoint, path, after)

    monkeypatch.setattr(CheckpointStore, "note_in_place", recorded)
    work.do(files=_mounted(work.changed)())
    assert (work.changed.read_bytes(), work.changed.stat().st_ino, noted) == (NEW, inode, [OLD])
    assert work.last.in_place == {str(work.changed)}


def test_an_empty_file_can_be_left_over_too(work: Work) -> None:
    """What the cut-off step wrote is known by its bytes; an empty one is known as well."""
    step = Step(str(work.changed), b"", NEW, None)
    work.changed.write_bytes(b"")
    work.steps = (step,)
    made = work.do()
    assert work.changed.read_bytes() == NEW
    (work.home.path / durable.temporary_name("changed", made.id)).write_bytes(b"")
    put_back(work.home.tools(store=work.store), made, (step,))
    assert work.changed.read_bytes() == b""
