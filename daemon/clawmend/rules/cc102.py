"""The file of Claude Code does not parse.

What it checks
    Whether `~/.claude.json` (or the file that is used in its place) is a strict JSON object. It is read again after
    0.2, 1 and 3 seconds before that is said: a Claude Code that runs writes a torn file anew. `null` and `[]` parse,
    and make Claude Code forget everything at its next save; so they count. A byte order mark is fine.

Why it matters
    Claude Code stops with "Configuration error", or starts from nothing with its onboarding; it never restores a copy.

The fix and its safety
    Where comments, trailing commas or UTF-16 alone are in the way, writes the same content as strict JSON: nothing of
    what it means is lost. Where a whole object is followed by NULs or brackets, or by the rest of a longer version, and
    has every member, project and MCP server of the copy, writes that object. Else restores the newest copy that is
    whole and holds the most projects and MCP servers: one of Claude Code's own (`backups/.claude.json.backup.*`, never
    a `.corrupted.*`), or one that clawmend kept. With the copy come back the consents that the person had given. Safe
    while no Claude Code runs and such a copy exists that is no more than 30 days older and no less than half as long;
    otherwise it asks. A file with nothing in it and no copy becomes an empty object, when somebody says so. The broken
    file is kept in clawmend's checkpoint. The flag is then CC101's.

References
    anthropics/claude-code#2593, #20637, #28888, #29217 (truncated), #18543 (wiped); runs on 2.1.59 and 2.1.330.
"""

from collections.abc import Iterator

from clawmend.core.claude_code import ClaudeCode
from clawmend.core.claude_copies import best_copy
from clawmend.core.document import Json, Syntax
from clawmend.core.finding import (
    Confidence,
    Finding,
    Fix,
    Report,
    RestoreFile,
    Rule,
    Safety,
    Severity,
)
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Malformed, Parsed, object_at
from clawmend.core.strict import Beginning, beginning_of, mended
from clawmend.core.wholeness import is_whole_claude, loss_by

_MAX_AGE_SECONDS = 30 * 86_400.0
_NOTHING = frozenset({b"", b"null", b"[]"})


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for claude in snapshot.claudes:
        if claude.broken is not None:
            yield _finding(snapshot, claude, claude.broken)


def _finding(snapshot: Snapshot, claude: ClaudeCode, config: Malformed) -> Finding:
    name = snapshot.display(config.path)
    same, copy = mended(config.data), best_copy(claude.copies)
    doubt = "Claude Code runs, and may write it anew from its memory" if claude.runs else None
    if same is not None:
        told, edit = f"it can be written {same[1]}", RestoreFile(config.path, "the same content", same[0])
    elif (whole := _whole_beginning(config, copy)) is not None:
        told = "what it begins with is whole, and can be written without what follows"
        edit = RestoreFile(config.path, "what it begins with", whole.document.encode())
        if copy is None and not whole.rest_is_empty:
            doubt = doubt or "no copy tells whether what follows is needed"
    elif copy is not None:
        told, edit = f"{snapshot.display(copy.path)} is a good copy", RestoreFile(config.path, copy.path, copy.data)
        doubt = doubt or _age(config, copy) or loss_by(copy.data, config.data)
    elif config.data.strip(b"\0 \t\r\n\xef\xbb\xbf") in _NOTHING:
        told, edit = "it holds nothing, and there is no good copy of it", RestoreFile(config.path, "nothing", b"{}\n")
        doubt = "Claude Code would begin anew with it"
    else:
        told, edit = "there is no good copy of it", None
    safety = Safety.ADVISE if edit is None else Safety.SAFE if doubt is None else Safety.ASK
    advice = {
        Safety.SAFE: "clawmend repair",
        Safety.ASK: f"clawmend repair --only {RULE.id} --yes",
        Safety.ADVISE: f"mend {name} by hand where it says; Claude Code would offer to reset it",
    }
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=safety,
        confidence=Confidence.CERTAIN,
        path=config.path,
        summary=f"{name} is no JSON object: {config.problem}; {told}",
        cause=config.problem,
        evidence=(doubt,) if doubt is not None and edit is not None else (),
        advice=(advice[safety],),
        fix=None if edit is None else Fix((edit,)),
    )


def _whole_beginning(config: Malformed, copy: Parsed | None) -> Beginning | None:
    """What the file begins with, where no copy is better: it holds all there is, or all that the copy holds."""
    found = beginning_of(config.data, Syntax.JSON_BOM)
    if found is None or not (is_whole_claude(found.document.value) or (copy is None and found.rest_is_empty)):
        return None
    no_poorer = copy is None or _holds_all_of(object_at(copy.document.value), object_at(found.document.value))
    return found if found.rest_is_empty or (found.is_longer and no_poorer) else None


def _holds_all_of(copy: dict[str, Json], own: dict[str, Json]) -> bool:
    """Whether no member, no project and no MCP server of a copy is missing: a bracket too many ends a file early."""
    pairs = [(copy, own), *((object_at(copy, name), object_at(own, name)) for name in ("projects", "mcpServers"))]
    return all(one.keys() <= other.keys() for one, other in pairs)


def _age(config: Malformed, copy: Parsed) -> str | None:
    older = (config.identity.mtime_ns - copy.identity.mtime_ns) / 1e9
    return "the copy is more than 30 days older" if older > _MAX_AGE_SECONDS else None


RULE = Rule(
    id="CC102",
    name="malformed-claude-json",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=None,
    check=_check,
    documentation=__doc__,
)
