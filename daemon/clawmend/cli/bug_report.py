"""`clawmend report`: a bug report, in which nothing opens a door and nothing is personal; seen before it is written."""

import os
import platform
import re
import sys
import time
from itertools import islice
from typing import Any

import click

from clawmend import __version__
from clawmend.cli.app import Command, Settings, answer
from clawmend.cli.bug_report_text import markdown
from clawmend.cli.config import metrics_json, notify_json, operation_json
from clawmend.cli.report import SCHEMA, check_json
from clawmend.cli.status import status_json
from clawmend.core.errors import ClawmendError
from clawmend.core.heads import head_of
from clawmend.core.policy import DEFAULT_POLICY
from clawmend.core.printable import one_line, printable, shown_path
from clawmend.core.receipt import receipt_json
from clawmend.core.secret import Masker
from clawmend.core.snapshot import Snapshot
from clawmend.core.state import Absent, FileState, Malformed, Parsed, Unreadable
from clawmend.repair.looking import Diagnosis, look_at
from clawmend.repair.masking import masker_for
from clawmend.rules.registry import RULES
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.files import RealFiles
from clawmend.system.history import History
from clawmend.system.machine import Place, RealClock, mask_key
from clawmend.system.pretend import ReadOnlyFiles
from clawmend.system.report_file import write_report

_RECEIPTS, _CHECKPOINTS = 20, 50


@click.command("report", cls=Command)
@click.option("--output", metavar="FILE", help="Where to write it (default: clawmend-report-DATE.md here).")
@click.pass_obj
def report_command(settings: Settings, output: str | None) -> None:
    """Write a bug report: versions, findings, what was done, and the files' structure with every secret masked.

    On a terminal you see it first and are asked; without one it goes to standard output, or to FILE.
    """
    place = settings.place()
    document = report_json(settings, place)
    if settings.json:
        answer(document)
        return
    text = markdown(document)
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if not on_terminal and output is None:
        click.echo(text, nl=False)
        return
    path = output or f"clawmend-report-{time.strftime('%Y-%m-%d', time.localtime(RealClock().now()))}.md"
    if on_terminal:
        click.echo(text)
        if not click.confirm(f"Write this to {one_line(path)}?", default=False):
            settings.screen().line("Nothing was written.")
            return
    write_report(path, text, place.home)
    settings.screen().line(f"Wrote {one_line(path)}. Read it once more before you give it to anybody.", "ok")


def report_json(settings: Settings, place: Place) -> dict[str, Any]:
    """Everything that is reported; what cannot be read is said in its place, and hides nothing else."""
    policy, configuration = DEFAULT_POLICY, _configuration_json(settings)
    if not configuration["problems"]:
        policy = settings.policy()
    files, clock = ReadOnlyFiles(RealFiles()), RealClock()
    diagnosis = look_at(place, files, clock, settings.openclaw_version, policy)
    masker = masker_for(diagnosis.snapshot, mask_key())
    checked = check_json(diagnosis, masker)
    document = {
        "made": time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(clock.now())),
        "clawmend": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "openclaw": {
            **checked["openclaw"],
            "executable": diagnosis.snapshot.installation.executable,
            "problem": diagnosis.snapshot.installation.problem,
            "hands_off": diagnosis.snapshot.installation.why_hands_off(),
        },
        "gateways": [_gateway_json(diagnosis, number) for number in range(len(diagnosis.snapshot.openclaws))],
        "findings": checked["findings"],
        "could_not_look": checked["could_not_look"],
        "receipts": _or_problem(lambda: _receipts(place)),
        "checkpoints": _or_problem(lambda: _checkpoints(place)),
        "watcher": _watcher(place),
        "configuration": configuration,
        "files": _files(diagnosis.snapshot, masker),
    }
    return {"schema": SCHEMA, **_cleaned(document, masker, place.home)}


def _gateway_json(diagnosis: Diagnosis, number: int) -> dict[str, Any]:
    openclaw = diagnosis.snapshot.openclaws[number]
    health = openclaw.health
    return {
        "folder": shown_path(diagnosis.snapshot.home, openclaw.directory),
        "condition": health.condition.value,
        "why": health.why,
        "version": health.version,
        "manager": health.manager,
        "restarts": health.restarts,
        "lines": list(health.lines),
    }


def _receipts(place: Place) -> list[Any]:
    home = printable(place.home)
    ours = (one for one in History(place.state).newest_first() if one.home == home)
    return [receipt_json(one) for one in islice(ours, _RECEIPTS)]


def _checkpoints(place: Place) -> list[Any]:
    newest = tuple(reversed(CheckpointStore(place.state).all()))[:_CHECKPOINTS]
    return [
        {
            "id": one.id,
            "kind": one.kind.value,
            "done": one.done,
            "undone": one.undone,
            "files": [shown_path(place.home, entry.path) for entry in one.entries],
        }
        for one in newest
    ]


def _or_problem(read: Any) -> Any:
    """What was read, or the sentence that says why it could not be."""
    try:
        return read()
    except ClawmendError as error:
        return str(error)


def _watcher(place: Place) -> dict[str, Any]:
    told = status_json(place, RealClock())
    left_out = {"schema", "home", "next", "pid"}
    return {name: value for name, value in told.items() if name not in left_out}


def _configuration_json(settings: Settings) -> dict[str, Any]:
    """Our own settings: those that differ for a rule, the daemon's, and the channels by their names only."""
    try:
        found = settings.configuration()
    except ClawmendError as error:
        return {"found": True, "problems": [str(error)]}
    modes = {rule.id: found.policy.mode(rule.id).value for rule in RULES}
    ordinary = {rule.id: DEFAULT_POLICY.mode(rule.id).value for rule in RULES}
    return {
        "found": found.found,
        "problems": [str(problem) for problem in found.problems],
        "rules": {rule: mode for rule, mode in modes.items() if mode != ordinary[rule]},
        **operation_json(found.operation),
        "notify": notify_json(found.notify),
        "metrics": metrics_json(found.metrics),
    }


def _files(snapshot: Snapshot, masker: Masker) -> list[dict[str, Any]]:
    states: list[FileState] = []
    for openclaw in snapshot.openclaws:
        states += [openclaw.config, *(agent.models for agent in openclaw.agents)]
    states += [claude.config for claude in snapshot.claudes] or ([snapshot.claude] if snapshot.claude else [])
    return [_file_json(state, snapshot, masker) for state in states]


def _file_json(state: FileState, snapshot: Snapshot, masker: Masker) -> dict[str, Any]:
    told: dict[str, Any] = {"path": shown_path(snapshot.home, state.path), "problem": "", "head": None}
    match state:
        case Absent():
            return {**told, "problem": "is not there"}
        case Unreadable() | Malformed():
            return {**told, "problem": state.problem}
        case Parsed():
            name = os.path.basename(state.path)
            known = name if name in {"models.json", ".claude.json"} else "openclaw.json"
            about = {"mode": f"{state.identity.mode:04o}", "size": state.identity.size}
            return {**told, **about, "head": head_of(state.document.value, known, masker)}


def _cleaned(value: Any, masker: Masker, home: str) -> Any:
    """Every text once more without secrets, without what steers a terminal, and without the name of the home."""
    if isinstance(value, dict):
        return {_cleaned(name, masker, home): _cleaned(child, masker, home) for name, child in value.items()}
    if isinstance(value, list):
        return [_cleaned(child, masker, home) for child in value]
    if isinstance(value, str):
        text, folder = printable(masker.clean(value)), home.rstrip("/")
        return re.sub(rf"{re.escape(folder)}(?![\w.-])", "~", text) if folder else text
    return value
