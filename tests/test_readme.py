"""The README says what is so: its table is made from the rules, its commands are those the gate runs."""

import re
from pathlib import Path

from clawmend.cli.rules import markdown_table
from clawmend.rules.registry import RULES

README = Path(__file__).parent.parent / "README.md"


def test_the_table_of_rules_is_made_from_the_rules() -> None:
    text = README.read_text(encoding="utf-8")
    found = re.search(r"<!-- rules -->\n(.*?)<!-- /rules -->", text, re.DOTALL)
    assert found is not None
    made = markdown_table(sorted(RULES, key=lambda rule: rule.id))
    assert found.group(1).strip() == made, "print it with: clawmend rules --markdown"


def test_the_two_commands_are_marked_for_the_gate() -> None:
    text = README.read_text(encoding="utf-8")
    for mark in ("run", "test"):
        assert re.search(rf"<!-- {mark} -->\n```sh\n[^\n]+\n```\n", text), mark


def test_what_it_quotes_in_trouble_is_what_clawmend_says() -> None:
    text = README.read_text(encoding="utf-8")
    table = text.partition("## When something is not as you expect")[2].partition("\n## ")[0]
    quoted = re.findall(r'^\| "([^"]+)"', table, re.MULTILINE)
    said = "\n".join(path.read_text(encoding="utf-8") for path in (README.parent / "daemon").rglob("*.py"))
    assert len(quoted) >= 4
    assert [words for words in quoted if words not in said] == []
