"""OpenClaw took somebody's edit of openclaw.json back.

What it checks
    The newest `openclaw.json.clobbered.<time>` of the last seven days: whether it parses and is a whole configuration,
    whether it lost what OpenClaw takes for damage (no `meta`, no `gateway.mode`, less than half of the bytes), and what
    it said that openclaw.json does not say, where openclaw.json is still what an earlier copy was. An edit that is
    there again, one that somebody has decided otherwise since, and a file that was truly damaged are passed over.

Why it matters
    OpenClaw 2026.4.22 to 2026.5.2, and 2026.6.9 and later, put `.bak` over such a file when it is read or when the
    gateway starts, with one line in the log. The edit seems to be made and has no effect.

The fix and its safety
    Writes the lost members into openclaw.json as it is now, with its `meta` and its `gateway.mode`, so that it holds.
    Nothing is removed; a removal is named with OpenClaw's own command, which makes it hold. Whether the edit is still
    wanted is a person's to say, so clawmend asks. What holds a variable, or would shorten a list, is only named.

References
    openclaw#126806 (configurations without `meta` are taken back); seen on 2026.4.29, 2026.7.1, 2026.8.2, 2026.9.6.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import Revert, behaviour_of
from clawmend.core.document import Json
from clawmend.core.era import MEASURED, Era
from clawmend.core.evidence import Kind
from clawmend.core.finding import Confidence, Finding, Fix, Report, Rule, Safety, SetKey, Severity
from clawmend.core.pointer import Pointer
from clawmend.core.reload import need_of_edits
from clawmend.core.reverted import Edit, Reverted, reverted_edit
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import value_of
from clawmend.core.values import find

_DAYS = 7 * 86_400.0
_AROUND_SECONDS = 120.0
_WHERE = frozenset({Era.C, Era.D, Era.E})


def _check(snapshot: Snapshot) -> Iterator[Report]:
    behaviour = behaviour_of(snapshot.installation.version)
    if behaviour is None or snapshot.installation.era not in MEASURED or behaviour.revert is Revert.NEVER:
        return  # there the name is only that of a copy
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        reverted = reverted_edit(openclaw, snapshot.installation.era)
        if reverted is not None and _is_recent(snapshot, reverted) and not _was_invalid(openclaw, reverted):
            yield _finding(snapshot, openclaw, reverted)


def _is_recent(snapshot: Snapshot, reverted: Reverted) -> bool:
    return snapshot.now - _moment(reverted) <= _DAYS


def _moment(reverted: Reverted) -> float:
    return reverted.aside.identity.mtime_ns / 1e9


def _was_invalid(openclaw: OpenClaw, reverted: Reverted) -> bool:
    """The log says that it was refused at that time: made again it would be refused again."""
    events = openclaw.evidence.of(Kind.INVALID_CONFIG)
    return any(abs(event.time - _moment(reverted)) < _AROUND_SECONDS for event in events)


def _finding(snapshot: Snapshot, openclaw: OpenClaw, reverted: Reverted) -> Finding:
    path = openclaw.config.path
    current = value_of(openclaw.config)
    made = [edit for edit in reverted.edits if _can_be_made(edit, current)]
    logged = openclaw.evidence.of(Kind.CONFIG_RESTORED, since=_moment(reverted) - _AROUND_SECONDS)
    names = [_name(edit.pointer) for edit in reverted.edits] or [_name(pointer) for pointer in reverted.removed]
    what = "an edit of" if reverted.edits else "the removal of"
    summary = (
        f"OpenClaw took {what} {_list(names)} in openclaw.json back, because {' and '.join(reverted.reasons)}; "
        f"it is kept in {snapshot.display(reverted.aside.path)}"
    )
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if reverted.edits else Severity.INFO,
        safety=Safety.ASK if made else Safety.ADVISE,
        confidence=Confidence.CERTAIN if logged else Confidence.LIKELY,
        path=path,
        pointer=reverted.edits[0].pointer if reverted.edits else reverted.removed[0],
        summary=summary,
        cause="\0".join(names),
        evidence=("the gateway's log says that it restored a copy",) if logged else (),
        advice=_advice(reverted, made),
        fix=_fix(snapshot, path, made) if made else None,
    )


def _fix(snapshot: Snapshot, path: str, made: list[Edit]) -> Fix:
    edits = tuple(SetKey(path, edit.pointer, edit.value) for edit in made)
    return Fix(edits, need_of_edits(snapshot, edits))


def _can_be_made(edit: Edit, current: Json) -> bool:
    """Nothing may be lost by it, and no variable may come in or go that only the gateway knows."""
    now = find(current, edit.pointer)
    if _holds_variable(edit.value) or (isinstance(now, str) and _holds_variable(now)):
        return False
    if isinstance(now, list):
        return isinstance(edit.value, list) and len(edit.value) >= len(now) and not _holds_variable(now)
    return not isinstance(now, dict)


def _holds_variable(value: Json) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_variable, value.values()))
    if isinstance(value, list):
        return any(map(_holds_variable, value))
    return isinstance(value, str) and "${" in value


def _advice(reverted: Reverted, made: list[Edit]) -> tuple[str, ...]:
    told = [f"clawmend repair --only {RULE.id} --yes"] if made else []
    told += [f"openclaw config set {_name(edit.pointer)}" for edit in reverted.edits if edit not in made]
    told += [f"openclaw config unset {_name(pointer)}" for pointer in reverted.removed]
    return tuple(told[:8])


def _name(pointer: Pointer) -> str:
    return ".".join(str(name) for name in pointer)


def _list(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


RULE = Rule(
    id="OC314",
    name="reverted-edit",
    severity=Severity.WARNING,
    safety=Safety.ASK,
    eras=_WHERE,
    check=_check,
    documentation=__doc__,
)
