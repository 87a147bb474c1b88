"""OpenCode is older than 1.2.16.

What it checks
    The version in the package of the `opencode` command, where OpenCode is used with the Coding Plan. OpenCode itself
    is not started; where the version cannot be read (the standalone program), nothing is said.

Why it matters
    Before 1.2.16 it sends more along than it should: "Request Entity Too Large".

The fix and its safety
    Only told: updating a program is yours to do.

References
    Coding Plan FAQ, "OpenCode shows Request Entity Too Large".
"""

from collections.abc import Iterator

from clawmend.core.finding import Confidence, Finding, Report, Rule, Safety, Severity
from clawmend.core.opencode import plan_providers_of
from clawmend.core.snapshot import Snapshot

_FIXED_IN = (1, 2, 16)


def _check(snapshot: Snapshot) -> Iterator[Report]:
    opencode = snapshot.neighbours.opencode
    if opencode is None or opencode.version is None or opencode.command is None or opencode.version >= _FIXED_IN:
        return
    if not any(plan_providers_of(opencode, snapshot.plan)):
        return
    version = ".".join(map(str, opencode.version))
    yield Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING,
        safety=Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=opencode.command,
        summary=f"OpenCode {version} sends larger requests than the Coding Plan takes; 1.2.16 or later does not",
        cause=version,
        advice=("opencode upgrade", "until then: /new or /compact when a request is too large"),
    )


RULE = Rule(
    id="OP105",
    name="opencode-outdated",
    severity=Severity.WARNING,
    safety=Safety.ADVISE,
    eras=None,
    check=_check,
    documentation=__doc__,
)
