"""Behind the write boundary: OpenClaw takes the credentials of its retired files over into its databases.

The files are in the checkpoint before it begins, and it puts them aside itself, under another name. A kill in between
leaves credentials in a file, in a database or in both, and never in neither; recovery puts the files back, and the
next repair has them taken over. What went into a database stays there, also after an undo: OpenClaw remembers which
files it has taken over, and only puts the same one aside the next time (run on 2026.9.6).
"""

from collections.abc import Iterable
from dataclasses import replace

from clawmend.core.behaviour import behaviour_of
from clawmend.core.belonging import owner_of
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import TakeOver
from clawmend.core.frozen import dataclass
from clawmend.core.legacy import LegacyCredential, credentials_in, legacy_files
from clawmend.core.migration import config_apart, not_taken_over
from clawmend.core.plan import Command, Held
from clawmend.core.snapshot import Agent, GatewayRunning, OpenClaw, Snapshot
from clawmend.core.state import FileState, Found, Malformed, Parsed
from clawmend.repair.apply import Applied, Step, found_at, put_back, take, take_back
from clawmend.repair.observe import observe
from clawmend.repair.tools import Tools
from clawmend.system.checkpoints import FileChange
from clawmend.system.records import Checkpoint


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it: the steps that OpenClaw has made, the commands that have worked, and those held back."""

    applied: Applied
    done: tuple[Command, ...] = ()
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class _Folder:
    """One state folder and the commands that are about it; OpenClaw does all of them at once."""

    openclaw: OpenClaw
    commands: tuple[tuple[Command, TakeOver], ...]

    @property
    def states(self) -> tuple[FileState, ...]:
        """Every file that OpenClaw may put aside."""
        agents = (
            state for agent in self.openclaw.agents for state in (agent.profiles, agent.legacy_auth, agent.auth_state)
        )
        logins = (one for one in self.openclaw.oauth_sources if one.path.startswith(f"{self.openclaw.directory}/"))
        return tuple({state.path: state for state in (*agents, *logins)}.values())


def take_over(
    tools: Tools, snapshot: Snapshot, applied: Applied, commands: Iterable[Command], *, may_stop: bool
) -> Taken:
    """Have every folder's retired files taken over; one that fails is put back and holds its own findings.

    `may_stop`: a gateway that its manager runs may be stopped for it. Raises ClawmendError when what goes cannot be
    kept; then nothing is run and the files of the repair are put back.
    """
    taken = Taken(applied)
    for folder in _folders(snapshot, commands):
        running = isinstance(folder.openclaw.gateway, GatewayRunning)
        if running and not may_stop:
            taken = _held(taken, folder, "the gateway has to be stopped for it, and --no-restart does not allow that")
            continue
        try:
            kept, config = _kept(tools, folder), found_at(tools, folder.openclaw.config.path)
            _note(tools, applied.checkpoint, folder, [*kept, *([config] if config else [])], config)
        except BaseException:
            take_back(tools, taken.applied)
            raise
        taken = _take_over(tools, snapshot, taken, folder, kept, config)
    return taken


def _folders(snapshot: Snapshot, commands: Iterable[Command]) -> Iterable[_Folder]:
    found: dict[str, _Folder] = {}
    for command in commands:
        owner = owner_of(snapshot, command.edit.path)
        if owner is not None and isinstance(command.edit, TakeOver):
            folder = found.get(owner.directory, _Folder(owner, ()))
            found[owner.directory] = replace(folder, commands=(*folder.commands, (command, command.edit)))
    return found.values()


def _held(taken: Taken, folder: _Folder, reason: str) -> Taken:
    return replace(taken, held=(*taken.held, *(Held(command.finding, reason) for command, _ in folder.commands)))


def _kept(tools: Tools, folder: _Folder) -> list[Found]:
    """The files as they are now, with all that is needed to put them back."""
    found = (found_at(tools, state.path) for state in folder.states if isinstance(state, Parsed | Malformed))
    return [
        replace(one, identity=replace(one.identity, attributes=tools.files.attributes(one.path)))
        for one in found
        if one is not None
    ]


def _note(tools: Tools, checkpoint: Checkpoint, folder: _Folder, files: list[Found], config: Found | None) -> None:
    rules = tuple(dict.fromkeys(rule for command, _ in folder.commands for rule in command.rules))
    changes = [
        FileChange(one.path, one.data, one.data, one.identity)
        if one is config
        else FileChange(one.path, one.data, None, one.identity, rules)
        for one in files
    ]
    tools.store.note_commands(checkpoint, (), changes, taken_over=True)


def _take_over(
    tools: Tools, snapshot: Snapshot, taken: Taken, folder: _Folder, kept: list[Found], config: Found | None
) -> Taken:
    openclaw, applied = folder.openclaw, taken.applied
    problem = _ask(tools, snapshot, folder, kept)
    gone = [one for one in kept if _is_gone(tools, one.path)]
    steps = tuple(Step(one.path, one.data, None, one.identity) for one in gone)
    if config is not None:
        problem = problem or _as_it_was(tools, applied.checkpoint, config)
    if problem is None:
        done = (*taken.done, *(command for command, _ in folder.commands))
        return replace(taken, applied=replace(applied, steps=(*applied.steps, *steps)), done=done)
    try:
        put_back(tools, applied.checkpoint, steps)
    finally:
        if isinstance(openclaw.gateway, GatewayRunning):
            tools.gateway.restart(openclaw, openclaw.gateway, snapshot.installation)
    return _held(taken, folder, problem)


def _ask(tools: Tools, snapshot: Snapshot, folder: _Folder, kept: list[Found]) -> str | None:
    now = {one.path: one.data for one in kept}
    for state in folder.states:
        if isinstance(state, Parsed | Malformed) and now.get(state.path) != state.data:
            return f"{state.path} has changed meanwhile; run clawmend repair again"
    config = config_apart(folder.openclaw)
    if config is None:
        return f"what {folder.openclaw.config.path} says cannot be told in full"
    try:
        _, edit = folder.commands[0]
        lacking = _Lacking(tools, snapshot, folder)
        return tools.credentials.take_over(folder.openclaw, snapshot.installation, edit, config, lacking)
    except ClawmendError as error:
        return str(error)


@dataclass(frozen=True, slots=True)
class _Lacking:
    """Looks again, and says which credentials of the files no database holds."""

    tools: Tools
    snapshot: Snapshot
    folder: _Folder

    def __call__(self) -> str:
        """One part of a sentence; empty when none is lacking."""
        version, before = self.snapshot.installation.version, self.folder.openclaw
        behaviour = behaviour_of(version)
        if version is None or behaviour is None:
            return "nobody knows where this version keeps its credentials"
        tools = self.tools
        now = observe(tools.place, tools.files, tools.clock, str(version))
        after = next((one for one in now.openclaws if one.directory == before.directory), None)
        lacking: list[str] = []
        for _, edit in self.folder.commands:
            files = legacy_files(before, _agent(before, edit.agent), behaviour)
            found: list[LegacyCredential] = [one for state in files for one in credentials_in(state)]
            if after is None:
                lacking += [one.id for one in found]
            else:
                lacking += not_taken_over(found, after, _agent(after, edit.agent), version)
        return f"its databases do not hold {', '.join(lacking)}; the files were put back" if lacking else ""


def _agent(openclaw: OpenClaw, name: str) -> Agent:
    return next(agent for agent in openclaw.agents if agent.id == name)


def _is_gone(tools: Tools, path: str) -> bool:
    try:
        return found_at(tools, path) is None
    except ClawmendError:
        return False


def _as_it_was(tools: Tools, checkpoint: Checkpoint, config: Found) -> str | None:
    """Make sure that openclaw.json is what it was, byte for byte."""
    try:
        now = found_at(tools, config.path)
        if now is None or now.data != config.data:
            before, identity = (now.data, now.identity) if now else (None, None)
            tools.store.note_rewritten(checkpoint, config.path, config.data, before)
            take(tools, checkpoint, Step(config.path, before, config.data, identity, config.identity))
    except ClawmendError as error:
        return f"OpenClaw has changed {config.path}, and it could not be put back: {error}"
    return None
