"""`clawmend undo`: put back, byte for byte, what a repair changed."""

from typing import Any

import click

from clawmend.cli.app import FAILED, OK, Command, Settings, answer, leave
from clawmend.cli.printable import printable, shown_path
from clawmend.cli.report import SCHEMA, masker_from
from clawmend.core.diff import masked_diff
from clawmend.repair.tools import real_tools
from clawmend.repair.undo import Restored, Undone, choose, undo
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.locks import own_lock
from clawmend.system.machine import RealClock


@click.command("undo", cls=Command)
@click.argument("checkpoint", required=False)
@click.option("--force", is_flag=True, help="Overwrite files that were changed since (they are kept in a checkpoint).")
@click.pass_obj
def undo_command(settings: Settings, checkpoint: str | None, force: bool) -> None:
    """Put back, byte for byte, what a repair changed (the last one by default).

    Refuses, with a diff, when a file was changed since.
    """
    place = settings.place()
    store = CheckpointStore(place.state)
    chosen = choose(store, place.home, checkpoint)
    with own_lock(place.state):
        result = undo(real_tools(place, RealClock()), store, chosen, force=force)
    document = _json(result, place.home)
    if settings.json:
        answer(document)
    elif not settings.quiet:
        _show(settings, result, document)
    leave(FAILED if result.conflicts else OK)


def _json(result: Undone, home: str) -> dict[str, Any]:
    shown = (*result.restored, *result.conflicts)
    masker = masker_from(*(data for item in shown for data in (item.before, item.after)))

    def one(item: Restored) -> dict[str, Any]:
        diff = printable(masked_diff(item.before, item.after, masker))
        return {"path": shown_path(home, item.entry.path), "rules": list(item.entry.rules), "diff": diff}

    return {
        "schema": SCHEMA,
        "checkpoint": result.checkpoint.id,
        "restored": [one(item) for item in result.restored],
        "conflicts": [one(item) for item in result.conflicts],
        "restart_needed": result.checkpoint.needs_restart and bool(result.restored),
    }


def _show(settings: Settings, result: Undone, document: dict[str, Any]) -> None:
    screen = settings.screen()
    for conflict in document["conflicts"]:
        screen.line(f"{conflict['path']} was changed since; undoing would do this to it:", "warning")
        screen.code(conflict["diff"])
    for restored in document["restored"]:
        screen.line(f"put back {restored['path']}", "ok")
        if settings.verbose:
            screen.code(restored["diff"])
    if result.conflicts:
        screen.line("Nothing was undone. To do it all the same:", "error")
        screen.line(f"clawmend undo {result.checkpoint.id} --force", indent=4)
    elif not result.restored:
        screen.line("Every file already is what it was before that repair.", "ok")
    if document["restart_needed"]:
        screen.line("A gateway that runs took the repaired state over; restart it: openclaw gateway restart")
