"""openclaw.json does not parse.

What it checks
    Whether openclaw.json is JSON5, as OpenClaw reads it. Comments, trailing commas, unquoted keys, a byte order mark
    and invalid bytes inside a text are fine. A truncated or empty file, UTF-16 and foreign text in front are not.

Why it matters
    The gateway does not start on it; one that runs keeps its old settings and skips every reload.

The fix and its safety
    Where a whole configuration is followed by NULs or brackets, or by the rest of a longer version, and has every
    member of the copy, writes that. Else restores the newest verified copy: one that clawmend kept when it was proven
    good, or one that OpenClaw itself made (`.last-good`, `.bak`, `.bak.1` to `.bak.4`). The broken file is kept in
    clawmend's checkpoint and `clawmend undo` brings it back. A copy counts when it parses, is an object with settings
    in it, keeps `gateway.mode` if any copy has it, and holds no redacted secrets. A person may be in the middle of an
    edit, so clawmend asks; it is safe when the file has been broken and untouched for a minute, no gateway runs on its
    settings, and the copy is neither much older nor much smaller.

References
    openclaw#100072 (last known good never used on a failed boot); runs on 2026.3.2 and 2026.9.6.
"""

from collections.abc import Iterator
from typing import assert_never

from clawmend.core.behaviour import Revert, behaviour_of
from clawmend.core.document import Syntax
from clawmend.core.era import Era, Installation
from clawmend.core.finding import (
    Confidence,
    CouldNotLook,
    Finding,
    Fix,
    Need,
    Report,
    RestoreFile,
    Rule,
    Safety,
    Severity,
)
from clawmend.core.pointer import Pointer
from clawmend.core.snapshot import GatewayAbsent, OpenClaw, Snapshot
from clawmend.core.state import Absent, Malformed, Parsed, Unreadable, object_at
from clawmend.core.strict import Beginning, beginning_of
from clawmend.core.wholeness import has_members_of, is_whole_config, loss_by

_SETTLED_SECONDS = 60.0
_MAX_AGE_SECONDS = 30 * 86400.0
_MINDED: tuple[Pointer, ...] = (("gateway", "mode"), ("meta",))


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for openclaw in snapshot.openclaws:
        match openclaw.config:
            case Absent():
                continue
            case Unreadable(path=path, problem=problem, remedy=remedy):
                yield CouldNotLook(RULE.id, path, problem, remedy)
            case Malformed() as config:
                yield _finding(snapshot, openclaw, config, config.problem)
            case Parsed() as config:
                if not isinstance(config.document.value, dict):
                    broken = Malformed(config.path, config.identity, config.data, "it is not an object")
                    yield _finding(snapshot, openclaw, broken, broken.problem)
                elif openclaw.settings is not None and openclaw.settings.problem:
                    yield CouldNotLook(RULE.id, config.path, openclaw.settings.problem)
            case _:
                assert_never(openclaw.config)


def _finding(snapshot: Snapshot, openclaw: OpenClaw, config: Malformed, problem: str) -> Finding:
    copy = _best_copy(openclaw, config, snapshot.installation)
    name = snapshot.display(config.path)
    age = snapshot.now - config.identity.mtime_ns / 1e9
    whole = _whole_beginning(snapshot, config, copy)
    doubt = _doubt(openclaw, config, copy, age)
    summary, fix = f"{name} does not parse: {problem}; ", None
    if whole is not None:
        summary += "what it begins with is whole, and can be written without what follows"
        fix = RestoreFile(config.path, "what it begins with", whole.document.encode())
        doubt = _unsettled(openclaw, age)
        if copy is None and not whole.rest_is_empty:
            doubt = doubt or "no copy tells whether what follows is needed"
    elif copy is not None:
        summary += f"{snapshot.display(copy.path)} is a good copy, {_distance(config, copy)}"
        fix = RestoreFile(config.path, copy.path, copy.data)
    else:
        summary += "there is no good copy of it"
    safety = Safety.ADVISE if fix is None else Safety.SAFE if doubt is None else Safety.ASK
    advice = {
        Safety.SAFE: "clawmend repair",
        Safety.ASK: f"clawmend repair --only {RULE.id} --yes",
        Safety.ADVISE: f"mend {name} by hand where it says, then: clawmend check",
    }
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=safety,
        confidence=Confidence.CERTAIN,
        path=config.path,
        summary=summary,
        cause=problem,
        evidence=() if doubt is None else (doubt,),
        advice=(advice[safety],),
        fix=None if fix is None else Fix((fix,), Need.HOT_RELOAD),
        hold=snapshot.installation.why_hands_off() if snapshot.installation.era is Era.MIXED else None,
    )


