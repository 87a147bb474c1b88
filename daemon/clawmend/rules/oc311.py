"""Pay-as-you-go Model Studio is configured beside the Coding Plan: calls may be billed.

What it checks
    Whether a provider on a general Model Studio endpoint has a key of its own while another provider is on a Coding
    Plan endpoint, and what leads to the general one: the primary model, agents, fallbacks, the list of models, cron
    jobs, sessions. Token Plans and workspaces with a host of their own are something else; a Coding Plan key on a
    general endpoint is OC208's business.

Why it matters
    Calls that go to the general endpoint are not covered by the plan and are billed per token. Where nothing leads
    there it is only mentioned: both may be wanted, though the FAQ warns that tools may go there by themselves.

The fix and its safety
    Takes the general provider out, with its entries in the fallbacks and in the list of models, when nothing else
    leads to it. Paying for a model that the plan lacks may be what somebody wants, so clawmend asks. Where the primary
    model, an agent, a cron job or a session leads there it only tells.

References
    Coding Plan FAQ, "Both credentials configured; general API used by mistake".
"""

from collections.abc import Iterator

from clawmend.core.credentials import usable_profiles
from clawmend.core.cron import EDIT_JOB
from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Edit, Finding, Fix, Need, Report, Rule, Safety, Severity
from clawmend.core.key_shapes import looks_like_plan_key
from clawmend.core.leaving import REMOVABLE, removal_edits
from clawmend.core.providers import Provider, configured_providers, is_real_key, normalise
from clawmend.core.routes import Role, Route, leads_to, routes_of
from clawmend.core.secret import Secret
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.version import Version


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in MEASURED:
        return  # which names lead where depends on the version
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        providers = [one for one in configured_providers(openclaw).values() if one.base_url is not None]
        plans = [one.name for one in providers if snapshot.plan.is_plan_endpoint(one.base_url or "")]
        generals = [one for one in providers if snapshot.plan.is_general_endpoint(one.base_url or "")]
        for provider in generals if plans else ():
            if _has_key(snapshot, openclaw, provider, version):
                yield _finding(openclaw, plans[0], provider, version)


def _has_key(snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, version: Version) -> bool:
    """Tell whether a key that the general endpoint may accept is at hand, in openclaw.json or stored."""
    wanted = normalise(provider.name, version)
    keys = [] if provider.key is None else [provider.key]
    for agent in openclaw.agents:
        profiles = usable_profiles(openclaw, agent, version, snapshot.now)
        keys += [profile.key for profile in profiles if profile.provider == wanted]
    return any(_is_general(key) for key in keys)


def _is_general(key: Secret) -> bool:
    text = key.reveal()
    return not is_open(text) and is_real_key(key) and not looks_like_plan_key(text)


def _finding(openclaw: OpenClaw, plan: str, provider: Provider, version: Version) -> Finding:
    routes = [route for route in routes_of(openclaw, version) if leads_to(route, provider.name, version)]
    edits = _edits(openclaw, provider, routes)
    summary = f"openclaw.json has the Coding Plan as {plan} and pay-as-you-go Model Studio as {provider.name}"
    summary += f"; what {_first(routes)} calls there is billed" if routes else "; nothing leads to the latter"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if routes else Severity.INFO,
        safety=Safety.ADVISE if edits is None else Safety.ASK,
        confidence=Confidence.POSSIBLE,
        path=openclaw.config.path,
        pointer=("models", "providers", provider.name),
        summary=summary,
        cause="\0".join([provider.name, *sorted(str(route) for route in routes)]),
        evidence=tuple(str(route) for route in routes[:5]),
        advice=_advice(plan, provider, routes, possible=edits is not None),
        fix=None if edits is None else Fix(edits, Need.HOT_RELOAD),
    )


def _first(routes: list[Route]) -> str:
    """The reference that sends the most there."""
    order = list(Role)
    return str(min(routes, key=lambda route: order.index(route.role)))


def _edits(openclaw: OpenClaw, provider: Provider, routes: list[Route]) -> tuple[Edit, ...] | None:
    if any(route.role not in REMOVABLE for route in routes):
        return None
    return removal_edits(openclaw, provider.name, routes, {})


def _advice(plan: str, provider: Provider, routes: list[Route], *, possible: bool) -> tuple[str, ...]:
    unset = f"openclaw config unset models.providers.{provider.name}"
    if possible:
        return (f"if the plan is all that you want to pay for: clawmend repair --only {RULE.id} --yes",)
    if not any(route.role not in REMOVABLE for route in routes):
        return (f"if the plan is all that you want to pay for: {unset}",)
    job = (f"in the cron job that names it: {EDIT_JOB}",) if any(route.role is Role.CRON for route in routes) else ()
    return (
        f"if the plan is what you mean: name a model of {plan} there (the primary: openclaw models set {plan}/MODEL)",
        *job,
        f"then, to be sure: {unset}",
    )


RULE = Rule(
    id="OC311",
    name="double-billing",
    severity=Severity.WARNING,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
