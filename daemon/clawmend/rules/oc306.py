"""Models are not restricted to those that openclaw.json configures.

What it checks
    Homes that use the Coding Plan: whether a list of allowed models is there, `agents.defaults.models` up to 2026.7.35
    and `agents.defaults.modelPolicy.allow` from 2026.8.1 on. Homes without the plan are never judged.

Why it matters
    Without it any model that OpenClaw knows can be chosen, by a person or an agent; the FAQ's "call records of models
    I never configured". Nothing fails. From 2026.8.1 on the old list still restricts until OpenClaw has noted that it
    took it over (`meta.migrations.modelPolicyAllowlist`).

The fix and its safety
    Declares the configured models as the allowed ones. It restricts what worked before, so clawmend only mentions it
    and does it when asked with `--only OC306 --yes`; nothing is declared while a setting is a variable or an include.

References
    Coding Plan FAQ, "Why do I see call records of models that I never configured in OpenClaw?"
"""

import re
from collections.abc import Iterator

from clawmend.core.behaviour import Behaviour, behaviour_of
from clawmend.core.document import Json
from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Edit, Finding, Fix, Report, Rule, Safety, SetKey, Severity
from clawmend.core.origin import origin_of
from clawmend.core.plan_providers import need_for, plan_providers
from clawmend.core.providers import all_model_texts, configured_providers
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at

# What 2026.9.6 takes as an entry; a path to a model's file (`modelPath`) or a pin without a provider would make the
# whole configuration invalid there (run).
_REFERENCE = re.compile(r"[A-Za-z0-9][\w.-]*(/[^\s*/]+)+", re.ASCII)


def _check(snapshot: Snapshot) -> Iterator[Report]:
    behaviour = behaviour_of(snapshot.installation.version)
    if behaviour is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        settings = openclaw.settings.value if openclaw.settings else None
        if any(plan_providers(snapshot, openclaw)) and not _is_restricted(settings, behaviour):
            yield _finding(snapshot, openclaw, behaviour)


def _is_restricted(settings: Json, behaviour: Behaviour) -> bool:
    """A policy decides even when it is empty; without one the old list counts, from 2026.8.1 on until it is noted."""
    defaults = object_at(settings, "agents", "defaults")
    policy = defaults.get("modelPolicy")
    if isinstance(policy, dict):
        return bool(policy.get("allow"))
    noted = object_at(settings, "meta", "migrations").get("modelPolicyAllowlist") is True
    return bool(defaults.get("models")) and not (noted and behaviour.allow_list[-1] == "allow")


def _finding(snapshot: Snapshot, openclaw: OpenClaw, behaviour: Behaviour) -> Finding:
    edits = _edits(openclaw, behaviour)
    pointer = behaviour.allow_list
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.INFO,
        safety=Safety.ASK if edits else Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=openclaw.config.path,
        pointer=pointer,
        summary=f"openclaw.json does not restrict the models ({'.'.join(pointer)})",
        cause="absent",
        advice=(f"to allow only the configured ones: clawmend repair --only {RULE.id} --yes",) if edits else (),
        fix=Fix(edits, need_for(snapshot, "agents")) if edits else None,
    )


def _edits(openclaw: OpenClaw, behaviour: Behaviour) -> tuple[Edit, ...]:
    providers = configured_providers(openclaw).values()
    configured = {f"{provider.name.strip()}/{model}" for provider in providers for model in provider.models}
    in_use = {text.strip() for text in all_model_texts(openclaw)}  # none of these may be shut out
    names = sorted(name for name in configured | in_use if is_open(name) or _REFERENCE.fullmatch(name))
    place = origin_of(openclaw, ("agents", "defaults"))
    if place is None or not names or any(is_open(name) for name in names):
        return ()
    value: Json = {name: {} for name in names} if behaviour.allow_list[-1] == "models" else list(names)
    return (SetKey(place.path, (*place.pointer, *behaviour.allow_list[2:]), value),)


RULE = Rule(
    id="OC306",
    name="no-model-allowlist",
    severity=Severity.INFO,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
