"""Stored credentials: which profiles OpenClaw would use for which agent, wherever this version keeps them.

Up to 2026.6.1 they are in `agents/<id>/agent/auth-profiles.json`, then in the agent's SQLite database, from 2026.8.1
on also in a shared one. An agent inherits the profiles of the main agent or of the shared store; its own win by id.
Read in resolveAuthProfileOrder and ensureAuthProfileStore of 2026.3.2, 2026.5.7, 2026.7.1 and 2026.9.6.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import field

from clawmend.core.behaviour import Behaviour, Store, behaviour_of
from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.providers import normalise
from clawmend.core.secret import Secret
from clawmend.core.settings import is_open
from clawmend.core.snapshot import Agent, Database, OpenClaw
from clawmend.core.state import Unreadable, object_at, value_of
from clawmend.core.version import Version

MAIN = "main"


@dataclass(frozen=True, slots=True)
class Holder:
    """One place that holds credentials: a file or a database.

    `agent` is whose it is; the shared store is the main agent's for OpenClaw's own commands. `profiles` are the entries
    by id, `states` the objects that may hold `order` and `usageStats`. `problem` says why it could not be read.
    """

    path: str
    agent: str
    in_database: bool
    profiles: Mapping[str, Json] = field(repr=False)
    states: tuple[Json, ...] = field(repr=False)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One usable profile with a key in clear text.

    `provider` is in the form in which it is compared, `written` as it stands in the store; `kind` is "api_key" or
    "token". `holder` is where it is stored.
    """

    id: str
    provider: str
    key: Secret
    kind: str
    written: str
    holder: Holder


def holders_of(openclaw: OpenClaw, agent: Agent, version: Version) -> tuple[Holder, ...]:
    """Where an agent's credentials are, its own place first, then what it inherits; empty when nobody knows."""
    behaviour = behaviour_of(version)
    if behaviour is None:
        return ()
    own = [_of_agent(agent, behaviour)]
    main = next((other for other in openclaw.agents if other.id == MAIN), None)
    if behaviour.store is Store.SHARED_DATABASE and _is_shared(openclaw.shared_store):
        own.append(_of_database(openclaw.shared_store, MAIN))
    elif main is not None and main is not agent:
        own.append(_of_agent(main, behaviour))
    return tuple(holder for holder in own if holder is not None)


def _is_shared(store: Database | None) -> bool:
    """Without the mark that says so, the shared store is the main agent's database."""
    return store is not None and (store.location == "state-db" or store.problem is not None)


def _of_agent(agent: Agent, behaviour: Behaviour) -> Holder | None:
    if behaviour.store is not Store.FILE:
        return _of_database(agent.store, agent.id)
    states = (value_of(agent.profiles), value_of(agent.auth_state))
    problem = agent.profiles.problem if isinstance(agent.profiles, Unreadable) else None
    return Holder(agent.profiles.path, agent.id, False, object_at(states[0], "profiles"), states, problem)


def _of_database(store: Database | None, agent: str) -> Holder | None:
    if store is None:
        return None
    return Holder(
        store.path, agent, True, object_at(store.store, "profiles"), (store.state, store.store), store.problem
    )


def usable_profiles(openclaw: OpenClaw, agent: Agent, version: Version, now: float) -> Iterator[Profile]:
    """List the profiles that OpenClaw would try for an agent before any key in openclaw.json."""
    holders = holders_of(openclaw, agent, version)
    merged: dict[str, tuple[Json, Holder]] = {}
    for holder in reversed(holders):
        merged |= {name: (entry, holder) for name, entry in holder.profiles.items()}
    for name, (entry, holder) in merged.items():
        profile = read_profile(name, entry, holder, version, now)
        if profile is not None and _is_chosen(openclaw, holders, merged.keys(), profile, version):
            yield profile


def read_profile(name: str, entry: Json, holder: Holder, version: Version, now: float) -> Profile | None:
    """Read an entry with the spellings that OpenClaw accepts; None when it holds no key that it would send.

    From 2026.2.26 on that is `mode` for `type` and `apiKey` for `key`; the databases hold what OpenClaw wrote itself.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("provider"), str):
        return None
    behaviour = behaviour_of(version)
    strict = holder.in_database or (behaviour is not None and not behaviour.old_spellings)
    kind = entry.get("type") if strict else entry.get("type", entry.get("mode"))
    written = str(entry["provider"])
    plain = entry.get("key") if strict else entry.get("key", entry.get("apiKey"))
    key = plain if kind == "api_key" else entry.get("token")
    if kind not in ("api_key", "token") or not isinstance(key, str) or not key.strip():
        return None
    if is_open(key) or "keyRef" in entry or "tokenRef" in entry:
        return None  # what is kept elsewhere cannot be compared
    expires = entry.get("expires")
    if kind == "token" and isinstance(expires, int | float) and 0 < expires <= now * 1000:
        return None
    return Profile(name, normalise(written, version), Secret(key), str(kind), written, holder)


def _is_chosen(
    openclaw: OpenClaw, holders: tuple[Holder, ...], ids: Collection[str], profile: Profile, version: Version
) -> bool:
    """Tell whether OpenClaw tries a profile: the order or the list names it, and its description fits it."""
    settings = openclaw.settings.value if openclaw.settings else None
    listed = object_at(settings, "auth", "profiles")
    if not _fits(listed.get(profile.id), profile):
        return False
    order = explicit_order(openclaw, holders, profile.provider, version)
    if order is not None:
        return profile.id in order
    named = [
        name
        for name, meta in listed.items()
        if isinstance(meta, dict) and normalise(str(meta.get("provider", "")), version) == profile.provider
    ]
    return profile.id in named or not any(name in ids for name in named)


def explicit_order(
    openclaw: OpenClaw, holders: tuple[Holder, ...], provider: str, version: Version
) -> tuple[str, ...] | None:
    """The order of profiles that a store or openclaw.json demands for a provider; None when none does."""
    settings = openclaw.settings.value if openclaw.settings else None
    stored = [state for holder in holders for state in holder.states]
    for state in (*stored, object_at(settings, "auth")):
        for name, ids in object_at(state, "order").items():
            if normalise(name, version) == provider and isinstance(ids, list) and ids:
                return tuple(str(one) for one in ids)
    return None


def _fits(description: Json, profile: Profile) -> bool:
    """An entry in `auth.profiles` that describes another provider or another kind keeps the profile from being used."""
    if not isinstance(description, dict):
        return True
    mode = description.get("mode")
    return description.get("provider") == profile.written and (
        mode == profile.kind or (mode == "oauth" and profile.kind == "token")
    )
