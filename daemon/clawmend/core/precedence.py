"""Which credential wins, and why: every source of a provider's key, in the order in which this version asks them.

Order (read in resolveApiKeyForProvider of 2026.3.2, 2026.5.7, 2026.7.1 and 2026.9.6): openclaw.json where it says
`auth: "api-key"` and the version heeds it, stored profiles, environment variables, openclaw.json. Among profiles an
explicit order decides, else OAuth before tokens before keys, and of equals the one that was used longest ago; a
profile in cooldown comes last.
"""

from collections.abc import Iterator
from dataclasses import replace

from clawmend.core.behaviour import behaviour_of
from clawmend.core.catalogue import variables_of
from clawmend.core.credentials import Holder, explicit_order, holders_of, usable_profiles
from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.providers import configured_providers, is_marker, is_real_key, normalise, text_of
from clawmend.core.secret import Secret
from clawmend.core.settings import is_open
from clawmend.core.snapshot import Agent, OpenClaw
from clawmend.core.state import object_at
from clawmend.core.version import Version

_KINDS = {"oauth": 0, "token": 1, "api_key": 2}


@dataclass(frozen=True, slots=True)
class Source:
    """One place a key can come from.

    `kind` is "profile", "variable" or "config", `name` the profile's id, the variable or the member of openclaw.json,
    `path` the file or database or None, `secret` the key where it is in clear text. `usable`: OpenClaw would take it;
    `wins`: it does; `why` explains either in a few words.
    """

    kind: str
    name: str
    path: str | None
    secret: Secret | None
    usable: bool
    why: str
    wins: bool = False


def providers_with_keys(openclaw: OpenClaw, agent: Agent, version: Version) -> tuple[str, ...]:
    """The providers about which something can be said: configured ones, then those with a stored profile."""
    found = [normalise(name, version) for name in configured_providers(openclaw)]
    for holder in holders_of(openclaw, agent, version):
        for entry in holder.profiles.values():
            provider = text_of(entry.get("provider")) if isinstance(entry, dict) else None
            found += [normalise(provider, version)] if provider else []
    return tuple(dict.fromkeys(found))


def sources_of(openclaw: OpenClaw, agent: Agent, provider: str, version: Version, now: float) -> tuple[Source, ...]:
    """Every source of a provider's key for an agent, first the one that wins; empty when there is none at all."""
    wanted = normalise(provider, version)
    profiles = list(_profiles(openclaw, agent, wanted, version, now))
    config = list(_config(openclaw, wanted, version))
    behaviour = behaviour_of(version)
    first = behaviour is not None and behaviour.auth_word and any(source.usable for source in config)
    preferred = first and _asks_for_key(openclaw, wanted, version)
    ordered = [*config, *profiles, *_variables(openclaw, wanted)] if preferred else []
    ordered = ordered or [*profiles, *_variables(openclaw, wanted), *config]
    ordered.sort(key=lambda source: not source.usable)
    if ordered and ordered[0].usable:
        ordered[0] = replace(ordered[0], wins=True)
    return tuple(ordered)


def _profiles(openclaw: OpenClaw, agent: Agent, wanted: str, version: Version, now: float) -> Iterator[Source]:
    holders = holders_of(openclaw, agent, version)
    chosen = {profile.id: profile for profile in usable_profiles(openclaw, agent, version, now)}
    order = explicit_order(openclaw, holders, wanted, version)
    merged: dict[str, tuple[Json, Holder]] = {}
    for holder in reversed(holders):
        merged |= {name: (entry, holder) for name, entry in holder.profiles.items()}
    found = []
    for name, (entry, holder) in merged.items():
        written = text_of(entry.get("provider")) if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or written is None or normalise(written, version) != wanted:
            continue
        kind = str(entry.get("type", entry.get("mode")))
        profile = chosen.get(name)
        login = kind == "oauth" and (order is None or name in order)
        cooling = _cooling(holder, name, now)
        why = _why_profile(kind, order, name, cooling, usable=profile is not None or login)
        rank = (cooling > 0, order.index(name) if order and name in order else _KINDS.get(kind, 3), _used(holder, name))
        source = Source(
            "profile", name, holder.path, profile.key if profile else None, profile is not None or login, why
        )
        found.append((rank, source))
    yield from (source for _, source in sorted(found, key=lambda pair: pair[0]))


def _why_profile(kind: str, order: tuple[str, ...] | None, name: str, cooling: float, *, usable: bool) -> str:
    if not usable:
        if order is not None and name not in order:
            return "the order of profiles leaves it out"
        return "OpenClaw passes it over: expired, described otherwise in auth.profiles, or without a key in clear text"
    words = {"oauth": "a login", "token": "a token"}.get(kind, "a stored key")
    if cooling:
        return f"{words} in cooldown for another {cooling:.0f} s, so it is asked last"
    return f"{words}; profiles come before variables and openclaw.json"


def _cooling(holder: Holder, name: str, now: float) -> float:
    ends = [
        until / 1000 - now
        for state in holder.states
        for member in ("cooldownUntil", "disabledUntil")
        if isinstance(until := object_at(state, "usageStats", name).get(member), int | float)
    ]
    return max(0.0, *ends) if ends else 0.0


def _used(holder: Holder, name: str) -> float:
    times = (object_at(state, "usageStats", name).get("lastUsed") for state in holder.states)
    return max((time for time in times if isinstance(time, int | float)), default=0.0)


def _variables(openclaw: OpenClaw, wanted: str) -> Iterator[Source]:
    for name in variables_of(wanted):
        value = openclaw.environment.get(name)
        if value:
            yield Source("variable", name, None, Secret(value), True, "set in the gateway's environment")


def _config(openclaw: OpenClaw, wanted: str, version: Version) -> Iterator[Source]:
    for name, provider in configured_providers(openclaw).items():
        if normalise(name, version) != wanted:
            continue
        member, path = f"models.providers.{name}.apiKey", openclaw.config.path
        settings = openclaw.settings.value if openclaw.settings else None
        raw = object_at(settings, "models", "providers", name).get("apiKey")
        if provider.key is None:
            why = "kept elsewhere (a reference)" if isinstance(raw, dict) else "there is no key"
            yield Source("config", member, path, None, isinstance(raw, dict), why)
        elif is_open(provider.key.reveal()):
            yield Source("config", member, path, None, True, "a variable whose value only the gateway knows")
        elif not provider.key.reveal().strip():
            yield Source("config", member, path, None, False, "it is empty")
        elif is_marker(provider.key):
            yield Source("config", member, path, None, False, "a marker that stands for a login or a reference")
        elif not is_real_key(provider.key):
            yield Source("config", member, path, provider.key, True, "a placeholder, which OpenClaw sends as it is")
        else:
            yield Source("config", member, path, provider.key, True, "the key in openclaw.json; it is asked last")


def _asks_for_key(openclaw: OpenClaw, wanted: str, version: Version) -> bool:
    providers = configured_providers(openclaw).items()
    return any(provider.auth == "api-key" for name, provider in providers if normalise(name, version) == wanted)
