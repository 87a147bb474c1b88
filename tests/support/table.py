"""Prints which rule is proven on which era: by how many cases, and whether against the real OpenClaw.

    PYTHONPATH=daemon:tests python -m support.table

A case counts for the era of its version; "2/5" are cases that change something and cases in all. An end-to-end test
names what it proves with `@pytest.mark.proves("OC201", "2026.9.6")`.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from clawmend.core.era import MEASURED, Era, era_of
from clawmend.core.version import Version
from clawmend.rules.registry import RULES
from support.captured import State, all_states
from support.cases import all_cases

_E2E = Path(__file__).parent.parent / "e2e"
_ERAS = sorted(MEASURED, key=lambda era: era.value)


def proven() -> Iterator[tuple[str, Era]]:
    """The rule and the era of every end-to-end test that says so."""
    for path in sorted(_E2E.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "proves":
                rule, version = (argument.value for argument in node.args if isinstance(argument, ast.Constant))
                yield str(rule), era_of(Version.parse(str(version)))


def _loud(state: State) -> set[str]:
    """The rules that call something in this state a fault."""
    return {found.split()[0] for found in state.findings if " info " not in found}


def table() -> str:
    """The table in Markdown."""
    cases: Counter[tuple[str, Era]] = Counter()
    repairs: Counter[tuple[str, Era]] = Counter()
    for case in all_cases():
        text = case.data["version"]
        key = (case.folder.parent.name, era_of(Version.parse(text) if text else None))
        cases[key] += 1
        repairs[key] += case.repairs
    real = set(proven())
    lines = ["| rule | " + " | ".join(era.value for era in _ERAS) + " | other |", "|---" * (len(_ERAS) + 2) + "|"]
    for rule in sorted(RULES, key=lambda rule: rule.id):
        cells = []
        for era in _ERAS:
            key = (rule.id, era)
            cells.append(f"{repairs[key]}/{cases[key]}" + (" e2e" if key in real else "") if cases[key] else "-")
        others = sum(count for (name, era), count in cases.items() if name == rule.id and era not in MEASURED)
        lines.append(f"| {rule.id} | " + " | ".join(cells) + f" | {others or '-'} |")
    states = [state for state in all_states() if state.works]
    alarms = [state.name for state in states if _loud(state) - set(state.although)]
    reasons = [f"{state.name}, {rule}: {reason}" for state in states for rule, reason in state.although.items()]
    lines.append("")
    lines.append(f"False alarms over the {len(states)} captured states that work: {len(alarms)}.")
    lines.append(f"Said with a reason although it works: {len(reasons)}.")
    lines += [f"  {reason}" for reason in reasons]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
