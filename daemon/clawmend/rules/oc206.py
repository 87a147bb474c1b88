"""A key is there and written in a way in which it cannot work.

What it checks
    The `apiKey` of every provider in openclaw.json and the stored profile that wins: quotes, white space or invisible
    characters in it, a whole command or header (`export X=sk-...`, `Bearer sk-...`), a variable in a form that OpenClaw
    does not fill in (`$NAME`), a ModelScope token (`ms-`) for Model Studio, something that is no text, and members with
    the wrong name: `api_key` in a provider, `mode` and `apiKey` where a stored profile has `type` and `key`.

Why it matters
    It is sent as it is and refused (401), or never sent ("No API key found"); of a wrong type or a wrong member in
    openclaw.json the gateway does not start. Nothing is said of what OpenClaw mends itself: white space at the ends,
    and depending on the version line breaks, wide characters and the old names in a stored profile. A key that is not
    sent at present, because another one wins, is only mentioned.

The fix and its safety
    Gives a member its right name and leaves it where it is, and takes away what no key has: safe where that changes
    what the version does. Taking the one key out of a pasted command is a guess, so clawmend asks. Anything else is
    only told. A change of auth-profiles.json needs a restart of a gateway that runs; the databases are never written.

References
    Coding Plan FAQ, "HTTP 401: Incorrect API key provided" and "Authentication failed, please make sure that a valid
    ModelScope token is supplied"; runs on 2026.3.2, 2026.5.7 and 2026.9.6.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import Behaviour, Store, behaviour_of
from clawmend.core.credentials import Holder, holders_of
from clawmend.core.document import Json
from clawmend.core.era import MEASURED
from clawmend.core.finding import (
    Confidence,
    Edit,
    Finding,
    Fix,
    Need,
    RenameKey,
    Report,
    Rule,
    Safety,
    SetKey,
    Severity,
)
from clawmend.core.key_cleaning import as_sent
from clawmend.core.key_shapes import looks_like_modelscope_token
from clawmend.core.misshapes import Misshape, Remedy, misshape_of
from clawmend.core.misspellings import Misspelling, misspelling_of, misspelt_member
from clawmend.core.origin import Origin, origin_of
from clawmend.core.placeholder import is_stand_in
from clawmend.core.providers import Provider, configured_providers, is_marker, normalise, text_of
from clawmend.core.restorable import how_to_store, place_of, pointer_of, set_at
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at
from clawmend.core.supply import MISSPELT, Supply, is_shadowed, supply_of
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
            mine = [supply for supply in supplies if supply.use.provider == normalise(name, version)]
            yield from _of_the_config(snapshot, openclaw, provider, mine, behaviour)
        yield from _of_winners(snapshot, openclaw, supplies, version)
        if behaviour.store is Store.FILE:
            yield from _of_profiles(snapshot, openclaw, supplies, version)


def _of_the_config(
    snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, supplies: list[Supply], behaviour: Behaviour
) -> Iterator[Finding]:
    settings = openclaw.settings.value if openclaw.settings else None
    entry = object_at(settings, "models", "providers", provider.name)
    if "apiKey" not in entry:
        yield from _of_the_member(openclaw, provider, entry, behaviour)
    elif not isinstance(entry["apiKey"], str):
        if not (isinstance(entry["apiKey"], dict) and {"source", "id"} <= entry["apiKey"].keys()):
            what = "is neither a text nor a reference, so the gateway does not start on it"
            yield _finding(openclaw, provider, Misshape(what, Remedy.NONE), Severity.ERROR, _QUOTE_IT)
    elif (found := _misshape(snapshot, openclaw, provider, behaviour)) is not None:
        winning = [supply for supply in supplies if supply.winner is not None and supply.winner.kind == "config"]
        sure = [supply for supply in winning if supply.doubt is None]
        if not sure:
            yield _finding(openclaw, provider, found, Severity.INFO, "")
        else:
            place = place_of(openclaw, pointer_of(provider.name))
            fix = set_at(openclaw, behaviour, place, found.key) if place is not None and found.key else None
            yield _finding(openclaw, provider, found, _severity(sure), _WRITE_IT, fix)


_QUOTE_IT = "write the key as a text in quotes, or leave the member out"
_WRITE_IT = "put the key alone between the quotes, nothing before and after it"


def _misshape(snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, behaviour: Behaviour) -> Misshape | None:
    """Tell what is wrong with a key that is a text, after what OpenClaw takes away itself."""
    version = snapshot.installation.version
    if provider.key is None or is_open(provider.key.reveal()) or is_marker(provider.key) or version is None:
        return None
    sent = as_sent(provider.key.reveal(), behaviour.cleaning)
    if not sent or is_stand_in(sent):
        return None  # OC207 speaks of what is no key at all
    holders = (holder for agent in openclaw.agents for holder in holders_of(openclaw, agent, version))
    if any(sent in holder.profiles for holder in holders):
        return None  # from 2026.9 on a provider's apiKey may name a stored profile
    found = misshape_of(sent, bare_variable=behaviour.bare_variable)
    if found is None and looks_like_modelscope_token(sent) and _is_model_studio(snapshot, provider.base_url or ""):
        return _FOREIGN
    return found


def _is_model_studio(snapshot: Snapshot, url: str) -> bool:
    plan = snapshot.plan
    return plan.is_plan_endpoint(url) or plan.is_general_endpoint(url) or plan.is_other_plan_endpoint(url)


_FOREIGN = Misshape("is a ModelScope token, and ModelScope and Model Studio do not know each other's keys", Remedy.NONE)


def _of_the_member(
    openclaw: OpenClaw, provider: Provider, entry: dict[str, Json], behaviour: Behaviour
) -> Iterator[Finding]:
    """A provider whose key stands under another name: the settings' schema refuses the whole file."""
    member = misspelt_member(entry)
    if member is None:
        return
    old = origin_of(openclaw, pointer_of(provider.name, member))
    new = place_of(openclaw, pointer_of(provider.name))
    what = f"stands under {member}, which openclaw.json does not have, so the gateway does not start on it"
    fix = None
    if old is not None and new is not None and isinstance(old.value, str) and _are_siblings(old, new):
        need = set_at(openclaw, behaviour, new, old.value).need
        fix = Fix((RenameKey(old.path, old.pointer, str(new.pointer[-1])),), need)
    only_spelt = member.lower().replace("-", "").replace("_", "") == "apikey"
    found = Misshape(what, Remedy.TRIM if only_spelt else Remedy.PICK)
    yield _finding(openclaw, provider, found, Severity.ERROR, f"rename {member} to apiKey", fix, member)


