"""The way back of a credential that OpenClaw removed: OpenClaw stores it again, by its own command.

A key or a token comes back; an OAuth login does not, for OpenClaw has no command that stores one, and then the person
is told where its entry is kept. The undo of an undo removes nothing again: `clawmend repair` would find it anew.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import field, replace

from clawmend.core.document import Json
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import LogOut
from clawmend.core.frozen import dataclass
from clawmend.core.snapshot import Snapshot
from clawmend.core.stored import is_equal, why_not_again
from clawmend.repair.apply import put_back, take_back
from clawmend.repair.commands import Asked, configs_of, put_back_exactly, watched, whose
from clawmend.repair.tools import Tools
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.logins import command_line, sign_in_arguments
from clawmend.system.records import Checkpoint, Taken


@dataclass(frozen=True, slots=True)
class Login:
    """One credential of a checkpoint: the entry that it keeps, and what is stored under its name now.

    `is_wanted`: it is to be stored again; `is_missing`: nothing is known to be stored under its name; `done`: it is
    stored; `problem` says why it is not.
    """

    taken: Taken
    stored: Json = field(default=None, repr=False)
    found: Json = field(default=None, repr=False)
    is_wanted: bool = False
    is_missing: bool = False
    done: bool = False
    problem: str = ""

    @property
    def edit(self) -> LogOut:
        """What took it, to be taken back."""
        return LogOut(self.taken.path, self.taken.agent, self.taken.profile, self.stored)


def review(tools: Tools, store: CheckpointStore, checkpoint: Checkpoint, *, force: bool = False) -> tuple[Login, ...]:
    """Compare the credentials that a checkpoint keeps with what is stored; `force` replaces what is there by now."""
    return tuple(_review(tools, store, taken, force=force) for taken in checkpoint.commands)


def _review(tools: Tools, store: CheckpointStore, taken: Taken, *, force: bool) -> Login:
    try:
        stored: Json = json.loads(store.blob(taken.stored))
        found = tools.credentials.stored(taken.path, taken.profile)
    except (ClawmendError, ValueError) as error:
        return Login(taken, is_missing=True, problem=str(error))
    login = Login(taken, stored, found, is_missing=found is None)
    if found is not None and is_equal(stored, found):
        return replace(login, done=True)
    if found is not None and not force:
        return replace(login, problem="another credential is stored under this name by now; it was left alone")
    obstacle = why_not_again(stored, tools.clock.now())
    if obstacle is not None:
        kept = f"what was stored is kept in {store.blobs.path(taken.stored)}"
        return replace(login, problem=f"{obstacle}; {kept}; sign in: {command_line(sign_in_arguments(login.edit))}")
    return replace(login, is_wanted=True)


def store_again(tools: Tools, snapshot: Snapshot, checkpoint: Checkpoint, logins: Iterable[Login]) -> tuple[Login, ...]:
    """Have every wanted credential stored again, each for itself; `checkpoint` is that of the undo, or of the rollback.

    What is replaced is kept in it first, and openclaw.json, which OpenClaw writes anew, is put back as it was.
    """
    logins = tuple(logins)
    wanted = [login for login in logins if login.is_wanted]
    configs = configs_of(tools, snapshot, [login.edit for login in wanted])
    replaced = [(replace(one.edit, stored=one.found), one.taken.rules) for one in wanted if one.found is not None]
    tools.store.note_commands(checkpoint, replaced, watched(configs))
    try:
        return tuple(_store_again(tools, snapshot, login) if login.is_wanted else login for login in logins)
    finally:
        for config in configs:
            put_back_exactly(tools, checkpoint, config)


def _store_again(tools: Tools, snapshot: Snapshot, login: Login) -> Login:
    try:
        problem = tools.credentials.log_in(whose(snapshot, login.edit), snapshot.installation, login.edit)
    except ClawmendError as error:
        problem = str(error)
    return replace(login, done=problem is None, problem=problem or "", is_wanted=problem is not None)


def roll_back(tools: Tools, snapshot: Snapshot, asked: Asked) -> str:
    """Take back what a repair has made, the credentials first; errors as for `take_back`.

    Returns a sentence about what could not be stored again, or nothing. With such a sentence the checkpoint stays one
    that can be undone.
    """
    applied, problems = asked.applied, []
    logins = [_login_of(command.edit, command.rules) for command in asked.done if isinstance(command.edit, LogOut)]
    if logins:
        try:
            again = store_again(tools, snapshot, applied.checkpoint, logins)
            problems = [f"{one.taken.profile} is not stored again: {one.problem}" for one in again if not one.done]
        except ClawmendError as error:
            problems = [str(error)]
    if not problems:
        take_back(tools, applied)
        return ""
    put_back(tools, applied.checkpoint, applied.steps)
    with suppress(ClawmendError):  # what went wrong first is what the person has to know
        tools.store.finish(applied.checkpoint)
    return "; ".join(problems)


def _login_of(edit: LogOut, rules: tuple[str, ...]) -> Login:
    return Login(Taken(edit.path, edit.agent, edit.profile, "", rules), edit.stored, is_wanted=True)
