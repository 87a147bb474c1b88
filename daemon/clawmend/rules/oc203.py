"""A file of another program brings a dead login back.

What it checks
    `~/.qwen/oauth_creds.json` (up to 2026.3.24), `~/.minimax/oauth_creds.json` and, while an agent has no store of its
    own, `credentials/oauth.json` (up to 2026.7.35): OpenClaw makes a profile of what they hold at the next turn. It
    speaks only where OC202 would: the login is dead, and something still leads to its provider.

Why it matters
    The profile that OC202 drops is there again at the next turn, and "OAuth token refresh failed" with it.

The fix and its safety
    Removes the file, or from `credentials/oauth.json` the one login. The file belongs to somebody else, who may want
    to sign in with it, so clawmend asks; what is removed stays in the checkpoint.

References
    openclaw#49557, openclaw#52709; run on 2026.3.2 ("synced qwen credentials from qwen cli").
"""

from collections.abc import Iterator

from clawmend.core.era import MEASURED, Era
from clawmend.core.finding import (
    Confidence,
    Finding,
    Fix,
    RemoveFile,
    RemoveKey,
    Report,
    Rule,
    Safety,
    Severity,
)
from clawmend.core.logins import LoginSource, answers_otherwise, login_sources, stored_logins, why_dead
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.version import Version
from clawmend.core.ways import Way, ways_to

_WHERE = frozenset({Era.A, Era.B, Era.C, Era.D})  # from 2026.8.1 on nothing is made of any of these files


def _check(snapshot: Snapshot) -> Iterator[Report]:
    version = snapshot.installation.version
    if version is None or snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        if openclaw.settings is None or openclaw.settings.problem:
            continue
        for source in login_sources(openclaw, version):
            why = why_dead(openclaw, source.provider, source.expires, version, snapshot.now)
            ways = ways_to(openclaw, source.provider, version) if why else ()
            if why and ways and not answers_otherwise(openclaw, source.provider, version, snapshot.now):
                yield _finding(snapshot, openclaw, source, why, ways, version)


def _finding(
    snapshot: Snapshot, openclaw: OpenClaw, source: LoginSource, why: str, ways: tuple[Way, ...], version: Version
) -> Finding:
    stored = any(login.provider == source.provider for login in stored_logins(openclaw, version))
    fails = not stored and any(way.chosen for way in ways)
    edit = RemoveFile(source.path) if source.pointer is None else RemoveKey(source.path, source.pointer)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR if fails else Severity.WARNING,
        safety=Safety.ASK,
        confidence=Confidence.LIKELY,
        path=source.path,
        pointer=source.pointer,
        summary=(
            f"OpenClaw makes a profile of {source.whose} in {snapshot.display(source.path)}, which is dead: {why}; "
            f'{ways[0].where} is "{ways[0].text}"'
        ),
        cause=source.provider,
        evidence=("what is removed stays in the checkpoint",),
        advice=(f"clawmend repair --only OC202 --only {RULE.id} --yes",),
        fix=Fix((edit,)),
    )


RULE = Rule(
    id="OC203",
    name="credential-resurrection",
    severity=Severity.WARNING,
    safety=Safety.ASK,
    eras=_WHERE,
    check=_check,
    documentation=__doc__,
)
