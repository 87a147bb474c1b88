"""The JSON credential store, `agents/<id>/agent/auth-profiles.json`: which of its profiles OpenClaw would use.

Read in resolveAuthProfileOrder and resolveApiKeyForProvider of 2026.3.2 and 2026.5.7.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from clawmend.core.document import Json
from clawmend.core.providers import normalise
from clawmend.core.secret import Secret
from clawmend.core.settings import is_open
from clawmend.core.snapshot import Agent, OpenClaw
from clawmend.core.state import object_at, value_of
from clawmend.core.version import Version


@dataclass(frozen=True, slots=True)
class Profile:
    """One usable profile with a key in clear text.

    `provider` is in the form in which it is compared, `written` as it stands in the file; `kind` is "api_key" or
    "token".
    """

    id: str
    provider: str
    key: Secret
    kind: str
    written: str


def usable_profiles(openclaw: OpenClaw, agent: Agent, version: Version, now: float) -> Iterator[Profile]:
    """List the profiles of an agent's own file that OpenClaw would try, before any key in openclaw.json."""
    store = object_at(value_of(agent.profiles), "profiles")
    for name, entry in store.items():
        profile = _read(name, entry, version, now)
        if profile is not None and _is_chosen(openclaw, agent, store, profile, version):
            yield profile


def _read(name: str, entry: Json, version: Version, now: float) -> Profile | None:
    """Read an entry with the spellings that OpenClaw accepts (`mode` for `type`, `apiKey` for `key`)."""
    if not isinstance(entry, dict) or not isinstance(entry.get("provider"), str):
        return None
    kind = entry.get("type", entry.get("mode"))
    written = str(entry["provider"])
    key = entry.get("key", entry.get("apiKey")) if kind == "api_key" else entry.get("token")
    if kind not in ("api_key", "token") or not isinstance(key, str) or not key.strip():
        return None
    if is_open(key) or "keyRef" in entry or "tokenRef" in entry:
        return None  # what is kept elsewhere cannot be compared
    expires = entry.get("expires")
    if kind == "token" and isinstance(expires, int | float) and 0 < expires <= now * 1000:
        return None
    return Profile(name, normalise(written, version), Secret(key), str(kind), written)


def _is_chosen(openclaw: OpenClaw, agent: Agent, store: dict[str, Json], profile: Profile, version: Version) -> bool:
    """Tell whether OpenClaw tries a profile: the order or the list names it, and its description fits it."""
    settings = openclaw.settings.value if openclaw.settings else None
    listed = object_at(settings, "auth", "profiles")
    if not _fits(listed.get(profile.id), profile):
        return False
    for holder in (value_of(agent.profiles), value_of(agent.auth_state), object_at(settings, "auth")):
        for provider, names in object_at(holder, "order").items():
            if normalise(provider, version) == profile.provider and isinstance(names, list) and names:
                return profile.id in names
    named = [
        name
        for name, meta in listed.items()
        if isinstance(meta, dict) and normalise(str(meta.get("provider", "")), version) == profile.provider
    ]
    return profile.id in named or not any(name in store for name in named)


def _fits(description: Json, profile: Profile) -> bool:
    """An entry in `auth.profiles` that describes another provider or another kind keeps the profile from being used."""
    if not isinstance(description, dict):
        return True
    mode = description.get("mode")
    return description.get("provider") == profile.written and (
        mode == profile.kind or (mode == "oauth" and profile.kind == "token")
    )
