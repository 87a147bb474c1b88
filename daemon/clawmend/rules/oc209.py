"""A provider in use has no key from any source.

What it checks
    The providers of the primary model, the agents' own models and the fallbacks that openclaw.json configures without
    an `apiKey`: whether a stored profile, a variable of the gateway, a login or a plugin serves them. Up to 2026.3.7 a
    server on this machine needs a key too, later it needs none. Where a key may be that clawmend cannot see, it says
    nothing, unless the gateway's log has said "No API key found" since openclaw.json was changed.

Why it matters
    "No API key found for provider": every turn of that agent fails, or its fallback does when it is needed.

The fix and its safety
    Puts back the newest key that an earlier copy of openclaw.json has for the same provider and endpoint, OpenClaw's
    own copies (`.bak`, `.last-good`) or clawmend's, or else the one in a model cache. clawmend asks: the key may have
    been taken out on purpose. Without such a copy it only says where to get a key.

References
    Coding Plan FAQ, "No API key found for provider"; runs on 2026.3.2 and 2026.9.6; OC207 speaks of a key that is there
    and empty.
"""

from collections.abc import Iterator

from clawmend.core.address import is_local
from clawmend.core.behaviour import Behaviour, behaviour_of
from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Finding, Report, Rule, Safety, Severity
from clawmend.core.misspellings import misspelt_member
from clawmend.core.providers import Provider, configured_providers, normalise
from clawmend.core.restorable import lost_key, place_of, pointer_of, set_at, where_to_get_one
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at
from clawmend.core.supply import Supply, supply_of
from clawmend.core.uses import FALLBACK, uses_of
from clawmend.core.version import Version


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    behaviour = behaviour_of(version)
    if version is None or behaviour is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        supplies = [supply_of(openclaw, use, version, snapshot.now) for use in uses_of(openclaw, version)]
        for name, provider in configured_providers(openclaw).items():
            if not _wants_a_key(openclaw, provider, behaviour):
                continue
            lacking = [supply for supply in supplies if _lacks(supply, name, version)]
            if lacking:
                yield _finding(snapshot, openclaw, provider, lacking, behaviour)


def _wants_a_key(openclaw: OpenClaw, provider: Provider, behaviour: Behaviour) -> bool:
    """Tell whether openclaw.json leaves the key of a provider out that cannot do without one."""
    settings = openclaw.settings.value if openclaw.settings else None
    entry = object_at(settings, "models", "providers", provider.name)
    if "apiKey" in entry or misspelt_member(entry) is not None:
        return False  # OC206 speaks of a key under another name
    if provider.base_url is None or is_open(provider.base_url):
        return False
    return not (is_local(provider.base_url) and behaviour.keyless_local)


def _lacks(supply: Supply, name: str, version: Version) -> bool:
    return supply.use.provider == normalise(name, version) and supply.winner is None and supply.doubt is None


def _finding(
    snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, lacking: list[Supply], behaviour: Behaviour
) -> Finding:
    place = place_of(openclaw, pointer_of(provider.name))
    lost = lost_key(snapshot, openclaw, provider.name)
    summary = f"openclaw.json has no key for {provider.name}, and nothing else has one; {lacking[0].use.words} uses it"
    advice = where_to_get_one(snapshot, openclaw, provider.name, provider.base_url)
    fix = None
    if place is not None and lost is not None:
        fix = set_at(openclaw, behaviour, place, lost.key.reveal())
        summary += f"; {snapshot.display(lost.path)} still has one for the same endpoint"
        advice = f"to put that key back: clawmend repair --only {RULE.id} --yes"
    fallback = all(supply.use.role == FALLBACK for supply in lacking)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if fallback else Severity.ERROR,
        safety=Safety.ADVISE if fix is None else Safety.ASK,
        confidence=Confidence.LIKELY,
        path=place.path if place else openclaw.config.path,
        pointer=place.pointer if place else pointer_of(provider.name),
        summary=summary,
        cause=provider.name,
        evidence=tuple(f"{supply.use.model} of agent {supply.use.agent.id}" for supply in lacking[:3]),
        advice=(advice,),
        fix=fix,
    )


RULE = Rule(
    id="OC209",
    name="missing-key",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
