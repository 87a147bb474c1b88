"""`clawmend backups`: what repairs have kept, and whether it is whole."""

import sys
import time
from typing import Any

import click

from clawmend.cli.app import FAILED, OK, Command, Group, Settings, answer, leave
from clawmend.cli.repair_report import shown_diff
from clawmend.cli.report import SCHEMA
from clawmend.core.diff import mode_change
from clawmend.core.errors import ClawmendError
from clawmend.core.printable import one_line, printable, shown_path
from clawmend.core.state import Found
from clawmend.repair.masking import masker_from
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.files import RealFiles
from clawmend.system.locks import own_lock
from clawmend.system.machine import RealClock
from clawmend.system.records import Checkpoint, Kind
from clawmend.system.retention import Policy, surplus

_DEFAULT = Policy()
_DAMAGED = "What the list still names can be undone by its name: clawmend backups list."


@click.group(cls=Group)
def backups() -> None:
    """List, show, verify and prune the checkpoints."""


@backups.command("list", cls=Command)
@click.pass_obj
def list_command(settings: Settings) -> None:
    """List the checkpoints, newest first, and what is known to be good.

    A damaged list is shown as far as it can be read, and is no success: what a script misses in it may be damaged.
    """
    place = settings.place()
    store = CheckpointStore(place.state)
    damaged, known = store.damaged_lines(), tuple(reversed(store.all()))
    _list(settings, known, place.home)
    if damaged:
        raise ClawmendError(
            f"the list of backups is damaged: {damaged[0]}; some may be missing here", "see: clawmend backups verify"
        )


def _list(settings: Settings, known: tuple[Checkpoint, ...], home: str) -> None:
    found = [_json(one, home) for one in known if one.kind is not Kind.GOOD]
    good = [_json(one, home) for one in known if one.kind is Kind.GOOD]
    if settings.json:
        answer({"schema": SCHEMA, "checkpoints": found, "known_good": good})
        return
    screen = settings.screen()
    if not found:
        screen.line("There are no checkpoints: clawmend has changed nothing yet.")
    for checkpoint in found:
        state = "undone" if checkpoint["undone"] else "" if checkpoint["done"] else "not finished"
        screen.line(f"{checkpoint['id']}  {checkpoint['made']}  {checkpoint['kind']:<6}  {state}".rstrip())
        for file in checkpoint["files"]:
            rules = f"  ({', '.join(file['rules'])})" if file["rules"] else ""
            screen.line(f"{file['path']}{rules}", indent=4)
        _show_commands(screen, checkpoint["commands"], indent=4)
    if good:
        screen.line()
        screen.line("Kept because they were proven good:")
    for checkpoint in good:
        for file in checkpoint["files"]:
            screen.line(f"{checkpoint['id']}  {checkpoint['made']}  {file['path']}")


@backups.command("show", cls=Command)
@click.argument("checkpoint")
@click.pass_obj
def show_command(settings: Settings, checkpoint: str) -> None:
    """Show what the files of a checkpoint were, as a diff to what they are now, and where that is kept."""
    place = settings.place()
    store = CheckpointStore(place.state)
    chosen = store.named(checkpoint)
    document = _json(chosen, place.home)
    files, pairs = RealFiles(), []
    for entry in chosen.entries:
        found = files.read(entry.path)
        now = found.data if isinstance(found, Found) else None
        kept = store.blob(entry.before) if entry.before is not None else None
        mode = (
            mode_change(then, found.identity.mode) if isinstance(found, Found) and (then := entry.mode_before) else ""
        )
        pairs.append((kept, now, mode))
    masker = masker_from(*(data for kept, now, _ in pairs for data in (kept, now)))
    for file, entry, (kept, now, mode) in zip(document["files"], chosen.entries, pairs, strict=True):
        file["kept"] = shown_path(place.home, store.blobs.path(entry.before)) if entry.before is not None else None
        file["diff"] = shown_diff(kept, now, mode, masker)
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
        screen.code(f"kept in {file['kept']}" if file["kept"] else "it was not there then")
        if file["diff"]:
            screen.code(file["diff"])
    _show_commands(screen, document["commands"])


