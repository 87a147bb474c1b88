"""Refused keys: what OpenClaw's log and its own counters say about a credential since the key was changed.

A refusal counts only when it is younger than openclaw.json: an older one may be what the change was made for.
Source: facts on OpenClaw, `usageStats[id].failureCounts` and the event `embedded_run_agent_end`; from 2026.8.1 on the
key in openclaw.json is counted as `inline-api-key:<provider>`.
"""

from clawmend.core.credentials import Profile, holders_of
from clawmend.core.evidence import Event, Kind, profile_mark
from clawmend.core.precedence import Source
from clawmend.core.providers import Provider, all_model_texts, configured_providers, normalise
from clawmend.core.snapshot import OpenClaw
from clawmend.core.state import Parsed, object_at
from clawmend.core.version import Version

_COUNTED = ("auth", "auth_permanent")
_INLINE = "inline-api-key:"


def refusal_of(openclaw: OpenClaw, profile: Profile, provider: Provider, version: Version) -> str | None:
    """Say that the provider has refused a stored key since openclaw.json was changed; None when nothing says so."""
    if not isinstance(openclaw.config, Parsed):
        return None
    changed = openclaw.config.identity.mtime_ns / 1e9
    if _is_counted(openclaw, profile.id, changed, version):
        return "OpenClaw has counted refusals of the stored one since openclaw.json was changed"
    for event in refusals_by(openclaw, provider, changed):
        if event.profile in {None, profile.id, profile_mark(profile.id)}:
            return f"the provider has refused it since openclaw.json was changed ({event.text})"
    return None


def refusals_by(openclaw: OpenClaw, provider: Provider, since: float) -> tuple[Event, ...]:
    """The refused keys (401, 403) that the log tells of a provider after a moment, in seconds since the epoch.

    Up to 2026.3.8 no refusal names its provider; then it counts where there is no other one that it can be.
    """
    named = {text.partition("/")[0].strip().lower() for text in all_model_texts(openclaw)}
    alone = len(configured_providers(openclaw)) == 1 and named <= {provider.name.strip().lower()}
    unnamed = tuple(event for event in openclaw.evidence.of(Kind.AUTH, None, since) if event.provider is None)
    return (*openclaw.evidence.refused(provider.name, since), *(unnamed if alone else ()))


def refused_since(openclaw: OpenClaw, provider: Provider, winner: Source, version: Version) -> str | None:
    """Say that the provider has refused the key that wins since openclaw.json was changed, wherever the key is."""
    if not isinstance(openclaw.config, Parsed):
        return None
    changed = openclaw.config.identity.mtime_ns / 1e9
    name = normalise(provider.name, version)
    credential = winner.name if winner.kind == "profile" else f"{_INLINE}{name}"
    if _is_counted(openclaw, credential, changed, version):
        return "OpenClaw has counted refusals of this key since openclaw.json was changed"
    for event in refusals_by(openclaw, provider, changed):
        if event.profile in {None, credential, profile_mark(credential)}:
            return f"the provider has refused this key since openclaw.json was changed ({event.text})"
    return None


def _is_counted(openclaw: OpenClaw, credential: str, changed: float, version: Version) -> bool:
    holders = [holder for agent in openclaw.agents for holder in holders_of(openclaw, agent, version)]
    for state in (state for holder in holders for state in holder.states):
        usage = object_at(state, "usageStats", credential)
        failed = usage.get("lastFailureAt")
        counted = any(object_at(usage, "failureCounts").get(kind) for kind in _COUNTED)
        if counted and isinstance(failed, int | float) and failed / 1000 > changed:
            return True
    return False
