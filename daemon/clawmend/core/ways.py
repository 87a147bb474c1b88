"""Who sends requests to a provider: the primary model, fallbacks, agents, aliases, other settings, pinned sessions.

Being listed leads nowhere: a model that `agents.defaults.models` or the policy only allows is asked when somebody
chooses it. An alias is a name that people type, so it counts.
"""

from collections.abc import Iterator

from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.providers import model_texts_in, normalise, references_in, text_of
from clawmend.core.snapshot import OpenClaw
from clawmend.core.state import object_at
from clawmend.core.version import Version

_LISTS = ("models", "modelPolicy")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a provider: the model as it is written, and where. `chosen`: a primary or an agent's own model."""

    text: str
    where: str
    chosen: bool


def ways_to(openclaw: OpenClaw, provider: str, version: Version) -> tuple[Way, ...]:
    """List what leads to a provider, the chosen models first; empty when nothing does."""
    wanted = normalise(provider, version)
    found: dict[str, Way] = {}
    for way in _ways(openclaw):
        prefix, slash, _ = way.text.partition("/")
        if slash and normalise(prefix, version) == wanted:
            found.setdefault(way.text, way)
    return tuple(found.values())


def _ways(openclaw: OpenClaw) -> Iterator[Way]:
    settings = openclaw.settings.value if openclaw.settings else None
    references = list(references_in(settings))
    spare = [reference for reference in references if "fallbacks" in reference.pointer]
    for reference in references:
        if reference not in spare:
            where = "the primary model" if reference.role == "primary" else f"the model of {reference.role}"
            yield Way(reference.text, where, chosen=True)
    for reference in spare:
        yield Way(reference.text, "a fallback", chosen=False)
    for text, entry in object_at(settings, "agents", "defaults", "models").items():
        alias = text_of(entry.get("alias")) if isinstance(entry, dict) else None
        if alias:
            yield Way(text, f"the alias {alias}", chosen=False)
    for text in sorted(model_texts_in(_without_lists(settings))):
        yield Way(text, "a setting", chosen=False)
    for text in openclaw.pinned_models:
        yield Way(text, "a session", chosen=False)


def _without_lists(settings: Json) -> Json:
    if not isinstance(settings, dict):
        return settings
    agents, defaults = object_at(settings, "agents"), object_at(settings, "agents", "defaults")
    rest = {name: value for name, value in defaults.items() if name not in _LISTS}
    return {**settings, "agents": {**agents, "defaults": rest}}
