"""`clawmend undo`: put back, byte for byte, what a repair changed."""

import os
import sys
from typing import Any, NoReturn

import click

from clawmend.cli.app import FAILED, FINDINGS, OK, Command, Settings, answer, leave
from clawmend.cli.recovered import recovered_json, show_recovered
from clawmend.cli.repair_report import shown_diff
from clawmend.cli.report import SCHEMA
from clawmend.core.diff import mode_change
from clawmend.core.errors import ClawmendError
from clawmend.core.printable import one_line, printable, shown_path
from clawmend.core.secret import Masker
from clawmend.repair.logins import Login
from clawmend.repair.masking import masker_from
from clawmend.repair.recording import record_undo
from clawmend.repair.recovery import Recovered, recover, recover_if_needed
from clawmend.repair.tools import Tools, real_tools
from clawmend.repair.undo import Restored, Undone, choose, preview, undo
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.history import History
from clawmend.system.machine import Place, RealClock

# What an answer holds that tells of a recovery and of no undo.
_NOTHING: dict[str, Any] = {
    "checkpoint": None,
    "made": None,
    "restored": [],
    "conflicts": [],
    "commands": [],
    "restart_needed": False,
    "dry_run": False,
    "note": "",
}
_KEPT = "What OpenClaw took over from these files stays in its database as well."


@click.command("undo", cls=Command)
@click.argument("checkpoint", required=False)
@click.option("--file", "files", multiple=True, metavar="PATH", help="Only this file of it (repeatable).")
@click.option("--dry-run", is_flag=True, help="Show as a diff what would be done, and change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask after showing the diff on a terminal.")
@click.option("--force", is_flag=True, help="Overwrite files that were changed since (they are kept in a checkpoint).")
@click.option(
    "--recover",
    "only_recover",
    is_flag=True,
    help="Only tidy up after a repair that a crash or a power cut has cut off.",
)
@click.pass_obj
def undo_command(
    settings: Settings,
    checkpoint: str | None,
    files: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    force: bool,
    only_recover: bool,
) -> None:
    """Put back, byte for byte, what a repair changed (the last one by default).

    Shows the diff first and asks, on a terminal. Refuses, with a diff, when a file was changed since. An undo is a
    checkpoint of its own: undo it by its id.
    """
    place = settings.place()
    store, tools = CheckpointStore(place.state), real_tools(place, RealClock())
    if only_recover:
        if checkpoint or files or dry_run or force:
            raise click.UsageError("--recover takes no checkpoint and no other option")
        _recover(settings, tools, store)
    damaged = store.damaged_lines()
    if damaged and checkpoint is None:
        raise ClawmendError(
            f"the list of backups is damaged: {damaged[0]}; which repair was the last one cannot be said",
            "name it: clawmend undo CHECKPOINT; see: clawmend backups list",
        )
    # The contents are verified one by one, so a checkpoint that is named can be undone whatever other lines hold.
    recovered = () if dry_run or damaged else recover_if_needed(tools, store)
    if checkpoint is None and any(one.restored and one.checkpoint.home == place.home for one in recovered):
        _tell(settings, recovered, place.home)  # what was cut off was the last repair, and it is undone
    chosen = choose(store, place.home, checkpoint)
    paths = frozenset(_absolute(path, place) for path in files)
    result = preview(tools, store, chosen, paths, force=force)
    if not dry_run and (force or not result.conflicts):
        wanted = result.restored or any(login.is_wanted for login in result.commands)
        if wanted and not yes and not settings.json and not settings.quiet and _is_terminal():
            _ask(settings, result, place.home)
        with tools.exclusive():
            result = undo(tools, store, chosen, force=force, paths=paths, version=settings.openclaw_version)
        untold = record_undo(History(place.state), result, place.home, now=tools.clock.now())
        if untold and not settings.quiet:
            click.echo(f"clawmend: {printable(untold)}", err=True)
    refused = bool(result.conflicts) and not force
    document = _json(result, place.home, recovered)
    if settings.json:
        answer(document | {"dry_run": dry_run})
    elif not settings.quiet:
        _show(settings, result, document, dry_run=dry_run, refused=refused)
    leave(FAILED if refused else FINDINGS if any(login.problem for login in result.commands) else OK)


def _recover(settings: Settings, tools: Tools, store: CheckpointStore) -> NoReturn:
    """Tidy up, say what was done, and end."""
    recovered: tuple[Recovered, ...] = ()
    if os.path.isdir(store.root):
        with tools.exclusive():
            recovered = recover(tools, store)
    _tell(settings, recovered, tools.place.home)


