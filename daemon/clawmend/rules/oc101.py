"""An agent's model cache sends a provider elsewhere than openclaw.json says.

What it checks
    For every agent: the `baseUrl` (and `api`) that `agents/<id>/agent/models.json` holds for a provider against what
    openclaw.json says, with includes merged and variables filled in.

Why it matters
    On OpenClaw 2026.2.26 to 2026.3.2 the cached URL wins: after a change of endpoint every chat of that agent hangs
    or gets 404, while openclaw.json is right. On every other version openclaw.json wins and the cache is stale
    without effect; then this is only mentioned.

The fix and its safety
    Drops that provider from that cache; OpenClaw writes it anew at the next turn, without a restart (seen on
    2026.3.2). Safe where the cache wins. Nothing is touched where it does not, or where the version is not known.

References
    Coding Plan FAQ, "Connected, but chat responses hang or spin endlessly"; openclaw#37309; PR #27293.
"""

import re
from collections.abc import Iterator

from clawmend.core.cache import void_entries
from clawmend.core.document import Json
from clawmend.core.era import CACHE_WINS, MEASURED, Era
from clawmend.core.finding import Confidence, Finding, Fix, RemoveKey, Report, Rule, Safety, Severity
from clawmend.core.providers import Provider, cached_providers, configured_providers, text_of
from clawmend.core.settings import is_open
from clawmend.core.snapshot import Agent, OpenClaw, Snapshot
from clawmend.core.state import Parsed, object_at
from clawmend.core.version import Version

# Spaces around, a slash at the end, case of the host, the port that is meant anyway, `https:/host`; no tabs or breaks.
_UNREAD = re.compile(r"[\t\r\n]")
_READ_AS = re.compile(
    r"(?P<scheme>https?):/*+(?P<who>[^/?#@]*@)?(?P<host>[^/?#]*)(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_USUAL_PORT = {"http": ":80", "https": ":443"}


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        for agent in openclaw.agents:
            if isinstance(agent.models, Parsed):
                yield from _check_agent(snapshot, openclaw, agent, agent.models)


def _check_agent(snapshot: Snapshot, openclaw: OpenClaw, agent: Agent, models: Parsed) -> Iterator[Report]:
    cached = cached_providers(models.document.value)
    for name, provider in configured_providers(openclaw).items():
        # OpenClaw looks the cache up by the name in lower case and by nothing else (run on 2026.3.2).
        key = name.strip().lower()
        entry = cached.get(key)
        if not isinstance(entry, dict) or provider.base_url is None or is_open(provider.base_url):
            continue
        if not _is_url(provider.base_url):
            continue  # OC302's business: the cached value may be the one that works
        url, api = text_of(entry.get("baseUrl")), text_of(entry.get("api"))
        if url and _comparable(url) != _comparable(provider.base_url):
            yield _finding(snapshot, openclaw, models, agent, provider, ("baseUrl", key, url, provider.base_url))
        elif api and provider.api and api != provider.api:
            yield _finding(snapshot, openclaw, models, agent, provider, ("api", key, api, provider.api))


def _finding(
    snapshot: Snapshot,
    openclaw: OpenClaw,
    models: Parsed,
    agent: Agent,
    provider: Provider,
    difference: tuple[str, str, str, str],
) -> Finding:
    field, key, cached, configured = difference
    installation = snapshot.installation
    wins = installation.era in CACHE_WINS and field == "baseUrl" and not _is_replaced(openclaw)
    hidden = wins and bool(_void(models.document.value, installation.version))
    known = installation.era in MEASURED
    severity = Severity.INFO
    summary = f"openclaw.json sends {provider.name} to {configured}, agent {agent.id}'s model cache to {cached}"
    if field == "api":
        summary = (
            f"openclaw.json says {provider.name} speaks {configured}, agent {agent.id}'s model cache says {cached}"
        )
    if wins:
        severity = Severity.WARNING if hidden else Severity.ERROR
        summary += f"; the cache wins on OpenClaw {installation.version}"
    elif known:
        summary += f"; without effect on OpenClaw {installation.version}"
    elif installation.era is not Era.NEWER:
        severity = Severity.WARNING
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=severity,
        safety=Safety.SAFE if wins else Safety.ADVISE,
        confidence=Confidence.CERTAIN if known else Confidence.POSSIBLE,
        path=models.path,
        pointer=("providers", key, field),
        summary=summary,
        cause=f"{field}\0{cached}\0{configured}",
        evidence=("another entry voids the whole cache at present, which hides this",) if hidden else (),
        advice=("clawmend repair",) if wins else (),
        fix=Fix((RemoveKey(models.path, ("providers", key)),)) if wins else None,
        hold=None if known else installation.why_hands_off(),
    )


def _void(models: Json, version: Version | None) -> dict[str, str]:
    return void_entries(models, version) if version is not None else {}


def _is_replaced(openclaw: OpenClaw) -> bool:
    """With `models.mode: "replace"` OpenClaw writes the cache anew from openclaw.json, whatever it holds."""
    return object_at(openclaw.settings.value if openclaw.settings else None, "models").get("mode") == "replace"


def _is_url(text: str) -> bool:
    return text.strip().lower().startswith(("http://", "https://"))


def _comparable(url: str) -> str:
    """Two URLs that lead to the same place compare equal, as a URL parser reads them: see `_READ_AS`."""
    text = _UNREAD.sub("", url.strip()).rstrip("/")
    found = _READ_AS.fullmatch(text)
    if found is None:
        return text
    scheme, who, host, rest = found["scheme"].lower(), found["who"] or "", found["host"].lower(), found["rest"]
    return f"{scheme}://{who}{host.removesuffix(_USUAL_PORT[scheme])}{rest}"


RULE = Rule(
    id="OC101",
    name="stale-model-cache",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    eras=CACHE_WINS,
    check=_check,
    documentation=__doc__,
)
