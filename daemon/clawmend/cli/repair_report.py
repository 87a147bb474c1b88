"""The JSON of `repair`: a contract that scripts depend on and that only ever grows."""

from typing import Any

from clawmend.cli.report import SCHEMA, blind_json, finding_json, installation_json
from clawmend.core.diff import masked_diff, mode_change
from clawmend.core.era import Era
from clawmend.core.plan import Change, Command
from clawmend.core.printable import home_paths, one_line, printable, shown_path
from clawmend.core.secret import Masker
from clawmend.core.snapshot import Snapshot
from clawmend.core.verdict import Verdict
from clawmend.repair.cycle import Outcome
from clawmend.system.taking_over import line_of


def repair_json(outcome: Outcome, masker: Masker) -> dict[str, Any]:
    """The answer of `repair --json`."""
    snapshot = outcome.snapshot
    return {
        "schema": SCHEMA,
        "verdict": outcome.verdict.value,
        "home": printable(snapshot.home),
        "openclaw": installation_json(snapshot),
        "checkpoint": outcome.checkpoint,
        "changes": [
            *(change_json(change, snapshot, masker) for change in outcome.changes),
            *(command_json(command, snapshot) for command in outcome.commands),
        ],
        "held": [
            {
                "finding": finding_json(item.finding, snapshot, masker),
                "reason": home_paths(snapshot, masker.clean(item.reason)),
            }
            for item in outcome.held
        ],
        "restart": {
            "needed": outcome.restart.needed,
            "done": outcome.restart.done,
            "reason": home_paths(snapshot, outcome.restart.reason),
            "proof": outcome.restart.proof,
            "seconds": round(outcome.restart.seconds, 3),
        },
        "restarts": [finding_json(one.finding, snapshot, masker) for one in outcome.restarts],
        "look_again_at": outcome.look_again_at,
        "findings": [finding_json(finding, snapshot, masker) for finding in outcome.findings],
        "could_not_look": [blind_json(blind, snapshot) for blind in outcome.blind],
        "note": home_paths(snapshot, masker.clean(outcome.note)),
        "seconds": round(outcome.seconds, 3),
    }


def failed_json(home: str, why: str) -> dict[str, Any]:
    """The answer of `repair --json` when nothing could be done; `why` is one sentence, safe to print."""
    return {
        "schema": SCHEMA,
        "verdict": Verdict.FAILED.value,
        "home": printable(home),
        "openclaw": {"version": None, "era": Era.UNKNOWN.value, "source": None},
        "checkpoint": None,
        "changes": [],
        "held": [],
        "restart": {"needed": False, "done": False, "reason": "nothing was changed", "proof": "", "seconds": 0.0},
        "restarts": [],
        "look_again_at": None,
        "findings": [],
        "could_not_look": [],
        "note": why,
        "seconds": 0.0,
    }


def change_json(change: Change, snapshot: Snapshot, masker: Masker) -> dict[str, Any]:
    """One changed file with its masked diff."""
    return {
        "path": shown_path(snapshot.home, change.path),
        "action": change.action.value,
        "rules": list(change.rules),
        "diff": change_diff(change, masker),
    }


def command_json(command: Command, snapshot: Snapshot) -> dict[str, Any]:
    """What OpenClaw is asked to do: its command line in the place of a diff, and the database that it changes."""
    return {
        "path": shown_path(snapshot.home, command.edit.path),
        "action": "command",
        "rules": list(command.rules),
        "diff": one_line(line_of(command.edit)),
    }


def change_diff(change: Change, masker: Masker) -> str:
    """The masked diff of a change, safe to print."""
    before = change.before.identity.mode
    mode = mode_change(before, before if change.mode is None else change.mode)
    return shown_diff(change.before.data, change.after, mode, masker)


def shown_diff(before: bytes | None, after: bytes | None, mode: str, masker: Masker) -> str:
    """What happens to a file, masked and safe to print: to its mode, in one line, and to its content."""
    return "\n".join(filter(None, (mode, printable(masked_diff(before, after, masker)))))
