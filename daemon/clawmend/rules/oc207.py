"""A placeholder or nothing at all stands where a provider's key should be.

What it checks
    The `apiKey` of every provider in openclaw.json, and a stored profile that wins: whether it is empty, or a word that
    is unmistakably no key (`YOUR_API_KEY`, `sk-sp-xxx`, `***`, `[redacted]`, `__OPENCLAW_REDACTED__`). Servers on this
    machine or its network want no key: `none`, `x`, `ollama` and the like are fine there, and from 2026.3.8 on nothing.

Why it matters
    An empty key ends in "No API key found for provider", a placeholder is sent as it is and refused: 401. It stays
    without effect where another key wins, or where no agent uses the provider; then it is only mentioned.

The fix and its safety
    Puts back the newest key that an earlier copy of openclaw.json has for the same provider and endpoint, OpenClaw's
    own copies (`.bak`, `.last-good`) or clawmend's, or else the one in a model cache. clawmend asks: the key may have
    been taken out on purpose. A stored placeholder that wins is dropped in the same step. Without such a copy it only
    says where to get a key.

References
    Coding Plan FAQ, "No API key found for provider"; runs on 2026.3.2 and 2026.9.6; OC201 speaks of a placeholder that
    wins over a real key, OC209 of a key that is not there at all.
"""

from collections.abc import Iterator

from clawmend.core.address import is_local
from clawmend.core.behaviour import behaviour_of
from clawmend.core.catalogue import SELF_EXPLAINED
from clawmend.core.credentials import holders_of
from clawmend.core.era import MEASURED
from clawmend.core.finding import (
    Confidence,
    Edit,
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
from clawmend.core.key_cleaning import as_sent
from clawmend.core.placeholder import is_dummy, is_placeholder, is_stand_in
from clawmend.core.precedence import Source, sources_of
from clawmend.core.providers import Provider, configured_providers, is_marker, is_real_key, normalise
from clawmend.core.restorable import how_to_store, lost_key, place_of, pointer_of, set_at, where_to_get_one
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.supply import Supply, is_shadowed, supply_of
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
        stored = [supply for supply in supplies if _is_stored(openclaw, supply, version)]
        seen: set[tuple[str | None, str]] = set()
        for supply in stored:
            if supply.winner is not None and (place := (supply.winner.path, supply.winner.name)) not in seen:
                seen.add(place)
                yield _of_the_store(snapshot, openclaw, supply, supply.winner, version)
        covered = {supply.use.provider for supply in stored}
        for name, provider in configured_providers(openclaw).items():
            what = _what(snapshot, openclaw, provider, version)
            mine = [supply for supply in supplies if supply.use.provider == normalise(name, version)]
            if what is not None and normalise(name, version) not in covered:
                yield from _of_the_config(snapshot, openclaw, provider, what, mine)


def _what(snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, version: Version) -> str | None:
    """Say what is wrong with a configured key; None when nothing is."""
    behaviour = behaviour_of(version)
    if behaviour is None or provider.key is None or is_open(provider.key.reveal()) or is_marker(provider.key):
        return None
    url = provider.base_url or ""
    if is_open(url) or normalise(provider.name, version) in SELF_EXPLAINED:
        return None
    sent = as_sent(provider.key.reveal(), behaviour.cleaning)
    if not sent:
        return None if is_local(url) and behaviour.keyless_local else "is empty"
    if _is_no_key(snapshot, sent, url) and not _names_a_profile(openclaw, sent, version):
        return "is a placeholder"
    return None


def _is_no_key(snapshot: Snapshot, text: str, url: str) -> bool:
    """Tell whether a text is no key for this endpoint: a server of one's own is content with a dummy."""
    if is_placeholder(text):
        return True
    if is_local(url):
        return False
    ours = snapshot.plan.is_plan_endpoint(url) or snapshot.plan.is_general_endpoint(url)
    return is_stand_in(text) or (ours and is_dummy(text))


def _names_a_profile(openclaw: OpenClaw, text: str, version: Version) -> bool:
    """From 2026.9 on a provider's apiKey may name a stored profile."""
    holders = (holder for agent in openclaw.agents for holder in holders_of(openclaw, agent, version))
    return any(text in holder.profiles for holder in holders)


def _of_the_config(
    snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, what: str, supplies: list[Supply]
) -> Iterator[Finding]:
    failing = [supply for supply in supplies if supply.winner is None or supply.winner.kind == "config"]
    sure = [supply for supply in failing if supply.doubt is None]
    if not sure and what == "is empty":
        return  # what is empty is nothing, and whatever there is serves
    behaviour = behaviour_of(snapshot.installation.version)
    place = place_of(openclaw, pointer_of(provider.name))
    lost = lost_key(snapshot, openclaw, provider.name) if sure else None
    summary = f"openclaw.json: the key of {provider.name} {what}"
    if sure:
        end = "OpenClaw finds no key" if what == "is empty" else "it is sent as it is and refused"
        summary += f", and {sure[0].use.words} uses it: {end}"
    elif failing:
        summary += f", which does not matter if something else serves it: {failing[0].doubt}"
    else:
        summary += ", which does not matter: another key wins" if supplies else ", and no agent uses it"
    fix = None
    if lost is not None and place is not None and behaviour is not None:
        fix = set_at(openclaw, behaviour, place, lost.key.reveal())
        summary += f"; {snapshot.display(lost.path)} still has one for the same endpoint"
    yield Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=_severity(sure) if sure else Severity.INFO,
        safety=Safety.ADVISE if fix is None else Safety.ASK,
        confidence=Confidence.CERTAIN if sure else Confidence.POSSIBLE,
        path=place.path if place else openclaw.config.path,
        pointer=place.pointer if place else pointer_of(provider.name),
        summary=summary,
        cause=what,
        advice=_advice(snapshot, openclaw, provider, fix) if sure else (),
        fix=fix,
    )


