"""Refused keys: what OpenClaw's log and its own counters say about a credential since the key was changed.

A refusal counts only when it is younger than openclaw.json: an older one may be what the change was made for.
Source: facts on OpenClaw, `usageStats[id].failureCounts` and the event `embedded_run_agent_end`; from 2026.8.1 on the
key in openclaw.json is counted as `inline-api-key:<provider>`.
"""

from clawmend.core.credentials import Profile, holders_of
from clawmend.core.precedence import Source
from clawmend.core.providers import Provider, normalise
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
    for event in openclaw.evidence.refused(provider.name, changed):
        if event.profile in {None, profile.id}:
            return f"the provider has refused it since openclaw.json was changed ({event.text})"
    return None


def refused_since(openclaw: OpenClaw, provider: Provider, winner: Source, version: Version) -> str | None:
    """Say that the provider has refused the key that wins since openclaw.json was changed, wherever the key is."""
    if not isinstance(openclaw.config, Parsed):
        return None
    changed = openclaw.config.identity.mtime_ns / 1e9
    stored = winner.kind == "profile"
    name = normalise(provider.name, version)
    if _is_counted(openclaw, winner.name if stored else f"{_INLINE}{name}", changed, version):
        return "OpenClaw has counted refusals of this key since openclaw.json was changed"
    for wanted in dict.fromkeys((provider.name, name)):
        for event in openclaw.evidence.refused(wanted, changed):
            if event.profile in {None, winner.name if stored else None}:
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
