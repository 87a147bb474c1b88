"""A stored credential shadows the key that openclaw.json configures.

What it checks
    For every agent and every provider with a plain key in openclaw.json: profiles in `auth-profiles.json` for that
    provider that hold another key and that OpenClaw would try first, by the order this version uses.

Why it matters
    The stored profile wins. After a new key was put into openclaw.json the old one is still sent: 401, or calls on
    another account's bill, without a word.

The fix and its safety
    Drops the profile from `auth-profiles.json` and restarts the gateway when one runs: a running gateway would write
    the profile back at its next turn (seen on 2026.3.2). Either key may be the one that is meant, so clawmend asks;
    it is safe only when the shapes decide: a placeholder in the profile, or a key that is none of the Coding Plan's
    on a Coding Plan endpoint. From 2026.6.5 on the file is not the live store and this rule is silent.

References
    Coding Plan FAQ, "No API key found" and "Local credential cache is outdated"; openclaw#151354.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import behaviour_of
from clawmend.core.credentials import Profile, usable_profiles
from clawmend.core.era import JSON_CREDENTIALS
from clawmend.core.finding import (
    Confidence,
    CouldNotLook,
    Finding,
    Fix,
    Need,
    RemoveKey,
    Report,
    Rule,
    Safety,
    Severity,
)
from clawmend.core.plan_data import PLAN_KEY_PREFIX, is_plan_endpoint
from clawmend.core.providers import Provider, configured_providers, is_real_key, normalise
from clawmend.core.secret import Secret
from clawmend.core.settings import is_open
from clawmend.core.snapshot import Agent, OpenClaw, Snapshot
from clawmend.core.state import Parsed, Unreadable, object_at
from clawmend.core.version import Version


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in JSON_CREDENTIALS:
        return
    for openclaw in snapshot.openclaws:
        for agent in openclaw.agents:
            if isinstance(agent.profiles, Unreadable):
                yield CouldNotLook(RULE.id, agent.profiles.path, agent.profiles.problem, agent.profiles.remedy)
            elif isinstance(agent.profiles, Parsed) and openclaw.settings and not openclaw.settings.problem:
                yield from _check_agent(snapshot, openclaw, agent, agent.profiles, version)


def _check_agent(
    snapshot: Snapshot, openclaw: OpenClaw, agent: Agent, profiles: Parsed, version: Version
) -> Iterator[Report]:
    behaviour = behaviour_of(version)
    providers = {normalise(name, version): provider for name, provider in configured_providers(openclaw).items()}
    for profile in usable_profiles(openclaw, agent, version, snapshot.now):
        provider = providers.get(profile.provider)
        if provider is None or provider.key is None or is_open(provider.key.reveal()):
            continue
        if not is_real_key(provider.key) or _plain(provider.key) == _plain(profile.key):
            continue
        if provider.auth == "api-key" and behaviour is not None and behaviour.auth_word:
            continue
        yield _finding(agent, profiles, profile, provider)


def _finding(agent: Agent, profiles: Parsed, profile: Profile, provider: Provider) -> Finding:
    reason = _why_wrong(profile, provider)
    summary = (
        f"openclaw.json has a key for {provider.name}, and agent {agent.id}'s stored profile {profile.id} "
        f"has another one, which wins"
    )
    if reason:
        summary += f"; {reason}"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR if reason else Severity.WARNING,
        safety=Safety.SAFE if reason else Safety.ASK,
        confidence=Confidence.CERTAIN if reason else Confidence.LIKELY,
        path=profiles.path,
        pointer=("profiles", profile.id),
        summary=summary,
        cause=profile.id,
        evidence=_usage(profiles, profile.id),
        advice=(
            "clawmend repair"
            if reason
            else f"if the key in openclaw.json is the right one: clawmend repair --only {RULE.id} --yes",
        ),
        fix=Fix((RemoveKey(profiles.path, ("profiles", profile.id)),), Need.RESTART),
    )


def _why_wrong(profile: Profile, provider: Provider) -> str | None:
    """Say why the stored key cannot be the right one, when its shape alone says so."""
    if not is_real_key(profile.key):
        return "the stored one is a placeholder"
    on_plan = provider.base_url is not None and is_plan_endpoint(provider.base_url)
    right = provider.key is not None and _plain(provider.key).startswith(PLAN_KEY_PREFIX)
    if on_plan and right and not _plain(profile.key).startswith(PLAN_KEY_PREFIX):
        return "the stored one is no Coding Plan key and the endpoint is the Coding Plan's"
    return None


def _plain(key: Secret) -> str:
    """The key as OpenClaw sends it."""
    return key.reveal().strip()


def _usage(profiles: Parsed, name: str) -> tuple[str, ...]:
    counts = object_at(profiles.document.value, "usageStats", name, "failureCounts")
    failed = [kind for kind in ("auth", "auth_permanent") if counts.get(kind)]
    return ("OpenClaw counted refusals (401 or 403) of this profile",) if failed else ()


RULE = Rule(
    id="OC201",
    name="shadowing-credential",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=JSON_CREDENTIALS,
    check=_check,
    documentation=__doc__,
)
