"""A key and an endpoint of Model Studio that do not belong together.

What it checks
    The key that wins for the model of an agent against the provider's `baseUrl`: a key of the Coding Plan's shape
    (`sk-sp-`) on a general Model Studio endpoint, or a general key (`sk-`) on an endpoint of the Coding Plan. Keys of
    the Token Plan look like those of the Coding Plan and have hosts of their own: there nothing is said.

Why it matters
    401 or 403, "API rate limit reached", or calls that are billed by use while the plan is paid for.

The fix and its safety
    A plan's key on a general endpoint: sets the Coding Plan's URL of the same region, with the path for the provider's
    `api`. clawmend asks, as the other key may be the one that is meant; it is safe when the provider has refused the
    key (401, 403) since openclaw.json was changed, or when a model cache that wins (2026.2.26 to 2026.3.2) still leads
    to the plan. Where the plan is not offered, where the URL comes from a variable, or where another agent's general
    key goes there too, it is only told. A general key on the plan's endpoint can only be told: nobody but you has the
    right one.

References
    Coding Plan FAQ, "403 invalid api-key", "HTTP 401: Incorrect API key provided" and "Why am I still charged"; OC201
    speaks when a stored key wins over another one in openclaw.json, OC302 of URLs that are malformed.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import Behaviour, Cache, behaviour_of
from clawmend.core.document import Json
from clawmend.core.endpoint import REMEDIES_FOR_GENERAL_KEY
from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Finding, Fix, Report, Rule, Safety, Severity
from clawmend.core.key_cleaning import as_sent
from clawmend.core.key_shapes import looks_like_general_key, looks_like_plan_key
from clawmend.core.origin import origin_of
from clawmend.core.pointer import Pointer
from clawmend.core.precedence import Source
from clawmend.core.providers import (
    Provider,
    cached_providers,
    configured_providers,
    is_real_key,
    normalise,
    text_of,
)
from clawmend.core.refusals import refused_since
from clawmend.core.restorable import place_of, pointer_of, set_at
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at, value_of
from clawmend.core.supply import Supply, is_shadowed, supply_of
from clawmend.core.uses import FALLBACK, uses_of


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
            yield from _check_provider(snapshot, openclaw, provider, mine, behaviour)


def _check_provider(
    snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, supplies: list[Supply], behaviour: Behaviour
) -> Iterator[Report]:
    url = provider.base_url
    if url is None or is_open(url):
        return
    seen: set[tuple[str | None, str]] = set()
    for supply in supplies:
        winner = supply.winner
        if winner is None or winner.secret is None or not is_real_key(winner.secret):
            continue
        if (winner.path, winner.name) in seen or is_shadowed(winner, provider.key):
            continue
        seen.add((winner.path, winner.name))
        key = as_sent(winner.secret.reveal(), behaviour.cleaning)
        if snapshot.plan.is_general_endpoint(url) and looks_like_plan_key(key):
            yield _wrong_endpoint(snapshot, openclaw, provider, winner, supplies)
            return  # one URL is wrong, whoever's key goes there
        if snapshot.plan.is_plan_endpoint(url) and looks_like_general_key(key):
            yield _wrong_key(openclaw, provider, winner, [supply])


def _wrong_endpoint(
    snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, winner: Source, supplies: list[Supply]
) -> Finding:
    url = (provider.base_url or "").strip()
    fix, advice = _to_the_plan(snapshot, openclaw, provider, supplies)
    reason = _why_sure(snapshot, openclaw, provider, winner)
    place = place_of(openclaw, pointer_of(provider.name, "baseUrl"))
    safety = Safety.ADVISE if fix is None else Safety.SAFE if reason else Safety.ASK
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=_severity(supplies),
        safety=safety,
        confidence=Confidence.CERTAIN if reason else Confidence.LIKELY,
        path=place.path if place else openclaw.config.path,
        pointer=place.pointer if place else pointer_of(provider.name, "baseUrl"),
        summary=(
            f"openclaw.json sends {provider.name} to {url}, a general endpoint of Model Studio, with a key of the "
            f"Coding Plan's shape ({_named(winner)})"
        ),
        cause=f"plan key\0{url}",
        evidence=(reason,) if reason else (),
        advice=("clawmend repair",) if safety is Safety.SAFE else advice,
        fix=fix,
    )


def _why_sure(snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, winner: Source) -> str | None:
    """Say what decides that the endpoint is the wrong half of the pair; None when nothing does."""
    version = snapshot.installation.version
    behaviour = behaviour_of(version)
    if behaviour is not None and behaviour.cache is Cache.WINS:
        for agent in openclaw.agents:
            entry = object_at(cached_providers(value_of(agent.models)), provider.name.strip().lower())
            cached, plan = text_of(entry.get("baseUrl")) or "", snapshot.plan
            if plan.is_plan_endpoint(cached) and plan.region_of(cached) is plan.region_of(provider.base_url or ""):
                return f"agent {agent.id}'s model cache, which wins, still leads to the Coding Plan"
    return None if version is None else refused_since(openclaw, provider, winner, version)


def _to_the_plan(
    snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, supplies: list[Supply]
) -> tuple[Fix | None, tuple[str, ...]]:
    """Lead the provider to the plan in its region, or say why that is a person's business."""
    region = snapshot.plan.region_of(provider.base_url or "")
    api = provider.api or _api_of_its_models(openclaw, provider)
    right = snapshot.plan.right_url(api, region) if region is not None and api is not None else None
    place = place_of(openclaw, pointer_of(provider.name, "baseUrl"))
    behaviour = behaviour_of(snapshot.installation.version)
    keys = [supply.winner.secret.reveal() for supply in supplies if supply.winner and supply.winner.secret]
    if any(looks_like_general_key(key) for key in keys):
        return None, ("keys of both kinds go there: give the plan a provider of its own",)
    if region is not None and snapshot.plan.host_in(region) is None:
        return None, ("the Coding Plan is not offered in this region: use a general key, or the plan's own region",)
    if right is None:
        return None, ("set the Coding Plan's URL of your region for the protocol that your models speak (api)",)
    if place is None or behaviour is None:
        return None, (f"the URL comes from a variable or from several files; the plan's is {right}",)
    other = f"if a general key is meant: put it under models.providers.{provider.name}.apiKey"
    return set_at(openclaw, behaviour, place, right), (f"clawmend repair --only {RULE.id} --yes sets {right}", other)


