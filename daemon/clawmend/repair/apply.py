"""Behind the write boundary: register first, then change file by file; whatever fails, everything is put back."""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from clawmend.core.errors import ClawmendError, MountedError, StaleError
from clawmend.core.plan import Change
from clawmend.core.state import Absent, Contents, Found, Identity, Unreadable
from clawmend.repair.tools import Tools
from clawmend.system.records import Checkpoint, Kind

# The ends of temporary files' labels: on the way forth, back, and when a file is given back to whoever wrote it.
FORTH, BACK, THEIRS = "", "-back", "-theirs"


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
    rules: tuple[str, ...] = ()

    @property
    def reversed(self) -> "Step":
        """The step back."""
        return Step(self.path, self.after, self.before, self.becomes, self.was, self.rules)


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done, and under which checkpoint."""

    checkpoint: Checkpoint
    steps: tuple[Step, ...]


def apply(tools: Tools, changes: tuple[Change, ...], *, needs_restart: bool) -> Applied:
    """Make the changes; whether they helped is for the caller to see, who finishes the checkpoint or takes it back.

    Raises StaleError when a file is no longer what the plan was made from, other ClawmendErrors when a file cannot
    be written; before it does, every file already changed is put back.
    """
    names = dict.fromkeys(finding.name for change in changes for finding in change.findings)
    steps = steps_of(tools, changes)
    return Applied(
        carry_out(tools, Kind.REPAIR, steps, ", ".join(names), needs_restart=needs_restart),
        steps,
    )


def carry_out(
    tools: Tools,
    kind: Kind,
    steps: tuple[Step, ...],
    reason: str,
    *,
    needs_restart: bool = False,
    undoes: str | None = None,
) -> Checkpoint:
    """Register a checkpoint, take every step, and note that they are taken. Errors as for `apply`.

    The caller has made sure of the store and holds our lock.
    """
    checkpoint = tools.store.register(
        kind,
        tools.place.home,
        tools.clock.now(),
        [(step.path, step.before, step.after, step.was, step.rules) for step in steps],
        reason=reason,
        needs_restart=needs_restart,
        undoes=undoes,
    )
    perform(tools, checkpoint, steps)
    return checkpoint


def steps_of(tools: Tools, changes: tuple[Change, ...]) -> tuple[Step, ...]:
    """The steps that make a plan's changes. What will be gone is remembered with its extended attributes."""
    return tuple(
        Step(
            change.path,
            change.before.data,
            change.after,
            replace(change.before.identity, attributes=_attributes(tools, change.path)),
            rules=change.rules,
        )
        for change in changes
    )


def _attributes(tools: Tools, path: str) -> tuple[tuple[str, bytes], ...]:
    if isinstance(state_at(tools, path), Absent):
        raise StaleError(f"{path} was removed by somebody else while clawmend was at work")
    return tools.files.attributes(path)


def perform(tools: Tools, checkpoint: Checkpoint, steps: tuple[Step, ...]) -> None:
    """Take every step and note that, or none: what was done before a failure is put back before it is raised.

    Of the step that failed the file may have landed before the flush or the unlock behind it failed; if it holds
    anything but our bytes, the step was never taken and the file is somebody else's.
    """
    done: list[Step] = []
    try:
        for step in steps:
            take(tools, checkpoint, step)
            done.append(step)
        tools.store.applied(checkpoint)
    except StaleError:
        give_up(tools, checkpoint, tuple(done), steps)
        raise
    except BaseException:
        under_way = steps[len(done) : len(done) + 1]
        landed = tuple(step for step in under_way if content_at(tools, step.path) == step.after)
        give_up(tools, checkpoint, (*done, *landed), steps)
        raise


def take_back(tools: Tools, applied: Applied) -> None:
    """Put everything back that was applied. Errors as for `put_back`."""
    give_up(tools, applied.checkpoint, applied.steps, applied.steps)


def give_up(tools: Tools, checkpoint: Checkpoint, taken: tuple[Step, ...], steps: tuple[Step, ...]) -> None:
    """Put back what was taken, and note the checkpoint as undone unless something is left to recovery."""
    try:
        put_back(tools, checkpoint, taken)
    finally:
        if all(_is_given_up(tools, step) for step in taken) and not _is_left_over(tools, checkpoint, steps):
            with suppress(ClawmendError):  # what went wrong first is what the person has to know
                tools.store.mark_undone(checkpoint)


def _is_given_up(tools: Tools, step: Step) -> bool:
    """Tell whether a file is again what it was, or somebody else's; one that cannot be read may still be ours."""
    match state_at(tools, step.path):
        case Found(data=data):
            return data != step.after
        case Absent():
            return step.after is not None
        case Unreadable():
            return False


def put_back(tools: Tools, checkpoint: Checkpoint, steps: tuple[Step, ...]) -> None:
    """Take steps back, last first; a file that is as it was is passed over.

    A file that somebody has changed since is left to them, and that is raised.
    """
    problems: list[ClawmendError] = []
    for step in reversed(steps):
        try:
            found = found_at(tools, step.path)
            if (found.data if found else None) != step.before:
                take(tools, checkpoint, step.reversed, BACK)
        except ClawmendError as error:
            problems.append(error)
        except MemoryError:
            problems.append(ClawmendError(f"{step.path} does not fit into the memory there is"))
    if problems:
        raise ClawmendError(
            f"{problems[0].message}; what it was before is kept in the newest checkpoint",
            "see: clawmend backups list, and clawmend undo CHECKPOINT --force",
        ) from problems[0]


def _is_left_over(tools: Tools, checkpoint: Checkpoint, steps: tuple[Step, ...]) -> bool:
    """Tell whether something lies beside a file that only recovery may judge; then the checkpoint stays open."""
    try:
        return any(
            tools.files.leftover(step.path, checkpoint.id + way) is not None for step in steps for way in (FORTH, BACK)
        )
    except ClawmendError:
        return True


def take(tools: Tools, checkpoint: Checkpoint, step: Step, way: str = FORTH) -> None:
    """Take one step, under the lock of the file's owner; `way` tells recovery which step was cut off."""
    label, path = checkpoint.id + way, step.path
    guard = partial(tools.lock, path)

    if tools.files.leftover(path, label) in {step.before, step.after} - {None}:
        tools.files.discard(path, label)  # the same step was cut off here before; both contents are in the store
    if step.after is not None:
        try:
            tools.files.replace(path, step.after, expected=step.before, identity=step.becomes, label=label, guard=guard)
        except MountedError:
            if step.before is None:
                raise
            tools.store.note_in_place(checkpoint, path, step.after)
            tools.files.overwrite(
                path, step.after, expected=step.before, identity=step.becomes, label=label, guard=guard
            )
    elif step.before is not None:
        tools.files.remove(path, expected=step.before, label=label, guard=guard)


def state_at(tools: Tools, path: str) -> Contents:
    """Read a file as a write would find it: a link whose target we removed is the absence of that target."""
    found = tools.files.read(path)
    return Absent(path) if isinstance(found, Unreadable) and found.dangling else found


def found_at(tools: Tools, path: str) -> Found | None:
    """The file at a path, None when it is absent; ClawmendError when it cannot be read."""
    match state_at(tools, path):
        case Found() as found:
            return found
        case Absent():
            return None
        case Unreadable(problem=problem, remedy=remedy):
            raise ClawmendError(f"{path} {problem}", remedy)


def content_at(tools: Tools, path: str) -> bytes | None:
    """The bytes at a path, None when they are not there or cannot be read."""
    found = state_at(tools, path)
    return found.data if isinstance(found, Found) else None
