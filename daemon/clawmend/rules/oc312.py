"""openclaw.json names a variable that the gateway's environment does not have.

What it checks
    Every `${NAME}` (upper case) in openclaw.json and in what it includes, against the environment of the gateway that
    runs, its `.env` files and what `env` in openclaw.json sets. `$${NAME}` is a text, not a variable. Our environment
    is not the gateway's: of a gateway that does not run, only what its service lacks is mentioned, and of one that may
    not be looked at, nothing is said.

Why it matters
    Up to 2026.3.2 one such name makes the whole file invalid ("Missing env var"): the gateway does not start, and one
    that runs skips every reload. Later the text stays as it is written. Where it is a provider's key, the gateway does
    not start up to 2026.7.35, and from 2026.8.1 on that provider does not answer. Elsewhere it is only mentioned,
    unless it is the URL of a provider that an agent uses.

The fix and its safety
    None: only you know the value. The finding says in which file and member the name stands, and where a value is read.

References
    Coding Plan FAQ, "No API key found for provider"; resolveConfigEnvVars of 2026.1.29 to 2026.9.6; runs on 2026.3.2,
    2026.5.7, 2026.7.1 and 2026.9.6.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import Unset, behaviour_of
from clawmend.core.document import Json
from clawmend.core.era import MEASURED
from clawmend.core.evidence import Kind
from clawmend.core.finding import Confidence, Finding, Report, Rule, Safety, Severity
from clawmend.core.pointer import Pointer, format_pointer
from clawmend.core.providers import configured_providers, normalise
from clawmend.core.settings import INCLUDE, variables_in
from clawmend.core.snapshot import GatewayAbsent, OpenClaw, Snapshot
from clawmend.core.state import object_at, value_of
from clawmend.core.supply import changed_at, supply_of
from clawmend.core.uses import FALLBACK, uses_of

_SHELL = "OPENCLAW_LOAD_SHELL_ENV"


def _check(snapshot: Snapshot) -> Iterator[Report]:
    behaviour = behaviour_of(snapshot.installation.version)
    if behaviour is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        serviced = isinstance(openclaw.gateway, GatewayAbsent) and openclaw.gateway.service is not None
        places: dict[str, list[tuple[str, Pointer]]] = {}
        for state in (openclaw.config, *openclaw.includes):
            for name, pointer in _names(value_of(state), ()):
                if not openclaw.environment.get(name):
                    places.setdefault(name, []).append((state.path, pointer))
        for name, found in places.items():
            if not serviced and _how_known(openclaw, name) is None:
                continue  # whoever starts the gateway from a shell gives it that shell's variables
            yield _finding(snapshot, openclaw, name, found, behaviour.unset)


def _names(value: Json, pointer: Pointer) -> Iterator[tuple[str, Pointer]]:
    """Every variable that a text names, with the place of the text."""
    if isinstance(value, str):
        yield from ((name, pointer) for name in variables_in(value))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _names(element, (*pointer, index))
    elif isinstance(value, dict):
        for member, child in value.items():
            if member != INCLUDE:
                yield from _names(child, (*pointer, member))


def _finding(
    snapshot: Snapshot, openclaw: OpenClaw, name: str, places: list[tuple[str, Pointer]], unset: Unset
) -> Finding:
    why = _how_known(openclaw, name)
    effects = [_effect(snapshot, openclaw, pointer, unset) for _, pointer in places]
    worst = next((index for index, effect in enumerate(effects) if effect), 0)
    path, pointer = places[worst]
    summary = f"{snapshot.display(path)} names the variable {name}"
    if why is None:
        summary += ", which stands neither in .env, nor in the service, nor in env of openclaw.json"
    else:
        summary += f", {why}: {effects[worst] or 'the text stays as it is written'}"
    others = [place for place in places if place != places[worst]]
    folder = snapshot.display(openclaw.directory)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR if why is not None and effects[worst] else Severity.INFO,
        safety=Safety.ADVISE,
        confidence=Confidence.POSSIBLE if why is None else Confidence.CERTAIN,
        path=path,
        pointer=pointer,
        summary=summary,
        cause=name,
        evidence=tuple(f"also at {format_pointer(other)} in {snapshot.display(file)}" for file, other in others[:3]),
        advice=() if why is None else (f"write {name}=... into {folder}/.env, then: openclaw gateway restart",),
    )


def _effect(snapshot: Snapshot, openclaw: OpenClaw, pointer: Pointer, unset: Unset) -> str | None:
    """Say what fails because of one place; None when it may be nothing that anybody needs."""
    version = snapshot.installation.version
    if unset is Unset.VOIDS_CONFIG:
        return "the whole file is invalid, and the gateway does not start on it"
    place = _provider_and_member(openclaw, pointer)
    if version is None or place is None:
        return None
    name, member = place
    if member == "apiKey" and unset is Unset.STOPS_GATEWAY:
        return f"{name} has no key then, and the gateway does not start without it"
    uses = [use for use in uses_of(openclaw, version) if use.provider == normalise(name, version)]
    supplies = [supply_of(openclaw, use, version, snapshot.now) for use in uses if use.role != FALLBACK]
    needed = [
        one for one in supplies if member == "baseUrl" or (one.winner is not None and one.winner.kind == "config")
    ]
    if not needed:
        return None
    return f"{name} cannot answer, and {needed[0].use.words} uses it"


def _provider_and_member(openclaw: OpenClaw, pointer: Pointer) -> tuple[str, str] | None:
    """The provider whose key or URL stands at a place of a file, by what the settings say of the member's end."""
    if len(pointer) < 2 or pointer[-1] not in {"apiKey", "baseUrl"}:
        return None
    name, member = str(pointer[-2]), str(pointer[-1])
    return (name, member) if name in configured_providers(openclaw) else None


def _how_known(openclaw: OpenClaw, name: str) -> str | None:
    """Say how it is known that the gateway lacks a variable; None when it may have it all the same."""
    for event in openclaw.evidence.of(Kind.INVALID_CONFIG, since=changed_at(openclaw)):
        if f'"{name}"' in event.text:
            return "and the gateway's log says that it is missing"
    settings = openclaw.settings.value if openclaw.settings else None
    shell = object_at(settings, "env", "shellEnv").get("enabled") is True or openclaw.environment.get(_SHELL)
    if openclaw.environment_complete and not shell:
        return "which the gateway that runs does not have"
    return None


RULE = Rule(
    id="OC312",
    name="unset-variable",
    severity=Severity.ERROR,
    safety=Safety.ADVISE,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
