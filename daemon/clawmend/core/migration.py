"""Taking the credentials of retired files over into the databases: what is in the way of it, and whether it worked.

OpenClaw's one command for it is `openclaw doctor --fix`, which also rewrites the openclaw.json that it is given and
stores every plaintext key that it finds in it or, for the same provider, in a model cache. So it is given a copy in
which each key is a reference: it leaves references alone, in the copy and in the caches, and never sees the original.
Read in maybeMigrateModelCatalogCredentials and maybeMigrateAuthProfileJsonStoresToSqlite of 2026.9.6, and run there.
"""

import json
from collections.abc import Iterable

from clawmend.core.credentials import holders_of
from clawmend.core.document import Json
from clawmend.core.legacy import LegacyCredential, credentials_in
from clawmend.core.providers import normalise, text_of
from clawmend.core.snapshot import Agent, GatewayRunning, GatewayState, OpenClaw
from clawmend.core.state import FileState, Parsed, object_at, value_of
from clawmend.core.version import Version

APART = "CLAWMEND_KEPT_APART"  # the variable that the references in the copy name
_RENAMED = {"openai-codex": "openai"}  # a provider that was given another name, and its logins with it
_KINDS = (("refresh",), ("key", "apiKey", "api_key", "keyRef"), ("token", "tokenRef"), ("access",))


def config_apart(openclaw: OpenClaw) -> bytes | None:
    """What openclaw.json says, without a key of a provider; None when nobody can say what that is."""
    settings = openclaw.settings
    if settings is None or settings.problem is not None or not isinstance(settings.value, dict):
        return None
    reference: Json = {"source": "env", "provider": "default", "id": APART}
    providers: dict[str, Json] = {}
    for name, entry in object_at(settings.value, "models", "providers").items():
        keyed = isinstance(entry, dict) and isinstance(entry.get("apiKey"), str)
        providers[name] = {**entry, "apiKey": reference} if keyed and isinstance(entry, dict) else entry
    value = dict(settings.value)
    if providers:
        value["models"] = {**object_at(settings.value, "models"), "providers": providers}
    return json.dumps(value, indent=2).encode()


def is_stoppable(gateway: GatewayState) -> bool:
    """Tell whether nothing runs that could not be stopped and started again."""
    return not isinstance(gateway, GatewayRunning) or gateway.manager == "systemd"


def why_not_now(openclaw: OpenClaw, files: Iterable[FileState], *, stale: bool) -> str | None:
    """Say why OpenClaw is not asked to take these files over as things are; None when nothing is in the way."""
    gateway = openclaw.gateway
    if isinstance(gateway, GatewayRunning) and not is_stoppable(gateway):
        return (
            f"a gateway runs (process {gateway.pid}) that clawmend cannot stop and start again; "
            "stop it where it runs, run clawmend repair, and start it again"
        )
    if stale:
        return "a model cache holds stale keys, which have to go first (OC103): clawmend repair --only OC103 --yes"
    if config_apart(openclaw) is None:
        return f"what {openclaw.config.path} says cannot be told in full, and OpenClaw has to be given all of it"
    found: list[LegacyCredential] = []
    for state in files:
        credentials = list(credentials_in(state))
        if not isinstance(state, Parsed) or len(credentials) != _count(value_of(state)):
            return (
                f"{state.path} holds what clawmend cannot read as a credential: nobody could tell that nothing is lost"
            )
        found += credentials
    text = json.dumps(openclaw.settings.value if openclaw.settings else None)
    renamed = sorted({one.provider for one in found if one.provider in _RENAMED and one.provider in text})
    if renamed:
        return (
            f"OpenClaw gives the logins of {renamed[0]} another name as it takes them over, and openclaw.json uses the "
            "old one: only openclaw doctor --fix on openclaw.json itself changes both"
        )
    return None


def _count(value: Json) -> int:
    """How many entries a retired file has, in either of its forms; -1 for what has none."""
    if not isinstance(value, dict):
        return -1
    nested = value.get("profiles")
    return len(nested) if isinstance(nested, dict) else len(value)


def not_taken_over(
    credentials: Iterable[LegacyCredential], openclaw: OpenClaw, agent: Agent, version: Version
) -> tuple[str, ...]:
    """The ids of the credentials that no database of an agent holds; a name may have changed, a secret not."""
    stored = {
        _meaning(entry, text_of(object_at(entry).get("provider")) or "", version)
        for holder in holders_of(openclaw, agent, version)
        if holder.problem is None
        for entry in holder.profiles.values()
    }
    return tuple(one.id for one in credentials if _meaning(one.entry, one.provider, version) not in stored)


def _meaning(entry: Json, provider: str, version: Version) -> tuple[str, str, str]:
    """The provider, the kind and the secret of an entry, by which it is known under any name."""
    name = normalise(provider, version)
    for kind in _KINDS:
        for member in kind:
            secret = object_at(entry).get(member)
            if secret:
                text = secret.strip() if isinstance(secret, str) else json.dumps(secret, sort_keys=True)
                return _RENAMED.get(name, name), kind[0], text
    return name, "", ""
