"""The plan: final bytes per file, the state each file must still be in, and the fixes held back with a reason."""

from collections.abc import Callable, Iterable
from dataclasses import field, replace
from enum import Enum
from typing import assert_never

from clawmend.core.belonging import owner_of, state_of
from clawmend.core.document import Document, DocumentEdit, EditError, Json, RemoveMember, RenameMember, SetValue
from clawmend.core.finding import (
    Edit,
    Finding,
    LogOut,
    Need,
    RemoveFile,
    RemoveKey,
    RenameKey,
    Restart,
    RestoreFile,
    Safety,
    SetKey,
    SetMode,
    Severity,
    TakeOver,
)
from clawmend.core.frozen import dataclass
from clawmend.core.pointer import Pointer
from clawmend.core.snapshot import GatewayUnknown, Snapshot
from clawmend.core.state import Absent, FileState, Malformed, Parsed, Unreadable
from clawmend.core.wanted import NOT_STARTED, WantedRestart, wanted_restarts, why_not_yet


class Action(Enum):
    """What happens to a file; the value is what `repair --json` prints."""

    EDIT = "edit"
    REMOVE = "remove"
    RESTORE = "restore"
    MODE = "mode"


@dataclass(frozen=True, slots=True)
class Change:
    """One file's change. `before` is the state it must still be in, `after` its new bytes, None for a removal.

    `mode` are the permission bits that it is given, None where it keeps its own.
    """

    path: str
    action: Action
    before: Parsed | Malformed
    after: bytes | None = field(repr=False)
    findings: tuple[Finding, ...]
    source: str | None = None
    mode: int | None = None

    @property
    def is_none(self) -> bool:
        """Tell whether the end is the beginning."""
        return self.after == self.before.data and self.mode in {None, self.before.identity.mode}

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules behind this change, in order."""
        return tuple(dict.fromkeys(finding.rule for finding in self.findings))

    @property
    def need(self) -> Need:
        """The most that any of its fixes asks of the gateway."""
        order = list(Need)
        return max(
            (finding.fix.need for finding in self.findings if finding.fix), key=order.index, default=Need.NOTHING
        )


@dataclass(frozen=True, slots=True)
class Held:
    """A finding whose fix, if there is one, is not applied, and why. `blocked`: it may be, but the file cannot be."""

    finding: Finding
    reason: str
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """What OpenClaw is asked to do by its own command line, and why."""

    edit: LogOut | TakeOver
    finding: Finding

    @property
    def rules(self) -> tuple[str, ...]:
        """The id of the rule behind it."""
        return (self.finding.rule,)

    @property
    def need(self) -> Need:
        """What its fix asks of the gateway."""
        return self.finding.fix.need if self.finding.fix else Need.NOTHING


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be changed and what will not.

    `restarts` are the gateways to start again; whoever plans without starting any finds them in `held` as well.
    """

    changes: tuple[Change, ...]
    held: tuple[Held, ...]
    commands: tuple[Command, ...] = ()
    restarts: tuple[WantedRestart, ...] = ()

    @property
    def need(self) -> Need:
        """The most that any change or command asks of the gateway."""
        order = list(Need)
        needs = (*(change.need for change in self.changes), *(command.need for command in self.commands))
        return max(needs, key=order.index, default=Need.NOTHING)


Consent = Callable[[Finding], bool]
MemberEdit = SetKey | RemoveKey | RenameKey
FileEdit = MemberEdit | RemoveFile | RestoreFile | SetMode
Obstacle = Callable[[str], str | None]


class _ConflictError(Exception):
    """A fix does not fit what is already planned; the message is the reason it is held."""


def make_plan(
    snapshot: Snapshot, findings: Iterable[Finding], consent: Consent, obstacle: Obstacle = lambda _path: None
) -> Plan:
    """Fold the fixes into final bytes per file, in the order of the findings.

    `consent` answers for the fixes that a person has to allow, `obstacle` says why a file cannot be written. A fix is
    applied whole or not at all; one that meets a file in another way than an earlier fix did is held, and looked at
    again in the next cycle.
    """
    changes: dict[str, Change] = {}
    held: list[Held] = []
    commands: list[Command] = []
    restarts: list[WantedRestart] = []
    findings = tuple(findings)
    for finding in findings:
        if finding.severity is Severity.INFO and (finding.fix is None or not consent(finding)):
            continue
        reason = _why_not(snapshot, finding, consent)
        blocked = None
        wanted = wanted_restarts(finding)
        if reason is None and wanted:
            reason = why_not_yet(finding, findings)
            restarts += wanted if reason is None else ()
            reason = reason or NOT_STARTED
        if reason is None and finding.fix is not None:
            written = (edit.path for edit in finding.fix.edits if not isinstance(edit, LogOut | TakeOver | Restart))
            blocked = next(filter(None, map(obstacle, written)), None)
        if reason is None and blocked is None and finding.fix is not None:
            try:
                changes |= _apply(snapshot, changes, finding, finding.fix.edits)
                commands += [Command(one, finding) for one in finding.fix.edits if isinstance(one, LogOut | TakeOver)]
                continue
            except _ConflictError as conflict:
                reason = str(conflict)
        held.append(Held(finding, reason or blocked or "there is nothing to change", blocked is not None))
    return Plan(tuple(changes.values()), tuple(held), tuple(commands), tuple(restarts))


