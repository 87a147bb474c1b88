"""The base URL of a Coding Plan provider is malformed.

What it checks
    `models.providers.*.baseUrl` that means a host of the Coding Plan, spelled rightly or one slip away: a space at its
    end, a missing or mistyped scheme, a missing or doubled `/v1`, a whole endpoint (`/v1/chat/completions`), the path
    of another protocol or of the general API. Any other host is somebody's own and never judged. What OpenClaw reads
    all the same is no fault: a slash at the end, the case of the host, `https:/` with one slash, line breaks, spaces in
    front, and from 2026.4.2 on spaces at the end too. An empty URL is judged where the key, and the name or the models,
    are the plan's.

Why it matters
    "404 status code (no body)" or "Connection error" at every turn; a space at the end becomes `/v1%20/`. An empty URL
    makes the whole configuration invalid, and the gateway does not start.

The fix and its safety
    Writes the URL that the plan has for the provider's `api` in the same region, and nothing else. Safe where the
    host leaves no doubt and `api`, the models' own before the provider's, decides the path. Where `api` is not one that
    the plan's documentation names, clawmend only says what the URLs are, and over plain http it asks. A URL with a
    variable in it is never rewritten. For an empty one it asks where model caches and earlier copies agree on the
    region. The gateway takes the new URL over without a restart.

References
    Coding Plan FAQ, "404 status code (no body)", "Connection error" and "Incorrect API key provided".
"""

import re
from collections.abc import Iterator

from clawmend.core.address import meant_host_of
from clawmend.core.behaviour import behaviour_of
from clawmend.core.document import Json
from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Finding, Fix, Report, Rule, Safety, SetKey, Severity
from clawmend.core.frozen import dataclass
from clawmend.core.key_shapes import looks_like_plan_key
from clawmend.core.origin import origin_of, place_of
from clawmend.core.plan_kinds import Region
from clawmend.core.providers import Provider, cached_providers, configured_providers, text_of
from clawmend.core.reload import need_of_edits
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at, value_of

_SCHEME = "https://"
_READ_AS_SCHEME = re.compile(r"https:/*", re.IGNORECASE)  # `https:/host` is `https://host` for every URL parser
_BREAKS = str.maketrans("", "", "\t\n\r")  # which every URL parser drops
_NAME = "bailian"


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is wrong with a URL, the right one or those of which one is right, and whether that leaves no doubt."""

    problem: str
    right: tuple[str, ...]
    sure: bool


def _check(snapshot: Snapshot) -> Iterator[Report]:
    if snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        for provider in configured_providers(openclaw).values():
            api = _api_of(openclaw, provider)
            verdict = _judge(snapshot, provider, api) or _judge_empty(snapshot, openclaw, provider, api)
            if verdict is not None:
                yield _finding(snapshot, openclaw, provider, verdict)


def _api_of(openclaw: OpenClaw, provider: Provider) -> str | None:
    """The one protocol that a provider's models speak, theirs before its own; None when they differ or none is said."""
    settings = openclaw.settings.value if openclaw.settings else None
    models = object_at(settings, "models", "providers", provider.name).get("models")
    listed = [model for model in models if isinstance(model, dict)] if isinstance(models, list) else []
    spoken = {text_of(model.get("api")) or provider.api for model in listed} or {provider.api}
    return next(iter(spoken)) if len(spoken) == 1 else None


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
    if behaviour is not None and not behaviour.trims_url and _keeps_spaces(url):
        problems.append("has a space at its end")
    if _READ_AS_SCHEME.fullmatch(text[:start]) is None:
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
    return _Verdict(" and ".join(problems), (f"{_SCHEME}{host}{path}",), bool(paths) and not plain)


def _keeps_spaces(url: str) -> bool:
    """Tell whether spaces at the end of a URL stay in it when a path is added (run on 2026.3.2)."""
    kept = url.translate(_BREAKS)
    return kept != kept.rstrip()


def _judge_empty(snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, api: str | None) -> _Verdict | None:
    """An empty URL says nothing of the plan; the key together with the name or the models does."""
    url = provider.base_url
    if url is None or url.strip():
        return None
    key = provider.key.reveal() if provider.key is not None else ""
    ours = provider.name.strip().lower() == _NAME or any(snapshot.plan.model(one.strip()) for one in provider.models)
    if not looks_like_plan_key(key) or not ours:
        return None
    remembered = _remembered(snapshot, openclaw, provider)
    regions = remembered if len(remembered) == 1 else {host.region for host in snapshot.plan.plan_hosts}
    urls = (snapshot.plan.right_url(api, region) for region in regions)
    problem = "is blank" if url else "is empty, and the gateway does not start on it"
    return _Verdict(problem, tuple(sorted(filter(None, urls))), sure=False)


def _remembered(snapshot: Snapshot, openclaw: OpenClaw, provider: Provider) -> frozenset[Region]:
    """The regions of the plan to which model caches and earlier copies of openclaw.json send a provider."""
    entries: list[Json] = [cached_providers(value_of(agent.models)).get(provider.name) for agent in openclaw.agents]
    entries += [object_at(value_of(copy), "models", "providers", provider.name) for copy in openclaw.copies]
    urls = (text_of(entry.get("baseUrl")) or "" for entry in entries if isinstance(entry, dict))
    found = (snapshot.plan.region_of(url) for url in urls if snapshot.plan.is_plan_endpoint(url))
    return frozenset(region for region in found if region is not None)


def _finding(snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, verdict: _Verdict) -> Finding:
    pointer = ("models", "providers", provider.name, "baseUrl")
    origin = origin_of(openclaw, pointer)
    path, member = place_of(openclaw, pointer)
    raw = origin.value if origin is not None else None
    editable = origin is not None and isinstance(raw, str) and "${" not in raw and len(verdict.right) == 1
    safety = Safety.ADVISE if not editable else Safety.SAFE if verdict.sure else Safety.ASK
    right = " or ".join(verdict.right) or "not known for its api"
    advice = {
        Safety.SAFE: "clawmend repair",
        Safety.ASK: f"clawmend repair --only {RULE.id} --yes",
        Safety.ADVISE: "write the right one where the URL is made",
    }
    fix = None
    if editable and origin is not None:
        edits = (SetKey(origin.path, origin.pointer, verdict.right[0]),)
        fix = Fix(edits, need_of_edits(snapshot, edits))
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=safety,
        confidence=Confidence.CERTAIN if verdict.sure else Confidence.LIKELY,
        path=path,
        pointer=member,
        summary=f"the URL of {provider.name} {verdict.problem}; the Coding Plan's is {right}",
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
