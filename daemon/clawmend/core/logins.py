"""Stored OAuth logins, the ones that nothing can renew, and the files from which OpenClaw makes them again.

A login whose access token has expired is healthy: OpenClaw renews it at the next turn. Dead is one that its vendor
has ended, and one for a provider that no version of OpenClaw can renew. Read in loadAuthProfileStoreForAgent and
syncExternalCliCredentials of 2026.3.2, 2026.5.7, 2026.7.1 and 2026.9.6; run on 2026.3.2.
"""

from collections.abc import Iterator
from dataclasses import field

from clawmend.core.behaviour import Behaviour, Legacy, Store, behaviour_of
from clawmend.core.catalogue import KNOWN_PROVIDERS, RETIRED_LOGINS, variables_of
from clawmend.core.credentials import MAIN, Holder, explicit_order, holders_of, usable_profiles
from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.pointer import Pointer
from clawmend.core.providers import configured_providers, is_real_key, normalise, text_of
from clawmend.core.snapshot import Agent, OpenClaw
from clawmend.core.state import Absent, FileState, Malformed, Parsed, object_at, value_of
from clawmend.core.version import Version

_CLI_LOGINS = {"/.qwen/oauth_creds.json": "qwen-portal", "/.minimax/oauth_creds.json": "minimax-portal"}
_CHANNELS = frozenset({"whatsapp", "telegram", "discord", "slack", "signal", "imessage", "irc", "googlechat", "qqbot"})


@dataclass(frozen=True, slots=True)
class Login:
    """One stored login. `provider` is in the form in which it is compared; `expires` is in seconds, 0.0 when unknown.

    `path` and `pointer` say where it stands, `agent` whose it is, `entry` what stands there. `imported`: it is in a
    file that OpenClaw has yet to take it from.
    """

    id: str
    provider: str
    expires: float
    path: str
    pointer: Pointer
    agent: str
    entry: Json = field(repr=False)
    in_database: bool = False
    imported: bool = False


@dataclass(frozen=True, slots=True)
class LoginSource:
    """A file from which OpenClaw makes a profile of a provider; `whose` names it for people.

    `pointer` is the member that holds the login, None when the whole file is one.
    """

    path: str
    provider: str
    expires: float
    whose: str
    pointer: Pointer | None


def stored_logins(openclaw: OpenClaw, version: Version) -> Iterator[Login]:
    """List every login that OpenClaw would try, each place once."""
    behaviour = behaviour_of(version)
    seen: set[tuple[str, str]] = set()
    for agent in openclaw.agents if behaviour is not None else ():
        holders = holders_of(openclaw, agent, version)
        for login in (*_of_holders(holders, version), *_of_legacy_file(agent, version)):
            order = explicit_order(openclaw, holders, login.provider, version)
            if (order is None or login.id in order) and (login.path, login.id) not in seen:
                seen.add((login.path, login.id))
                yield login


def _of_holders(holders: tuple[Holder, ...], version: Version) -> Iterator[Login]:
    for holder in holders:
        for name, entry in holder.profiles.items():
            if not isinstance(entry, dict) or not isinstance(entry.get("provider"), str):
                continue
            kind = entry.get("type") if holder.in_database else entry.get("type", entry.get("mode"))
            if kind == "oauth":
                provider, place = normalise(str(entry["provider"]), version), ("profiles", name)
                expires = _seconds(entry.get("expires"))
                yield Login(name, provider, expires, holder.path, place, holder.agent, entry, holder.in_database)


def _of_legacy_file(agent: Agent, version: Version) -> Iterator[Login]:
    """What auth.json holds: it is taken over when auth-profiles.json is not there or not readable as one."""
    behaviour = behaviour_of(version)
    if behaviour is None or behaviour.legacy is not Legacy.LIVE or _has_store(agent, behaviour):
        return
    legacy = value_of(agent.legacy_auth)
    for name, entry in legacy.items() if isinstance(legacy, dict) else ():
        if isinstance(entry, dict) and entry.get("type") == "oauth":
            provider = normalise(text_of(entry.get("provider")) or name, version)
            expires, path = _seconds(entry.get("expires")), agent.legacy_auth.path
            yield Login(f"{name}:default", provider, expires, path, (name,), agent.id, entry, imported=True)


