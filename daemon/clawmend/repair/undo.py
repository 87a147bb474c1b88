"""Undoing: bytes, mode and modification time of every file of a checkpoint, unless somebody changed it since."""

from dataclasses import dataclass

from clawmend.core.errors import ClawmendError
from clawmend.core.state import Absent, Found, Identity, Unreadable
from clawmend.repair.apply import Step, perform
from clawmend.repair.tools import Tools
from clawmend.system.checkpoints import Checkpoint, CheckpointStore, Entry, digest


@dataclass(frozen=True, slots=True)
class Restored:
    """One file of an undo: what it was a moment ago and what it is now; None where it is absent."""

    entry: Entry
    before: bytes | None
    after: bytes | None
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did, or would have to overwrite: `conflicts` are files that were changed since."""

    checkpoint: Checkpoint
    restored: tuple[Restored, ...]
    conflicts: tuple[Restored, ...] = ()


def choose(store: CheckpointStore, home: str, name: str | None) -> Checkpoint:
    """Find the checkpoint to undo: by name, or the last repair of this home that is not undone yet."""
    if name is not None:
        return store.named(name)
    for checkpoint in reversed(store.all()):
        if checkpoint.kind == "repair" and not checkpoint.undone and checkpoint.home == home:
            return checkpoint
    raise ClawmendError("there is no repair to undo", "see: clawmend backups list")


def undo(tools: Tools, store: CheckpointStore, checkpoint: Checkpoint, *, force: bool) -> Undone:
    """Put every file back. With a conflict and without `force` nothing is touched at all."""
    work = tuple(_compare(tools, store, entry) for entry in checkpoint.entries)
    conflicts = tuple(item for item in work if digest(item.before) not in {item.entry.before, item.entry.after})
    if conflicts and not force:
        return Undone(checkpoint, (), conflicts)
    todo = tuple(item for item in work if digest(item.before) != item.entry.before)
    if todo:
        store.prepare()
        made = store.register(
            "undo",
            tools.place.home,
            tools.clock.now(),
            [(item.entry.path, item.before, item.after, item.identity, item.entry.rules) for item in todo],
        )
        steps = (Step(item.entry.path, item.before, item.after, item.identity, item.entry.identity) for item in todo)
        perform(tools, tuple(steps))
        store.finish(made)
    store.mark_undone(checkpoint)
    return Undone(checkpoint, todo)


def _compare(tools: Tools, store: CheckpointStore, entry: Entry) -> Restored:
    wanted = store.blob(entry.before) if entry.before is not None else None
    match tools.files.read(entry.path):
        case Found(data=data, identity=identity):
            return Restored(entry, data, wanted, identity)
        case Absent():
            return Restored(entry, None, wanted)
        case Unreadable(problem=problem, remedy=remedy):
            raise ClawmendError(f"{entry.path} {problem}; nothing was undone", remedy)
