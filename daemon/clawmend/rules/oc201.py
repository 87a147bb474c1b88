"""A stored credential shadows the key that openclaw.json configures.

What it checks
    For every agent and every provider with a plain key in openclaw.json: stored profiles for that provider that hold
    another key and that OpenClaw would try first, by the order this version uses, in `auth-profiles.json` or in the
    SQLite stores.

Why it matters
    The stored profile wins. After a new key was put into openclaw.json the old one is still sent: 401, or calls on
    another account's bill, without a word. From 2026.8.1 on `openclaw doctor --fix` and `openclaw update` make such
    profiles by themselves, and a refused one is passed over in silence, so there may be no error to see.

The fix and its safety
    Up to 2026.6.1: drops the profile from `auth-profiles.json` and restarts the gateway when one runs, which would
    write the profile back at its next turn (seen on 2026.3.2). From 2026.8.1 on: `openclaw models auth logout`; the
    databases are never written by clawmend. In between there is no such command, and it only says what is wrong.
    Either key may be the one that is meant, so clawmend asks. It is safe when something decides: the stored one is a
    placeholder, or no Coding Plan key on a Coding Plan endpoint where the configured one is; the provider has refused
    it (401, 403) since openclaw.json was changed; or, from 2026.8.1 on, it is the key that an earlier openclaw.json
    had. What is dropped stays in the checkpoint.

References
    Coding Plan FAQ, "No API key found" and "Local credential cache is outdated"; openclaw#151354.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import Behaviour, behaviour_of
from clawmend.core.credentials import Holder, Profile, holders_of, usable_profiles
from clawmend.core.document import Json
from clawmend.core.era import MEASURED
from clawmend.core.finding import (
    Confidence,
    CouldNotLook,
    Edit,
    Finding,
    Fix,
    LogOut,
    Need,
    RemoveKey,
    Report,
    Rule,
    Safety,
    Severity,
)
from clawmend.core.key_shapes import PLAN_KEY_PREFIX
from clawmend.core.providers import Provider, configured_providers, is_real_key, normalise
from clawmend.core.refusals import refusal_of
from clawmend.core.secret import Secret
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import Parsed, object_at, value_of
from clawmend.core.version import Version


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    behaviour = behaviour_of(version)
    if version is None or behaviour is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        if openclaw.settings and not openclaw.settings.problem:
            yield from _check_folder(snapshot, openclaw, behaviour, version)


def _check_folder(snapshot: Snapshot, openclaw: OpenClaw, behaviour: Behaviour, version: Version) -> Iterator[Report]:
    providers = {normalise(name, version): provider for name, provider in configured_providers(openclaw).items()}
    seen: set[tuple[str, str]] = set()
    for agent in openclaw.agents:
        for holder in holders_of(openclaw, agent, version):
            if holder.problem is not None and (holder.path, "") not in seen:
                seen.add((holder.path, ""))
                yield CouldNotLook(RULE.id, holder.path, holder.problem, f"see: ls -l {holder.path}")
        for profile in usable_profiles(openclaw, agent, version, snapshot.now):
            place = (profile.holder.path, profile.id)
            provider = providers.get(profile.provider)
            if provider is not None and place not in seen and _is_shadowed(provider, profile, behaviour):
                seen.add(place)
                yield _finding(snapshot, openclaw, profile, provider, version)


def _is_shadowed(provider: Provider, profile: Profile, behaviour: Behaviour) -> bool:
    if provider.key is None or is_open(provider.key.reveal()) or not is_real_key(provider.key):
        return False
    if _plain(provider.key) in profile.holder.profiles:
        return False  # from 2026.9 on a provider's apiKey may name a stored profile
    return _plain(provider.key) != _plain(profile.key) and not (provider.auth == "api-key" and behaviour.auth_word)


def _finding(snapshot: Snapshot, openclaw: OpenClaw, profile: Profile, provider: Provider, version: Version) -> Finding:
    holder = profile.holder
    reason = _why_wrong(snapshot, openclaw, profile, provider, version)
    edit = _edit(profile, behaviour_of(version))
    beside = any(_has_key(entry, profile.written, provider) for entry in holder.profiles.values())
    summary = (
        f"openclaw.json has a key for {provider.name}, and agent {holder.agent}'s stored profile {profile.id} "
        f"has another one, which {'takes turns with it' if beside else 'wins'}"
    )
    if reason:
        summary += f"; {reason}"
    safety = Safety.SAFE if reason else Safety.ASK
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR if reason else Severity.WARNING,
        safety=Safety.ADVISE if edit is None else safety,
        confidence=Confidence.CERTAIN if reason else Confidence.LIKELY,
        path=holder.path,
        pointer=("profiles", profile.id),
        summary=summary,
        cause=profile.id,
        evidence=_usage(holder, profile.id),
        advice=(_advice(profile, reason, possible=edit is not None),),
        fix=None if edit is None else Fix((edit,), Need.NOTHING if holder.in_database else Need.RESTART),
    )


def _has_key(entry: Json, written: str, provider: Provider) -> bool:
    """Tell whether another profile of the same provider holds the very key of openclaw.json."""
    if not isinstance(entry, dict) or entry.get("provider") != written or provider.key is None:
        return False
    return isinstance(entry.get("key"), str) and str(entry["key"]).strip() == _plain(provider.key)


def _edit(profile: Profile, behaviour: Behaviour | None) -> Edit | None:
    holder = profile.holder
    if not holder.in_database:
        return RemoveKey(holder.path, ("profiles", profile.id))
    if behaviour is None or not behaviour.logout:
        return None
    return LogOut(holder.path, holder.agent, profile.id, holder.profiles[profile.id])


def _advice(profile: Profile, reason: str | None, *, possible: bool) -> str:
    if not possible:
        return (
            "store the key of openclaw.json under the same name: openclaw models auth paste-api-key "
            f"--provider {profile.written} --profile-id {profile.id} --agent {profile.holder.agent}"
        )
    if reason:
        return "clawmend repair"
    return f"if the key in openclaw.json is the right one: clawmend repair --only {RULE.id} --yes"


def _why_wrong(
    snapshot: Snapshot, openclaw: OpenClaw, profile: Profile, provider: Provider, version: Version
) -> str | None:
    """Say why the stored key cannot be the right one, when its shape, its refusals or its age say so."""
    if not is_real_key(profile.key):
        return "the stored one is a placeholder"
    on_plan = provider.base_url is not None and snapshot.plan.is_plan_endpoint(provider.base_url)
    right = provider.key is not None and _plain(provider.key).startswith(PLAN_KEY_PREFIX)
    if on_plan and right and not _plain(profile.key).startswith(PLAN_KEY_PREFIX):
        return "the stored one is no Coding Plan key and the endpoint is the Coding Plan's"
    refusal = refusal_of(openclaw, profile, provider, version)
    if refusal is not None:
        return refusal
    behaviour = behaviour_of(version)
    if behaviour is not None and behaviour.copies_keys and _was_configured(openclaw, profile, provider):
        return "the stored one is the key that an earlier openclaw.json had"
    return None


def _was_configured(openclaw: OpenClaw, profile: Profile, provider: Provider) -> bool:
    """Tell whether an older copy of openclaw.json has the stored key in the very place where another one is now."""
    config = openclaw.config
    keys = [
        object_at(value_of(copy), "models", "providers", provider.name).get("apiKey")
        for copy in openclaw.copies
        if isinstance(copy, Parsed)
        and isinstance(config, Parsed)
        and copy.identity.mtime_ns <= config.identity.mtime_ns
    ]
    return any(isinstance(key, str) and key.strip() == _plain(profile.key) for key in keys)


def _plain(key: Secret) -> str:
    """The key as OpenClaw sends it."""
    return key.reveal().strip()


def _usage(holder: Holder, name: str) -> tuple[str, ...]:
    for state in holder.states:
        counts = object_at(state, "usageStats", name, "failureCounts")
        if any(counts.get(kind) for kind in ("auth", "auth_permanent")):
            return ("OpenClaw counted refusals (401 or 403) of this profile",)
    return ()


RULE = Rule(
    id="OC201",
    name="shadowing-credential",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
