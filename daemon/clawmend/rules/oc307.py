"""`auth.profiles` in openclaw.json holds what does not belong there.

What it checks
    Every entry of `auth.profiles`: a `mode` that this version does not know, a missing `mode` or `provider`, and keys
    that do not belong (`apiKey`, `key`, `token`, ...). The section describes credentials and never holds one.

Why it matters
    The gateway refuses to start: "auth.profiles.X.mode: Invalid input", 'Unrecognized key: "apiKey"'. One that runs
    keeps its old settings and skips every reload.

The fix and its safety
    Drops the keys that do not belong, or the whole entry when nothing valid is left of it. Safe: an entry is only a
    description, the credentials are stored elsewhere. A key that stood there is kept in clawmend's checkpoint.

References
    Coding Plan FAQ, '"auth.profiles.xxx" errors'; the settings schema of 2026.1.29 to 2026.9.6.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import Behaviour, behaviour_of
from clawmend.core.document import Json
from clawmend.core.era import MEASURED
from clawmend.core.finding import (
    Confidence,
    Finding,
    Fix,
    Need,
    RemoveKey,
    Report,
    Rule,
    Safety,
    Severity,
)
from clawmend.core.pointer import Pointer
from clawmend.core.secret import is_sensitive
from clawmend.core.settings import INCLUDE
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at, value_of


def _check(snapshot: Snapshot) -> Iterator[Report]:
    behaviour = behaviour_of(snapshot.installation.version)
    if behaviour is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        for name, entry in object_at(value_of(openclaw.config), "auth", "profiles").items():
            wrong = _wrong_parts(entry, behaviour) if name != INCLUDE and _is_literal(entry) else None
            if wrong is not None:
                yield _finding(openclaw, name, entry, wrong)


def _is_literal(entry: Json) -> bool:
    """Tell whether an entry says itself what it is; what an include or a variable brings in is not ours to judge."""
    if isinstance(entry, dict):
        return INCLUDE not in entry and all(_is_literal(member) for member in entry.values())
    return not isinstance(entry, str) or "${" not in entry


def _wrong_parts(entry: Json, behaviour: Behaviour) -> tuple[str, tuple[str, ...]] | None:
    """Return (what is wrong, the members to drop); no members means that the whole entry has to go."""
    if not isinstance(entry, dict):
        return "is not an object", ()
    if "mode" not in entry or "provider" not in entry:
        return f"has no {'mode' if 'mode' not in entry else 'provider'}", ()
    if not isinstance(entry["mode"], str) or entry["mode"] not in behaviour.auth_modes:
        return "has a mode that OpenClaw does not know", ()
    if not isinstance(entry["provider"], str):
        return "has a provider that is not a name", ()
    unknown = tuple(member for member in entry if member not in behaviour.auth_members)
    texts = tuple(
        member for member in ("email", "displayName") if member in entry and not isinstance(entry[member], str)
    )
    wrong = (*unknown, *(member for member in texts if member in behaviour.auth_members))
    if not wrong:
        return None
    return f"has {', '.join(wrong)}, which {'does' if len(wrong) == 1 else 'do'} not belong there", wrong


def _finding(openclaw: OpenClaw, name: str, entry: Json, wrong: tuple[str, tuple[str, ...]]) -> Finding:
    what, members = wrong
    path = openclaw.config.path
    pointer: Pointer = ("auth", "profiles", name)
    targets = tuple((*pointer, member) for member in members) or (pointer,)
    holds_secret = isinstance(entry, dict) and any(is_sensitive(member) for member in entry)
    evidence = ("a key that stood there stays readable in the checkpoint",) if holds_secret else ()
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.SAFE,
        confidence=Confidence.CERTAIN,
        path=path,
        pointer=targets[0],
        summary=f"openclaw.json: auth.profiles entry {name} {what}; the gateway does not start on it",
        cause=what,
        evidence=evidence,
        advice=("clawmend repair",),
        fix=Fix(tuple(RemoveKey(path, target) for target in targets), Need.HOT_RELOAD),
    )


RULE = Rule(
    id="OC307",
    name="invalid-auth-metadata",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
