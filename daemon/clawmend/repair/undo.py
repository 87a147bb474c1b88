"""Undoing: bytes, mode and modification time of the files of a checkpoint, unless somebody changed them since.

What OpenClaw removed from its databases it stores again, before the files are put back: its command wants a config that
is valid, and the one before a repair may not have been.

An undo is registered like a repair, so it can be undone itself.
"""

import os
from dataclasses import replace

from clawmend.core.errors import ClawmendError
from clawmend.core.frozen import dataclass
from clawmend.core.state import Identity
from clawmend.repair.apply import Step, begin, found_at, give_up, look_there, perform
from clawmend.repair.logins import Login, review, store_again
from clawmend.repair.observe import observe
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

    `made` is the checkpoint of the undo itself, by which it can be undone; None when nothing had to be done. `commands`
    are the credentials that OpenClaw had removed, and whether they are stored again.
    """

    checkpoint: Checkpoint
    restored: tuple[Restored, ...]
    conflicts: tuple[Restored, ...] = ()
    made: str | None = None
    commands: tuple[Login, ...] = ()


def choose(store: CheckpointStore, home: str, name: str | None) -> Checkpoint:
    """Find the checkpoint to undo: by name, or the last repair of this home that is not undone yet."""
    if name is not None:
        chosen = store.named(name)
        if not chosen.can_be_undone:
            kept = "was proven good" if chosen.kind is Kind.GOOD else "somebody wrote while a repair was cut off"
            raise ClawmendError(
                f"{chosen.id} is no repair and no undo: it keeps what {kept}",
                f"see what is in it: clawmend backups show {chosen.id}",
            )
        return chosen
    for checkpoint in reversed(store.all()):
        if checkpoint.kind is Kind.REPAIR and not checkpoint.undone and checkpoint.home == home:
            return checkpoint
    raise ClawmendError("there is no repair to undo", "see: clawmend backups list")


def preview(
    tools: Tools, store: CheckpointStore, checkpoint: Checkpoint, paths: frozenset[str], *, force: bool = False
) -> Undone:
    """Say what an undo would do, file by file, and do nothing; `paths` are the files to look at, empty for all.

    With a conflict and without `force` that is nothing, also to the files that nobody has changed.
    """
    entries = [entry for entry in checkpoint.entries if not paths or entry.path in paths]
    missing = paths - {entry.path for entry in checkpoint.entries} - {taken.path for taken in checkpoint.commands}
    if missing:
        raise ClawmendError(
            f"checkpoint {checkpoint.id} holds no {min(missing)}", f"see: clawmend backups show {checkpoint.id}"
        )
    work = tuple(_compare(tools, store, entry) for entry in entries)
    conflicts = tuple(item for item in work if item.changed_since)
    return Undone(
        checkpoint,
        tuple(item for item in work if item.needed) if force or not conflicts else (),
        conflicts,
        commands=tuple(
            login for login in review(tools, store, checkpoint, force=force) if not paths or login.taken.path in paths
        ),
    )


def undo(
    tools: Tools,
    store: CheckpointStore,
    checkpoint: Checkpoint,
    *,
    force: bool = False,
    paths: frozenset[str] = frozenset(),
    version: str | None = None,
) -> Undone:
    """Put the files back, all of them or those named. With a conflict and without `force` nothing is touched at all.

    `version` is the OpenClaw version that the person named: its command stores again what was removed from a database.
    A credential under whose name another one is stored by now is left alone without `force`.
    """
    planned = preview(tools, store, checkpoint, paths, force=force)
    if planned.conflicts and not force:
        return planned
    wanted = any(login.is_wanted for login in planned.commands)
    if not planned.restored and not wanted:
        note_undone(tools, store, checkpoint.id)
        return replace(planned, conflicts=())
    for item in planned.restored:
        refuse_outside(store, checkpoint, item.entry.path)
    steps = tuple(
        Step(entry.path, item.before, item.after, item.identity, entry.identity, entry.rules, entry.mode_before)
        for item, entry in ((item, item.entry) for item in planned.restored)
    )
    made = begin(tools, Kind.UNDO, steps, f"undo of {checkpoint.id}", undoes=checkpoint.id)
    commands = planned.commands
    if wanted:
        try:
            snapshot = observe(tools.place, tools.files, tools.clock, version)
            commands = store_again(tools, snapshot, made, commands)
        except BaseException:
            give_up(tools, made, (), steps)
            raise
    perform(tools, made, steps)
    note_undone(tools, store, checkpoint.id)
    if not steps and not any(login.done for login in commands):
        store.mark_undone(made)
        return Undone(checkpoint, (), commands=commands)
    store.finish(made)
    return Undone(checkpoint, planned.restored, made=made.id, commands=commands)


def note_undone(tools: Tools, store: CheckpointStore, name: str) -> None:
    """Note that a checkpoint is undone if all its files are what they were before it, and no credential is missing.

    If it was an undo itself, what that had taken back is in force again, and so on down the chain. What is noted
    already is passed over, so this can be repeated after a crash.
    """
    known = {one.id: one for one in store.all()}
    current = known.get(name)
    if current is None or not current.can_be_undone:
        return
    if not current.done and not current.undone:
        return  # it was cut off: what may lie beside its files is recovery's to judge, and so is the note
    if not all(entry.is_as_before(*look_there(tools, entry.path)) for entry in current.entries):
        return
    if any(login.is_wanted for login in review(tools, store, current)):
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
