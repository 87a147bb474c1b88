"""Claude Code cannot read its file.

What it checks
    Whether `~/.claude.json` (or the file that is used in its place) is a file that the home's user may read: no folder,
    no link that leads nowhere, not somebody else's private file, unless Claude Code's folder is that user's as well.

Why it matters
    Claude Code takes a file that it cannot read for none, and puts an empty one in its place (2.1.59 and 2.1.330):
    projects, MCP servers and the onboarding flag are gone. A file of root's comes from one `sudo claude`.

The fix and its safety
    Only told, with the command: owners and folders of a person's home are not clawmend's to change.

References
    anthropics/claude-code#6382, #15786, #34799; runs on 2.1.59 and 2.1.330 with a file of root's.
"""

import shlex
from collections.abc import Iterator
from typing import assert_never

from clawmend.core.claude_code import ClaudeCode
from clawmend.core.finding import Confidence, CouldNotLook, Finding, Report, Rule, Safety, Severity
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Absent, Malformed, Parsed, Unreadable

_BY_OWNER, _BY_ANYBODY_ELSE = 0o400, 0o044


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for claude in snapshot.claudes:
        match claude.config:
            case Absent():
                continue
            case Unreadable() as state:
                yield _unreadable(snapshot, claude, state)
            case Parsed(path=path) | Malformed(path=path):
                problem = _barred(snapshot, claude)
                if problem is not None and not _is_anothers(claude):
                    yield _finding(snapshot, path, *problem, private=True)
            case _:
                assert_never(claude.config)


def _unreadable(snapshot: Snapshot, claude: ClaudeCode, state: Unreadable) -> Report:
    path = state.path
    barred = _barred(snapshot, claude)
    if claude.is_folder:
        return _finding(snapshot, path, "is a folder", f"mv {shlex.quote(path)} {shlex.quote(f'{path}.aside')}")
    if state.dangling:
        return _finding(snapshot, path, state.problem, state.remedy)
    if barred is not None:
        return _finding(snapshot, path, *barred, private=True)
    if claude.status is None:
        return _finding(snapshot, path, state.problem, state.remedy)
    return CouldNotLook(RULE.id, path, state.problem, state.remedy)


def _is_anothers(claude: ClaudeCode) -> bool:
    """The folder of Claude Code belongs to the same user as the file: it is that user who works with both here."""
    return claude.status is not None and claude.status.uid == claude.owner and bool(claude.status.mode & _BY_OWNER)


def _barred(snapshot: Snapshot, claude: ClaudeCode) -> tuple[str, str] | None:
    """Say why the home's user may not read the file, and the command that changes it; None when nothing says so."""
    status, path = claude.status, shlex.quote(claude.config.path)
    if status is None or snapshot.owner == 0:
        return None
    if status.uid != snapshot.owner:
        if status.mode & _BY_ANYBODY_ELSE:
            return None
        return "belongs to another user, who lets nobody read it", f"sudo chown {snapshot.owner} {path}"
    return None if status.mode & _BY_OWNER else ("may not be read by its own owner", f"chmod u+rw {path}")


_REPLACED = "Claude Code cannot read it, and puts an empty one in its place"


def _finding(snapshot: Snapshot, path: str, problem: str, remedy: str, *, private: bool = False) -> Finding:
    name = snapshot.display(path)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR,
        safety=Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=path,
        summary=f"{name} {problem}; {_REPLACED if private else 'Claude Code cannot use it'}",
        cause=problem,
        advice=(remedy,),
    )


RULE = Rule(
    id="CC104",
    name="unreadable-claude-json",
    severity=Severity.ERROR,
    safety=Safety.ADVISE,
    eras=None,
    check=_check,
    documentation=__doc__,
)
