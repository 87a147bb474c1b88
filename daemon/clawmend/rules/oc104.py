"""An agent's model cache is broken as a whole, or one of its entries voids the rest.

What it checks
    Whether `agents/<id>/agent/models.json` is JSON, an object with an object of providers, and whether it holds an
    entry that OpenClaw refuses: one such entry makes it drop every model, URL and key of the file without a word.

Why it matters
    Providers that live only in the cache become "Unknown model"; on 2026.3.2 an entry that is `null` fails every turn
    ("Cannot read properties of null"). A folder in the place of the file fails every turn as well.

The fix and its safety
    Removes the file, or the entry, after looking again in case somebody was just writing it (2026.3.2 writes it in
    place). Safe: OpenClaw rebuilds it from openclaw.json. Nothing is removed when openclaw.json has no provider to
    rebuild it from, nor after 2026.3.2, where openclaw.json decides and a broken cache changes no turn (run on
    2026.5.7 and 2026.9.6); there it is only mentioned. A folder is never removed, only reported.

References
    pi-coding-agent ModelRegistry.loadCustomModels; runs on 2026.3.2 and 2026.9.6.
"""

from collections.abc import Iterator
from typing import assert_never

from clawmend.core.behaviour import behaviour_of
from clawmend.core.cache import VOID_MATTERS, leftover_entries, void_entries
from clawmend.core.era import MEASURED, Era
from clawmend.core.finding import (
    Confidence,
    CouldNotLook,
    Finding,
    Fix,
    RemoveFile,
    RemoveKey,
    Report,
    Rule,
    Safety,
    Severity,
)
from clawmend.core.providers import cached_providers, configured_providers
from clawmend.core.snapshot import Agent, OpenClaw, Snapshot
from clawmend.core.state import Absent, Malformed, Parsed, Unreadable

_WHERE = VOID_MATTERS
# Run: 2026.3.2 fails every turn on a folder, 2026.9.6 fails in a fresh process, 2026.5.7 does not mind.
_FOLDER_FAILS = frozenset({Era.A, Era.B, Era.E})


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for openclaw in snapshot.openclaws:
        for folder in openclaw.unreadable:
            yield CouldNotLook(RULE.id, folder.path, folder.problem, folder.remedy)
        for agent in openclaw.agents:
            yield from _check_agent(snapshot, openclaw, agent)


def _check_agent(snapshot: Snapshot, openclaw: OpenClaw, agent: Agent) -> Iterator[Report]:
    match agent.models:
        case Absent():
            return
        case Unreadable(path=path, problem=problem, remedy=remedy):
            if problem == "is a directory" and snapshot.installation.era in _FOLDER_FAILS:
                yield _directory(agent, path, remedy)
            else:
                yield CouldNotLook(RULE.id, path, problem, remedy)
        case Malformed(path=path, problem=problem):
            yield _whole(snapshot, openclaw, agent, path, f"does not parse: {problem}")
        case Parsed(path=path, document=document):
            if not isinstance(document.value, dict):
                yield _whole(snapshot, openclaw, agent, path, "is not an object")
            elif not isinstance(document.value.get("providers"), dict):
                yield _whole(snapshot, openclaw, agent, path, "has no object of providers")
            else:
                yield from _entries(snapshot, openclaw, agent, agent.models)
        case _:
            assert_never(agent.models)


def _whole(snapshot: Snapshot, openclaw: OpenClaw, agent: Agent, path: str, what: str) -> Finding:
    era = snapshot.installation.era
    rebuilt = bool(configured_providers(openclaw)) and openclaw.settings is not None and not openclaw.settings.problem
    acts = era in _WHERE and rebuilt
    known = era in MEASURED
    summary = f"agent {agent.id}'s model cache {what}"
    if known and era not in _WHERE:
        summary += f"; without effect on OpenClaw {snapshot.installation.version}"
    elif known and not rebuilt:
        summary += "; openclaw.json has no provider to rebuild it from, so it is left as it is"
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if acts or era in {Era.UNKNOWN, Era.MIXED} else Severity.INFO,
        safety=Safety.SAFE if acts else Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=path,
        summary=summary,
        cause=what,
        advice=("clawmend repair",) if acts else (),
        fix=Fix((RemoveFile(path),)) if acts else None,
        hold=None if known else snapshot.installation.why_hands_off(),
    )


def _entries(snapshot: Snapshot, openclaw: OpenClaw, agent: Agent, models: Parsed) -> Iterator[Report]:
    """An invalid entry of a provider that openclaw.json has is rewritten by OpenClaw itself; only leftovers stay."""
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in _WHERE or openclaw.settings is None:
        return
    if openclaw.settings.problem:
        return
    behaviour = behaviour_of(version)
    leftovers = leftover_entries(openclaw, agent, version)
    cached = cached_providers(models.document.value)
    for name, reason in void_entries(models.document.value, version).items():
        if name not in leftovers:
            continue
        fatal = cached[name] is None and behaviour is not None and behaviour.null_is_fatal
        effect = "every turn of this agent fails" if fatal else "OpenClaw ignores the whole cache"
        yield Finding(
            rule=RULE.id,
            name=RULE.name,
            severity=Severity.ERROR if fatal else Severity.WARNING,
            safety=Safety.SAFE,
            confidence=Confidence.CERTAIN if fatal else Confidence.LIKELY,
            path=models.path,
            pointer=("providers", name),
            summary=f"agent {agent.id}'s model cache has an invalid entry {name} ({reason}); {effect}",
            cause=reason,
            advice=("clawmend repair",),
            fix=Fix((RemoveKey(models.path, ("providers", name)),)),
        )


def _directory(agent: Agent, path: str, remedy: str) -> Finding:
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=path,
        summary=f"a folder stands where agent {agent.id}'s model cache belongs; every turn of this agent fails",
        cause="directory",
        advice=(remedy,),
    )


RULE = Rule(
    id="OC104",
    name="malformed-model-cache",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    eras=_WHERE,
    check=_check,
    documentation=__doc__,
)
