"""Claude Code has lost its onboarding flag.

What it checks
    Whether `hasCompletedOnboarding` is `true` at the top level of the file Claude Code uses: the legacy
    `.config.json` where it exists, else `~/.claude.json`, or where CLAUDE_CONFIG_DIR points, ours or that of a Claude
    Code that runs.

Why it matters
    Without it Claude Code starts its onboarding again, and where api.anthropic.com cannot be reached it ends in
    "Unable to connect to Anthropic services". `false`, the flag in a nested place and a duplicate whose last value is
    false count as lost; `"true"` and `1` skip the onboarding but fail Claude Code's own `=== true` checks.

The fix and its safety
    Sets that one member to `true` under Claude Code's own lock and changes nothing else. Safe. Consents
    (`hasTrustDialogAccepted` and others) are never set. `/logout` sets the flag to false: it is said when it was.

References
    Coding Plan FAQ, "Unable to connect to Anthropic services"; anthropics/claude-code#26935.
"""

from collections.abc import Iterator

from clawmend.core.claude_copies import FLAG
from clawmend.core.finding import (
    Confidence,
    Finding,
    Fix,
    Report,
    Rule,
    Safety,
    SetKey,
    Severity,
)
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Parsed, value_of


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for claude in snapshot.claudes:
        config = claude.config
        value = value_of(config)
        # What does not parse is CC102's to judge, what may not be read CC104's.
        if isinstance(config, Parsed) and isinstance(value, dict) and value.get(FLAG) is not True:
            yield _finding(snapshot, config.path, value.get(FLAG), present=FLAG in value)


def _finding(snapshot: Snapshot, path: str, value: object, *, present: bool) -> Finding:
    truthy = present and bool(value)
    name = snapshot.display(path)
    if not present:
        summary = f"{name} has no {FLAG}; Claude Code shows its onboarding again"
    elif truthy:
        summary = f"{name} has {FLAG} set to something other than true; Claude Code's own checks want true"
    else:
        summary = f"{name} says {FLAG} is not done (/logout writes that); Claude Code shows its onboarding again"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if truthy else Severity.ERROR,
        safety=Safety.SAFE,
        confidence=Confidence.CERTAIN,
        path=path,
        pointer=(FLAG,),
        summary=summary,
        cause="absent" if not present else "truthy" if truthy else "false",
        evidence=("the flag was set to false, as /logout does",) if value is False else (),
        advice=("clawmend repair",),
        fix=Fix((SetKey(path, (FLAG,), True),)),
    )


RULE = Rule(
    id="CC101",
    name="onboarding-flag",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    eras=None,
    check=_check,
    documentation=__doc__,
)
