"""openclaw.json does not parse.

What it checks
    Whether openclaw.json is JSON5, as OpenClaw reads it. Comments, trailing commas, unquoted keys, a byte order mark
    and invalid bytes inside a text are fine. A truncated or empty file, UTF-16 and foreign text in front are not.

Why it matters
    The gateway does not start on it; one that runs keeps its old settings and skips every reload.

The fix and its safety
    Restores the newest verified copy: one that clawmend kept when it was proven good, or one that OpenClaw itself made
    (`.last-good`, `.bak`, `.bak.1` to `.bak.4`). The broken file is kept in clawmend's checkpoint and `clawmend undo`
    brings it back. A copy counts when it parses, is an object with settings in it, keeps `gateway.mode` if any copy has
    it, and holds no redacted secrets. A person may be in the middle of an edit, so clawmend asks; it is safe when the
    file has been broken and untouched for a minute, no gateway runs on its settings, and the copy is neither much older
    nor much smaller.

References
    openclaw#100072 (last known good never used on a failed boot); runs on 2026.3.2 and 2026.9.6.
"""

from collections.abc import Iterator
from typing import assert_never

from clawmend.core.behaviour import Revert, behaviour_of
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
from clawmend.core.snapshot import GatewayAbsent, OpenClaw, Snapshot
from clawmend.core.state import Absent, Malformed, Parsed, Unreadable, object_at
from clawmend.core.wholeness import is_whole_config

_SETTLED_SECONDS = 60.0
_MAX_AGE_SECONDS = 30 * 86400.0


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
    doubt = _doubt(openclaw, config, copy, age)
    settled = doubt is None
    summary = f"{name} does not parse: {problem}"
    if copy is None:
        advice: tuple[str, ...] = (f"mend {name} by hand where it says, then: clawmend check",)
        summary += "; there is no good copy of it"
    else:
        summary += f"; {snapshot.display(copy.path)} is a good copy, {_distance(config, copy)}"
        advice = ("clawmend repair",) if settled else (f"clawmend repair --only {RULE.id} --yes",)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.ADVISE if copy is None else Safety.SAFE if settled else Safety.ASK,
        confidence=Confidence.CERTAIN,
        path=config.path,
        summary=summary,
        cause=problem,
        evidence=() if doubt is None else (doubt,),
        advice=advice,
        fix=None if copy is None else Fix((RestoreFile(config.path, copy.path, copy.data),), Need.HOT_RELOAD),
        hold=snapshot.installation.why_hands_off() if snapshot.installation.era is Era.MIXED else None,
    )


def _doubt(openclaw: OpenClaw, config: Malformed, copy: Parsed | None, age: float) -> str | None:
    """Say why a person should be asked first; None when nothing speaks against restoring the copy."""
    if not isinstance(openclaw.gateway, GatewayAbsent):
        return "a gateway runs and keeps its old settings meanwhile"
    if age < _SETTLED_SECONDS:
        return f"it was changed {max(0, int(age))} seconds ago; somebody may be editing it"
    text = config.data.replace(b"\0", b"")  # UTF-16 is twice as long and holds no more
    if copy is not None and len(copy.data) * 2 < len(text):
        return "the copy holds less than half of what the broken file holds"
    if copy is not None and (config.identity.mtime_ns - copy.identity.mtime_ns) / 1e9 > _MAX_AGE_SECONDS:
        return "the copy is more than 30 days older"
    return None


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
