"""Who uses which provider: the model that answers for each agent, and its fallbacks.

Judged are the settings as OpenClaw resolves them. What a person or a session may switch to does not count as used.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import behaviour_of
from clawmend.core.credentials import MAIN
from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.providers import configured_providers, normalise
from clawmend.core.settings import is_open
from clawmend.core.snapshot import Agent, OpenClaw
from clawmend.core.state import Absent, object_at
from clawmend.core.version import Version

FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Use:
    """One agent's use of a provider, in the form in which providers are compared.

    `role` is "primary", "fallback" or "agent ID"; `model` is the reference as it is written.
    """

    provider: str
    agent: Agent
    role: str
    model: str

    @property
    def words(self) -> str:
        """What it is, for a sentence."""
        if self.role == "primary":
            return "the primary model"
        return "a fallback" if self.role == FALLBACK else f"the model of {self.role}"


def uses_of(openclaw: OpenClaw, version: Version) -> tuple[Use, ...]:
    """Every use, those that answer first before the fallbacks."""
    found = [
        Use(provider, _agent(openclaw, name), role, text)
        for name, role, text in _references(openclaw)
        if (provider := _provider(openclaw, text, version))
    ]
    return tuple(sorted(found, key=lambda use: use.role == FALLBACK))


def _references(openclaw: OpenClaw) -> Iterator[tuple[str, str, str]]:
    """The agent, the role and the text of every reference that can answer a turn."""
    settings = openclaw.settings.value if openclaw.settings else None
    agents = object_at(settings, "agents")
    listed = agents.get("list")
    entries: list[tuple[Json, Json]] = [
        (entry.get("id"), entry.get("model"))
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict)
    ]
    entries += [
        (name, entry.get("model")) for name, entry in object_at(agents, "entries").items() if isinstance(entry, dict)
    ]
    shared = object_at(agents, "defaults").get("model")
    for name, model in entries or [(MAIN, None)]:
        own = _primary(model)
        if own is not None:
            yield str(name), f"agent {name}", own
        elif (text := _primary(shared)) is not None:
            yield str(name), "primary", text
        for text in _fallbacks(model if isinstance(model, dict) and "fallbacks" in model else shared):
            yield str(name), FALLBACK, text


def _primary(model: Json) -> str | None:
    text = model.get("primary") if isinstance(model, dict) else model
    return text if isinstance(text, str) and text.strip() else None


def _fallbacks(model: Json) -> list[str]:
    listed = model.get("fallbacks") if isinstance(model, dict) else None
    return [text for text in listed if isinstance(text, str)] if isinstance(listed, list) else []


def _agent(openclaw: OpenClaw, name: str) -> Agent:
    """The agent of this name; one without a folder has no files of its own."""
    wanted = name.strip().lower()
    found = next((agent for agent in openclaw.agents if agent.id.lower() == wanted), None)
    if found is not None:
        return found
    folder = f"{openclaw.directory}/agents/{wanted}/agent"
    files = ("models.json", "auth-profiles.json", "auth.json", "auth-state.json")
    models, profiles, legacy, state = (Absent(f"{folder}/{file}") for file in files)
    return Agent(wanted, folder, models, profiles, legacy, state)


def _provider(openclaw: OpenClaw, text: str, version: Version) -> str | None:
    """The provider that a reference leads to; None where it cannot be told."""
    text = _resolved(openclaw, text).strip()
    prefix, slash, model = (part.strip() for part in text.partition("/"))
    if is_open(text):
        return None
    if slash:
        return normalise(prefix, version) if prefix and model else None
    behaviour = behaviour_of(version)
    if behaviour is None or behaviour.fixed_aliases:
        return None  # it goes to anthropic there: OC303 says so
    owners = [name for name, provider in configured_providers(openclaw).items() if text in provider.models]
    return normalise(owners[0], version) if len(owners) == 1 else None


def _resolved(openclaw: OpenClaw, text: str) -> str:
    """Follow an alias that `agents.defaults.models` declares."""
    settings = openclaw.settings.value if openclaw.settings else None
    for model, entry in object_at(settings, "agents", "defaults", "models").items():
        alias = entry.get("alias") if isinstance(entry, dict) else None
        if isinstance(alias, str) and alias.strip() and alias.strip().lower() == text.strip().lower():
            return model
    return text
