"""Credentials were not taken over from the retired files, and OpenClaw does not work until they are.

What it checks
    On 2026.8.1 and later, for every agent: `auth-profiles.json`, `auth.json` and, on 2026.9.6,
    `credentials/oauth.json`, which these versions no longer read, beside a database of that agent that holds no
    profile. The shared store does not help: with a key in it every turn still failed (run on 2026.9.6).

Why it matters
    Up to 2026.9.5 every turn fails with "requires legacy credential migration", though `/readyz` says ready; on
    2026.9.6 the gateway may not stay up either. Deleting such a file loses logins that are nowhere else. Beside a
    database that holds profiles OpenClaw only warns, and from 2026.6.5 to 2026.7.35 it says nothing: then it is only
    mentioned.

The fix and its safety
    ask: OpenClaw's own `doctor --fix` takes the credentials over, logins included, and puts the files aside; clawmend
    never deletes one. On openclaw.json it would also strip the comments, disable skills and store its keys where they
    win over it, so it gets a private copy in which every key is a reference. A gateway under systemd is stopped before
    and started after. Then the databases must hold every credential of the files, else the files are put back. The
    checkpoint keeps the files; `undo` brings them back byte for byte, and the fault with them, and takes nothing out of
    a database. Held while a gateway runs that nobody can stop and start, while a model cache holds stale keys (OC103
    goes first), where openclaw.json or an entry of a file cannot be read, and where a login changes its name and
    openclaw.json uses the old one; then the steps are told. Only where no file holds anything at all, not even an order
    of profiles, they are removed: safe, for nothing is lost, and they stay in the checkpoint.

References
    legacy-source-diagnostic and auth-profile-repair in OpenClaw 2026.9.6, and runs there; openclaw#141791 (an empty
    table blocks all).
"""

from collections.abc import Iterator

from clawmend.core.behaviour import Behaviour, Legacy, behaviour_of
from clawmend.core.credentials import holders_of
from clawmend.core.era import MEASURED, Era
from clawmend.core.finding import (
    Confidence,
    CouldNotLook,
    Finding,
    Fix,
    Need,
    RemoveFile,
    Report,
    Rule,
    Safety,
    Severity,
    TakeOver,
)
from clawmend.core.legacy import LegacyCredential, credentials_in, holds_nothing, legacy_files
from clawmend.core.migration import is_stoppable, not_taken_over, why_not_now
from clawmend.core.promotable import promotable_keys
from clawmend.core.providers import configured_providers, is_real_key, normalise
from clawmend.core.settings import is_open
from clawmend.core.snapshot import Agent, GatewayRunning, OpenClaw, Snapshot
from clawmend.core.state import FileState, Unreadable, object_at
from clawmend.core.version import Version

_WHERE = frozenset({Era.E})


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    behaviour = behaviour_of(version)
    if version is None or behaviour is None or snapshot.installation.era not in MEASURED:
        return
    if behaviour.legacy is Legacy.LIVE:
        return
    for openclaw in snapshot.openclaws:
        for agent in openclaw.agents:
            files = legacy_files(openclaw, agent, behaviour)
            if files:
                yield from _check_agent(snapshot, openclaw, agent, files, behaviour)


def _check_agent(
    snapshot: Snapshot, openclaw: OpenClaw, agent: Agent, files: tuple[FileState, ...], behaviour: Behaviour
) -> Iterator[Report]:
    store = agent.store
    closed = next((state for state in files if isinstance(state, Unreadable)), None)
    if store is not None and store.problem is not None:
        if behaviour.blocking_files:
            yield CouldNotLook(RULE.id, store.path, store.problem, f"see: ls -l {store.path}")
    elif not behaviour.blocking_files or (store is not None and object_at(store.store, "profiles")):
        yield from _ignored(snapshot, openclaw, agent, files)
    elif closed is not None:
        yield CouldNotLook(RULE.id, closed.path, closed.problem, closed.remedy)
    elif all(holds_nothing(state) for state in files):
        yield _empty(snapshot, agent, files)
    else:
        yield _blocking(snapshot, openclaw, agent, files)


def _empty(snapshot: Snapshot, agent: Agent, files: tuple[FileState, ...]) -> Finding:
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.SAFE,
        confidence=Confidence.CERTAIN,
        path=files[0].path,
        summary=(
            f"agent {agent.id} still has {_names(snapshot, files)}, with no credential in it, and its database has "
            f"none; OpenClaw {snapshot.installation.version} fails every turn over that"
        ),
        cause="nothing in it",
        advice=("clawmend repair",),
        fix=Fix(tuple(RemoveFile(state.path) for state in files), Need.RESTART),
    )


