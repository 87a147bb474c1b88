"""Behind the write boundary: register first, then change file by file; whatever fails, everything is put back."""

from contextlib import suppress
from dataclasses import dataclass

from clawmend.core.errors import ClawmendError
from clawmend.core.plan import Change
from clawmend.core.state import Found, Identity
from clawmend.repair.tools import Tools
from clawmend.system.checkpoints import Checkpoint


@dataclass(frozen=True, slots=True)
class Step:
    """One file from bytes to bytes, None meaning absent.

    `was` is its identity beforehand, for putting it back; `becomes` the one to give it, or None to keep what it has.
    """

    path: str
    before: bytes | None
    after: bytes | None
    was: Identity | None
    becomes: Identity | None = None


def apply(tools: Tools, changes: tuple[Change, ...], *, needs_restart: bool) -> Checkpoint:
    """Make the changes and return the checkpoint.

    Raises StaleError when a file is no longer what the plan was made from, other ClawmendErrors when a file cannot
    be written; before it does, every file already changed is put back.
    """
    tools.store.prepare()
    checkpoint = tools.store.register(
        "repair",
        tools.place.home,
        tools.clock.now(),
        [(change.path, change.before.data, change.after, change.before.identity, change.rules) for change in changes],
        needs_restart=needs_restart,
    )
    steps = steps_of(changes)
    try:
        perform(tools, steps)
        _finish(tools, checkpoint, steps)
    except BaseException:
        with suppress(ClawmendError):  # what went wrong first is what the person has to know
            tools.store.mark_undone(checkpoint)
        raise
    return checkpoint


def _finish(tools: Tools, checkpoint: Checkpoint, steps: tuple[Step, ...]) -> None:
    try:
        tools.store.finish(checkpoint)
    except BaseException:
        put_back(tools, steps)
        raise


def steps_of(changes: tuple[Change, ...]) -> tuple[Step, ...]:
    """The steps that make a plan's changes."""
    return tuple(Step(change.path, change.before.data, change.after, change.before.identity) for change in changes)


def perform(tools: Tools, steps: tuple[Step, ...]) -> None:
    """Take every step, or none: what was done before a failure is put back before the failure is raised.

    Of the step that failed the file may have landed before the flush or the unlock behind it failed; if it holds
    anything but our bytes, the step was never taken and the file is somebody else's.
    """
    done: list[Step] = []
    for step in steps:
        try:
            _take(tools, step)
        except BaseException:
            landed = (step,) if _content(tools, step.path) == step.after else ()
            put_back(tools, (*done, *landed))
            raise
        done.append(step)


def put_back(tools: Tools, steps: tuple[Step, ...]) -> None:
    """Take steps back, last first; a step that was never taken is passed over.

    A file that somebody has changed since is left to them, and that is raised.
    """
    problems: list[ClawmendError] = []
    for step in reversed(steps):
        if _content(tools, step.path) == step.before:
            continue
        try:
            _take(tools, Step(step.path, step.after, step.before, step.becomes, step.was))
        except ClawmendError as error:
            problems.append(error)
    if problems:
        raise ClawmendError(
            f"{problems[0].message}; what it was before is kept in the newest checkpoint",
            "see: clawmend backups list, and clawmend undo CHECKPOINT --force",
        ) from problems[0]


def _content(tools: Tools, path: str) -> bytes | None:
    found = tools.files.read(path)
    return found.data if isinstance(found, Found) else None


def _take(tools: Tools, step: Step) -> None:
    with tools.lock(step.path):
        if step.after is not None:
            tools.files.replace(step.path, step.after, expected=step.before, identity=step.becomes)
        elif step.before is not None:
            tools.files.remove(step.path, expected=step.before)
