"""A provider is left over in an agent's model cache that openclaw.json no longer has.

What it checks
    For every agent: providers in `models.json` that openclaw.json lacks and that no stored profile, no environment
    variable, no plugin and no local service explains. Providers that OpenClaw adds by itself are not leftovers.

Why it matters
    OpenClaw keeps such an entry for ever. As long as something still names the provider (the primary model, a
    fallback, an agent, a session), requests go its way and end in "No API key found" or "OAuth token refresh failed".

The fix and its safety
    Drops the entry. Safe where an alias, the list of models or a session leads to it and nothing can answer. Where
    the primary model, a fallback or an agent names it, or a cron job as well, the entry may be the last trace of a
    provider that somebody wants back, so clawmend asks. Where nothing routes to it but cron jobs, or nothing at all, it
    is only mentioned. An entry that a stored profile keeps alive works, and is left alone (seen on 2026.3.2).

References
    Coding Plan FAQ, "Old provider configurations cause routing conflicts"; openclaw#49557 (retired qwen-portal).
"""

from collections.abc import Iterable, Iterator

from clawmend.core.cache import VOID_MATTERS, leftover_entries, void_entries
from clawmend.core.cron import EDIT_JOB
from clawmend.core.era import MEASURED, Era
from clawmend.core.finding import Confidence, Finding, Fix, RemoveKey, Report, Rule, Safety, Severity
from clawmend.core.promotable import promotable_keys
from clawmend.core.providers import model_references, model_texts_in, normalise
from clawmend.core.snapshot import Agent, OpenClaw, Snapshot
from clawmend.core.state import Parsed
from clawmend.core.version import Version

# In era E the file is never written any more and a turn ends the same way with the entry and without it.
_WHERE = frozenset({Era.A, Era.B, Era.C, Era.D})


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in MEASURED:
        return  # which providers OpenClaw adds by itself depends on the version
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        for agent in openclaw.agents:
            if isinstance(agent.models, Parsed):
                yield from _check_agent(snapshot, openclaw, agent, agent.models, version)


def _check_agent(
    snapshot: Snapshot, openclaw: OpenClaw, agent: Agent, models: Parsed, version: Version
) -> Iterator[Report]:
    void = void_entries(models.document.value, version)
    promotable = {one.name for one in promotable_keys(openclaw, agent, version)}
    for name in leftover_entries(openclaw, agent, version):
        if name in void and snapshot.installation.era in VOID_MATTERS:
            continue  # OC104 says more about it
        if name in promotable:
            continue  # OC103 says more about it
        yield _finding(openclaw, agent, name, version, fails=snapshot.installation.era in _WHERE)


def _finding(openclaw: OpenClaw, agent: Agent, name: str, version: Version, *, fails: bool) -> Finding:
    """`fails`: on this version nothing answers for a provider that only the cache has."""
    users, jobs = _users(openclaw, name, version), _leading_to(name, openclaw.cron_models, version)
    routes = bool(users) and fails
    chosen = routes and any(reference.text in users for reference in model_references(openclaw))
    asks = chosen or (routes and bool(jobs))
    summary = f"agent {agent.id}'s model cache holds the provider {name}, which openclaw.json lacks"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if routes else Severity.INFO,
        safety=Safety.ASK if asks else Safety.SAFE if routes else Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=agent.models.path,
        pointer=("providers", name),
        summary=summary + _who(users, jobs, routes=routes),
        cause=name,
        evidence=(
            *(f"referred to as {user}" for user in users[:3]),
            *(f"a cron job names {job}" for job in jobs[:3] if users),
        ),
        advice=_advice(name, asks=asks, routes=routes) if routes or (jobs and fails) else (),
        fix=Fix((RemoveKey(agent.models.path, ("providers", name)),)) if routes else None,
    )


def _who(users: list[str], jobs: list[str], *, routes: bool) -> str:
    if routes:
        return f", and {users[0]} still routes to it without a key"
    if users:
        return f"; {users[0]} leads to it"
    return f"; a cron job names {jobs[0]}" if jobs else "; nothing routes to it"


def _advice(name: str, *, asks: bool, routes: bool) -> tuple[str, ...]:
    if routes and not asks:
        return ("clawmend repair",)
    job = f"if not, give the job another model: {EDIT_JOB}"
    return (
        f"if you want {name} back: put it under models.providers in openclaw.json",
        f"if not: clawmend repair --only {RULE.id} --yes, and name another model" if routes else job,
    )


def _users(openclaw: OpenClaw, name: str, version: Version) -> list[str]:
    """The model references of this configuration and its sessions that lead to a provider."""
    settings = openclaw.settings.value if openclaw.settings else None
    return _leading_to(name, {*model_texts_in(settings), *openclaw.pinned_models}, version)


def _leading_to(name: str, texts: Iterable[str], version: Version) -> list[str]:
    wanted = {name.strip().lower(), normalise(name, version)}
    parts = ((text, text.partition("/")) for text in texts)
    return sorted(text for text, (prefix, slash, _) in parts if slash and normalise(prefix, version) in wanted)


RULE = Rule(
    id="OC102",
    name="leftover-provider-in-cache",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    eras=_WHERE,
    check=_check,
    documentation=__doc__,
)
