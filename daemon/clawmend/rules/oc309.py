"""A Coding Plan model is to think and is not told how.

What it checks
    Models of a provider on the Coding Plan that say `reasoning: true`, speak `openai-completions` and have no
    `compat.thinkingFormat`, though the plan's table says that they can think. Any other value of it is somebody's
    choice. The providers qwen, qwencloud, modelstudio and dashscope are left out: OpenClaw's own plugin tells them.
    On OpenClaw before 2026.3.2 it says which version is needed. Also `"qwen"` where OpenClaw refuses that value.

Why it matters
    Without `"qwen"` OpenClaw asks for thinking in OpenAI's way, which the plan does not understand: the model answers,
    and does not think. OpenClaw 2026.4.26 to 2026.5.7 calls a configuration with `"qwen"` invalid, as those before
    2026.2.17 do, and the gateway does not start.

The fix and its safety
    Adds `compat.thinkingFormat: "qwen"` to that model. It works without, so clawmend asks. Where OpenClaw refuses the
    value, clawmend only says so, and asks whether to take out one that is there.

References
    Coding Plan FAQ, "Do Coding Plan models support thinking mode?"; the settings schema of 2026.1.29 to 2026.9.6.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import Behaviour, behaviour_of
from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Finding, Fix, RemoveKey, Report, Rule, Safety, SetKey, Severity
from clawmend.core.origin import origin_of, place_of
from clawmend.core.plan_providers import Listed, listed_models, need_for, plan_providers
from clawmend.core.providers import Provider, normalise
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at

_FORMAT = "qwen"
_API = "openai-completions"
_TOLD_BY_PLUGIN = frozenset({"qwen", "qwen-portal", "qwencloud", "modelstudio", "dashscope"})


def _check(snapshot: Snapshot) -> Iterator[Report]:
    behaviour = behaviour_of(snapshot.installation.version)
    if behaviour is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        for provider in plan_providers(snapshot, openclaw):
            for listed in listed_models(openclaw, provider):
                if _lacks_format(snapshot, provider, listed):
                    yield _finding(snapshot, openclaw, listed, behaviour)
                elif _is_refused(listed, behaviour):
                    yield _refused(snapshot, openclaw, listed)


def _lacks_format(snapshot: Snapshot, provider: Provider, listed: Listed) -> bool:
    known = snapshot.plan.model(listed.id.strip())
    if known is None or known.thinking_budget is None or listed.entry.get("reasoning") is not True:
        return False
    if listed.entry.get("api", provider.api) != _API or normalise(provider.name) in _TOLD_BY_PLUGIN:
        return False
    return "thinkingFormat" not in object_at(listed.entry, "compat")


def _finding(snapshot: Snapshot, openclaw: OpenClaw, listed: Listed, behaviour: Behaviour) -> Finding:
    origin = origin_of(openclaw, listed.pointer)
    path, pointer = place_of(openclaw, listed.pointer)
    fix = None
    accepted = behaviour.thinks and _FORMAT in behaviour.thinking_formats
    if origin is not None and accepted and isinstance(origin.value, dict):
        edit = SetKey(origin.path, (*origin.pointer, "compat", "thinkingFormat"), _FORMAT)
        fix = Fix((edit,), need_for(snapshot, "models"))
    version = snapshot.installation.version
    advice = f"clawmend repair --only {RULE.id} --yes"
    if not accepted:
        advice = f"OpenClaw {version} is not made for it; thinking needs 2026.3.2 to 2026.4.25, or 2026.5.12 or newer"
    elif fix is None:
        advice = 'add "compat": { "thinkingFormat": "qwen" } where the model is listed'
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if fix else Severity.INFO,
        safety=Safety.ASK if fix else Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=path,
        pointer=pointer,
        summary=f"{listed.id} is to think (reasoning: true) and has no compat.thinkingFormat, so it does not",
        cause=listed.id,
        advice=(advice,),
        fix=fix,
    )


def _is_refused(listed: Listed, behaviour: Behaviour) -> bool:
    """Tell whether the plan's own format stands where the schema of this version does not know it."""
    written = object_at(listed.entry, "compat").get("thinkingFormat") == _FORMAT
    return written and _FORMAT not in behaviour.thinking_formats


def _refused(snapshot: Snapshot, openclaw: OpenClaw, listed: Listed) -> Finding:
    setting = (*listed.pointer, "compat", "thinkingFormat")
    origin = origin_of(openclaw, setting)
    path, pointer = place_of(openclaw, setting)
    fix = Fix((RemoveKey(origin.path, origin.pointer),), need_for(snapshot, "models")) if origin is not None else None
    version = snapshot.installation.version
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.ASK if fix else Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=path,
        pointer=pointer,
        summary=f'{listed.id} has compat.thinkingFormat "{_FORMAT}", on which OpenClaw {version} does not start',
        cause=f"refused\0{listed.id}",
        advice=(
            "update OpenClaw to 2026.5.12 or newer, which knows it",
            f"or take it out: clawmend repair --only {RULE.id} --yes" if fix else "or take it out where it is listed",
        ),
        fix=fix,
    )


RULE = Rule(
    id="OC309",
    name="thinking-not-wired",
    severity=Severity.WARNING,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