def _why_not(snapshot: Snapshot, finding: Finding, consent: Consent) -> str | None:
    if finding.hold is not None:
        return finding.hold
    if finding.fix is None or finding.safety is Safety.ADVISE:
        return "only you can do this"
    owner = owner_of(snapshot, finding.path)
    if owner is not None and owner.read_only:
        return "this configuration is read-only (OPENCLAW_NIX_MODE), or it belongs to another user"
    if finding.fix.need is Need.RESTART and owner is not None and isinstance(owner.gateway, GatewayUnknown):
        return f"a gateway that cannot be seen would undo it: {owner.gateway.problem}"
    if finding.safety is Safety.ASK and not consent(finding):
        return "this may be what somebody wants; allow it with --yes"
    return None


def _apply(
    snapshot: Snapshot, planned: dict[str, Change], finding: Finding, edits: tuple[Edit, ...]
) -> dict[str, Change]:
    """Return the changes that a fix makes, on top of what is planned; raises _ConflictError and changes nothing."""
    result: dict[str, Change] = {}
    for edit in edits:
        if isinstance(edit, LogOut | TakeOver | Restart):
            continue
        if isinstance(edit, MemberEdit) and _has_moved(planned.get(edit.path), edit.pointer):
            raise _ConflictError("another repair of this list comes first; run clawmend repair again afterwards")
        earlier = result.get(edit.path) or planned.get(edit.path)
        result[edit.path] = _change(snapshot, earlier, finding, edit)
    for openclaw in snapshot.openclaws:
        _keep_most_of(result.get(openclaw.config.path))
    return result


def _change(snapshot: Snapshot, earlier: Change | None, finding: Finding, edit: FileEdit) -> Change:
    before = earlier.before if earlier else _present(state_of(snapshot, edit.path), edit.path)
    if isinstance(edit, SetMode) and earlier and earlier.action is not Action.REMOVE:
        return replace(earlier, mode=edit.mode, findings=(*earlier.findings, finding))
    if earlier and (earlier.action not in {Action.EDIT, Action.MODE} or not isinstance(edit, MemberEdit)):
        raise _ConflictError("another repair of this file comes first; run clawmend repair again afterwards")
    match edit:
        case SetKey() | RemoveKey() | RenameKey():
            return _edit(before, earlier, finding, edit)
        case RemoveFile(path=path):
            return Change(path, Action.REMOVE, before, None, (finding,))
        case RestoreFile(path=path, source=source, data=data):
            return Change(path, Action.RESTORE, before, data, (finding,), source)
        case SetMode(path=path, mode=mode):
            return Change(path, Action.MODE, before, before.data, (finding,), mode=mode)
        case _:
            assert_never(edit)


def _has_moved(earlier: Change | None, pointer: Pointer) -> bool:
    """Tell whether an earlier repair took elements out of a list on the way, so that an index names another one now."""
    if earlier is None or earlier.after is None or not isinstance(earlier.before, Parsed):
        return False
    before = earlier.before.document
    lists = [pointer[:depth] for depth, name in enumerate(pointer) if isinstance(name, int)]
    if not lists:
        return False
    after = Document.parse(earlier.after, before.syntax)
    return any(_length(after.get(place)) != _length(before.get(place)) for place in lists)


def _length(value: Json) -> int:
    return len(value) if isinstance(value, list) else -1


def _keep_most_of(change: Change | None) -> None:
    """OpenClaw takes an openclaw.json of less than half of its bytes for damaged and puts its own copy back."""
    if change is None or change.action is not Action.EDIT or change.after is None:
        return
    if len(change.after) * 2 < len(change.before.data):
        raise _ConflictError(
            "it would leave less than half of openclaw.json, and OpenClaw would put its own copy back; "
            "have OpenClaw do it: openclaw config unset, with the member that this is about"
        )


def _edit(before: Parsed | Malformed, earlier: Change | None, finding: Finding, edit: MemberEdit) -> Change:
    if isinstance(before, Malformed):
        raise _ConflictError("the file does not parse")
    document = before.document
    if earlier is not None and earlier.after is not None:
        document = Document.parse(earlier.after, document.syntax)
    try:
        after = document.edit(_operation(edit)).encode()
    except EditError as error:
        raise _ConflictError(f"the edit does not fit the file: {error}") from error
    findings = earlier.findings if earlier else ()
    if finding not in findings:
        findings = (*findings, finding)
    change = earlier or Change(edit.path, Action.EDIT, before, None, ())
    return replace(change, action=Action.EDIT, after=after, findings=findings)


def _operation(edit: MemberEdit) -> DocumentEdit:
    match edit:
        case SetKey(pointer=pointer, value=value):
            return SetValue(pointer, value)
        case RemoveKey(pointer=pointer):
            return RemoveMember(pointer)
        case RenameKey(pointer=pointer, name=name):
            return RenameMember(pointer, name)
        case _:
            assert_never(edit)


def _present(state: FileState | None, path: str) -> Parsed | Malformed:
    match state:
        case Parsed() | Malformed():
            return state
        case Unreadable(problem=problem):
            raise _ConflictError(f"{path} {problem}")
        case None | Absent():
            raise _ConflictError(f"{path} is not there")
        case _:
            assert_never(state)
