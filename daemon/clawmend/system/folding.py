"""From the events of the journal to checkpoints: each event adds to what is known of one of them."""

from dataclasses import replace
from typing import Any

from clawmend.system.journal import Lines
from clawmend.system.records import Checkpoint, entry_from, from_json, taken_from, unquoted

_FLAGS: dict[str, dict[str, Any]] = {
    "applied": {"applied": True},
    "done": {"done": True},
    "undone": {"undone": True},
    "redone": {"undone": False},
}


def fold(lines: Lines) -> tuple[tuple[Checkpoint, ...], int]:
    """From events to checkpoints, and how many beginnings make no sense to us."""
    found: dict[str, Checkpoint] = {}
    strange = 0
    for record in lines.records:
        try:
            _apply(found, record)
        except (ValueError, KeyError, TypeError, AttributeError):
            strange += record.get("event") == "begin"
    return tuple(found.values()), strange


def _apply(found: dict[str, Checkpoint], record: dict[str, Any]) -> None:
    match record["event"]:
        case "begin":
            checkpoint = from_json(record["checkpoint"])
            found[checkpoint.id] = checkpoint
        case "in-place":
            known = found[record["id"]]
            found[known.id] = replace(known, in_place=known.in_place | {unquoted(record["path"])})
        case "commands":
            known = found[record["id"]]
            changed = {entry.path for entry in known.entries}
            watched = tuple(entry for entry in map(entry_from, record["entries"]) if entry.path not in changed)
            taken = tuple(map(taken_from, record["commands"]))
            entries = (*known.entries, *watched)
            over = known.taken_over or record.get("taken_over") is True
            found[known.id] = replace(known, commands=(*known.commands, *taken), entries=entries, taken_over=over)
        case "rewritten":
            known, path = found[record["id"]], unquoted(record["path"])
            fields = {"after": record["after"], "rewritten": record["theirs"]}
            entries = tuple(replace(one, **fields) if one.path == path else one for one in known.entries)
            found[known.id] = replace(known, entries=entries)
        case str(event) if event in _FLAGS:
            found[record["id"]] = replace(found[record["id"]], **_FLAGS[event])
        case "pruned":
            for name in record["ids"]:
                found.pop(name, None)
        case _:
            pass  # an event of another clawmend: it says nothing that we could act on
