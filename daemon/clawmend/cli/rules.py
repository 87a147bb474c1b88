"""`clawmend rules` and `clawmend explain X`: the documentation that sits on the rules, or an error message."""

import re
from collections.abc import Iterable
from typing import Any

import click

from clawmend.cli.app import Command, Settings, answer, leave
from clawmend.cli.credentials import explain_credentials
from clawmend.cli.explanation import explain_text, read_paste
from clawmend.cli.report import SCHEMA
from clawmend.cli.tools import explain_tool, is_tool
from clawmend.core.era import span_of
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import Rule, Safety
from clawmend.rules.registry import RULES, rule_named

_RULE_ID = re.compile(r"[A-Za-z]{2}\d{3}")


@click.command("rules", cls=Command)
@click.option("--markdown", is_flag=True, help="Print the table of the README.")
@click.pass_obj
def rules(settings: Settings, markdown: bool) -> None:
    """List the rules: id, name, how safe the fix is, and where it may be applied."""
    listed = sorted(RULES, key=lambda rule: rule.id)
    if markdown:
        click.echo(markdown_table(listed))
        return
    if settings.json:
        answer({"schema": SCHEMA, "rules": [_json(rule) for rule in listed]})
        return
    screen = settings.screen()
    longest = max(len(rule.name) for rule in listed)
    for rule in listed:
        screen.line(f"{rule.id}  {rule.name:<{longest}}  {rule.safety.value:<8}{_eras(rule)}")
        screen.line(rule.title, "dim", indent=7)
    screen.line()
    screen.line("safe: clawmend repairs it by itself; ask: it asks first. More: clawmend explain OC101")


@click.command("explain", cls=Command)
@click.argument("text", nargs=-1, required=True)
@click.pass_obj
def explain(settings: Settings, text: tuple[str, ...]) -> None:
    """Explain a rule, by its id or name, or an error message, pasted as it is ("-" reads it from standard input).

    `explain credentials [PROVIDER]` shows for every agent where a key can come from and which one wins.
    `explain cursor|cline|opencode|qwen|claude` shows what to set a tool to for the plan, and what it is set to.
    Exit code 2: nothing is known about it.
    """
    if text[0] == "credentials" and len(text) <= 2:
        leave(explain_credentials(settings, text[1] if len(text) == 2 else None))
    if len(text) == 1 and is_tool(text[0]):
        explain_tool(settings, text[0])
        return
    pasted = read_paste() if text == ("-",) else " ".join(text)
    found = rule_named(pasted)
    if found is None and _RULE_ID.fullmatch(pasted.strip()):
        raise ClawmendError(f"there is no rule {pasted.strip()}", "list them with: clawmend rules")
    if found is None:
        explain_text(settings, pasted)
        return
    if settings.json:
        answer({"schema": SCHEMA, **_json(found), "documentation": found.documentation.strip()})
        return
    screen = settings.screen()
    screen.line(f"{found.id} {found.name} ({found.safety.value}; {_eras(found)})", "bold")
    screen.line()
    for indent, line in _paragraphs(found.documentation):
        screen.line(line, indent=indent)


_WHO = {Safety.SAFE: "by itself", Safety.ASK: "asks", Safety.ADVISE: "only told"}


def markdown_table(listed: Iterable[Rule]) -> str:
    """The rules as the README shows them."""
    rows = [f"| {rule.id} | {rule.title} | {_WHO[rule.safety]} | {span_of(rule.eras)} |" for rule in listed]
    return "\n".join(["| rule | what is wrong | repaired | on |", "|---|---|---|---|", *rows])


def _paragraphs(documentation: str) -> list[tuple[int, str]]:
    """The documentation as (indent, text) with the line breaks of the source taken out of each paragraph."""
    found: list[tuple[int, str]] = []
    for line in documentation.strip().split("\n"):
        indent, text = len(line) - len(line.lstrip()), line.strip()
        if text and indent and found and found[-1][0] == indent and found[-1][1]:
            found[-1] = (indent, f"{found[-1][1]} {text}")
        else:
            found.append((indent, text))
    return found


def _json(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "title": rule.title,
        "severity": rule.severity.value,
        "safety": rule.safety.value,
        "eras": None if rule.eras is None else sorted(era.value for era in rule.eras),
    }


def _eras(rule: Rule) -> str:
    return "any version" if rule.eras is None else f"OpenClaw {span_of(rule.eras)}"
