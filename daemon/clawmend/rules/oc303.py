"""A model reference names a provider that nothing defines.

What it checks
    The primary model, the fallbacks and the agents' own choices in openclaw.json: whether the provider in front of
    the slash is configured, known to OpenClaw or kept alive by a stored profile; up to 2026.3.7 also whether there is
    a provider in front at all. A model that is missing from its provider's list is fine: OpenClaw uses default limits.

Why it matters
    "Unknown model": every turn on that reference fails. `qwen3.5-plus` without `bailian/` goes to anthropic on
    2026.3.2, `qwen/qwen3.5-plus` to qwen-portal.

The fix and its safety
    Points the reference at the one configured provider that lists the model; with none or several there is only
    advice. What is meant is a person's to say, so clawmend asks.

References
    Coding Plan FAQ, "Unknown model"; runs on 2026.3.2 and 2026.9.6.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import behaviour_of
from clawmend.core.cache import is_explained, profile_providers
from clawmend.core.catalogue import IMPLICIT_UNTIL_3_7, KNOWN_PROVIDERS, RETIRED_LOGINS
from clawmend.core.era import MEASURED
from clawmend.core.finding import (
    Confidence,
    Finding,
    Fix,
    Need,
    Report,
    Rule,
    Safety,
    SetKey,
    Severity,
)
from clawmend.core.providers import (
    Reference,
    cached_providers,
    configured_providers,
    model_references,
    normalise,
)
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at, value_of
from clawmend.core.version import Version

_CHANNELS = frozenset({"whatsapp", "telegram", "discord", "slack", "signal", "imessage", "irc", "googlechat", "qqbot"})


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in MEASURED:
        return  # which names OpenClaw knows by itself depends on the version
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        for reference in model_references(openclaw):
            if not is_open(reference.text) and not _is_alias(openclaw, reference.text):
                yield from _check_reference(snapshot, openclaw, reference, version)


def _check_reference(
    snapshot: Snapshot, openclaw: OpenClaw, reference: Reference, version: Version
) -> Iterator[Report]:
    prefix, slash, model = (part.strip() for part in reference.text.partition("/"))
    if not slash:
        prefix, model = "", prefix
    if not model or (slash and not prefix):
        return
    owners = _owners(openclaw, model)
    if not slash:
        # From 2026.4.29 on OpenClaw finds the provider by itself, up to 2026.3.7 it takes anthropic (read and run).
        if not _has_fixed_aliases(version) or not owners or model.startswith("claude-"):
            return
        problem = f"names no provider, so OpenClaw {version} takes anthropic"
    elif _is_defined(openclaw, prefix, version):
        return
    else:
        problem = f"names the provider {prefix}, which nothing defines"
    yield _finding(snapshot, openclaw, reference, problem, (model, owners))


def _finding(
    snapshot: Snapshot,
    openclaw: OpenClaw,
    reference: Reference,
    problem: str,
    target: tuple[str, tuple[str, ...]],
) -> Finding:
    model, owners = target
    only = owners[0] if len(owners) == 1 else None
    summary = f'openclaw.json: {_role(reference)} "{reference.text}" {problem}'
    if only:
        summary += f"; {only} is the one configured provider that has {model}"
        advice = f"clawmend repair --only {RULE.id} --yes"
    elif owners:
        advice = f"write one of these in its place: {', '.join(f'{owner}/{model}' for owner in owners)}"
    else:
        advice = f"no configured provider has {model}; configure one under models.providers or name another model"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if reference.role == "fallback" else Severity.ERROR,
        safety=Safety.ASK if only else Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=openclaw.config.path,
        pointer=reference.pointer,
        summary=summary,
        cause=reference.text,
        advice=(advice,),
        fix=Fix((SetKey(openclaw.config.path, reference.pointer, f"{only}/{model}"),), Need.HOT_RELOAD)
        if only
        else None,
        hold=snapshot.installation.why_hands_off(),
    )


def _role(reference: Reference) -> str:
    if reference.role == "primary":
        return "the primary model"
    return "the fallback" if reference.role == "fallback" else f"the model of {reference.role}"


def _owners(openclaw: OpenClaw, model: str) -> tuple[str, ...]:
    """The configured providers that list a model under exactly this id."""
    providers = configured_providers(openclaw)
    return tuple(name.strip() for name, provider in providers.items() if model in provider.models)


def _is_defined(openclaw: OpenClaw, prefix: str, version: Version) -> bool:
    plain, name = prefix.lower(), normalise(prefix, version)
    configured = {key.strip().lower() for key in configured_providers(openclaw)}
    if {plain, name} & (configured | {normalise(key, version) for key in configured}):
        return True
    if {plain, name} & profile_providers(openclaw, version):
        return True
    if any({plain, name} & cached_providers(value_of(agent.models)).keys() for agent in openclaw.agents):
        return True  # OC102 says what there is to say about it
    if name in IMPLICIT_UNTIL_3_7 and _has_fixed_aliases(version):
        return is_explained(openclaw, name, version)
    if {plain, name} & (KNOWN_PROVIDERS - RETIRED_LOGINS) or (
        name in RETIRED_LOGINS and is_explained(openclaw, name, version)
    ):
        return True
    # A plugin may bring any provider; one that is no chat channel of OpenClaw's own has the benefit of the doubt.
    plugins = object_at(openclaw.settings.value if openclaw.settings else None, "plugins", "entries")
    return bool({plugin.lower() for plugin in plugins} - _CHANNELS)


def _has_fixed_aliases(version: Version) -> bool:
    behaviour = behaviour_of(version)
    return behaviour is not None and behaviour.fixed_aliases


def _is_alias(openclaw: OpenClaw, text: str) -> bool:
    """Tell whether a reference is an alias that `agents.defaults.models` declares."""
    wanted = text.strip().lower()
    settings = openclaw.settings.value if openclaw.settings else None
    for entry in object_at(settings, "agents", "defaults", "models").values():
        if (
            isinstance(entry, dict)
            and isinstance(entry.get("alias"), str)
            and str(entry["alias"]).strip().lower() == wanted
        ):
            return True
    return False


RULE = Rule(
    id="OC303",
    name="unknown-model-reference",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
