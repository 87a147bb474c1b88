"""Claude Code's base URL for the Coding Plan is wrong.

What it checks
    `ANTHROPIC_BASE_URL` where it means a host of the Coding Plan, spelled rightly or one slip away, and a general
    endpoint of the vendor together with a key of the plan's shape. Three places are looked at: `env` of settings.json
    wins over `env` at the top level of .claude.json, and that over the environment. Slashes at the end and spaces
    around it are harmless. Any other host (Anthropic's own, a proxy, another vendor's, the Token Plan's) is somebody's
    own and never judged, and neither is anything where Bedrock, Vertex or Foundry is switched on.

Why it matters
    Claude Code appends `/v1/messages`. `/apps/anthropic/v1` and `/v1` become `/v1/v1/messages`, the FAQ's 404; without
    a scheme it sends nothing at all. A general endpoint refuses the plan's key, or bills.

The fix and its safety
    Writes the right URL of the same region in the file that wins; it asks. In a file that does not win the same is only
    a note. A URL in an environment can only be told. A Claude Code that runs has to be started again.

References
    Coding Plan FAQ, "404 status code (no body)", "How do I use Coding Plan in VSCode?"; runs on 2.1.330 and 2.1.59.
"""

from collections.abc import Iterator

from clawmend.core.claude_code import ClaudeCode
from clawmend.core.claude_setup import KEY, TOKEN, URL, Said, alone, flaw_in, said, uses_another_vendor, winner
from clawmend.core.endpoint import Flaw
from clawmend.core.finding import Confidence, Finding, Fix, Report, Rule, Safety, SetKey, Severity
from clawmend.core.snapshot import Snapshot


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for claude in snapshot.claudes:
        if uses_another_vendor(claude):
            continue
        places = said(claude, URL)
        for one in places:
            flaw = flaw_in(snapshot.plan, one.text.reveal(), _keys(claude, one))
            wins = one.path == places[0].path  # one environment does not win over another
            if flaw is not None and (wins or one.path is not None):
                yield _finding(claude, one, flaw, wins=wins)


def _keys(claude: ClaudeCode, url: Said) -> tuple[str, ...]:
    """The keys that go with a URL: in an environment its own, with one in a file those of every environment."""
    views = [view for view in alone(claude) if url.path or [one.pid for one in view.processes] == _pids(url)]
    return tuple(one.text.reveal() for view in views for name in (TOKEN, KEY) if (one := winner(view, name)))


def _pids(url: Said) -> list[int]:
    return [] if url.pid is None else [url.pid]


def _finding(claude: ClaudeCode, one: Said, flaw: Flaw, *, wins: bool) -> Finding:
    path, right = one.path or claude.settings.path, flaw.right
    summary = f"{URL} in {one.place} {flaw.problem}; the Coding Plan's is {right}"
    if not wins:
        summary += "; another place wins, so it is without effect"
    again = ("start Claude Code again afterwards",) if claude.runs else ()
    editable = one.path is not None and right is not None
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR if wins else Severity.INFO,
        safety=Safety.ASK if editable else Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=path,
        pointer=one.pointer or None,
        summary=summary,
        cause=f"{one.place}\0{flaw.problem}",
        advice=(
            (f"clawmend repair --only {RULE.id} --yes", *again)
            if editable
            else (f"where it is set: export {URL}={right}", *again)
        ),
        fix=Fix((SetKey(path, one.pointer, right),)) if editable else None,
    )


RULE = Rule(
    id="CC105",
    name="claude-endpoint",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=None,
    check=_check,
    documentation=__doc__,
)
