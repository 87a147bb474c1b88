"""OpenCode's settings as it understands them: several files merged member by member, with the place of each member.

Read in OpenCode 1.18.33: later files win, objects are merged, everything else is replaced; `{env:NAME}` and
`{file:PATH}` are filled in before anything is parsed; a provider without `npm` speaks OpenAI's protocol.
"""

import re
from collections.abc import Iterator
from dataclasses import field

from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.neighbours import OpenCode
from clawmend.core.plan_data import PlanKnowledge
from clawmend.core.plan_kinds import Region
from clawmend.core.pointer import Pointer
from clawmend.core.providers import text_of
from clawmend.core.secret import Secret
from clawmend.core.state import Parsed, object_at, value_of

OPENAI, ANTHROPIC = "@ai-sdk/openai-compatible", "@ai-sdk/anthropic"
# Providers of the plan that OpenCode knows by itself: an entry of theirs in opencode.json need not say where they are.
_BUILT_IN = {"alibaba-coding-plan": Region.INTERNATIONAL, "alibaba-coding-plan-cn": Region.CHINA}
_BUILT_IN_VARIABLE = "ALIBABA_CODING_PLAN_API_KEY"
_FILLED_IN = re.compile(r"\{(?:env|file):[^}]*\}")
_VARIABLE = re.compile(r"\{env:([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Place:
    """The file and the member in it where a setting stands, and what stands there."""

    path: str
    pointer: Pointer
    value: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Key:
    """The key that a provider is used with, and what to call the place where it stands."""

    secret: Secret
    where: str
    path: str | None
    pointer: Pointer | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model of a provider: its name in opencode.json, its id at the endpoint, and its merged entry."""

    name: str
    id: str
    entry: dict[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider as it is merged. `url` is None where nobody says one in plain text; `place` is where it stands."""

    name: str
    npm: str
    url: str | None
    place: Place | None
    key: Key | None
    models: tuple[Model, ...]


def merged(opencode: OpenCode) -> dict[str, Json]:
    """The settings of all files together."""
    result: Json = {}
    for state in opencode.files:
        value = value_of(state)
        if isinstance(value, dict):
            result = _merge(result, value)
    return object_at(result)


def _merge(weaker: Json, stronger: Json) -> Json:
    if not isinstance(weaker, dict) or not isinstance(stronger, dict):
        return stronger
    return weaker | {name: _merge(weaker[name], value) if name in weaker else value for name, value in stronger.items()}


def places_of(opencode: OpenCode, pointer: Pointer) -> tuple[Place, ...]:
    """Where a setting stands and has a say, the place that wins last."""
    found: list[Place] = []
    for state in opencode.files:
        if not isinstance(state, Parsed):
            continue
        if state.document.has(pointer):
            found.append(Place(state.path, pointer, state.document.get(pointer)))
        elif any(_cuts_off(state, pointer[:depth]) for depth in range(1, len(pointer))):
            found.clear()
    return tuple(found)


def _cuts_off(state: Parsed, above: Pointer) -> bool:
    """A later file that puts something other than an object in the way replaces all that earlier ones say below it."""
    return state.document.has(above) and not isinstance(state.document.get(above), dict)


def is_filled_in(text: str) -> bool:
    """Tell whether a text comes from a variable or another file."""
    return _FILLED_IN.search(text) is not None


def providers_of(opencode: OpenCode, plan: PlanKnowledge) -> Iterator[Provider]:
    """The providers that OpenCode would offer."""
    settings = merged(opencode)
    off, only = _names(settings.get("disabled_providers")), settings.get("enabled_providers")
    for name, entry in object_at(settings, "provider").items():
        if isinstance(entry, dict) and name not in off and (only is None or name in _names(only)):
            yield _provider(opencode, plan, name, entry)


def plan_providers_of(opencode: OpenCode, plan: PlanKnowledge) -> Iterator[Provider]:
    """Those of them that lead to the Coding Plan."""
    for provider in providers_of(opencode, plan):
        if provider.url is not None and plan.is_plan_endpoint(provider.url):
            yield provider


def _names(value: Json) -> frozenset[str]:
    return frozenset(name for name in value if isinstance(name, str)) if isinstance(value, list) else frozenset()


def _provider(opencode: OpenCode, plan: PlanKnowledge, name: str, entry: dict[str, Json]) -> Provider:
    npm = text_of(entry.get("npm")) or OPENAI
    url, place = _url_of(opencode, plan, name)
    models = tuple(
        Model(key, text_of(model.get("id")) or key, model)
        for key, model in object_at(entry, "models").items()
        if isinstance(model, dict) and not isinstance(model.get("provider"), dict)
    )
    return Provider(name, npm, url, place, _key_of(opencode, name), models)


def _url_of(opencode: OpenCode, plan: PlanKnowledge, name: str) -> tuple[str | None, Place | None]:
    for pointer in (("provider", name, "options", "baseURL"), ("provider", name, "api")):
        places = places_of(opencode, pointer)
        if places:
            text = text_of(places[-1].value)
            return (None if text is None or is_filled_in(text) else text), places[-1]
    region = _BUILT_IN.get(name)
    return (plan.right_url(None, region) if region is not None else None), None


def _key_of(opencode: OpenCode, name: str) -> Key | None:
    """The key in the settings wins over the one that `opencode auth login` stored, and that over the environment."""
    pointer = ("provider", name, "options", "apiKey")
    places = places_of(opencode, pointer)
    text = text_of(places[-1].value) if places else None
    variables = {variable.name: variable for variable in reversed(opencode.variables)}
    if text is not None:
        named = _VARIABLE.fullmatch(text.strip())
        found = variables.get(named[1]) if named else None
        if found is not None:
            return Key(found.secret, f"the variable {found.name}", None)
        if is_filled_in(text) or not text.strip():
            return None
        return Key(Secret(text), "options.apiKey", places[-1].path, pointer)
    stored = object_at(value_of(opencode.auth), name).get("key")
    if isinstance(stored, str):
        return Key(Secret(stored), "auth.json", opencode.auth.path, (name, "key"))
    found = variables.get(_BUILT_IN_VARIABLE) if name in _BUILT_IN else None
    return Key(found.secret, f"the variable {found.name}", None) if found else None
