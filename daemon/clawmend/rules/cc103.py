"""The file of Claude Code was begun anew, and an earlier copy holds what is gone.

What it checks
    Whether `~/.claude.json` (or the file that is used in its place) lacks half or more of the projects and MCP servers
    of its best copy, and was begun anew: fewer starts than the copy, a later first start, or nothing of a person's own
    in it. Its size says nothing: every save strips the histories. Somebody who removes servers or projects does not
    begin anew, and is left alone. A copy of more than 30 days ago says nothing: the new file is what its owner has now.

Why it matters
    Claude Code writes a skeleton where it could not read its file, after "Reset", and after a crash: MCP servers,
    projects and logins are gone without a word.

The fix and its safety
    Writes back what is gone, member by member: projects, servers and other members that the file lacks, or has only
    an empty list or object for. What the file holds now stays and wins, also where the copy says otherwise.
    Consents (`hasTrustDialogAccepted`, `bypassPermissionsModeAccepted`, `customApiKeyResponses` and their like) never
    come back: Claude Code asks again. Starting anew may be what somebody wanted, so clawmend asks.

References
    anthropics/claude-code#14869, #18543, #24578, #29165, #69354; skeletons captured from 2.1.59 and 2.1.330.
"""

from collections.abc import Iterator

from clawmend.core.claude_copies import Wiped, wiped
from clawmend.core.finding import Confidence, Finding, Fix, Report, Rule, Safety, SetKey, Severity
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Parsed

# So long somebody may still miss what is gone; after that the new file is what its owner wants.
_DOUBT_SECONDS = 30 * 86_400.0


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for claude in snapshot.claudes:
        config = claude.config
        value = config.document.value if isinstance(config, Parsed) else None
        loss = wiped(value, claude.copies) if isinstance(value, dict) else None
        if loss is not None and snapshot.now - loss.copy.identity.mtime_ns / 1e9 < _DOUBT_SECONDS:
            yield _finding(snapshot, config.path, loss)


def _finding(snapshot: Snapshot, path: str, loss: Wiped) -> Finding:
    counted = [(loss.projects, "project"), (loss.servers, "MCP server")]
    lost = " and ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in counted if number)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.ASK,
        confidence=Confidence.LIKELY,
        path=path,
        pointer=("projects" if loss.projects else "mcpServers",),
        summary=f"{snapshot.display(path)} was begun anew and lacks {lost} that {snapshot.display(loss.copy.path)} has",
        cause=lost,
        evidence=("what the file holds now stays; consents do not come back",),
        advice=(f"clawmend repair --only {RULE.id} --yes",),
        fix=Fix(tuple(SetKey(path, (name,), value) for name, value in loss.members)),
    )


RULE = Rule(
    id="CC103",
    name="wiped-claude-json",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=None,
    check=_check,
    documentation=__doc__,
)
