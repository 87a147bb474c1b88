"""A model's limits in openclaw.json are above what the Coding Plan allows.

What it checks
    `contextWindow` and `maxTokens` of the models of a provider on the Coding Plan, against the plan's own table. Equal
    or lower numbers, models that the table does not know and providers elsewhere are nobody's fault.

Why it matters
    OpenClaw fills the context up to the number it is told, and the plan answers "Range of input length should be
    [1, ...]" or "Range of max_tokens should be [1, ...]".

The fix and its safety
    Sets the number of the table. It may be that the plan allows more by now than the table knows, so clawmend asks;
    `config.toml` can correct the table.

References
    Coding Plan FAQ, "Range of input length should be [1, xxx]" and the table of context windows.
"""

from collections.abc import Iterator

from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Finding, Fix, Report, Rule, Safety, SetKey, Severity
from clawmend.core.origin import origin_of, place_of
from clawmend.core.plan_providers import Listed, listed_models, need_for, plan_providers
from clawmend.core.snapshot import OpenClaw, Snapshot


def _check(snapshot: Snapshot) -> Iterator[Report]:
    if snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        for provider in plan_providers(snapshot, openclaw):
            for listed in listed_models(openclaw, provider):
                yield from _check_model(snapshot, openclaw, listed)


def _check_model(snapshot: Snapshot, openclaw: OpenClaw, listed: Listed) -> Iterator[Report]:
    known = snapshot.plan.model(listed.id.strip())
    if known is None:
        return
    for member, most in (("contextWindow", known.context_window), ("maxTokens", known.max_output)):
        value = listed.entry.get(member)
        if most is None or isinstance(value, bool) or not isinstance(value, int | float) or value <= most:
            continue
        origin = origin_of(openclaw, (*listed.pointer, member))
        path, pointer = place_of(openclaw, (*listed.pointer, member))
        fix = None
        if origin is not None:
            fix = Fix((SetKey(origin.path, origin.pointer, most),), need_for(snapshot, "models"))
        yield Finding(
            rule=RULE.id,
            name=RULE.name,
            severity=Severity.WARNING,
            safety=Safety.ASK if fix else Safety.ADVISE,
            confidence=Confidence.LIKELY,
            path=path,
            pointer=pointer,
            summary=f"openclaw.json says {value:,} for {member} of {listed.id}; the Coding Plan allows {most:,}",
            cause=f"{member}\0{value}",
            advice=(f"clawmend repair --only {RULE.id} --yes" if fix else f"write {most} where the model is listed",),
            fix=fix,
        )


RULE = Rule(
    id="OC308",
    name="limits-exceed-model",
    severity=Severity.WARNING,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