def _are_siblings(one: Origin, other: Origin) -> bool:
    return (one.path, one.pointer[:-1]) == (other.path, other.pointer[:-1])


def _finding(
    openclaw: OpenClaw,
    provider: Provider,
    found: Misshape,
    severity: Severity,
    advice: str,
    fix: Fix | None = None,
    member: str = "apiKey",
) -> Finding:
    origin = origin_of(openclaw, pointer_of(provider.name, member))
    safety = _safety(found, fix)
    if fix is not None:
        advice = "clawmend repair" if safety is Safety.SAFE else f"clawmend repair --only {RULE.id} --yes"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=severity,
        safety=safety,
        confidence=Confidence.LIKELY if safety is Safety.ASK else Confidence.CERTAIN,
        path=origin.path if origin else openclaw.config.path,
        pointer=origin.pointer if origin else pointer_of(provider.name, member),
        summary=f"openclaw.json: the key of {provider.name} {found.what}",
        cause=found.what,
        advice=(advice,) if advice else (),
        fix=fix,
    )


def _safety(found: Misshape, fix: Fix | None) -> Safety:
    if fix is None:
        return Safety.ADVISE
    return Safety.SAFE if found.remedy is Remedy.TRIM else Safety.ASK


def _severity(supplies: list[Supply]) -> Severity:
    return Severity.WARNING if all(supply.use.role == FALLBACK for supply in supplies) else Severity.ERROR


