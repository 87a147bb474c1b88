"""A provider is configured whose service has ended.

What it checks
    The providers of openclaw.json that lead to a service that is known to have ended (Qwen OAuth: `qwen-portal`, at
    portal.qwen.ai), and what still leads to them: the primary model, agents, fallbacks, the list of models, cron jobs,
    sessions. A provider that is merely not used is fine, and so is one that kept the old name and has another endpoint.

Why it matters
    Requests that go its way end in "OAuth token refresh failed" or "Unknown model". Up to 2026.3.7 `qwen/...` is an
    alias for it and is caught too. With a key of its own it may have worked for longer, so that is no error. Where
    nothing leads to it, it does no harm and is only mentioned.

The fix and its safety
    Takes the provider out, with its entries in the fallbacks and in the list of models. A primary model, or an agent's,
    that leads to it is pointed at the one other configured provider that has the same model; where there is none, or
    several, clawmend only tells, and also where a cron job leads to it: no job is ever edited. It may be what somebody
    wants, so clawmend asks. Stored logins are OC202's business, the model cache OC102's; a session keeps its model
    until it is told otherwise (`/model`).

References
    Coding Plan FAQ, "Unknown model" and "OAuth token refresh failed"; openclaw#49557 (Qwen OAuth has ended).
"""

from collections.abc import Iterator
from dataclasses import replace

from clawmend.core.catalogue import Retired, retired_provider
from clawmend.core.cron import EDIT_JOB
from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Finding, Fix, Report, Rule, Safety, Severity
from clawmend.core.leaving import REMOVABLE, removal_edits
from clawmend.core.pointer import Pointer
from clawmend.core.providers import Provider, configured_providers, is_real_key
from clawmend.core.reload import need_of_edits
from clawmend.core.routes import Role, Route, leads_to, routes_of
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot

_DECIDES = frozenset({Role.PRIMARY, Role.AGENT})


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in MEASURED:
        return  # which names lead to it depends on the version
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        routes = routes_of(openclaw, version)
        for provider in configured_providers(openclaw).values():
            retired = _retired(provider)
            if retired is not None:
                mine = [route for route in routes if leads_to(route, provider.name, version)]
                found = _finding(openclaw, provider, retired, mine)
                fix = None if found.fix is None else Fix(found.fix.edits, need_of_edits(snapshot, found.fix.edits))
                yield replace(found, fix=fix)


def _retired(provider: Provider) -> Retired | None:
    if provider.base_url is not None and is_open(provider.base_url):
        return None
    return retired_provider(provider.name, provider.base_url)


def _finding(openclaw: OpenClaw, provider: Provider, retired: Retired, routes: list[Route]) -> Finding:
    others = _others(openclaw)
    caught = [route for route in routes if _is_caught(route, provider, others)]
    lost = [route for route in routes if route not in caught]
    keyed = provider.key is not None and not is_open(provider.key.reveal()) and is_real_key(provider.key)
    severity = _severity(routes, lost, keyed=keyed)
    summary = f"openclaw.json has the provider {provider.name}, whose service ({retired.host}) has ended"
    users = [route for route in routes if route.role is not Role.LISTED]
    if users:
        summary += f", and {users[0]} leads to it"
    elif routes:
        summary += "; only the list of models names it"
    else:
        summary += "; nothing leads to it"
    instead = _instead(lost, others)
    edits = None if instead is None else removal_edits(openclaw, provider.name, lost, instead)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=severity,
        safety=Safety.ADVISE if edits is None else Safety.ASK,
        confidence=Confidence.POSSIBLE if keyed else Confidence.LIKELY,
        path=openclaw.config.path,
        pointer=("models", "providers", provider.name),
        summary=summary,
        cause="\0".join([provider.name, *sorted(str(route) for route in users)]),
        evidence=tuple(str(route) for route in users[:5]),
        advice=_advice(provider, users, others, possible=edits is not None),
        fix=None if edits is None else Fix(edits),
    )


def _others(openclaw: OpenClaw) -> dict[str, Provider]:
    """The configured providers that may still answer."""
    found = configured_providers(openclaw).values()
    return {provider.name.strip(): provider for provider in found if _retired(provider) is None}


def _is_caught(route: Route, provider: Provider, others: dict[str, Provider]) -> bool:
    """Tell whether another provider is meant by name, and this one only gets in its way (an alias up to 2026.3.7)."""
    name = route.prefix.lower()
    return name != provider.name.strip().lower() and name in {other.lower() for other in others}


def _severity(routes: list[Route], lost: list[Route], *, keyed: bool) -> Severity:
    """It was the login that has ended first; a key of one's own may have been good for longer."""
    if not keyed and any(route.role in _DECIDES for route in lost):
        return Severity.ERROR
    return Severity.WARNING if any(route.role is not Role.LISTED for route in routes) else Severity.INFO


def _instead(lost: list[Route], others: dict[str, Provider]) -> dict[Pointer, str] | None:
    """What to write where a model is needed; None where the right one cannot be told."""
    found: dict[Pointer, str] = {}
    for route in lost:
        if route.role is Role.CRON:
            return None  # it names its model itself, and needs the provider
        if route.pointer is None or route.role in REMOVABLE:
            continue
        owners = _owners(route, others)
        if len(owners) != 1:
            return None
        found[route.pointer] = owners[0]
    return found


def _owners(route: Route, others: dict[str, Provider]) -> list[str]:
    return [f"{name}/{route.model}" for name, other in others.items() if route.model in other.models]


def _advice(provider: Provider, users: list[Route], others: dict[str, Provider], *, possible: bool) -> tuple[str, ...]:
    sessions = ("in the chat that holds on to it: /model default",)
    told = sessions if any(route.role is Role.SESSION for route in users) else ()
    if possible:
        return (f"clawmend repair --only {RULE.id} --yes", *told)
    models = [f"{name}/{model}" for name, other in others.items() for model in other.models]
    named = f"one of these: {', '.join(models[:5])}" if models else "one of a provider that you configure"
    job = (f"in the cron job that names it: {EDIT_JOB}",) if any(route.role is Role.CRON for route in users) else ()
    return (
        f"name another model in its place, {named}",
        *job,
        f"then: openclaw config unset models.providers.{provider.name}",
        *told,
    )


RULE = Rule(
    id="OC305",
    name="leftover-provider",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