def _unsettled(openclaw: OpenClaw, age: float) -> str | None:
    if not isinstance(openclaw.gateway, GatewayAbsent):
        return "a gateway runs and keeps its old settings meanwhile"
    if age < _SETTLED_SECONDS:
        return f"it was changed {max(0, int(age))} seconds ago; somebody may be editing it"
    return None


def _doubt(openclaw: OpenClaw, config: Malformed, copy: Parsed | None, age: float) -> str | None:
    """Say why a person should be asked first; None when nothing speaks against restoring the copy."""
    unsettled = _unsettled(openclaw, age)
    if unsettled is not None or copy is None:
        return unsettled
    loss = loss_by(copy.data, config.data)
    if loss is not None:
        return loss
    if (config.identity.mtime_ns - copy.identity.mtime_ns) / 1e9 > _MAX_AGE_SECONDS:
        return "the copy is more than 30 days older"
    return None


def _whole_beginning(snapshot: Snapshot, config: Malformed, copy: Parsed | None) -> Beginning | None:
    """What the file begins with, where no copy is better: it holds all there is, or every member of the copy.

    A bracket too many in the middle of it may have ended it early, and what follows that would be lost.
    What OpenClaw minds when it is gone (`gateway.mode`, `meta`, see `_best_copy`) has to be in it.
    """
    found = beginning_of(config.data, Syntax.JSON5)
    if found is None or not is_whole_config(found.document.value, snapshot.installation.era):
        return None
    if copy is None:
        return found if found.rest_is_empty or found.is_longer else None
    own, other = found.document, copy.document
    if any(other.has(pointer) and not own.has(pointer) for pointer in _MINDED):
        return None
    no_poorer = found.is_longer and has_members_of(own.value, other.value)
    return found if found.rest_is_empty or no_poorer else None


def _best_copy(openclaw: OpenClaw, config: Malformed, installation: Installation) -> Parsed | None:
    """The newest copy that is worth restoring; the order OpenClaw keeps them in decides between equals."""
    copies = [copy for copy in openclaw.copies if isinstance(copy, Parsed)]
    good = [copy for copy in copies if is_whole_config(copy.document.value, installation.era)]
    with_mode = [copy for copy in good if object_at(copy.document.value, "gateway").get("mode")]
    candidates = with_mode or good
    behaviour = behaviour_of(installation.version)
    had_meta = b'"meta"' in config.data or any(object_at(copy.document.value, "meta") for copy in copies)
    if had_meta and behaviour is not None and behaviour.revert is not Revert.NEVER:
        # A file that lost its `meta` is replaced by `.bak` as soon as OpenClaw reads it; `.bak` itself loses nothing.
        ring = [copy.data for copy in copies if copy.path.endswith(".bak")]
        holding = [copy for copy in candidates if object_at(copy.document.value, "meta") or copy.data in ring]
        candidates = holding or candidates
    return max(candidates, key=lambda copy: copy.identity.mtime_ns, default=None)


def _distance(config: Malformed, copy: Parsed) -> str:
    seconds = (config.identity.mtime_ns - copy.identity.mtime_ns) / 1e9
    if abs(seconds) < 60:
        return "of the same minute"
    side = "older" if seconds > 0 else "newer"
    minutes = int(abs(seconds) // 60)
    if minutes < 120:
        return f"{minutes} minutes {side}"
    hours = minutes // 60
    return f"{hours} hours {side}" if hours < 48 else f"{hours // 24} days {side}"


RULE = Rule(
    id="OC301",
    name="unparseable-config",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=None,
    check=_check,
    documentation=__doc__,
)
