"""What recovery did, as JSON and for people."""

from typing import Any

from clawmend.core.printable import printable, shown_path
from clawmend.repair.recovery import Recovered


def recovered_json(recovered: tuple[Recovered, ...], home: str) -> list[dict[str, Any]]:
    """One object per checkpoint that a crash had cut off."""
    return [
        {
            "checkpoint": one.checkpoint.id,
            "finished": one.finished,
            "restored": [shown_path(home, path) for path in one.restored],
            "left_to_you": [shown_path(home, path) for path in one.foreign],
            "kept": list(one.found),
            "problem": printable(one.problem),
        }
        for one in recovered
    ]


def show_recovered(screen: Any, documents: list[dict[str, Any]]) -> None:
    """Say it in a few lines."""
    for one in documents:
        screen.line(f"{one['checkpoint']} had been cut off (a crash, a kill or a power cut).", "warning")
        if one["finished"]:
            screen.line("every file was already written; it counts as done", "ok", indent=4)
        for path in one["restored"]:
            screen.line(f"put back {path}", "ok", indent=4)
        for path in one["left_to_you"]:
            screen.line(f"left {path}: somebody has changed it since", "warning", indent=4)
        for name in one["kept"]:
            screen.line(f"kept what lay about; see: clawmend backups show {name}", "warning", indent=4)
        if one["problem"]:
            screen.line(f"not recovered yet: {one['problem']}", "error", indent=4)
        if not one["finished"] and not one["restored"] and not one["left_to_you"] and not one["problem"]:
            screen.line("no file had been changed", "ok", indent=4)
