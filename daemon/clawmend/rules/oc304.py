"""A model id of the Coding Plan is misspelled in its case.

What it checks
    Ids that differ from one of the plan's only in case or in spaces inside: in the primary model, fallbacks, agents'
    own choices, the provider's list and the list of allowed models, for providers on the Coding Plan. Spaces around an
    id are cut off by OpenClaw and no fault.

Why it matters
    OpenClaw sends the id of the reference as it is written, and ids are case-sensitive: "model 'Qwen3.5-Plus' is not
    supported" at every turn (run on 2026.3.2 and 2026.7.1). In the provider's list alone it changes no turn.

The fix and its safety
    Corrects the id in every place of openclaw.json at once. Safe where a reference sends it. Where it also names an
    entry of the allowed models that has settings of its own, the entry has to be written anew, so clawmend asks. An
    id that only the list has is mentioned and left.

References
    Coding Plan FAQ, "model 'xxx' is not supported".
"""

from collections.abc import Iterator

from clawmend.core.behaviour import behaviour_of
from clawmend.core.era import MEASURED
from clawmend.core.finding import (
    Confidence,
    Edit,
    Finding,
    Fix,
    RemoveKey,
    Report,
    Rule,
    Safety,
    SetKey,
    Severity,
)
from clawmend.core.origin import origin_of
from clawmend.core.plan_providers import listed_models, need_for, plan_providers
from clawmend.core.providers import Provider, Reference, model_references, normalise
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import object_at, value_of
from clawmend.core.version import Version

_ADVICE = {
    Safety.SAFE: "clawmend repair",
    Safety.ASK: "clawmend repair --only OC304 --yes",
    Safety.ADVISE: "write the right id where the variable gets it from",
}


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        for provider in plan_providers(snapshot, openclaw):
            sent = _sent(snapshot, openclaw, provider, version)
            for wrong, references in sent.items():
                yield _finding(snapshot, openclaw, provider, wrong, references)
            for listed in listed_models(openclaw, provider):
                known = snapshot.plan.respelled(listed.id.strip())
                if known is not None and listed.id.strip() not in sent:
                    yield _only_listed(openclaw, listed.pointer, listed.id, known.id)


def _sent(
    snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, version: Version
) -> dict[str, tuple[Reference, ...]]:
    """The misspelled ids that references to a provider send, each with these references."""
    found: dict[str, tuple[Reference, ...]] = {}
    for reference in model_references(openclaw):
        prefix, slash, model = reference.text.partition("/")
        if not slash or normalise(prefix, version) != normalise(provider.name, version):
            continue
        if snapshot.plan.respelled(model.strip()) is not None:
            found[model.strip()] = (*found.get(model.strip(), ()), reference)
    return found


def _finding(
    snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, wrong: str, references: tuple[Reference, ...]
) -> Finding:
    known = snapshot.plan.respelled(wrong)
    right = known.id if known is not None else wrong
    path = openclaw.config.path
    edits: list[Edit] = [
        SetKey(path, one.pointer, f"{one.text.partition('/')[0]}/{right}") for one in references if "${" not in one.text
    ]
    edits += _in_the_list(openclaw, provider, wrong, right)
    allowed, plain = _in_the_allow_list(snapshot, openclaw, provider, wrong, right)
    edits += allowed
    chosen = any(one.role != "fallback" for one in references)
    safety = Safety.ADVISE if not edits else Safety.SAFE if plain else Safety.ASK
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR if chosen else Severity.WARNING,
        safety=safety,
        confidence=Confidence.CERTAIN,
        path=path,
        pointer=references[0].pointer,
        summary=f'openclaw.json names the model "{wrong}" of {provider.name}; the Coding Plan only knows {right}',
        cause=wrong,
        evidence=(f"sessions are pinned to {wrong} as well",) if _pinned(openclaw, wrong) else (),
        advice=(_ADVICE[safety],),
        fix=Fix(tuple(edits), need_for(snapshot, "models", "agents")) if edits else None,
    )


def _in_the_list(openclaw: OpenClaw, provider: Provider, wrong: str, right: str) -> Iterator[Edit]:
    listed = list(listed_models(openclaw, provider))
    if any(model.id == right for model in listed):
        return
    for model in listed:
        origin = origin_of(openclaw, (*model.pointer, "id"))
        if model.id.strip() == wrong and origin is not None and origin.value == model.id:
            yield SetKey(origin.path, origin.pointer, right)


def _in_the_allow_list(
    snapshot: Snapshot, openclaw: OpenClaw, provider: Provider, wrong: str, right: str
) -> tuple[list[Edit], bool]:
    """The edits of the list of allowed models, and whether they lose nothing that a person wrote into it."""
    behaviour = behaviour_of(snapshot.installation.version)
    names = (f"{provider.name}/{wrong}", f"{provider.name}/{right}")
    path, edits, plain = openclaw.config.path, list[Edit](), True
    entries = object_at(value_of(openclaw.config), "agents", "defaults", "models")
    if names[0] in entries:
        pointer = ("agents", "defaults", "models")
        edits.append(RemoveKey(path, (*pointer, names[0])))
        if names[1] not in entries:
            edits.append(SetKey(path, (*pointer, names[1]), entries[names[0]]))
            plain = entries[names[0]] == {}
    allow = object_at(value_of(openclaw.config), "agents", "defaults", "modelPolicy").get("allow")
    if behaviour is not None and behaviour.allow_list[-1] == "allow" and isinstance(allow, list):
        places = (index for index, text in enumerate(allow) if text == names[0])
        edits += [SetKey(path, ("agents", "defaults", "modelPolicy", "allow", index), names[1]) for index in places]
    return edits, plain


def _pinned(openclaw: OpenClaw, wrong: str) -> bool:
    return any(text.partition("/")[2] == wrong for text in openclaw.pinned_models)


def _only_listed(openclaw: OpenClaw, pointer: tuple[str | int, ...], wrong: str, right: str) -> Finding:
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.INFO,
        safety=Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=openclaw.config.path,
        pointer=(*pointer, "id"),
        summary=f'openclaw.json lists the model "{wrong}", which the Coding Plan calls {right}; nothing names it',
        cause=f"listed\0{wrong}",
    )


RULE = Rule(
    id="OC304",
    name="misspelled-model-id",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
