"""Recovery: what a crash has cut off is undone, or finished where everything was written already.

Runs at the start of every command that changes something, and as `clawmend undo --recover`. It may itself be cut off
at any point and run again. For every file of an unfinished checkpoint it knows what the file was and what it was to
become, by hash; whatever is neither is somebody's, and stays.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.core.state import Absent, Found, Identity, Unreadable
from clawmend.repair.apply import BACK, FORTH, THEIRS, Step, state_at, take
from clawmend.repair.tools import Tools
from clawmend.repair.undo import settle
from clawmend.system.blobs import digest
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.records import Checkpoint, Entry


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
    """Deal with every unfinished checkpoint, newest first. Only for whoever holds our lock: else it may be at work."""
    store.sweep()
    unfinished = store.unfinished()
    return tuple(_recover(tools, store, checkpoint) for checkpoint in reversed(unfinished))


def recover_if_needed(tools: Tools, store: CheckpointStore) -> tuple[Recovered, ...]:
    """As `recover`, under our lock; BusyError when another clawmend is at work. Costs one look at the journal."""
    if not store.unfinished():
        return ()
    with tools.exclusive():
        return recover(tools, store)


def _recover(tools: Tools, store: CheckpointStore, checkpoint: Checkpoint) -> Recovered:
    restored: list[str] = []
    foreign: list[str] = []
    found: list[str] = []
    finished = checkpoint.applied and not checkpoint.needs_restart
    try:
        for entry in reversed(checkpoint.entries):
            found += _tidy(tools, store, checkpoint, entry)
        for entry in reversed(checkpoint.entries):
            if finished or (back := _put_back(tools, store, checkpoint, entry)) is None:
                continue
            (restored if back else foreign).append(entry.path)
        for entry in checkpoint.entries:
            with suppress(BusyError), tools.lock(entry.path):
                pass  # a lock that we died over is taken over, and given back
        if finished:
            settle(tools, store, checkpoint.undoes or "")
            store.finish(checkpoint)
        else:
            store.mark_undone(checkpoint)
    except ClawmendError as error:
        return Recovered(checkpoint, False, tuple(restored), tuple(foreign), tuple(found), str(error))
    return Recovered(checkpoint, finished, tuple(restored), tuple(foreign), tuple(found))


def _tidy(tools: Tools, store: CheckpointStore, checkpoint: Checkpoint, entry: Entry) -> list[str]:
    """Deal with the temporary files beside a file; the ids of checkpoints that keep what nobody else has.

    On every way the file has one content before the swap and another one after it. Before it, what lies there is our
    own, whole or half written. After it, it is what was displaced: known, or else somebody's who wrote just before;
    then the swap is taken back, as it would have been. With any other content in the file, what lies there is kept.
    """
    kept: list[str] = []
    for way, at_first, then in (
        (THEIRS, "", ""),
        (FORTH, entry.before, entry.after),
        (BACK, entry.after, entry.before),
    ):
        label = checkpoint.id + way
        lying = tools.files.leftover(entry.path, label)
        if lying is None:
            continue
        now, identity = _now(tools, entry.path)
        known = digest(lying) in {entry.before, entry.after, digest(now)}
        ours = digest(now) in ({entry.before, entry.after} if way == THEIRS else {at_first})
        if not known and not ours:
            kept.append(store.rescue(checkpoint.home, tools.clock.now(), entry.path, lying).id)
            if digest(now) == then:
                take(tools, checkpoint, Step(entry.path, now, lying, identity), THEIRS)
        tools.files.discard(entry.path, label)
    return kept


def _put_back(tools: Tools, store: CheckpointStore, checkpoint: Checkpoint, entry: Entry) -> bool | None:
    """Make the file what it was: True when it was put back, None when it already is, False when it is somebody's."""
    now, _ = _now(tools, entry.path)
    if digest(now) == entry.before:
        return None
    if now is None and not tools.files.is_directory(os.path.dirname(os.path.realpath(entry.path))):
        return False  # somebody took the whole folder away
    was = None if entry.before is None else store.blob(entry.before)
    if digest(now) != entry.after and not _is_torn(store, checkpoint, entry, now):
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


def _now(tools: Tools, path: str) -> tuple[bytes | None, Identity | None]:
    """The bytes at a path as they are; ClawmendError when they cannot be read."""
    match state_at(tools, path):
        case Found(data=data, identity=identity):
            return data, identity
        case Absent():
            return None, None
        case Unreadable(problem=problem, remedy=remedy):
            raise ClawmendError(f"{path} {problem}", remedy)
