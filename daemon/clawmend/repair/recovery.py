"""Recovery: what a crash has cut off is undone, or finished where everything was written already.

Runs at the start of every command that changes something, and as `clawmend undo --recover`. It may itself be cut off
at any point and run again. For every file of an unfinished checkpoint it knows what the file was and what it was to
become, by hash; whatever is neither is somebody's, and stays, and what a later checkpoint has proved stays too. No
command of OpenClaw is repeated or taken back here: a checkpoint after which a credential is missing stays one that
`clawmend undo` can undo. Files whose credentials OpenClaw was taking over are put back: they may be all there is.
"""

import os
from itertools import zip_longest

from clawmend.core.errors import ClawmendError
from clawmend.core.frozen import dataclass
from clawmend.repair.apply import BACK, FORTH, THEIRS, Step, found_at, look_of, take
from clawmend.repair.logins import review
from clawmend.repair.tools import Tools
from clawmend.repair.undo import note_undone, refuse_outside
from clawmend.system.blobs import digest
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.locks import remove_dead_lock
from clawmend.system.records import Checkpoint, Entry, Kind
from clawmend.system.taking_over import resume

_CHANGING = frozenset({Kind.REPAIR, Kind.UNDO})


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done about one unfinished checkpoint.

    `finished`: everything had been written. `restored` are the paths put back, `foreign` those that somebody has
    changed since and that were left, `found` checkpoints that keep what lay about, `problem` why it is still open.
    """

    checkpoint: Checkpoint
    finished: bool = False
    restored: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    problem: str = ""


def recover(tools: Tools, store: CheckpointStore) -> tuple[Recovered, ...]:
    """Deal with every unfinished checkpoint, newest first. Only for whoever holds our lock: else it may be at work.

    ClawmendError when the journal is damaged or holds what a newer clawmend wrote: then nobody can say here what was
    finished, and nothing is touched.
    """
    store.refuse_damage()
    if store.is_of_a_newer():
        raise ClawmendError(
            f"a newer clawmend has written into {store.root}; nothing was recovered",
            "use that clawmend: undo --recover",
        )
    store.sweep()
    resume(tools.place.state)
    known = store.recent()  # whatever came after what is unfinished is still in the journal
    found = []
    for place, checkpoint in reversed(list(enumerate(known))):
        if checkpoint.done or checkpoint.undone:
            continue
        if checkpoint.kind not in _CHANGING:
            store.finish(checkpoint)  # its content is kept, and it changes no file
            continue
        later = (one for one in known[place + 1 :] if one.done and not one.undone and one.kind in _CHANGING)
        superseded = frozenset(entry.path for one in later for entry in one.entries)
        found.append(_recover(tools, store, checkpoint, superseded))
    return tuple(found)


def recover_if_needed(tools: Tools, store: CheckpointStore) -> tuple[Recovered, ...]:
    """As `recover`, under our lock and only where something is unfinished; BusyError when another clawmend is at work.

    ClawmendError also when something of this home could not be recovered: a repair on top of it would mix the two.
    """
    if not store.unfinished():
        return ()
    with tools.exclusive():
        recovered = recover(tools, store)
    for one in recovered:
        if one.problem and one.checkpoint.home == tools.place.home:
            raise ClawmendError(f"{one.checkpoint.id} was cut off and cannot be recovered yet: {one.problem}")
    return recovered


def _recover(tools: Tools, store: CheckpointStore, checkpoint: Checkpoint, superseded: frozenset[str]) -> Recovered:
    """Recover one checkpoint. What a later one has made of a file and proved is not touched (`superseded`)."""
    restored: list[str] = []
    foreign: list[str] = []
    found: list[str] = []
    if not tools.files.is_directory(checkpoint.home):
        return Recovered(checkpoint, problem=f"the home {checkpoint.home} is not there")
    finished = checkpoint.applied and not checkpoint.needs_restart and not checkpoint.taken_over
    try:
        for entry in checkpoint.entries:
            refuse_outside(store, checkpoint, entry.path)
        for entry in reversed(checkpoint.entries):
            found += _tidy(tools, store, checkpoint, entry, superseded)
        for entry in reversed(checkpoint.entries):
            if finished or entry.path in superseded:
                continue
            back = _put_back(tools, store, checkpoint, entry)
            if back is not None:
                (restored if back else foreign).append(entry.path)
        for entry in checkpoint.entries:
            remove_dead_lock(entry.path, tools.clock)
        finished = _close(tools, store, checkpoint, finished=finished)
    except ClawmendError as error:
        return Recovered(checkpoint, False, tuple(restored), tuple(foreign), tuple(found), str(error))
    return Recovered(checkpoint, finished, tuple(restored), tuple(foreign), tuple(found))


def _close(tools: Tools, store: CheckpointStore, checkpoint: Checkpoint, *, finished: bool) -> bool:
    """Note how it ended, and tell whether anything of it is in force; what OpenClaw has removed is, until an undo."""
    removed = any(login.is_missing for login in review(tools, store, checkpoint))
    finished = finished and (removed or any(entry.is_changed for entry in checkpoint.entries))
    if finished:
        note_undone(tools, store, checkpoint.undoes or "")
    if finished or removed:
        store.finish(checkpoint)
    else:
        store.mark_undone(checkpoint)
    return finished


def _tidy(
    tools: Tools, store: CheckpointStore, checkpoint: Checkpoint, entry: Entry, superseded: frozenset[str]
) -> list[str]:
    """Deal with the temporary files beside a file; the ids of checkpoints that keep what nobody else has.

    On every way the file is one thing before the swap and another one after it, in its content or in its mode. Before
    it, what lies there is our own, whole or half written. After it, it is what was displaced: known, or else somebody's
    who wrote just before; then the swap is taken back, as it would have been. Beside a file that is anything else, what
    lies there is kept.
    """
    kept: list[str] = []
    for way, at_first, then in (
        (THEIRS, _never, _never),
        (FORTH, entry.is_before_the_last_write, entry.is_as_after),
        (BACK, entry.is_as_after, entry.is_as_before),
    ):
        label = checkpoint.id + way
        lying = tools.files.leftover(entry.path, label)
        if lying is None:
            continue
        found = found_at(tools, entry.path)
        now, identity = (found.data, found.identity) if found else (None, None)
        known = digest(lying) in {entry.before, entry.after, entry.rewritten, digest(now)}
        ours = entry.is_known(*look_of(found)) if way == THEIRS else at_first(*look_of(found))
        if not known and not ours:
            kept.append(store.rescue(checkpoint.home, tools.clock.now(), entry.path, lying).id)
            if then(*look_of(found)) and entry.path not in superseded:
                take(tools, checkpoint, Step(entry.path, now, lying, identity), THEIRS)
        tools.files.discard(entry.path, label)
    return kept


def _never(_sha256: str | None, _mode: int | None) -> bool:
    return False


def _put_back(tools: Tools, store: CheckpointStore, checkpoint: Checkpoint, entry: Entry) -> bool | None:
    """Make the file what it was: True when it was put back, None when it already is, False when it is somebody's."""
    found = found_at(tools, entry.path)
    now = found.data if found else None
    if entry.is_as_before(*look_of(found)):
        return None
    if now is None and not tools.files.is_directory(os.path.dirname(os.path.realpath(entry.path))):
        return False  # somebody took the whole folder away
    was = None if entry.before is None else store.blob(entry.before)
    if not entry.is_known(*look_of(found)) and not _is_torn(store, checkpoint, entry, now):
        return False
    take(tools, checkpoint, Step(entry.path, now, was, None, entry.identity), BACK)
    return True


def _is_torn(store: CheckpointStore, checkpoint: Checkpoint, entry: Entry, now: bytes | None) -> bool:
    """Tell whether a file written in place was cut off in the middle: every byte is an old, a new or an empty one."""
    if entry.path not in checkpoint.in_place or now is None or entry.before is None or entry.after is None:
        return False
    before, after = store.blob(entry.before), store.blob(entry.after)
    if len(now) > max(len(before), len(after)):
        return False
    rows = zip_longest(now, before[: len(now)], after[: len(now)], fillvalue=0)
    return all(byte in {old, new, 0} for byte, old, new in rows)
