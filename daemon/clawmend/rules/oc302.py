"""The base URL of a Coding Plan provider is malformed.

What it checks
    `models.providers.*.baseUrl` that means a host of the Coding Plan, spelled rightly or one slip away: spaces around
    it, a missing or mistyped scheme, a missing or doubled `/v1`, a whole endpoint (`/v1/chat/completions`), the path
    of another protocol or of the general API. Any other host is somebody's own and never judged; a slash at the end
    and the case of the host make no difference.

Why it matters
    "404 status code (no body)" or "Connection error" at every turn; a space at the end becomes `/v1%20/`.

The fix and its safety
    Writes the URL that the plan has for the provider's `api` in the same region, and nothing else. Safe where the
    host leaves no doubt and `api` decides the path. Where `api` is not one that the plan's documentation names,
    clawmend only says what the URLs are, and over plain http it asks. A URL with a variable in it is never rewritten.
    The gateway takes the new URL over without a restart.

References
    Coding Plan FAQ, "404 status code (no body)", "Connection error" and "Incorrect API key provided".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from clawmend.core.address import meant_host_of
from clawmend.core.behaviour import behaviour_of
from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Finding, Fix, Need, Report, Rule, Safety, SetKey, Severity
from clawmend.core.origin import origin_of
from clawmend.core.providers import Provider, configured_providers
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at

_SCHEME = "https://"


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is wrong with a URL, the right one where it is known, and whether that leaves no doubt."""

    problem: str
    right: str | None
    sure: bool


def _check(snapshot: Snapshot) -> Iterator[Report]:
    if snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        for provider in configured_providers(openclaw).values():
            verdict = _judge(snapshot, provider, _api_of(openclaw, provider))
            if verdict is not None:
                yield _finding(snapshot, openclaw, provider, verdict)


def _api_of(openclaw: OpenClaw, provider: Provider) -> str | None:
    """The protocol of a provider, or the one that all of its models speak; None when nothing says one."""
    if provider.api is not None:
        return provider.api
    settings = openclaw.settings.value if openclaw.settings else None
    models = object_at(settings, "models", "providers", provider.name).get("models")
    named = {model.get("api") for model in models if isinstance(model, dict)} if isinstance(models, list) else set()
    only = next(iter(named)) if len(named) == 1 else None
    return only if isinstance(only, str) else None


def _judge(snapshot: Snapshot, provider: Provider, api: str | None) -> _Verdict | None:
    plan, url = snapshot.plan, provider.base_url
    behaviour = behaviour_of(snapshot.installation.version)
    if url is None or is_open(url):
        return None
    text = url.strip()
    meant = meant_host_of(text)
    host = meant if plan.is_plan_endpoint(f"{_SCHEME}{meant}") else plan.nearest_plan_host(meant)
    if host is None or not meant:
        return None
    start = text.lower().find(meant)
    authority, slash, rest = text[start:].partition("/")
    if any(mark in text for mark in "?#@") or authority.lower() not in {meant, f"{meant}:443"}:
        return None  # a port, a query or a password of somebody's own
    path = f"{slash}{rest}".rstrip("/")
    problems = []
    if text != url and behaviour is not None and not behaviour.trims_url:
        problems.append("has spaces around it")
    if text[:start].lower() != _SCHEME:
        problems.append(f"does not begin with {_SCHEME}")
    if meant != host:
        problems.append(f"misspells the host {host}")
    paths = plan.paths_for(api) if api is not None else ()
    if paths and path not in paths:
        problems.append(f"has the path {path or '/'} where {api} needs {paths[0]}")
        path = paths[0]
    if not problems or not (paths or path):
        return None
    plain = text[:start].lower() == "http://"
    return _Verdict(" and ".join(problems), f"{_SCHEME}{host}{path}", bool(paths) and not plain)


def _finding(snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, verdict: _Verdict) -> Finding:
    pointer = ("models", "providers", provider.name, "baseUrl")
    origin = origin_of(openclaw, pointer)
    raw = origin.value if origin is not None else None
    editable = origin is not None and isinstance(raw, str) and "${" not in raw and verdict.right is not None
    behaviour = behaviour_of(snapshot.installation.version)
    need = Need.HOT_RELOAD if behaviour is not None and "models" in behaviour.hot else Need.RESTART
    safety = Safety.ADVISE if not editable else Safety.SAFE if verdict.sure else Safety.ASK
    advice = {
        Safety.SAFE: "clawmend repair",
        Safety.ASK: f"clawmend repair --only {RULE.id} --yes",
        Safety.ADVISE: f"write {verdict.right} where the URL is made",
    }
    fix = None
    if editable and origin is not None and verdict.right is not None:
        fix = Fix((SetKey(origin.path, origin.pointer, verdict.right),), need)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=safety,
        confidence=Confidence.CERTAIN if verdict.sure else Confidence.LIKELY,
        path=openclaw.config.path if origin is None else origin.path,
        pointer=pointer if origin is None else origin.pointer,
        summary=f"the URL of {provider.name} {verdict.problem}; the Coding Plan's is {verdict.right}",
        cause=verdict.problem,
        advice=(advice[safety],),
        fix=fix,
    )


RULE = Rule(
    id="OC302",
    name="malformed-endpoint",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