def _of_winners(snapshot: Snapshot, openclaw: OpenClaw, supplies: list[Supply], version: Version) -> Iterator[Finding]:
    """Stored keys that win and cannot work; OpenClaw trims their ends and nothing else."""
    providers = {normalise(name, version): one for name, one in configured_providers(openclaw).items()}
    seen: set[tuple[str | None, str]] = set()
    for supply in supplies:
        winner, provider = supply.winner, providers.get(supply.use.provider)
        if winner is None or winner.kind != "profile" or winner.secret is None or (winner.path, winner.name) in seen:
            continue
        seen.add((winner.path, winner.name))
        text = winner.secret.reveal().strip()
        found = None if is_stand_in(text) else misshape_of(text, bare_variable=True)
        if found is None or is_shadowed(winner, provider.key if provider else None):
            continue
        for holder in holders_of(openclaw, supply.use.agent, version):
            if holder.path == winner.path:
                yield _stored(
                    snapshot, holder, winner.name, found, _severity([supply]), _repaired(holder, winner.name, found)
                )


def _repaired(holder: Holder, name: str, found: Misshape) -> tuple[Edit, ...]:
    entry = holder.profiles.get(name)
    if holder.in_database or found.key is None or not isinstance(entry, dict):
        return ()
    member = next((one for one in ("key", "apiKey", "token") if isinstance(entry.get(one), str)), None)
    return (SetKey(holder.path, ("profiles", name, member), found.key),) if member else ()


def _of_profiles(snapshot: Snapshot, openclaw: OpenClaw, supplies: list[Supply], version: Version) -> Iterator[Finding]:
    """Stored profiles whose members have the wrong names."""
    for agent in openclaw.agents:
        for holder in holders_of(openclaw, agent, version)[:1]:
            for name, entry in holder.profiles.items():
                spelling = misspelling_of(entry, version) if isinstance(entry, dict) else None
                written = text_of(entry.get("provider")) if isinstance(entry, dict) else None
                if spelling is None or written is None:
                    continue
                provider = normalise(written, version)
                lacking = [
                    one
                    for one in supplies
                    if one.use.provider == provider and _lacks(one) and _reads(openclaw, one, holder, version)
                ]
                if lacking:
                    what = f"is passed over for how it is written, and {lacking[0].use.words} has no other key"
                    found = Misshape(what, Remedy.TRIM if spelling.of_known_kind else Remedy.PICK)
                    yield _stored(snapshot, holder, name, found, _severity(lacking), _respelled(holder, name, spelling))


def _lacks(supply: Supply) -> bool:
    return supply.winner is None and supply.doubt == MISSPELT


def _reads(openclaw: OpenClaw, supply: Supply, holder: Holder, version: Version) -> bool:
    """Tell whether the agent of a use reads this store: its own, or the main agent's."""
    return any(other.path == holder.path for other in holders_of(openclaw, supply.use.agent, version))


def _respelled(holder: Holder, name: str, spelling: Misspelling) -> tuple[Edit, ...]:
    renames = (RenameKey(holder.path, ("profiles", name, old), new) for old, new in spelling.renames)
    return (*renames, *(SetKey(holder.path, ("profiles", name, member), value) for member, value in spelling.sets))


def _stored(
    snapshot: Snapshot, holder: Holder, name: str, found: Misshape, severity: Severity, edits: tuple[Edit, ...]
) -> Finding:
    fix = Fix(edits, Need.RESTART) if edits else None
    safety = _safety(found, fix)
    advice = "clawmend repair" if safety is Safety.SAFE else f"clawmend repair --only {RULE.id} --yes"
    if fix is None:
        advice = how_to_store(snapshot, holder, name)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=severity,
        safety=safety,
        confidence=Confidence.LIKELY if safety is Safety.ASK else Confidence.CERTAIN,
        path=holder.path,
        pointer=("profiles", name),
        summary=f"agent {holder.agent}'s stored profile {name} {found.what}",
        cause=found.what,
        advice=(advice,),
        fix=fix,
    )


RULE = Rule(
    id="OC206",
    name="misshaped-credential",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
