"""Behind the write boundary: what only OpenClaw may do, done by its own commands after the files and before a restart.

Each command is one step for OpenClaw, and what it takes away is in the checkpoint before the first of them begins. So a
kill between two of them, or in the middle of one, leaves credentials that are there and credentials that can be stored
again, and nothing in between; recovery repeats no command. OpenClaw writes openclaw.json anew as it goes, without its
comments: what the file says then is put into its own writing again. A kill before that leaves OpenClaw's writing, which
says the same.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from clawmend.core.belonging import owner_of
from clawmend.core.document import Syntax
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import LogOut
from clawmend.core.frozen import dataclass
from clawmend.core.plan import Command, Held
from clawmend.core.rewriting import in_the_writing_of
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import Found
from clawmend.core.stored import is_equal
from clawmend.repair.apply import Applied, Step, found_at, take, take_back
from clawmend.repair.tools import Tools
from clawmend.system.checkpoints import FileChange
from clawmend.system.records import Checkpoint


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of the commands of a plan: those that were done, and those held back with the reason.

    `applied` are the steps to take back with the files, those among them that OpenClaw made; `note` a sentence for the
    person, or empty.
    """

    applied: Applied
    done: tuple[Command, ...] = ()
    held: tuple[Held, ...] = ()
    note: str = ""


def ask_openclaw(tools: Tools, snapshot: Snapshot, applied: Applied, commands: tuple[Command, ...]) -> Asked:
    """Run every command of a plan, each for itself: one that fails holds back its own finding and nothing else.

    Raises ClawmendError when what they take away cannot be kept; then none is run and the files are put back.
    """
    removals = [(one, one.edit) for one in commands if isinstance(one.edit, LogOut)]
    held = [Held(one.finding, problem) for one, edit in removals if (problem := _why_not(snapshot, edit))]
    possible = [(one, edit) for one, edit in removals if not _why_not(snapshot, edit)]
    if not possible:
        return Asked(applied, (), tuple(held))
    try:
        configs = configs_of(tools, snapshot, [edit for _, edit in possible])
        tools.store.note_commands(
            applied.checkpoint, [(edit, command.rules) for command, edit in possible], watched(configs)
        )
    except BaseException:
        take_back(tools, applied)
        raise
    done: list[Command] = []
    try:
        for command, edit in possible:
            problem = _log_out(tools, snapshot, edit)
            if problem is None:
                done.append(command)
            else:
                held.append(Held(command.finding, problem))
    finally:
        asked = Asked(applied, tuple(done), tuple(held))
        for config in configs:
            asked = _in_its_own_writing(tools, asked, config)
    return asked


def configs_of(tools: Tools, snapshot: Snapshot, edits: Iterable[LogOut]) -> tuple[Found, ...]:
    """The config files of the state folders whose credentials are meant: OpenClaw's commands write them anew."""
    owners = (owner_of(snapshot, edit.path) for edit in edits)
    paths = dict.fromkeys(owner.config.path for owner in owners if owner is not None)
    found = (found_at(tools, path) for path in paths)
    return tuple(
        replace(one, identity=replace(one.identity, attributes=tools.files.attributes(one.path)))
        for one in found
        if one is not None
    )


def watched(configs: Iterable[Found]) -> list[FileChange]:
    """The files that a checkpoint keeps although it is not clawmend that changes them."""
    return [FileChange(config.path, config.data, config.data, config.identity) for config in configs]


def whose(snapshot: Snapshot, edit: LogOut) -> OpenClaw:
    """The state folder whose credential it is; ClawmendError when OpenClaw cannot be told which one is meant."""
    owner = owner_of(snapshot, edit.path)
    if owner is None:
        raise ClawmendError(f"{edit.path} belongs to no state folder of {snapshot.home}", "name its home with --home")
    try:
        f"{edit.agent}{edit.profile}".encode()
    except UnicodeEncodeError as error:
        raise ClawmendError("its name cannot be written on a command line") from error
    return owner


def _why_not(snapshot: Snapshot, edit: LogOut) -> str | None:
    try:
        whose(snapshot, edit)
    except ClawmendError as error:
        return str(error)
    return None


def _log_out(tools: Tools, snapshot: Snapshot, edit: LogOut) -> str | None:
    """Have one credential removed, if it still is the one that was judged; None when it has gone."""
    try:
        if not is_equal(edit.stored, tools.credentials.stored(edit.path, edit.profile)):
            return f"what is stored under {edit.profile} has changed meanwhile; run clawmend repair again"
        return tools.credentials.log_out(whose(snapshot, edit), snapshot.installation, edit)
    except ClawmendError as error:
        return str(error)


def _in_its_own_writing(tools: Tools, asked: Asked, was: Found) -> Asked:
    """Take over what OpenClaw's writing of a config says into the file as it was written before, and note both."""
    checkpoint, note = asked.applied.checkpoint, asked.note
    try:
        now = found_at(tools, was.path)
    except ClawmendError as error:
        return replace(asked, note=str(error))
    if now is None or now.data == was.data:
        return asked
    after = now.data
    try:
        written = in_the_writing_of(was.data, now.data, Syntax.JSON5)
        if written is None or written == now.data:
            tools.store.note_rewritten(checkpoint, was.path, after)
        else:
            tools.store.note_rewritten(checkpoint, was.path, written, now.data)
            as_it_was = was.identity if written == was.data else None
            take(tools, checkpoint, Step(was.path, now.data, written, now.identity, as_it_was))
            after = written
        if after != was.data:
            note = f"OpenClaw has changed {was.path} as well, as its command does"
    except ClawmendError as error:
        note = f"OpenClaw has written {was.path} anew, without its comments, and so it stays: {error}"
    return replace(asked, applied=_with_step(asked.applied, was, after), note=note)


def _with_step(applied: Applied, was: Found, after: bytes) -> Applied:
    """Add what has become of a file to the steps that a rollback takes back."""
    if after == was.data:
        return applied
    if any(step.path == was.path for step in applied.steps):
        steps = tuple(replace(step, after=after) if step.path == was.path else step for step in applied.steps)
    else:
        steps = (*applied.steps, Step(was.path, was.data, after, was.identity))
    return replace(applied, steps=steps)


def put_back_exactly(tools: Tools, checkpoint: Checkpoint, was: Found) -> None:
    """Undo what OpenClaw's own writing did to a config; a failure leaves OpenClaw's, which says as much."""
    with suppress(ClawmendError):
        now = found_at(tools, was.path)
        if now is not None and now.data != was.data:
            take(tools, checkpoint, Step(was.path, now.data, was.data, now.identity, was.identity))
