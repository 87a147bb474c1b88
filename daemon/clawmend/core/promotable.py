"""Keys in a model cache that `openclaw doctor --fix` and `openclaw update` would copy into the credential store.

From 2026.8.1 on every plaintext key of openclaw.json and of each agent's models.json becomes a profile
(`<provider>:default`, `<provider>:models-json`), and profiles are asked before openclaw.json. What stands for a key is
not copied, nor what the store already has. Read in maybeMigrateModelCatalogCredentials of 2026.9.6, and run there.
"""

import re
from collections.abc import Mapping
from dataclasses import field

from clawmend.core.behaviour import behaviour_of
from clawmend.core.cache import leftover_entries
from clawmend.core.credentials import holders_of
from clawmend.core.cron import plain_reference
from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.origin import origin_of
from clawmend.core.providers import (
    Provider,
    cached_providers,
    configured_providers,
    is_marker,
    is_real_key,
    model_texts_in,
    normalise,
    text_of,
)
from clawmend.core.secret import Secret
from clawmend.core.snapshot import Agent, OpenClaw
from clawmend.core.state import Parsed, object_at, value_of
from clawmend.core.version import Version

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*_[A-Z0-9_]+")


@dataclass(frozen=True, slots=True)
class Promotable:
    """A cached key that would be copied and that openclaw.json does not have.

    `name` is the entry's own name in models.json, `configured` the provider of openclaw.json whose key it would beat,
    None for a provider that openclaw.json lacks. `users` are the references to models that only this entry defines.
    """

    name: str
    configured: Provider | None
    key: Secret = field(repr=False)
    users: tuple[str, ...] = ()


def promotable_keys(openclaw: OpenClaw, agent: Agent, version: Version) -> tuple[Promotable, ...]:
    """List the stale keys of an agent's model cache that the next doctor would copy; empty where nothing copies."""
    behaviour = behaviour_of(version)
    if behaviour is None or not behaviour.copies_keys or not isinstance(agent.models, Parsed):
        return ()
    configured = {normalise(name, version): one for name, one in configured_providers(openclaw).items()}
    leftovers = leftover_entries(openclaw, agent, version)
    found = []
    for name, entry in cached_providers(value_of(agent.models)).items():
        key = text_of(entry.get("apiKey")) if isinstance(entry, dict) else None
        provider = configured.get(normalise(name, version))
        if key is None or not isinstance(entry, dict) or not _is_copied(Secret(key)):
            continue
        if _is_stored(openclaw, agent, normalise(name, version), key, version):
            continue
        stale = name in leftovers if provider is None else _differs(openclaw, provider, key, version)
        users = _users(openclaw, name, _only_cached(entry, provider), version)
        if stale and not (provider is None and users):  # what is used is no leftover: these versions run it
            found.append(Promotable(name, provider, Secret(key), users))
    return tuple(found)


def _users(openclaw: OpenClaw, name: str, models: tuple[str, ...], version: Version) -> tuple[str, ...]:
    """What openclaw.json, a session or a cron job names of the models that only a cached entry defines."""
    settings = openclaw.settings.value if openclaw.settings else None
    texts = sorted({*model_texts_in(settings), *openclaw.pinned_models, *openclaw.cron_models})
    known = {model for provider in configured_providers(openclaw).values() for model in provider.models}
    bare = {model for model in models if model not in known and "/" not in model}  # a cron job need not name a provider
    return tuple(text for text in texts if _is_of(text, name, models, version) or text in bare)


def _is_of(text: str, name: str, models: tuple[str, ...], version: Version) -> bool:
    """Tell whether a reference names one of these models of a provider, with a profile behind it or without."""
    wanted = normalise(name, version)
    parts = (form.partition("/") for form in (text, plain_reference(text)))
    return any(normalise(prefix, version) == wanted and model.strip() in models for prefix, _, model in parts)


def _is_copied(key: Secret) -> bool:
    """A literal placeholder is copied too (run on 2026.9.6); a marker or the name of a variable is not."""
    text = key.reveal().strip()
    return bool(text) and not is_marker(key) and not (is_real_key(key) and _VARIABLE.fullmatch(text))


def _is_stored(openclaw: OpenClaw, agent: Agent, provider: str, key: str, version: Version) -> bool:
    """Tell whether the store an agent uses has this key for this provider, or the key is the name of a profile."""
    stored: dict[str, Json] = {}
    for holder in holders_of(openclaw, agent, version):
        stored |= holder.profiles
        if holder.problem is not None:
            return True  # what is in it nobody can tell
    return key in stored or any(_has(entry, provider, key, version) for entry in stored.values())


def _has(entry: Json, provider: str, key: str, version: Version) -> bool:
    if not isinstance(entry, dict) or normalise(str(entry.get("provider", "")), version) != provider:
        return False
    return key in (entry.get("key"), entry.get("token"))


def _differs(openclaw: OpenClaw, provider: Provider, key: str, version: Version) -> bool:
    """Tell whether openclaw.json has a plain key of its own for the provider, and another one."""
    origin = origin_of(openclaw, ("models", "providers", provider.name, "apiKey"))
    if origin is None or not isinstance(origin.value, str) or "${" in origin.value or provider.key is None:
        return False
    behaviour = behaviour_of(version)
    if behaviour is not None and behaviour.auth_word and provider.auth == "api-key":
        return False  # then openclaw.json is asked first
    return is_real_key(provider.key) and provider.key.reveal().strip() != key.strip()


def _only_cached(entry: Mapping[str, Json], provider: Provider | None) -> tuple[str, ...]:
    models = entry.get("models")
    ids = [object_at(model).get("id") for model in models] if isinstance(models, list) else []
    known = provider.models if provider is not None else ()
    return tuple(one for one in ids if isinstance(one, str) and one not in known)
