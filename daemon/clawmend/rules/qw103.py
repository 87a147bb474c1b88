"""Qwen Code's settings.json does not parse.

What it checks
    Whether `~/.qwen/settings.json` is an object in JSON, with comments and a byte order mark if somebody likes; a
    trailing comma, which other tools take, is an error for Qwen Code. A file that was touched just now is read again
    before anything is said, and so is one that is missing while Qwen Code saves it: for a moment there is none.

Why it matters
    Qwen Code ends at every start, `qwen -p` too: "Cannot read operator sandbox policy from ...", in other releases
    "Please fix the configuration file(s) and try again". It keeps a copy of the broken file and restores nothing.

The fix and its safety
    Restores settings.json.orig, the copy that Qwen Code makes while it saves and that an interrupted save leaves
    behind, where it is good; the broken file is kept in clawmend's checkpoint and `clawmend undo` brings it back.
    Somebody may be editing the file, so clawmend asks. Without a good copy, clawmend says where the fault is. A missing
    file beside a copy is only told.

References
    Runs of Qwen Code 0.24.4 (writeWithBackupSync, loadSettings).
"""

from collections.abc import Iterator
from typing import assert_never

from clawmend.core.finding import (
    Confidence,
    CouldNotLook,
    Finding,
    Fix,
    Report,
    RestoreFile,
    Rule,
    Safety,
    Severity,
)
from clawmend.core.neighbours import QwenCode
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Absent, Malformed, Parsed, Unreadable, object_at


def _check(snapshot: Snapshot) -> Iterator[Report]:
    qwen = snapshot.neighbours.qwen
    if qwen is None:
        return
    match qwen.settings:
        case Absent(path=path):
            if _good_copy(qwen) is not None:
                yield _missing(snapshot, path, qwen.previous.path)
        case Unreadable(path=path, problem=problem, remedy=remedy):
            yield CouldNotLook(RULE.id, path, problem, remedy)
        case Malformed(path=path, problem=problem):
            yield _broken(snapshot, qwen, path, f"does not parse: {problem}")
        case Parsed(path=path, document=document):
            if not isinstance(document.value, dict):
                yield _broken(snapshot, qwen, path, "is not an object")
        case _:
            assert_never(qwen.settings)


def _good_copy(qwen: QwenCode) -> Parsed | None:
    copy = qwen.previous
    return copy if isinstance(copy, Parsed) and object_at(copy.document.value) else None


def _broken(snapshot: Snapshot, qwen: QwenCode, path: str, problem: str) -> Finding:
    copy, name = _good_copy(qwen), snapshot.display(path)
    summary = f"{name} {problem}; Qwen Code does not start on it"
    advice = f"mend {name} by hand where it says, then: clawmend check"
    if copy is not None:
        summary += f"; {snapshot.display(copy.path)}, left by an interrupted save, is good"
        advice = f"clawmend repair --only {RULE.id} --yes"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.ASK if copy is not None else Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=path,
        summary=summary,
        cause=problem,
        advice=(advice,),
        fix=Fix((RestoreFile(path, copy.path, copy.data),)) if copy is not None else None,
    )


def _missing(snapshot: Snapshot, path: str, copy: str) -> Finding:
    name, source = snapshot.display(path), snapshot.display(copy)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING,
        safety=Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=path,
        summary=f"{name} is missing, and {source} is there: a save of Qwen Code was interrupted",
        cause="missing",
        advice=(f"if these are your settings: cp {source} {name}",),
    )


RULE = Rule(
    id="QW103",
    name="malformed-qwen-settings",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=None,
    check=_check,
    documentation=__doc__,
)
