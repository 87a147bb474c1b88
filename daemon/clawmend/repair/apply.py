"""Behind the write boundary: register first, then change file by file; whatever fails, everything is put back."""

from dataclasses import dataclass

from clawmend.core.errors import ClawmendError
from clawmend.core.plan import Change
from clawmend.core.state import Identity
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
    try:
        perform(tools, steps_of(changes))
    except BaseException:
        tools.store.mark_undone(checkpoint)
        raise
    tools.store.finish(checkpoint)
    return checkpoint


def steps_of(changes: tuple[Change, ...]) -> tuple[Step, ...]:
    """The steps that make a plan's changes."""
    return tuple(Step(change.path, change.before.data, change.after, change.before.identity) for change in changes)


def perform(tools: Tools, steps: tuple[Step, ...]) -> None:
    """Take every step, or none: what was done before a failure is put back before the failure is raised."""
    done: list[Step] = []
    try:
        for step in steps:
            _take(tools, step)
            done.append(step)
    except BaseException:
        put_back(tools, tuple(done))
        raise


def put_back(tools: Tools, steps: tuple[Step, ...]) -> None:
    """Take steps back, last first. A file that somebody has changed since is left to them, and that is raised."""
    problems: list[ClawmendError] = []
    for step in reversed(steps):
        try:
            _take(tools, Step(step.path, step.after, step.before, step.becomes, step.was))
        except ClawmendError as error:
            problems.append(error)
    if problems:
        raise ClawmendError(
            f"{problems[0].message}; what it was before is kept in the newest checkpoint",
            "see: clawmend backups list, and clawmend undo CHECKPOINT --force",
        ) from problems[0]


def _take(tools: Tools, step: Step) -> None:
    with tools.lock(step.path):
        if step.after is not None:
            tools.files.replace(step.path, step.after, expected=step.before, identity=step.becomes)
        elif step.before is not None:
            tools.files.remove(step.path, expected=step.before)
