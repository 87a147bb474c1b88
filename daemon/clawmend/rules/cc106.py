"""Claude Code has no key for the Coding Plan, the wrong one, or two.

What it checks
    Only where the base URL that wins leads to the Coding Plan: whether a key is in sight (`ANTHROPIC_AUTH_TOKEN` or
    `ANTHROPIC_API_KEY` in settings.json, in .claude.json or in the environment, a helper, a login, or a start file of
    the shell that names one), whether both are set, whether one has `Bearer ` before it, and whether the one that is
    used is a general key. And whether settings.json, where it names the plan, is strict JSON: Claude Code passes all of
    it over otherwise.

Why it matters
    Without a key: "Not logged in", "Missing API key". With both, both are sent, and an interactive start stops at a
    question. A general key is refused with 401 on the plan's host. `Bearer ` before a token is sent twice, for Claude
    Code adds it (`authorization: Bearer Bearer sk-sp-...`), and before a key it becomes a part of it (x-api-key).

The fix and its safety
    Only told: a key is the person's to enter, and which of two is meant nobody else knows. Somebody who is logged in
    at Anthropic is left alone.

References
    Coding Plan FAQ, "Unable to connect to Anthropic services", "Incorrect API key provided"; runs on 2.1.330.
"""

import re
from collections.abc import Iterator

from clawmend.core.claude_code import ClaudeCode
from clawmend.core.claude_copies import FLAG
from clawmend.core.claude_setup import (
    KEY,
    TOKEN,
    URL,
    Said,
    alone,
    has_credentials,
    means_plan,
    uses_another_vendor,
    winner,
)
from clawmend.core.finding import Confidence, Finding, Report, Rule, Safety, Severity
from clawmend.core.key_shapes import looks_like_general_key
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Malformed, object_at, value_of

_BEARER = re.compile(r"(?i)^\s*bearer\s+")


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for claude in snapshot.claudes:
        settings = claude.settings
        if isinstance(settings, Malformed):
            if _names_plan(snapshot, settings):
                yield _disabled(snapshot, settings)
            continue
        if not uses_another_vendor(claude):
            found = [one for view in alone(claude) for one in _in_one_environment(snapshot, claude, view)]
            yield from {one.cause: one for one in reversed(found)}.values()


def _names_plan(snapshot: Snapshot, settings: Malformed) -> bool:
    text = settings.data.replace(b"\0", b"").lower()  # UTF-16 too
    return URL.lower().encode() in text and any(host.name.encode() in text for host in snapshot.plan.plan_hosts)


def _disabled(snapshot: Snapshot, settings: Malformed) -> Finding:
    name = snapshot.display(settings.path)
    return _finding(
        settings.path,
        Severity.ERROR,
        f"{name} is no strict JSON ({settings.problem}), so Claude Code passes over all of it, the plan's URL too",
        "disabled",
        f"take comments and trailing commas out of {name}",
    )


def _in_one_environment(snapshot: Snapshot, claude: ClaudeCode, view: ClaudeCode) -> Iterator[Finding]:
    url = winner(view, URL)
    if url is None or not means_plan(snapshot.plan, url.text.reveal()):
        return
    path, name = claude.settings.path, snapshot.display(claude.settings.path)
    token, key = winner(view, TOKEN), winner(view, KEY)
    if not has_credentials(claude):
        if object_at(value_of(claude.config)).get(FLAG) is True:
            problem = "the base URL is the Coding Plan's, and no key for it is in sight"
            yield _finding(
                path, Severity.ERROR, problem, "none", f"set env.{TOKEN} in {name} to the plan's key (sk-sp-)"
            )
        return
    if token is not None and key is not None:
        problem = f"{TOKEN} ({token.place}) and {KEY} ({key.place}) are both set, and both are sent"
        yield _finding(path, Severity.WARNING, problem, "both", f"keep {TOKEN} and remove {KEY}")
    yield from _with_bearer(path, token, key)
    used = token or key
    if used is not None and looks_like_general_key(_BEARER.sub("", used.text.reveal())):
        variable = TOKEN if used is token else KEY
        problem = f"{variable} in {used.place} is a general key, which the Coding Plan's host refuses"
        yield _finding(path, Severity.ERROR, problem, "general", f"put the plan's key (sk-sp-) into {variable} there")


def _with_bearer(path: str, token: Said | None, key: Said | None) -> Iterator[Finding]:
    """The header's own word in a place where only the key belongs."""
    twice, within = "Claude Code puts that before it itself, so it is sent twice", "x-api-key carries the key alone"
    for name, said, why in ((TOKEN, token, twice), (KEY, key, within)):
        if said is not None and _BEARER.match(said.text.reveal()):
            problem = f'{name} in {said.place} begins with "Bearer ": {why}'
            alone_there = f'leave the key alone in {name} there, without "Bearer "'
            yield _finding(path, Severity.ERROR, problem, f"bearer {name}", alone_there)


def _finding(path: str, severity: Severity, summary: str, cause: str, advice: str) -> Finding:
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=severity,
        safety=Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=path,
        summary=summary,
        cause=cause,
        advice=(advice,),
    )


RULE = Rule(
    id="CC106",
    name="claude-credentials",
    severity=Severity.ERROR,
    safety=Safety.ADVISE,
    eras=None,
    check=_check,
    documentation=__doc__,
)