@backups.command("verify", cls=Command)
@click.pass_obj
def verify_command(settings: Settings) -> None:
    """Read every backup and compare it with its hash."""
    place = settings.place()
    store = CheckpointStore(place.state)
    problems = [printable(problem) for problem in store.damage()]
    count = sum(len(checkpoint.entries) + len(checkpoint.commands) for checkpoint in store.all())
    remedy = printable(store.anew) if store.damaged_lines() else ""
    if settings.json:
        answer({"schema": SCHEMA, "files": count, "problems": problems, "remedy": remedy})
    else:
        screen = settings.screen()
        for problem in problems:
            screen.line(problem, "error")
        if remedy:
            screen.line(f"{_DAMAGED} To begin a new one, which knows none of them:")
            screen.code(remedy)
        if not problems:
            screen.line(f"All {count} backups are whole." if count else "There are no backups yet.", "ok")
    leave(FAILED if problems else OK)


@backups.command("prune", cls=Command)
@click.option(
    "--days", type=click.FloatRange(min=0), default=_DEFAULT.days, show_default=True, help="Keep for so long."
)
@click.option(
    "--keep", type=click.IntRange(min=1), default=_DEFAULT.checkpoints, show_default=True, help="Keep so many at most."
)
@click.option(
    "--megabytes",
    type=click.FloatRange(min=0),
    default=_DEFAULT.megabytes,
    show_default=True,
    help="Keep so much at most.",
)
@click.option("-y", "--yes", is_flag=True, help="Do it; without this it is only shown, and asked for on a terminal.")
@click.pass_obj
def prune_command(settings: Settings, days: float, keep: int, megabytes: float, yes: bool) -> None:
    """Show what old checkpoints would free, and remove them.

    Never goes: the first content that was seen of every file, the newest known good ones, the last repair, the newest
    20 checkpoints, and what is unfinished.
    """
    place, clock = settings.place(), RealClock()
    store = CheckpointStore(place.state)
    if store.strange():
        raise ClawmendError(
            f"the list of backups in {store.root} holds what this clawmend does not understand; nothing was removed",
            "see: clawmend backups verify",
        )
    policy = Policy(days, keep, megabytes)
    found = surplus(store.all(), store.sizes(), clock.now(), policy)
    document = {
        "schema": SCHEMA,
        "checkpoints": [_json(checkpoint, place.home) for checkpoint in found.checkpoints],
        "blobs": len(found.blobs),
        "bytes": found.bytes,
        "pruned": False,
    }
    if not settings.json and not settings.quiet:
        _show_surplus(settings, document)
    if (found.checkpoints or found.blobs) and (yes or _agrees(settings)):
        with own_lock(place.state):
            again = surplus(store.all(), store.sizes(), clock.now(), policy)
            store.prune((one.id for one in again.checkpoints), again.blobs)
        document["pruned"] = True
        if not settings.json and not settings.quiet:
            settings.screen().line("Removed.", "ok")
    if settings.json:
        answer(document)


def _agrees(settings: Settings) -> bool:
    asks = not settings.json and not settings.quiet and sys.stdin.isatty() and sys.stdout.isatty()
    return asks and click.confirm("Remove them for good?", default=False)


def _show_surplus(settings: Settings, document: dict[str, Any]) -> None:
    screen = settings.screen()
    for checkpoint in document["checkpoints"]:
        screen.line(f"{checkpoint['id']}  {checkpoint['made']}  {checkpoint['kind']}")
    count, size = len(document["checkpoints"]), document["bytes"] / 2**20
    if not count and not document["blobs"]:
        screen.line("There is nothing to remove.", "ok")
        return
    screen.line(f"{count} checkpoints and {document['blobs']} contents can go; that frees {size:.1f} MB.")


def _json(checkpoint: Checkpoint, home: str) -> dict[str, Any]:
    return {
        "id": checkpoint.id,
        "made": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(checkpoint.made)),
        "kind": checkpoint.kind.value,
        "reason": checkpoint.reason,
        "done": checkpoint.done,
        "undone": checkpoint.undone,
        "files": [{"path": shown_path(home, entry.path), "rules": list(entry.rules)} for entry in checkpoint.entries],
        "commands": [
            {
                "path": shown_path(home, taken.path),
                "agent": one_line(taken.agent),
                "profile": one_line(taken.profile),
                "rules": list(taken.rules),
            }
            for taken in checkpoint.commands
        ],
    }


def _show_commands(screen: Any, commands: list[dict[str, Any]], indent: int = 0) -> None:
    for command in commands:
        rules = f"  ({', '.join(command['rules'])})" if command["rules"] else ""
        credential = f"the credential {command['profile']} of agent {command['agent']}"
        screen.line(f"{command['path']}: {credential}, which OpenClaw was asked to remove{rules}", indent=indent)