def _has_store(agent: Agent, behaviour: Behaviour) -> bool:
    if behaviour.store is not Store.FILE:
        return agent.store is not None and (agent.store.store is not None or agent.store.problem is not None)
    match agent.profiles:
        case Absent() | Malformed():
            return False
        case Parsed():
            value = value_of(agent.profiles)
            return isinstance(value, dict) and isinstance(value.get("profiles"), dict)
        case _:
            return True  # nobody can tell what is in it


def login_sources(openclaw: OpenClaw, version: Version) -> Iterator[LoginSource]:
    """List the files that make a profile at the next turn, for the versions that do so."""
    behaviour = behaviour_of(version)
    for state in openclaw.oauth_sources if behaviour is not None else ():
        value = value_of(state)
        provider = next((name for end, name in _CLI_LOGINS.items() if state.path.endswith(end)), None)
        if behaviour is None or not isinstance(value, dict):
            continue
        if provider is not None:
            whole = isinstance(value.get("access_token"), str) and isinstance(value.get("refresh_token"), str)
            if provider in behaviour.cli_logins and whole:
                whose = "Qwen Code's login" if provider == "qwen-portal" else "MiniMax's login"
                yield LoginSource(state.path, provider, _seconds(value.get("expiry_date")), whose, None)
        elif behaviour.oauth_file and _is_taken_over(openclaw, behaviour):
            yield from _of_oauth_file(state, value, version)


def _is_taken_over(openclaw: OpenClaw, behaviour: Behaviour) -> bool:
    """An agent that has no store yet makes it from the old login file; the main agent may not even have a folder."""
    main = any(agent.id == MAIN for agent in openclaw.agents)
    return not main or not all(_has_store(agent, behaviour) for agent in openclaw.agents)


def _of_oauth_file(state: FileState, value: dict[str, Json], version: Version) -> Iterator[LoginSource]:
    for name, entry in value.items():
        if isinstance(entry, dict):
            expires = _seconds(entry.get("expires"))
            yield LoginSource(state.path, normalise(name, version), expires, "OpenClaw's own old login", (name,))


def why_dead(openclaw: OpenClaw, provider: str, expires: float, version: Version, now: float) -> str | None:
    """Say why a login of a provider cannot work any more; None when it may."""
    if provider in RETIRED_LOGINS:
        return "that login was ended by its vendor"
    if provider in KNOWN_PROVIDERS or not 0 < expires <= now:
        return None
    # A plugin may bring any provider; one that is no chat channel of OpenClaw's own has the benefit of the doubt.
    plugins = object_at(openclaw.settings.value if openclaw.settings else None, "plugins", "entries")
    if {plugin.lower() for plugin in plugins} - _CHANNELS:
        return None
    if provider in {normalise(name, version) for name in configured_providers(openclaw)}:
        return "it has expired, and a provider of one's own has no login that OpenClaw could renew"
    return "it has expired, and nothing defines that provider any more"


def answers_otherwise(openclaw: OpenClaw, provider: str, version: Version, now: float) -> bool:
    """Tell whether a provider is answered for when its login is dead: by a stored key, or by one that is asked next."""
    behaviour = behaviour_of(version)
    for agent in openclaw.agents:
        if any(profile.provider == provider for profile in usable_profiles(openclaw, agent, version, now)):
            return True
    if behaviour is None or behaviour.dead_login_blocks:
        return False
    if any(openclaw.environment.get(name) for name in variables_of(provider)):
        return True
    keys = (one.key for name, one in configured_providers(openclaw).items() if normalise(name, version) == provider)
    return any(key is not None and is_real_key(key) for key in keys)


def _seconds(value: Json) -> float:
    return value / 1000 if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