def _api_of_its_models(openclaw: OpenClaw, provider: Provider) -> str | None:
    """The one protocol that all models of a provider name themselves; None when they do not agree."""
    settings = openclaw.settings.value if openclaw.settings else None
    models: Json = object_at(settings, "models", "providers", provider.name).get("models")
    spoken = (
        {str(model.get("api")) for model in models if isinstance(model, dict)} if isinstance(models, list) else set()
    )
    return spoken.pop() if len(spoken) == 1 else None


def _wrong_key(openclaw: OpenClaw, provider: Provider, winner: Source, supplies: list[Supply]) -> Finding:
    path, pointer = _where(openclaw, provider, winner)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=_severity(supplies),
        safety=Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=path,
        pointer=pointer,
        summary=f"{provider.name} leads to the Coding Plan, and {_named(winner)} is a general key, which it refuses",
        cause=f"general key\0{winner.name}",
        advice=REMEDIES_FOR_GENERAL_KEY,
    )


def _where(openclaw: OpenClaw, provider: Provider, winner: Source) -> tuple[str, Pointer | None]:
    if winner.kind == "profile":
        return winner.path or openclaw.config.path, ("profiles", winner.name)
    if winner.kind == "variable":
        return openclaw.config.path, None
    origin = origin_of(openclaw, pointer_of(provider.name))
    return (origin.path, origin.pointer) if origin else (openclaw.config.path, pointer_of(provider.name))


def _named(winner: Source) -> str:
    return {"profile": "the stored profile ", "variable": "the variable "}.get(winner.kind, "") + winner.name


def _severity(supplies: list[Supply]) -> Severity:
    return Severity.WARNING if all(supply.use.role == FALLBACK for supply in supplies) else Severity.ERROR


RULE = Rule(
    id="OC208",
    name="key-endpoint-mismatch",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
