"""A stored profile makes OpenClaw look for a list of models that does not exist.

What it checks
    The stored profile `alibaba-cloud:default`, when openclaw.json has no provider `alibaba-cloud` and nothing routes to
    one.

Why it matters
    A plugin then asks for the Coding Plan's list of models at every start, which is not to be had: "Failed to discover
    Alibaba Cloud models". It does not affect the use. OpenClaw itself does nothing with the profile, so without that
    message in the log it is only mentioned.

The fix and its safety
    Drops the profile: up to 2026.6.1 from `auth-profiles.json`, with a restart of the gateway when one runs, which
    would write it back; from 2026.8.1 on by `openclaw models auth logout`. Somebody may have meant it, so clawmend
    asks; a note is followed only when `--only OC205` names it. What is dropped stays in the checkpoint.

References
    Coding Plan FAQ, "Failed to discover Alibaba Cloud models"; runs on 2026.3.2, 2026.5.7 and 2026.9.6.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import Behaviour, behaviour_of
from clawmend.core.credentials import Holder, holders_of
from clawmend.core.era import MEASURED
from clawmend.core.evidence import Kind
from clawmend.core.finding import (
    Confidence,
    Finding,
    Fix,
    LogOut,
    Need,
    RemoveKey,
    Report,
    Rule,
    Safety,
    Severity,
)
from clawmend.core.providers import all_model_texts, configured_providers, normalise
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.version import Version

_PROVIDER = "alibaba-cloud"
_PROFILE = f"{_PROVIDER}:default"


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    behaviour = behaviour_of(version)
    if version is None or behaviour is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem or _is_used(openclaw, version):
            continue
        holders = {holder.path: holder for agent in openclaw.agents for holder in holders_of(openclaw, agent, version)}
        for holder in holders.values():
            if _PROFILE in holder.profiles:
                yield _finding(openclaw, holder, behaviour)


def _is_used(openclaw: OpenClaw, version: Version) -> bool:
    names = [*configured_providers(openclaw), *(text.partition("/")[0] for text in all_model_texts(openclaw))]
    return any(normalise(name, version) == _PROVIDER for name in names)


def _finding(openclaw: OpenClaw, holder: Holder, behaviour: Behaviour) -> Finding:
    seen = openclaw.evidence.of(Kind.DISCOVERY)
    fix: Fix | None = Fix((RemoveKey(holder.path, ("profiles", _PROFILE)),), Need.RESTART)
    if holder.in_database:
        logout = LogOut(holder.path, holder.agent, _PROFILE, holder.profiles[_PROFILE])
        fix = Fix((logout,)) if behaviour.logout else None
    summary = f"agent {holder.agent} has a stored profile {_PROFILE}, and openclaw.json no provider {_PROVIDER}; "
    summary += "OpenClaw looks for its models in vain at every start" if seen else "it does nothing"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if seen else Severity.INFO,
        safety=Safety.ADVISE if fix is None else Safety.ASK,
        confidence=Confidence.CERTAIN if seen else Confidence.LIKELY,
        path=holder.path,
        pointer=("profiles", _PROFILE),
        summary=summary,
        cause=_PROFILE,
        evidence=('the log says "Failed to discover Alibaba Cloud models"',) if seen else (),
        advice=(f"to be rid of it: clawmend repair --only {RULE.id} --yes",)
        if fix
        else ("the message does not affect the use",),
        fix=fix,
    )


RULE = Rule(
    id="OC205",
    name="discovery-noise",
    severity=Severity.INFO,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
