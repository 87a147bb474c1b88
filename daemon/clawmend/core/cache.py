"""The model cache, `agents/<id>/agent/models.json`: which entries void it, and which ones nothing explains.

One invalid entry makes OpenClaw drop every model, URL and key of the file without a word. What counts as invalid
was read in pi-coding-agent 0.49.3, 0.55.3 and 0.73.0 and in OpenClaw 7.1 and 9.6, and run on 2026.3.2.
"""

from clawmend.core.behaviour import behaviour_of
from clawmend.core.catalogue import IMPLICIT_UNTIL_3_7, KNOWN_PROVIDERS, SELF_EXPLAINED, variables_of
from clawmend.core.document import Json
from clawmend.core.era import Era
from clawmend.core.providers import cached_providers, configured_providers, normalise
from clawmend.core.snapshot import Agent, Credential, OpenClaw
from clawmend.core.state import object_at, value_of
from clawmend.core.version import Version

# Where one invalid entry is worth a finding of its own (run on 2026.3.2; without effect on 2026.5.7 and 2026.9.6).
VOID_MATTERS = frozenset({Era.A, Era.B})


def void_entries(models: Json, version: Version) -> dict[str, str]:
    """Return the entries that void the whole file for this version, each with the reason in a few words."""
    found = {}
    behaviour = behaviour_of(version)
    # A registry of OpenClaw's own needs no key, and an entry without models is fine there.
    strict = behaviour is not None and behaviour.strict_cache
    for name, entry in cached_providers(models).items():
        reason = _void_reason(name, entry, strict=strict)
        if reason is not None:
            found[name] = reason
    return found


def _void_reason(name: str, entry: Json, *, strict: bool) -> str | None:
    if entry is None:
        return "it is null"
    if not isinstance(entry, dict):
        return "it is not an object"
    reason = _void_field(entry)
    # Built-in providers may leave fields out in some versions, so only providers of one's own are judged on them.
    if reason is None and normalise(name) not in KNOWN_PROVIDERS:
        reason = _missing_field(entry, strict=strict)
    return reason


def _void_field(entry: dict[str, Json]) -> str | None:
    for field in ("baseUrl", "apiKey", "api"):
        text = entry.get(field)
        if field in entry and (not isinstance(text, str) or not text):
            return f"its {field} is not a text" if not isinstance(text, str) else f"its {field} is empty"
    models = entry.get("models", [])
    if not isinstance(models, list):
        return "its models are not a list"
    return next((reason for reason in map(_void_model, models) if reason), None)


def _missing_field(entry: dict[str, Json], *, strict: bool) -> str | None:
    models = entry.get("models")
    if not isinstance(models, list) or not models:
        if strict and not entry.keys() & {"baseUrl", "modelOverrides", "headers", "compat"}:
            return "it has neither models nor a baseUrl"
        return None
    if "baseUrl" not in entry:
        return "it has models and no baseUrl"
    if strict and "apiKey" not in entry:
        return "it has models and no apiKey"
    if "api" not in entry and any(isinstance(model, dict) and "api" not in model for model in models):
        return "it says nowhere which api its models speak"
    return None


def _void_model(model: Json) -> str | None:
    identifier = model.get("id") if isinstance(model, dict) else None
    if not isinstance(model, dict) or not isinstance(identifier, str) or not identifier:
        return "one of its models has no id"
    for field in ("contextWindow", "maxTokens"):
        limit = model.get(field)
        if field in model and (isinstance(limit, bool) or not isinstance(limit, int | float) or limit <= 0):
            return f"the {field} of one of its models is no positive number"
    return None


def leftover_entries(openclaw: OpenClaw, agent: Agent, version: Version) -> tuple[str, ...]:
    """Return the names of cached providers that openclaw.json lacks and that nothing on this machine explains.

    A provider that OpenClaw adds by itself is a leftover only when its environment is known to be without the
    variables that would explain it.
    """
    configured = {normalise(name, version) for name in configured_providers(openclaw)}
    configured |= {name.strip().lower() for name in configured_providers(openclaw)}
    return tuple(
        name
        for name in cached_providers(value_of(agent.models))
        if name.strip().lower() not in configured
        and normalise(name, version) not in configured
        and not is_explained(openclaw, name, version)
    )


def is_explained(openclaw: OpenClaw, name: str, version: Version) -> bool:
    """Tell whether a profile, a variable or a service may be the reason for a cached provider."""
    plain = name.strip().lower()
    names = {plain, normalise(name, version)}
    if names & SELF_EXPLAINED or names & profile_providers(openclaw, version):
        return True
    variables = [variable for candidate in names for variable in variables_of(candidate)]
    if any(openclaw.environment.get(variable) for variable in variables):
        return True
    if names & IMPLICIT_UNTIL_3_7:
        return False  # only a profile or the variables just looked for bring these in; the key of a plan never does
    return bool(names & KNOWN_PROVIDERS) and not openclaw.environment_complete


def profile_providers(openclaw: OpenClaw, version: Version) -> frozenset[str]:
    """The providers for which any agent, or the shared store, holds a credential of whatever kind."""
    found: set[str] = set()
    for agent in openclaw.agents:
        for state in (agent.profiles, agent.legacy_auth):
            for entry in object_at(value_of(state), "profiles").values():
                if isinstance(entry, dict) and isinstance(entry.get("provider"), str):
                    found.add(str(entry["provider"]))
        legacy = value_of(agent.legacy_auth)
        found.update(legacy if isinstance(legacy, dict) else ())
        found.update(_providers_of(agent.store.credentials if agent.store else ()))
    found.update(_providers_of(openclaw.shared_store.credentials if openclaw.shared_store else ()))
    return frozenset({normalise(name, version) for name in found} | {name.strip().lower() for name in found})


def _providers_of(credentials: tuple[Credential, ...]) -> set[str]:
    return {credential.provider for credential in credentials}
