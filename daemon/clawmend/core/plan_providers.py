"""The providers of openclaw.json that lead to the Coding Plan, and the models that they list."""

from collections.abc import Iterator
from dataclasses import field

from clawmend.core.behaviour import behaviour_of
from clawmend.core.document import Json
from clawmend.core.finding import Need
from clawmend.core.frozen import dataclass
from clawmend.core.pointer import Pointer
from clawmend.core.providers import Provider, configured_providers, text_of
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a provider's list of models, as it is resolved; `pointer` leads to it."""

    pointer: Pointer
    id: str
    entry: dict[str, Json] = field(repr=False)


def plan_providers(snapshot: Snapshot, openclaw: OpenClaw) -> Iterator[Provider]:
    """The providers whose URL leads to the plan; none where openclaw.json could not be understood as a whole."""
    if openclaw.settings is None or openclaw.settings.problem:
        return
    for provider in configured_providers(openclaw).values():
        url = provider.base_url
        if url is not None and not is_open(url) and snapshot.plan.is_plan_endpoint(url):
            yield provider


def listed_models(openclaw: OpenClaw, provider: Provider) -> Iterator[Listed]:
    """The models that a provider lists, with their place."""
    settings = openclaw.settings.value if openclaw.settings else None
    models = object_at(settings, "models", "providers", provider.name).get("models")
    for index, entry in enumerate(models if isinstance(models, list) else []):
        identifier = text_of(entry.get("id")) if isinstance(entry, dict) else None
        if isinstance(entry, dict) and identifier is not None:
            yield Listed(("models", "providers", provider.name, "models", index), identifier, entry)


def need_for(snapshot: Snapshot, *sections: str) -> Need:
    """What a running gateway needs to take over a change of these sections."""
    behaviour = behaviour_of(snapshot.installation.version)
    hot = behaviour.hot if behaviour is not None else frozenset()
    return Need.HOT_RELOAD if set(sections) <= hot else Need.RESTART
