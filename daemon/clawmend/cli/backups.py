"""`clawmend backups`: what repairs have kept, and whether it is whole."""

import time
from typing import Any

import click

from clawmend.cli.app import FAILED, OK, Command, Group, Settings, answer, leave
from clawmend.cli.printable import printable, shown_path
from clawmend.cli.report import SCHEMA, masker_from
from clawmend.core.diff import masked_diff
from clawmend.core.state import Found
from clawmend.system.checkpoints import Checkpoint, CheckpointStore
from clawmend.system.files import RealFiles


@click.group(cls=Group)
def backups() -> None:
    """List, show and verify the checkpoints."""


@backups.command("list", cls=Command)
@click.pass_obj
def list_command(settings: Settings) -> None:
    """List the checkpoints, newest first."""
    place = settings.place()
    found = [_json(checkpoint, place.home) for checkpoint in reversed(CheckpointStore(place.state).all())]
    if settings.json:
        answer({"schema": SCHEMA, "checkpoints": found})
        return
    screen = settings.screen()
    if not found:
        screen.line("There are no checkpoints: clawmend has changed nothing yet.")
    for checkpoint in found:
        state = "undone" if checkpoint["undone"] else "" if checkpoint["done"] else "not finished"
        screen.line(f"{checkpoint['id']}  {checkpoint['made']}  {checkpoint['kind']:<6}  {state}".rstrip())
        for file in checkpoint["files"]:
            screen.line(f"{file['path']}  ({', '.join(file['rules'])})", indent=4)


@backups.command("show", cls=Command)
@click.argument("checkpoint")
@click.pass_obj
def show_command(settings: Settings, checkpoint: str) -> None:
    """Show what the files of a checkpoint were, as a diff to what they are now."""
    place = settings.place()
    store = CheckpointStore(place.state)
    chosen = store.named(checkpoint)
    document = _json(chosen, place.home)
    files, pairs = RealFiles(), []
    for entry in chosen.entries:
        found = files.read(entry.path)
        now = found.data if isinstance(found, Found) else None
        kept = store.blob(entry.before) if entry.before is not None else None
        pairs.append((kept, now))
    masker = masker_from(*(data for pair in pairs for data in pair))
    for file, (kept, now) in zip(document["files"], pairs, strict=True):
        file["diff"] = printable(masked_diff(kept, now, masker))
    if settings.json:
        answer({"schema": SCHEMA, "checkpoint": document})
        return
    screen = settings.screen()
    screen.line(f"{document['id']}  {document['made']}  {document['kind']}")
    for file in document["files"]:
        screen.line(
            f"{file['path']}: from what it was then to what it is now"
            if file["diff"]
            else f"{file['path']}: the same as then"
        )
        if file["diff"]:
            screen.code(file["diff"])


@backups.command("verify", cls=Command)
@click.pass_obj
def verify_command(settings: Settings) -> None:
    """Read every backup and compare it with its hash."""
    place = settings.place()
    store = CheckpointStore(place.state)
    problems = [printable(problem) for problem in store.damage()]
    count = sum(len(checkpoint.entries) for checkpoint in store.all())
    if settings.json:
        answer({"schema": SCHEMA, "files": count, "problems": problems})
    else:
        screen = settings.screen()
        for problem in problems:
            screen.line(problem, "error")
        if not problems:
            screen.line(f"All {count} backups are whole." if count else "There are no backups yet.", "ok")
    leave(FAILED if problems else OK)


def _json(checkpoint: Checkpoint, home: str) -> dict[str, Any]:
    return {
        "id": checkpoint.id,
        "made": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(checkpoint.made)),
        "kind": checkpoint.kind,
        "done": checkpoint.done,
        "undone": checkpoint.undone,
        "files": [{"path": shown_path(home, entry.path), "rules": list(entry.rules)} for entry in checkpoint.entries],
    }