def _tell(settings: Settings, recovered: tuple[Recovered, ...], home: str) -> NoReturn:
    """Say what was recovered, and end."""
    documents = recovered_json(recovered, home)
    if settings.json:
        answer({"schema": SCHEMA, **_NOTHING, "recovered": documents})
    elif not settings.quiet:
        screen = settings.screen()
        show_recovered(screen, documents)
        if not documents:
            screen.line("Nothing was cut off.", "ok")
    leave(FAILED if any(one.problem and one.checkpoint.home == home for one in recovered) else OK)


def _absolute(path: str, place: Place) -> str:
    """Take a path as we print it (`~` is the home that is looked at) or as the shell knows it."""
    return os.path.abspath(place.home + path[1:] if path == "~" or path.startswith("~/") else path)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask(settings: Settings, result: Undone, home: str) -> None:
    """Show what would be done, and end unless the person agrees."""
    screen, document = settings.screen(), _json(result, home, ())
    for item in document["restored"]:
        screen.line(f"{item['path']}:")
        screen.code(item["diff"])
    _show_commands(screen, document["commands"], waiting="would be stored again by OpenClaw")
    if document["note"]:
        screen.line(document["note"])
    if not click.confirm("Do this?", default=True):
        screen.line("Nothing was undone.")
        leave(FINDINGS)


def _json(result: Undone, home: str, recovered: tuple[Recovered, ...]) -> dict[str, Any]:
    shown = (*result.restored, *result.conflicts)
    masker = masker_from(*(data for item in shown for data in (item.before, item.after)))

    def one(item: Restored) -> dict[str, Any]:
        diff = shown_diff(item.before, item.after, _mode(item), masker)
        return {"path": shown_path(home, item.entry.path), "rules": list(item.entry.rules), "diff": diff}

    return {
        "schema": SCHEMA,
        "checkpoint": result.checkpoint.id,
        "made": result.made,
        "restored": [one(item) for item in result.restored],
        "conflicts": [one(item) for item in result.conflicts],
        "commands": [_command_json(login, home, masker) for login in result.commands],
        "restart_needed": result.checkpoint.needs_restart and bool(result.restored),
        "recovered": recovered_json(recovered, home),
        "note": _KEPT if result.checkpoint.taken_over else "",
    }


def _command_json(login: Login, home: str, masker: Masker) -> dict[str, Any]:
    """One credential that OpenClaw had removed, and whether it is stored again; never the credential itself."""
    return {
        "path": shown_path(home, login.taken.path),
        "agent": one_line(login.taken.agent),
        "profile": one_line(login.taken.profile),
        "done": login.done,
        "problem": one_line(masker.clean(login.problem)),
    }


def _show_commands(screen: Any, commands: list[dict[str, Any]], *, waiting: str) -> None:
    """Say of every credential what has become of it, or what would."""
    for command in commands:
        name = f"the credential {command['profile']} of agent {command['agent']}"
        if command["problem"]:
            screen.line(f"{name} is not stored again: {command['problem']}", "warning")
        elif command["done"]:
            screen.line(f"{name} is stored, as it was", "ok")
        else:
            screen.line(f"{name} {waiting}", "ok")


def _mode(item: Restored) -> str:
    """The change of the mode that comes with it, where the mode is what the checkpoint is about."""
    then = item.entry.mode_before
    return "" if then is None or item.identity is None else mode_change(item.identity.mode, then)


def _show(settings: Settings, result: Undone, document: dict[str, Any], *, dry_run: bool, refused: bool) -> None:
    screen = settings.screen()
    show_recovered(screen, document["recovered"])
    if refused:
        for conflict in document["conflicts"]:
            screen.line(f"{conflict['path']} was changed since; undoing would do this to it:", "warning")
            screen.code(conflict["diff"])
        screen.line("Nothing was undone. To do it all the same:", "error")
        screen.line(f"clawmend undo {result.checkpoint.id} --force", indent=4)
        return
    for restored in document["restored"]:
        screen.line(f"{'would put back' if dry_run else 'put back'} {restored['path']}", "ok")
        if dry_run or settings.verbose:
            screen.code(restored["diff"])
    _show_commands(screen, document["commands"], waiting="would be stored again by OpenClaw" if dry_run else "")
    if document["note"]:
        screen.line(document["note"])
    if not result.restored and not result.commands:
        screen.line("Every file already is what it was before that checkpoint.", "ok")
    if dry_run:
        return
    if document["restart_needed"]:
        screen.line("A gateway that runs took the repaired state over; restart it: openclaw gateway restart")
    if result.made:
        screen.line(f"Undo this undo: clawmend undo {result.made}", "dim")
