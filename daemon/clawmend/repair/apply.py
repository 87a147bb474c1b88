"""Behind the write boundary: register first, then change file by file; whatever fails, everything is put back."""

from contextlib import suppress
from dataclasses import replace
from functools import partial

from clawmend.core.errors import ClawmendError, MountedError, StaleError
from clawmend.core.frozen import dataclass
from clawmend.core.plan import Change, Command
from clawmend.core.state import Absent, Contents, Found, Identity, Unreadable
from clawmend.repair.tools import Tools
from clawmend.system.blobs import digest
from clawmend.system.checkpoints import FileChange
from clawmend.system.records import Checkpoint, Kind

# The ends of temporary files' labels: on the way forth, back, and when a file is given back to whoever wrote it.
FORTH, BACK, THEIRS = "", "-back", "-theirs"
# A list of users beside the mode: with it in place the file would stay open to them.
_ACCESS_LIST = "system.posix_acl_access"


@dataclass(frozen=True, slots=True)
class Step:
    """One file from bytes to bytes, None meaning absent.

    `was` is its identity beforehand, for putting it back; `becomes` the one to give it, or None to keep what it has.
    `mode` are the permission bits that the step is about, None where it leaves them alone.
    """

    path: str
    before: bytes | None
    after: bytes | None
    was: Identity | None
    becomes: Identity | None = None
    rules: tuple[str, ...] = ()
    mode: int | None = None

    @property
    def mode_before(self) -> int | None:
        """The permission bits that belong to the way back."""
        return self.was.mode if self.mode is not None and self.was is not None else None

    @property
    def reversed(self) -> "Step":
        """The step back."""
        return Step(self.path, self.after, self.before, self.becomes, self.was, self.rules, self.mode_before)

    def is_taken(self, found: Found | None) -> bool:
        """Tell whether a file is what this step makes of it."""
        data, mode = (found.data, found.identity.mode) if found else (None, None)
        return data == self.after and (self.mode is None or mode == self.mode)


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done, and under which checkpoint."""

    checkpoint: Checkpoint
    steps: tuple[Step, ...]


def apply(
    tools: Tools, changes: tuple[Change, ...], commands: tuple[Command, ...] = (), *, needs_restart: bool
) -> Applied:
    """Make the changes; whether they helped is for the caller to see, who finishes the checkpoint or takes it back.

    The commands only give their names to the checkpoint; they come afterwards, see repair/commands.py.

    Raises StaleError when a file is no longer what the plan was made from, other ClawmendErrors when a file cannot
    be written; before it does, every file already changed is put back.
    """
    findings = [*(one for change in changes for one in change.findings), *(one.finding for one in commands)]
    names = dict.fromkeys(finding.name for finding in findings)
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
    checkpoint = begin(tools, kind, steps, reason, needs_restart=needs_restart, undoes=undoes)
    perform(tools, checkpoint, steps)
    return checkpoint


def begin(
    tools: Tools,
    kind: Kind,
    steps: tuple[Step, ...],
    reason: str,
    *,
    needs_restart: bool = False,
    undoes: str | None = None,
) -> Checkpoint:
    """Register a checkpoint for steps that are about to be taken."""
    return tools.store.register(
        kind,
        tools.place.home,
        tools.clock.now(),
        [FileChange(step.path, step.before, step.after, step.was, step.rules, step.mode) for step in steps],
        reason=reason,
        needs_restart=needs_restart,
        undoes=undoes,
    )


def steps_of(tools: Tools, changes: tuple[Change, ...]) -> tuple[Step, ...]:
    """The steps that make a plan's changes. What will be gone is remembered with its extended attributes."""
    return tuple(_step_of(tools, change) for change in changes)


def _step_of(tools: Tools, change: Change) -> Step:
    before, after = change.before.data, change.after
    was = replace(change.before.identity, attributes=_attributes(tools, change.path))
    if change.mode is None or after is None:
        return Step(change.path, before, after, was, rules=change.rules)
    becomes = replace(
        was,
        mode=change.mode,
        mtime_ns=was.mtime_ns if after == before else int(tools.clock.now() * 1e9),
        attributes=tuple(one for one in was.attributes if one[0] != _ACCESS_LIST),
    )
    return Step(change.path, before, after, was, becomes, change.rules, change.mode)


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
        landed = tuple(step for step in under_way if step.is_taken(_there(tools, step.path)))
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
        case Found() as found:
            return not step.is_taken(found)
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
            if not step.reversed.is_taken(found_at(tools, step.path)):
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
    if step.mode_before is not None:
        _refuse_another_mode(tools, path, step.mode_before)
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


def look_of(found: Found | None) -> tuple[str | None, int | None]:
    """What a checkpoint's entry is compared with: the digest of a file's content, and its mode."""
    return (digest(found.data), found.identity.mode) if found else (None, None)


def look_there(tools: Tools, path: str) -> tuple[str | None, int | None]:
    """As `look_of`; what cannot be read looks like what is not there."""
    return look_of(_there(tools, path))


def _there(tools: Tools, path: str) -> Found | None:
    found = state_at(tools, path)
    return found if isinstance(found, Found) else None


def _refuse_another_mode(tools: Tools, path: str, mode: int) -> None:
    """The content is compared when the file is swapped; of the mode nobody else takes notice."""
    found = found_at(tools, path)
    if found is not None and found.identity.mode != mode:
        raise StaleError(f"{path} was given other permissions by somebody else while clawmend was at work")