def _severity(supplies: list[Supply]) -> Severity:
    return Severity.WARNING if all(supply.use.role == FALLBACK for supply in supplies) else Severity.ERROR


def _advice(snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, fix: Fix | None) -> tuple[str, ...]:
    if fix is not None:
        return (f"to put that key back: clawmend repair --only {RULE.id} --yes",)
    return (where_to_get_one(snapshot, openclaw, provider.name, provider.base_url),)


def _is_stored(openclaw: OpenClaw, supply: Supply, version: Version) -> bool:
    """Tell whether a stored placeholder wins, and over nothing that OC201 would speak of."""
    winner = supply.winner
    if winner is None or winner.kind != "profile" or winner.secret is None:
        return False
    provider = _configured(openclaw, supply, version)
    text, url = winner.secret.reveal(), (provider.base_url if provider else None) or ""
    wrong = is_placeholder(text) or (is_stand_in(text) and not is_local(url))
    return wrong and not is_shadowed(winner, provider.key if provider else None)


def _configured(openclaw: OpenClaw, supply: Supply, version: Version) -> Provider | None:
    providers = configured_providers(openclaw).items()
    return next((one for name, one in providers if normalise(name, version) == supply.use.provider), None)


def _of_the_store(snapshot: Snapshot, openclaw: OpenClaw, supply: Supply, winner: Source, version: Version) -> Finding:
    fix, says = _without(snapshot, openclaw, supply, winner, version)
    advice = [f"clawmend repair --only {RULE.id} --yes"]
    if fix is None:
        holders = holders_of(openclaw, supply.use.agent, version)
        advice = [how_to_store(snapshot, holder, winner.name) for holder in holders if holder.path == winner.path]
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=_severity([supply]),
        safety=Safety.ADVISE if fix is None else Safety.ASK,
        confidence=Confidence.CERTAIN,
        path=winner.path or openclaw.config.path,
        pointer=("profiles", winner.name),
        summary=f"the stored profile {winner.name} holds a placeholder, and it wins: {supply.use.words} sends it{says}",
        cause=winner.name,
        advice=tuple(advice),
        fix=fix,
    )


def _without(
    snapshot: Snapshot, openclaw: OpenClaw, supply: Supply, winner: Source, version: Version
) -> tuple[Fix | None, str]:
    """Drop the stored placeholder, if then a real key is left or comes back; and say which."""
    behaviour = behaviour_of(version)
    removal = _removal(openclaw, supply, winner, version)
    if behaviour is None or removal is None:
        return None, ""
    need = Need.NOTHING if isinstance(removal, LogOut) else Need.RESTART
    sources = sources_of(openclaw, supply.use.agent, supply.use.provider, version, snapshot.now)
    others = [
        one for one in sources if one.usable and one.secret and one.name != winner.name and is_real_key(one.secret)
    ]
    if others:
        return Fix((removal,), need), f"; without it {others[0].name} serves"
    provider = _configured(openclaw, supply, version)
    lost = lost_key(snapshot, openclaw, provider.name) if provider else None
    place = place_of(openclaw, pointer_of(provider.name)) if provider else None
    if lost is None or place is None:
        return None, ""
    put = set_at(openclaw, behaviour, place, lost.key.reveal())
    return Fix((*put.edits, removal), need if need is Need.RESTART else put.need), (
        f"; {snapshot.display(lost.path)} still has a key for the same endpoint"
    )


def _removal(openclaw: OpenClaw, supply: Supply, winner: Source, version: Version) -> Edit | None:
    behaviour = behaviour_of(version)
    for holder in holders_of(openclaw, supply.use.agent, version):
        if holder.path == winner.path and winner.name in holder.profiles:
            if not holder.in_database:
                return RemoveKey(holder.path, ("profiles", winner.name))
            if behaviour is not None and behaviour.logout:
                return LogOut(holder.path, holder.agent, winner.name, holder.profiles[winner.name])
    return None


RULE = Rule(
    id="OC207",
    name="placeholder-key",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
