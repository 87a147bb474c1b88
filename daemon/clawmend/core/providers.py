"""What openclaw.json says about providers and models: who is configured, and who refers to whom.

Names are compared as OpenClaw compares them: trimmed and in lower case, with the alias table of the version.
Source: facts read from the packages of 2026.1.29 to 2026.9.6 (normalizeProviderId, parseModelRef).
"""

from collections.abc import Iterator

from clawmend.core.behaviour import behaviour_of
from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.placeholder import is_stand_in
from clawmend.core.pointer import Pointer
from clawmend.core.secret import Secret
from clawmend.core.snapshot import OpenClaw
from clawmend.core.state import object_at, value_of
from clawmend.core.version import Version

# Aliases were built in up to 2026.3.7 in this form; later they come from plugins (Behaviour.fixed_aliases).
_ALIASES_UNTIL_3_7 = {
    "z.ai": "zai",
    "z-ai": "zai",
    "opencode-zen": "opencode",
    "qwen": "qwen-portal",
    "kimi-code": "kimi-coding",
    "bedrock": "amazon-bedrock",
    "aws-bedrock": "amazon-bedrock",
    "bytedance": "volcengine",
    "doubao": "volcengine",
}

_NO_KEYS = ({"x"}, {"*"})
# Values that stand in the place of a key and are none (facts on OpenClaw, "Key markers").
KEY_MARKERS = frozenset(
    {"qwen-oauth", "minimax-oauth", "ollama-local", "custom-local", "secretref-managed", "gcp-vertex-credentials"}
)


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of openclaw.json. `name` is its key as written; `base_url` and `key` are None unless plain text.

    `auth` is the way of signing in that it asks for ("api-key", ...), or None.
    """

    name: str
    base_url: str | None
    api: str | None
    key: Secret | None
    models: tuple[str, ...]
    auth: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """One place in openclaw.json that names a model: `role` is "primary", "fallback" or "agent ID"."""

    pointer: Pointer
    text: str
    role: str


def normalise(name: str, version: Version | None = None) -> str:
    """Bring a provider's name into the form in which this version of OpenClaw compares it."""
    name = name.strip().lower()
    behaviour = behaviour_of(version)
    if behaviour is not None and behaviour.fixed_aliases:
        return _ALIASES_UNTIL_3_7.get(name, name)
    return name


def configured_providers(openclaw: OpenClaw) -> dict[str, Provider]:
    """The providers under `models.providers`, by their key as written."""
    settings = openclaw.settings
    found: dict[str, Provider] = {}
    for name, entry in object_at(settings.value if settings else None, "models", "providers").items():
        if isinstance(entry, dict):
            found[name] = _provider(name, entry)
    return found


def cached_providers(document: Json) -> dict[str, Json]:
    """The members of `providers` in a models.json."""
    return object_at(document, "providers")


def text_of(value: Json) -> str | None:
    """Return a value if it is text, else None."""
    return value if isinstance(value, str) else None


def _secret(value: Json) -> Secret | None:
    return Secret(value) if isinstance(value, str) else None


def _provider(name: str, entry: dict[str, Json]) -> Provider:
    models = entry.get("models")
    ids = [model.get("id") for model in models if isinstance(model, dict)] if isinstance(models, list) else []
    return Provider(
        name,
        text_of(entry.get("baseUrl")),
        text_of(entry.get("api")),
        _secret(entry.get("apiKey")),
        tuple(model for model in ids if isinstance(model, str)),
        text_of(entry.get("auth")),
    )


def model_references(openclaw: OpenClaw) -> Iterator[Reference]:
    """List the places that decide which model answers: primary, fallbacks and the agents' own choices.

    The pointers are those of the file itself, so only what stands in openclaw.json and not in an include is listed.
    """
    yield from references_in(value_of(openclaw.config))


