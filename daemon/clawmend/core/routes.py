"""Who leads to a provider: every place in the settings, every cron job and every session that names one of its models.

Names are followed the way OpenClaw follows them: aliases of `agents.defaults.models`, and from 2026.4.29 on a model's
bare id where exactly one configured provider has it. Pointers are those of the resolved settings (see origin.py).
"""

from collections.abc import Iterator
from enum import Enum

from clawmend.core.behaviour import behaviour_of
from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.pointer import Pointer
from clawmend.core.providers import configured_providers, normalise
from clawmend.core.snapshot import OpenClaw
from clawmend.core.state import object_at
from clawmend.core.version import Version

_LIST: Pointer = ("agents", "defaults", "models")


class Role(Enum):
    """What a reference is good for; the value is how people call it."""

    PRIMARY = "the primary model"
    AGENT = "an agent's model"
    FALLBACK = "a fallback"
    LISTED = "the list of models"
    OTHER = "another setting"
    CRON = "a cron job"
    SESSION = "a session"


@dataclass(frozen=True, slots=True)
class Route:
    """One reference: `text` as it is written, `target` the provider/model it leads to.

    Those of cron jobs and sessions have no pointer.
    """

    text: str
    target: str
    role: Role
    pointer: Pointer | None = None

    @property
    def prefix(self) -> str:
        """The provider it names."""
        return self.target.partition("/")[0].strip()

    @property
    def model(self) -> str:
        """The model it names."""
        return self.target.partition("/")[2].strip()

    def __str__(self) -> str:
        return f'{self.role.value} "{self.text}"'


def routes_of(openclaw: OpenClaw, version: Version) -> tuple[Route, ...]:
    """List every reference to a model: those in the settings in their order, then cron jobs, then sessions."""
    settings = openclaw.settings.value if openclaw.settings else None
    names = _Names(openclaw, settings, version)
    sections = settings.items() if isinstance(settings, dict) else ()
    found = [route for name, value in sections if name != "models" for route in _walk(value, (name,), names, False)]
    jobs = ((text, names.target_of(text, Role.CRON)) for text in openclaw.cron_models)
    found += [Route(text, target, Role.CRON) for text, target in jobs if target is not None]
    found += [Route(text, text, Role.SESSION) for text in openclaw.pinned_models if not text.startswith("/")]
    return tuple(found)


def leads_to(route: Route, provider: str, version: Version) -> bool:
    """Tell whether a reference ends up at a provider, by its name or by an alias of this version."""
    return _plain(route.prefix) == _plain(provider) or normalise(route.prefix, version) == normalise(provider, version)


class _Names:
    """What a text may stand for that is no provider/model itself."""

    def __init__(self, openclaw: OpenClaw, settings: Json, version: Version) -> None:
        behaviour = behaviour_of(version)
        self._providers = {} if behaviour is None or behaviour.fixed_aliases else configured_providers(openclaw)
        self._aliases = {
            _plain(str(entry["alias"])): name
            for name, entry in object_at(settings, "agents", "defaults", "models").items()
            if isinstance(entry, dict) and isinstance(entry.get("alias"), str)
        }

    def target_of(self, text: str, role: Role) -> str | None:
        """The provider/model behind a text; None when it names none."""
        if _plain(text) in self._aliases:
            return self._aliases[_plain(text)]
        if "/" in text:
            return text
        owners = [name for name, provider in self._providers.items() if text.strip() in provider.models]
        return f"{owners[0]}/{text.strip()}" if len(owners) == 1 and role is not Role.OTHER else None


def _walk(value: Json, pointer: Pointer, names: _Names, named: bool) -> Iterator[Route]:
    """A text counts below a member whose name speaks of a model; a member's own name counts in the list of models."""
    if isinstance(value, dict):
        for name, child in value.items():
            if pointer == _LIST and "/" in name:
                yield Route(name, name, Role.LISTED, (*pointer, name))
            if name != "alias":
                yield from _walk(child, (*pointer, name), names, named or "model" in name.lower())
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _walk(child, (*pointer, index), names, named)
    elif isinstance(value, str) and named:
        role = _role_at(pointer)
        target = names.target_of(value, role)
        if target is not None:
            yield Route(value, target, role, pointer)


def _role_at(pointer: Pointer) -> Role:
    match pointer:
        case ("agents", "defaults", "modelPolicy", "allow", _):
            return Role.LISTED
        case (*_, "fallbacks", int()):
            return Role.FALLBACK
        case ("agents", "defaults", "model", *_):
            return Role.PRIMARY
        case ("agents", "list" | "entries", _, "model", *_):
            return Role.AGENT
        case _:
            return Role.OTHER


def _plain(name: str) -> str:
    return name.strip().lower()
