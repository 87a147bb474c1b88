"""`clawmend explain cursor|cline|opencode|qwen|claude`: what a tool should be set to here, and what it is set to."""

from typing import Any

from clawmend.cli.app import Settings, answer
from clawmend.cli.report import SCHEMA, finding_json
from clawmend.core.clues import Clue
from clawmend.core.finding import Finding
from clawmend.core.opencode_models import most_output
from clawmend.core.plan_kinds import PlanModel, Tool
from clawmend.core.printable import home_paths, printable, shown_path
from clawmend.core.secret import Masker
from clawmend.core.snapshot import Snapshot
from clawmend.core.tool_setup import TOOLS, Found, Setup, Value, setup_of
from clawmend.repair.masking import masker_for
from clawmend.repair.observe import observe
from clawmend.rules.registry import RULES, diagnose
from clawmend.system.files import RealFiles
from clawmend.system.machine import RealClock, mask_key
from clawmend.system.pretend import ReadOnlyFiles

_RULES = {Tool.OPENCODE: "OP", Tool.QWEN_CODE: "QW", Tool.CLAUDE_CODE: "CC"}
_MOST = 8  # values that are shown of one setting; a list of models may be long


def is_tool(text: str) -> bool:
    """Tell whether a text is the name of a tool and nothing else, so that no error message is taken for one."""
    return text.strip().lower() in TOOLS


def explain_tool(settings: Settings, name: str) -> None:
    """Look, and show the right values for a tool beside those that are set."""
    tool = TOOLS[name.strip().lower()]
    policy = settings.policy()
    snapshot = observe(
        settings.place(), ReadOnlyFiles(RealFiles()), RealClock(), settings.openclaw_version, policy.plan
    )
    masker = masker_for(snapshot, mask_key())
    document = _json(snapshot, setup_of(snapshot, tool), masker)
    if settings.json:
        answer(document)
    elif not settings.quiet:
        _show(settings, document)


def _json(snapshot: Snapshot, setup: Setup, masker: Masker) -> dict[str, Any]:
    rules = tuple(rule for rule in RULES if rule.id.startswith(_RULES.get(setup.tool, "none of them")))
    findings = [one for one in diagnose(snapshot, rules) if isinstance(one, Finding)]
    return {
        "schema": SCHEMA,
        "tool": setup.tool.value,
        "can_be_seen": setup.seen,
        "region": setup.region.value if setup.region else None,
        "clues": [_clue(snapshot, clue, masker) for clue in setup.clues],
        "values": [_value(snapshot, value, masker) for value in setup.values],
        "limits": [_limits(model) for model in snapshot.plan.models],
        "steps": list(setup.steps),
        "findings": [finding_json(finding, snapshot, masker) for finding in findings],
        "source": f"{snapshot.plan.source} ({snapshot.plan.as_of}); output limits: OpenCode 1.18.33",
    }


def _clue(snapshot: Snapshot, clue: Clue, masker: Masker) -> dict[str, Any]:
    return {
        "tool": clue.tool,
        "where": home_paths(snapshot, masker.clean(clue.where)),
        "path": shown_path(snapshot.home, clue.path),
        "region": clue.region.value,
        "key": clue.kind,
    }


def _value(snapshot: Snapshot, value: Value, masker: Masker) -> dict[str, Any]:
    return {
        "name": value.name,
        "right": list(value.right),
        "is": [_found(snapshot, found, masker) for found in value.found],
    }


def _found(snapshot: Snapshot, found: Found, masker: Masker) -> dict[str, Any]:
    text = masker.show(found.secret) if found.secret is not None else masker.clean(found.text)
    return {
        "value": home_paths(snapshot, text),
        "where": home_paths(snapshot, masker.clean(found.where)),
        "path": shown_path(snapshot.home, found.path) if found.path else None,
    }


def _limits(model: PlanModel) -> dict[str, Any]:
    return {
        "model": model.id,
        "context_window": model.context_window,
        "thinking_budget": model.thinking_budget,
        "max_output": most_output(model),
        "images": model.image_input,
    }


def _show(settings: Settings, document: dict[str, Any]) -> None:
    screen = settings.screen()
    screen.line(f"{document['tool']} with the Coding Plan", "bold")
    screen.line(_region_sentence(document))
    for value in document["values"]:
        screen.line()
        screen.line(value["name"], "bold")
        _show_value(screen, value, seen=document["can_be_seen"])
    screen.line()
    for step in document["steps"]:
        screen.pair("check", step)
    for finding in document["findings"]:
        screen.line()
        screen.line(f"{finding['severity'].upper():<8}{finding['rule']} {finding['name']}", finding["severity"])
        screen.pair("what", finding["summary"])
        for advice in finding["advice"]:
            screen.pair("next", advice)
    if not document["findings"] and any(value["is"] for value in document["values"]):
        screen.line()
        screen.line("As far as clawmend can see, it is set as it should be.", "ok")
    screen.line()
    screen.pair("from", document["source"], "dim", indent=0)


def _region_sentence(document: dict[str, Any]) -> str:
    clues = document["clues"]
    if document["region"]:
        files = ", ".join(dict.fromkeys(clue["path"] for clue in clues))
        return f"This machine's plan is the {document['region']} one ({files})."
    if not clues:
        return "Which region your plan is of cannot be told: no file here leads to the plan."
    found = "; ".join(dict.fromkeys(f"{clue['path']}: {clue['region']}" for clue in clues))
    return f"Which region your plan is of cannot be told: {found}."


def _show_value(screen: Any, value: dict[str, Any], *, seen: bool) -> None:
    for number, right in enumerate(value["right"]):
        screen.pair("right" if number == 0 else "", right)
    if not seen:
        return
    if not value["is"]:
        screen.pair("is", "not set for the plan, as far as clawmend can see", "dim")
    for found in value["is"][:_MOST]:
        place = ", ".join(filter(None, (found["path"], found["where"])))
        screen.pair("is", f"{printable(found['value'])}  ({place})")
    if len(value["is"]) > _MOST:
        screen.pair("is", f"and {len(value['is']) - _MOST} more", "dim")