def references_in(value: Json) -> Iterator[Reference]:
    """The same in any document of this form, such as the resolved settings."""
    defaults = object_at(value, "agents", "defaults")
    yield from _of_model(("agents", "defaults", "model"), defaults.get("model"), "primary")
    agents = object_at(value, "agents")
    listed = agents.get("list")
    for index, agent in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(agent, dict):
            yield from _of_model(("agents", "list", index, "model"), agent.get("model"), f"agent {agent.get('id')}")
    for name, agent in object_at(agents, "entries").items():
        if isinstance(agent, dict):
            yield from _of_model(("agents", "entries", name, "model"), agent.get("model"), f"agent {name}")


def _of_model(pointer: Pointer, model: Json, role: str) -> Iterator[Reference]:
    if isinstance(model, str):
        yield Reference(pointer, model, role)
    elif isinstance(model, dict):
        primary = model.get("primary")
        if isinstance(primary, str):
            yield Reference((*pointer, "primary"), primary, role)
        fallbacks = model.get("fallbacks")
        for index, fallback in enumerate(fallbacks if isinstance(fallbacks, list) else []):
            if isinstance(fallback, str):
                yield Reference((*pointer, "fallbacks", index), fallback, "fallback" if role == "primary" else role)


def configured_agent_folders(settings: Json) -> dict[str, str]:
    """The agents whose folder openclaw.json names (`agentDir` in `agents.list`, or in `agents.entries` from 8.1 on)."""
    agents = object_at(settings, "agents")
    listed = agents.get("list")
    entries: list[tuple[Json, Json]] = [
        (agent.get("id"), agent.get("agentDir"))
        for agent in (listed if isinstance(listed, list) else [])
        if isinstance(agent, dict)
    ]
    for name, agent in object_at(agents, "entries").items():
        if isinstance(agent, dict):
            entries.append((name, agent.get("agentDir")))
    return {
        name: folder.strip()
        for name, folder in entries
        if isinstance(name, str) and isinstance(folder, str) and folder.strip()
    }


def all_model_texts(openclaw: OpenClaw) -> frozenset[str]:
    """What openclaw.json names as a model wherever it does, and what sessions and cron jobs name: for "who uses it".

    A text counts below a member whose name speaks of a model (`model`, `models`, `imageModel`, `modelPolicy`); the
    section `models` declares the providers themselves and is left out.
    """
    texts = {text for text in (*openclaw.pinned_models, *openclaw.cron_models) if "/" in text}
    return frozenset(texts) | model_texts_in(openclaw.settings.value if openclaw.settings else None)


def model_texts_in(settings: Json) -> frozenset[str]:
    """What settings name as a model wherever they do."""
    texts: set[str] = set()
    sections = settings.items() if isinstance(settings, dict) else ()
    stack: list[tuple[Json, bool]] = [(value, False) for name, value in sections if name != "models"]
    while stack:
        node, named = stack.pop()
        if isinstance(node, dict):
            texts.update(name for name in node if named and "/" in name)
            stack.extend((value, named or "model" in name.lower()) for name, value in node.items())
        elif isinstance(node, list):
            stack.extend((value, named) for value in node)
        elif isinstance(node, str) and named and "/" in node:
            texts.add(node)
    return frozenset(texts)


def pin_of(session: Json) -> str | None:
    """The model that a session is pinned to, as "provider/model"; None when it has none of its own."""
    model = session.get("modelOverride") if isinstance(session, dict) else None
    return f"{object_at(session).get('providerOverride') or ''}/{model}" if isinstance(model, str) else None


def is_marker(secret: Secret) -> bool:
    """Tell whether this stands in the place of a key and says where the key is."""
    lowered = secret.reveal().strip().lower()
    return lowered in KEY_MARKERS or lowered.startswith(("oauth:", "secretref-env:"))


def is_real_key(secret: Secret) -> bool:
    """Tell whether this is a key that would be sent: no marker, no placeholder, not empty."""
    text = secret.reveal().strip()
    return bool(text) and not is_marker(secret) and not is_stand_in(text) and set(text.lower()) not in _NO_KEYS