def _blocking(snapshot: Snapshot, openclaw: OpenClaw, agent: Agent, files: tuple[FileState, ...]) -> Finding:
    version = snapshot.installation.version
    behaviour = behaviour_of(version)
    effect = "fails every turn"
    if behaviour is not None and behaviour.legacy is Legacy.STOPS_GATEWAY:
        effect += ", or does not even start,"
    found = [credential for state in files for credential in credentials_in(state)]
    providers = sorted({credential.provider for credential in found})
    stale = version is not None and any(promotable_keys(openclaw, other, version) for other in openclaw.agents)
    hold = why_not_now(openclaw, files, stale=stale)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.ASK,
        confidence=Confidence.CERTAIN,
        path=files[0].path,
        summary=(
            f"agent {agent.id}'s credentials are in {_names(snapshot, files)} and its database has none; "
            f"OpenClaw {version} {effect} until they are taken over"
        ),
        cause=",".join(providers),
        evidence=(
            *((f"credentials for {', '.join(providers)}: do not delete them",) if providers else ()),
            *dict.fromkeys(_shadows(openclaw, found, version)),
            *(("a model cache holds stale keys that would be stored as well (OC103)",) if stale else ()),
        ),
        advice=("clawmend repair --yes",) if hold is None else tuple(_steps(snapshot, openclaw, stale=stale)),
        fix=Fix((TakeOver(files[0].path, agent.id),), Need.RESTART),
        hold=hold,
    )


def _shadows(openclaw: OpenClaw, found: list[LegacyCredential], version: Version | None) -> Iterator[str]:
    providers = {normalise(name, version): provider for name, provider in configured_providers(openclaw).items()}
    for credential in found:
        provider = providers.get(normalise(credential.provider, version))
        key = object_at(credential.entry).get("key")
        if provider is None or provider.key is None or not isinstance(key, str) or is_open(provider.key.reveal()):
            continue
        if is_real_key(provider.key) and provider.key.reveal().strip() != key.strip():
            yield f"{credential.id} has another key than openclaw.json, and will win once it is taken over (OC201)"


def _steps(snapshot: Snapshot, openclaw: OpenClaw, *, stale: bool) -> Iterator[str]:
    """What a person does where clawmend may not: make room for it, or else all of it by hand."""
    command = "openclaw" if openclaw.profile is None else f"openclaw --profile {openclaw.profile}"
    gateway = openclaw.gateway
    stop, start = f"{command} gateway stop", f"{command} gateway start"
    if isinstance(gateway, GatewayRunning) and gateway.manager is None:
        stop, start = "stop the gateway where it runs", "start the gateway again"
    if not is_stoppable(gateway):
        steps = [stop, "clawmend repair --yes", start]
    elif stale:
        steps = ["clawmend repair --only OC103 --yes", "clawmend repair --yes"]
    else:
        steps = [
            f"keep a copy: (umask 077; tar czf ~/openclaw-before.tgz {snapshot.display(openclaw.directory)})",
            stop,
            f"{command} doctor --fix --non-interactive (it also strips the comments of openclaw.json)",
            start,
            "clawmend check",
        ]
    yield from (f"{number}. {step}" for number, step in enumerate(steps, 1))


def _ignored(snapshot: Snapshot, openclaw: OpenClaw, agent: Agent, files: tuple[FileState, ...]) -> Iterator[Finding]:
    version = snapshot.installation.version
    holders = holders_of(openclaw, agent, version) if version is not None else ()
    stored = {name for holder in holders for name in holder.profiles}
    found = [one for state in files for one in credentials_in(state) if one.id not in stored]
    renamed = not_taken_over(found, openclaw, agent, version) if version is not None else ()
    lacking = sorted({one.provider for one in found if one.id in renamed})
    if not lacking:
        return
    yield Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.INFO,
        safety=Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=files[0].path,
        summary=(
            f"agent {agent.id} still has {_names(snapshot, files)} with credentials for {', '.join(lacking)} that its "
            f"store lacks; OpenClaw {snapshot.installation.version} ignores the file"
        ),
        cause=",".join(lacking),
        advice=("if they are wanted: openclaw doctor --fix takes them over",),
    )


def _names(snapshot: Snapshot, files: tuple[FileState, ...]) -> str:
    return " and ".join(snapshot.display(state.path) for state in files)


RULE = Rule(
    id="OC204",
    name="unmigrated-credentials",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=_WHERE,
    check=_check,
    documentation=__doc__,
)
