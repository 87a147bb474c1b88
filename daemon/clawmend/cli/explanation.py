"""What an error message means, for `clawmend explain`. The pasted text itself is never shown: it may hold a key."""

import sys
from difflib import get_close_matches
from typing import Any

from clawmend.cli.app import Settings, answer
from clawmend.cli.live import check_now, show_live
from clawmend.cli.report import SCHEMA
from clawmend.core.errors import ClawmendError
from clawmend.core.explanation import Explanation
from clawmend.core.explanations import explain, nearest
from clawmend.core.finding import Rule
from clawmend.rules.registry import RULES, rule_named

_LONGEST = 2**20  # bytes


def read_paste() -> str:
    """What stands on standard input, up to 1 MB of it."""
    return sys.stdin.buffer.read(_LONGEST).decode("utf-8", "replace")


def explain_text(settings: Settings, text: str) -> None:
    """Show everything that is known about a text, and what this machine says; ClawmendError when that is nothing."""
    found = explain(text)
    if not found:
        raise ClawmendError("nothing is known about this text", _hint(text))
    live = check_now(settings, [rule for one in found for rule in _rules(one)])
    if settings.json:
        answer({"schema": SCHEMA, "explanations": [_json(one) for one in found], **live.json()})
        return
    for number, one in enumerate(found):
        if number:
            settings.screen().line()
        _show(settings, one)
    show_live(settings, live)


def _hint(text: str) -> str:
    names = get_close_matches(text.strip().lower()[:80], [rule.name for rule in RULES], n=1, cutoff=0.8)
    if names:
        return f"did you mean the rule {names[0]}?"
    close = ", ".join(f'"{one.title}"' for one in nearest(text))
    return f"nearest to it: {close}" if close else "see: clawmend rules, clawmend check"


def _show(settings: Settings, one: Explanation) -> None:
    screen = settings.screen()
    screen.line(one.title, "bold")
    screen.line()
    screen.pair("means", one.meaning)
    for advice in one.what_you_can_do:
        screen.pair("next", advice)
    for rule in _rules(one):
        screen.pair("rule", f"{rule.id} {rule.name}: {rule.title}")
    if not _rules(one):
        screen.pair("rule", "none of this clawmend looks for it", "dim")
    screen.pair("from", one.source, "dim")


def _json(one: Explanation) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "meaning": one.meaning,
        "rules": [{"id": rule.id, "name": rule.name} for rule in _rules(one)],
        "what_you_can_do": list(one.what_you_can_do),
        "source": one.source,
    }


def _rules(one: Explanation) -> list[Rule]:
    """The rules of this release among those that look for its causes."""
    return [rule for rule in map(rule_named, one.checks) if rule is not None]
