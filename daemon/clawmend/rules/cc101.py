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
    (`hasTrustDialogAccepted` and others) are never set. `/logout` sets the flag to false: it is said when it was. While
    a Claude Code runs that has never finished a start, clawmend asks: its onboarding shows security notes.

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

# What a start of Claude Code that came to its end leaves (2.1.59, 2.1.330); `mcp add` alone leaves none of it.
_OF_A_START = ("numStartups", "lastOnboardingVersion", "theme")


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for claude in snapshot.claudes:
        config = claude.config
        value = value_of(config)
        # What does not parse is CC102's to judge, what may not be read CC104's.
        if isinstance(config, Parsed) and isinstance(value, dict) and value.get(FLAG) is not True:
            first = claude.runs and not value.keys() & {FLAG, *_OF_A_START}
            yield _finding(snapshot, config.path, value.get(FLAG), present=FLAG in value, first=first)


def _finding(snapshot: Snapshot, path: str, value: object, *, present: bool, first: bool) -> Finding:
    """`first`: the flag is not there, and a Claude Code runs that has never finished a start."""
    truthy = present and bool(value)
    name = snapshot.display(path)
    if not present:
        summary = f"{name} has no {FLAG}; Claude Code shows its onboarding{'' if first else ' again'}"
    elif truthy:
        summary = f"{name} has {FLAG} set to something other than true; Claude Code's own checks want true"
    else:
        summary = f"{name} says {FLAG} is not done (/logout writes that); Claude Code shows its onboarding again"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if truthy or first else Severity.ERROR,
        safety=Safety.ASK if first else Safety.SAFE,
        confidence=Confidence.CERTAIN,
        path=path,
        pointer=(FLAG,),
        summary=summary,
        cause="absent" if not present else "truthy" if truthy else "false",
        evidence=_evidence(value, first=first),
        advice=(f"clawmend repair --only {RULE.id} --yes" if first else "clawmend repair",),
        fix=Fix((SetKey(path, (FLAG,), True),)),
    )


def _evidence(value: object, *, first: bool) -> tuple[str, ...]:
    if first:
        return (
            "Claude Code runs and has not finished a start here; at the end of its onboarding it sets the flag itself",
        )
    return ("the flag was set to false, as /logout does",) if value is False else ()


RULE = Rule(
    id="CC101",
    name="onboarding-flag",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    eras=None,
    check=_check,
    documentation=__doc__,
)
