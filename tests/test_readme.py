"""The README says what is so: its table is made from the rules, its commands are those the gate runs."""

import re
from pathlib import Path

from clawmend.core.era import span_of
from clawmend.core.finding import Rule, Safety
from clawmend.rules.registry import RULES

README = Path(__file__).parent.parent / "README.md"
_SAFETY = {Safety.SAFE: "by itself", Safety.ASK: "asks", Safety.ADVISE: "only told"}


def _row(rule: Rule) -> str:
    return f"| {rule.id} | {rule.title} | {_SAFETY[rule.safety]} | {span_of(rule.eras)} |"


def test_the_table_of_rules_is_made_from_the_rules() -> None:
    text = README.read_text(encoding="utf-8")
    found = re.search(r"<!-- rules -->\n(.*?)<!-- /rules -->", text, re.DOTALL)
    assert found is not None
    rows = found.group(1).splitlines()[2:]
    assert rows == [_row(rule) for rule in sorted(RULES, key=lambda rule: rule.id)]


def test_the_two_commands_are_marked_for_the_gate() -> None:
    text = README.read_text(encoding="utf-8")
    for mark in ("run", "test"):
        assert re.search(rf"<!-- {mark} -->\n```sh\n[^\n]+\n```\n", text), mark
