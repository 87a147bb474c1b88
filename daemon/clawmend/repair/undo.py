"""Undoing: bytes, mode and modification time of the files of a checkpoint, unless somebody changed them since.

An undo is registered like a repair, so it can be undone itself.
"""

import os
from dataclasses import dataclass

from clawmend.core.errors import ClawmendError
from clawmend.core.state import Identity
from clawmend.repair.apply import Step, carry_out, found_at, look_there
from clawmend.repair.tools import Tools
from clawmend.system.blobs import digest
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.records import Checkpoint, Entry, Kind


@dataclass(frozen=True, slots=True)
class Restored:
    """One file of an undo: what it was a moment ago and what it is now; None where it is absent."""

    entry: Entry
    before: bytes | None
    after: bytes | None
    identity: Identity | None = None

    @property
    def changed_since(self) -> bool:
        """Whether somebody changed the file after the checkpoint."""
        return not self.entry.is_known(*self._seen)

    @property
    def needed(self) -> bool:
        """Whether the file is not yet what it was."""
        return not self.entry.is_as_before(*self._seen)

    @property
    def _seen(self) -> tuple[str | None, int | None]:
        return digest(self.before), self.identity.mode if self.identity else None


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did, or would have to overwrite: `conflicts` are files that were changed since.

    `made` is the checkpoint of the undo itself, by which it can be undone; None when nothing had to be done.
    """

    checkpoint: Checkpoint
    restored: tuple[Restored, ...]
    conflicts: tuple[Restored, ...] = ()
    made: str | None = None


def choose(store: CheckpointStore, home: str, name: str | None) -> Checkpoint:
    """Find the checkpoint to undo: by name, or the last repair of this home that is not undone yet."""
    if name is not None:
        return store.named(name)
    for checkpoint in reversed(store.all()):
        if checkpoint.kind is Kind.REPAIR and not checkpoint.undone and checkpoint.home == home:
            return checkpoint
    raise ClawmendError("there is no repair to undo", "see: clawmend backups list")


def preview(tools: Tools, store: CheckpointStore, checkpoint: Checkpoint, paths: frozenset[str]) -> Undone:
    """Say what an undo would do, file by file, and do nothing; `paths` are the files to look at, empty for all."""
    entries = [entry for entry in checkpoint.entries if not paths or entry.path in paths]
    if len(entries) < len(paths):
        missing = min(paths - {entry.path for entry in entries})
        raise ClawmendError(
            f"checkpoint {checkpoint.id} holds no {missing}", f"see: clawmend backups show {checkpoint.id}"
        )
    work = tuple(_compare(tools, store, entry) for entry in entries)
    return Undone(
        checkpoint,
        tuple(item for item in work if item.needed),
        tuple(item for item in work if item.changed_since),
    )


def undo(
    tools: Tools,
    store: CheckpointStore,
    checkpoint: Checkpoint,
    *,
    force: bool = False,
    paths: frozenset[str] = frozenset(),
) -> Undone:
    """Put the files back, all of them or those named. With a conflict and without `force` nothing is touched at all."""
    planned = preview(tools, store, checkpoint, paths)
    if planned.conflicts and not force:
        return Undone(checkpoint, (), planned.conflicts)
    if not planned.restored:
        note_undone(tools, store, checkpoint.id)
        return Undone(checkpoint, ())
    for item in planned.restored:
        refuse_outside(store, checkpoint, item.entry.path)
    steps = tuple(
        Step(entry.path, item.before, item.after, item.identity, entry.identity, entry.rules, entry.mode_before)
        for item, entry in ((item, item.entry) for item in planned.restored)
    )
    made = carry_out(tools, Kind.UNDO, steps, f"undo of {checkpoint.id}", undoes=checkpoint.id)
    note_undone(tools, store, checkpoint.id)
    store.finish(made)
    return Undone(checkpoint, planned.restored, made=made.id)


def note_undone(tools: Tools, store: CheckpointStore, name: str) -> None:
    """Note that a checkpoint is undone if all its files are what they were before it.

    If it was an undo itself, what that had taken back is in force again, and so on down the chain. What is noted
    already is passed over, so this can be repeated after a crash.
    """
    known = {one.id: one for one in store.all()}
    current = known.get(name)
    if current is None or current.kind not in {Kind.REPAIR, Kind.UNDO}:
        return
    if not all(entry.is_as_before(*look_there(tools, entry.path)) for entry in current.entries):
        return
    undone = True
    while current is not None:
        if current.undone != undone:
            (store.mark_undone if undone else store.mark_redone)(current)
        current = known.get(current.undoes or "")
        undone = not undone


def refuse_outside(store: CheckpointStore, checkpoint: Checkpoint, path: str) -> None:
    """ClawmendError when root would write where somebody else's journal says, outside of the home it speaks of."""
    if os.geteuid() != 0 or os.stat(store.root).st_uid == 0:
        return
    home = os.path.realpath(checkpoint.home)
    if os.path.commonpath([home, os.path.realpath(path)]) != home:
        raise ClawmendError(
            f"{path} lies outside of {checkpoint.home}, and the backups are not root's; it was left as it is",
            "run clawmend as the owner of the backups",
        )


def _compare(tools: Tools, store: CheckpointStore, entry: Entry) -> Restored:
    wanted = store.blob(entry.before) if entry.before is not None else None
    try:
        found = found_at(tools, entry.path)
    except ClawmendError as error:
        raise ClawmendError(f"{error.message}; nothing was undone", error.remedy) from error
    return Restored(entry, found.data, wanted, found.identity) if found else Restored(entry, None, wanted)
