"""A stored OAuth login is dead, and something still leads to it.

What it checks
    Stored OAuth logins (`auth-profiles.json`, an `auth.json` that is yet to be taken over, the SQLite stores) that
    nothing can renew: Qwen's, which was ended for OpenClaw, and an expired one of a provider that has no login or that
    nothing defines any more; and whether the primary model, a fallback, an agent, an alias or a session leads there.
    A login whose access token has expired is healthy as long as it can be renewed, and one that nothing leads to is
    harmless: neither is mentioned.

Why it matters
    "Agent failed before reply: OAuth token refresh failed for qwen-portal", or "No credentials found for profile":
    every turn that goes there fails.

The fix and its safety
    Up to 2026.6.1: drops the profile and restarts the gateway when one runs, which would write it back. From 2026.8.1
    on: `openclaw models auth logout`; in between there is no such command, and it only says what is wrong. What still
    names the provider is OC303's to mend, in the same plan. A login cannot be made again without its owner, so
    clawmend asks, and keeps it in the checkpoint. It is safe when OpenClaw has tried in vain to renew it since the
    file was last written, and no file of another program (OC203) would bring it back.

References
    Coding Plan FAQ, "OAuth token refresh failed"; openclaw#49557; runs on 2026.3.2.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import Behaviour, behaviour_of
from clawmend.core.belonging import state_of
from clawmend.core.era import MEASURED
from clawmend.core.evidence import Kind
from clawmend.core.finding import (
    Confidence,
    Edit,
    Finding,
    Fix,
    LogOut,
    Need,
    RemoveKey,
    Report,
    Rule,
    Safety,
    Severity,
)
from clawmend.core.logins import Login, LoginSource, answers_otherwise, login_sources, stored_logins, why_dead
from clawmend.core.providers import configured_providers, normalise
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import Parsed
from clawmend.core.version import Version
from clawmend.core.ways import Way, ways_to


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    behaviour = behaviour_of(version)
    if version is None or behaviour is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        sources = tuple(login_sources(openclaw, version))
        for login in stored_logins(openclaw, version):
            why = why_dead(openclaw, login.provider, login.expires, version, snapshot.now)
            ways = ways_to(openclaw, login.provider, version) if why else ()
            if why and ways and not answers_otherwise(openclaw, login.provider, version, snapshot.now):
                yield _finding(snapshot, openclaw, login, why, (ways, sources))


def _finding(
    snapshot: Snapshot,
    openclaw: OpenClaw,
    login: Login,
    why: str,
    around: tuple[tuple[Way, ...], tuple[LoginSource, ...]],
) -> Finding:
    ways, sources = around
    version = snapshot.installation.version
    edit = _edit(login, behaviour_of(version))
    back = [snapshot.display(source.path) for source in sources if source.provider == login.provider]
    refused = _has_failed(snapshot, openclaw, login) and not login.in_database
    safety = Safety.SAFE if refused and not back else Safety.ASK
    restart = edit is not None and not login.in_database and not login.imported
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR if any(way.chosen for way in ways) else Severity.WARNING,
        safety=Safety.ADVISE if edit is None else safety,
        confidence=Confidence.CERTAIN if refused else Confidence.LIKELY,
        path=login.path,
        pointer=login.pointer,
        summary=(
            f'{ways[0].where} is "{ways[0].text}", and agent {login.agent}\'s stored login {login.id} is dead: {why}'
        ),
        cause=login.id,
        evidence=(
            *(f'{way.where} is "{way.text}"' for way in ways[1:4]),
            *(f"OpenClaw would make it again from {path} (OC203)" for path in back),
            *(("OpenClaw has tried in vain to renew it",) if refused else ()),
            *(("the login stays in the checkpoint",) if edit is not None else ()),
        ),
        advice=(*_advice(edit, safety), *_instead(openclaw, login, ways[0], version)),
        fix=None if edit is None else Fix((edit,), Need.RESTART if restart else Need.NOTHING),
    )


def _edit(login: Login, behaviour: Behaviour | None) -> Edit | None:
    if not login.in_database:
        return RemoveKey(login.path, login.pointer)
    if behaviour is None or not behaviour.logout:
        return None
    return LogOut(login.path, login.agent, login.id, login.entry)


def _advice(edit: Edit | None, safety: Safety) -> tuple[str, ...]:
    if edit is None:
        return ()
    return ("clawmend repair",) if safety is Safety.SAFE else (f"clawmend repair --only {RULE.id} --yes",)


def _instead(openclaw: OpenClaw, login: Login, way: Way, version: Version | None) -> tuple[str, ...]:
    if login.provider in {normalise(name, version) for name in configured_providers(openclaw)}:
        return ()  # its own key answers when the login is gone
    return (f"name a model of another provider in the place of {way.text}",)


def _has_failed(snapshot: Snapshot, openclaw: OpenClaw, login: Login) -> bool:
    """Tell whether OpenClaw has failed to renew the login since its file was last written."""
    state = state_of(snapshot, login.path)
    written = state.identity.mtime_ns / 1e9 if isinstance(state, Parsed) else snapshot.now
    version = snapshot.installation.version
    return any(
        event.provider is not None and normalise(event.provider, version) == login.provider
        for event in openclaw.evidence.of(Kind.OAUTH_REFRESH, since=written)
    )


RULE = Rule(
    id="OC202",
    name="leftover-oauth",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
