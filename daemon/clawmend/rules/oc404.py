"""OpenClaw does not use a credential until a moment that it has set itself.

What it checks
    The moments that OpenClaw keeps with its credentials (`cooldownUntil`, `disabledUntil`), in the place in which this
    version keeps them, for the providers that answer turns. One that has passed, or whose credential is gone, is
    nothing.

Why it matters
    Until then OpenClaw fails without asking anybody: the next failure is not a failure of a repair.

The fix and its safety
    None: it ends by itself. It is a note, and a warning only where the credential was put aside for longer (an unpaid
    bill, or what OpenClaw takes for one) and nothing else can answer.

References
    facts on OpenClaw, "Cooldown"; usageStats in the packages of 2026.1.29 to 2026.9.6.
"""

from collections.abc import Iterator

from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Finding, Report, Rule, Safety, Severity
from clawmend.core.local_time import clock_time
from clawmend.core.precedence import sources_of
from clawmend.core.resting import INLINE, Rest, resting
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.uses import Use, uses_of
from clawmend.core.version import Version


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        uses = uses_of(openclaw, version)
        found = resting(openclaw, version, snapshot.now)
        for rest in found:
            if any(_concerns(rest, use) for use in uses):
                blocks = rest.disabled and _blocks(snapshot, openclaw, uses, found, version)
                yield _finding(snapshot, rest, blocks=blocks)


def _concerns(rest: Rest, use: Use) -> bool:
    return use.provider == rest.provider and (rest.model is None or use.model.strip().endswith(rest.model))


def _blocks(
    snapshot: Snapshot, openclaw: OpenClaw, uses: tuple[Use, ...], found: tuple[Rest, ...], version: Version
) -> bool:
    """Whether all that could answer a turn is put aside."""
    aside = {rest.credential for rest in found}
    for use in uses:
        for source in sources_of(openclaw, use.agent, use.provider, version, snapshot.now):
            name = f"{INLINE}{use.provider}" if source.kind == "config" else source.name
            if source.usable and name not in aside:
                return False
    return True


def _finding(snapshot: Snapshot, rest: Rest, *, blocks: bool) -> Finding:
    until = clock_time(rest.until, snapshot.now, snapshot.zone)
    inline = rest.credential == f"{INLINE}{rest.provider}"
    whose = f"the key of {rest.provider} in openclaw.json" if inline else f"the credential {rest.credential}"
    why = f" ({rest.reason})" if rest.reason else ""
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if blocks else Severity.INFO,
        safety=Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=rest.path,
        summary=f"OpenClaw does not use {whose} until {until} (local time){why}",
        cause=rest.credential,
        evidence=("until then it fails without asking the provider: that is no failure of a repair",),
        advice=(f"wait until {until}; OpenClaw then tries it again by itself",),
    )


RULE = Rule(
    id="OC404",
    name="cooling-down",
    severity=Severity.INFO,
    safety=Safety.ADVISE,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
