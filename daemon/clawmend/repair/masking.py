"""What has to be masked before anything of a look is shown, logged or kept: the secrets that it came upon."""

import re
from collections.abc import Iterator
from contextlib import suppress

from clawmend.core.document import Document, Json, LimitError, MalformedError, Syntax
from clawmend.core.secret import Masker
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at, value_of
from clawmend.system.machine import mask_key

_PROFILE_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}:[a-z0-9][a-z0-9._@-]{0,31}")


def masker_for(snapshot: Snapshot, key: bytes) -> Masker:
    """A masker that knows every secret this snapshot holds."""
    masker = Masker(key)
    for openclaw in snapshot.openclaws:
        masker.learn(value_of(openclaw.config))
        if openclaw.settings is not None and openclaw.settings.value is not value_of(openclaw.config):
            masker.learn(openclaw.settings.value)
        exposed = (file.state for file in openclaw.exposed)
        beside = (*openclaw.copies, *openclaw.clobbered, *openclaw.includes, *openclaw.oauth_sources, *exposed)
        for state in beside:
            masker.learn(value_of(state) if state is not None else None)
        masker.learn(openclaw.shared_store.store if openclaw.shared_store else None)
        for agent in openclaw.agents:
            masker.learn(agent.store.store if agent.store else None)
            for state in (agent.models, agent.profiles, agent.legacy_auth):
                masker.learn(value_of(state))
        masker.forget(_profile_ids(openclaw))
    for document in snapshot.neighbours.secrets:
        masker.learn(document)
    for claude in snapshot.claudes:
        for state in (claude.config, claude.settings, *claude.copies):
            _learn_claude(masker, value_of(state))
        masker.learn({"env": dict(claude.environment)})
        for process in claude.processes:
            masker.learn({"env": dict(process.environment or {})})
    _learn_claude(masker, value_of(snapshot.claude) if snapshot.claude is not None else None)
    return masker


def _profile_ids(openclaw: OpenClaw) -> Iterator[str]:
    """The ids of stored profiles; on 2026.9.6 a provider's `apiKey` may be one of them (`bailian:manual`)."""
    stores = [openclaw.shared_store, *(agent.store for agent in openclaw.agents)]
    documents = [store.store for store in stores if store] + [value_of(agent.profiles) for agent in openclaw.agents]
    for document in documents:
        yield from (name for name in object_at(document, "profiles") if _PROFILE_ID.fullmatch(name))


def _learn_claude(masker: Masker, value: Json) -> None:
    """Histories of projects make this file large; what they hold is masked by its shape where it is shown."""
    if isinstance(value, dict):
        masker.learn({name: child for name, child in value.items() if name != "projects"})
        environment = value.get("env")
        masker.learn(environment if isinstance(environment, dict) else None)


def masker_from(*datas: bytes | None) -> Masker:
    """A masker that knows the secrets of these files, as far as they can be read."""
    masker = Masker(mask_key())
    for data in datas:
        with suppress(MalformedError, LimitError):
            masker.learn(Document.parse(data or b"null", Syntax.JSON5).value)
    return masker
