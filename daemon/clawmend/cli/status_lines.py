"""What `clawmend status` shows: the lines for people, made of the same JSON that scripts get."""

from collections.abc import Iterator
from typing import Any

from clawmend.cli.moments import age, moment
from clawmend.core.frozen import dataclass

_SHOWN = 8  # of a long list; all of it is in the JSON
_WATCHED = 4  # of the folders: nobody has to do anything about them


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph: a label (none for the first), the text, and its style."""

    label: str
    text: str
    style: str = ""


def status_lines(document: dict[str, Any], now: float, *, ages: bool = True, shown: int = _SHOWN) -> Iterator[Line]:
    """Lay out an answer of `status --json`; without `ages` a line changes only when something has happened.

    `shown` is how many of a long list there are.
    """

    def when(at: float) -> str:
        return f"{age(now - at)} ago" if ages else moment(at)

    if document["running"]:
        since = f"{moment(document['since'])}" + (f" ({age(now - document['since'])})" if ages else "")
        mode = "" if document["mode"] == "auto" else f", mode {document['mode']}"
        fresh = "" if document["last_look"] else " Its first look is going on."
        yield Line("", f"clawmend is running since {since}, process {document['pid']}{mode}.{fresh}", "ok")
    else:
        yield Line("", document["problem"], "error")
        yield Line("next", document["next"])
    for problem in document["errors"]:
        yield Line("error", problem, "error")
    if document["paused"]:
        yield Line("paused", document["paused"], "warning")
    yield from _cut(list(_watched(document)), min(shown, _WATCHED))
    look, repair = document["last_look"], document["last_repair"]
    if look is not None:
        yield Line("looked", f"{when(look['at'])}: {look['result']}" if ages else look["result"])
    if repair is not None:
        yield Line("repaired", f"{when(repair['at'])}: {repair['result']}")
    for label in ("held", "contested"):
        yield from _cut([_left(label, one) for one in document[label]], shown)
    for sentence in document["gateway"]:
        yield Line("gateway", sentence)
    if document["budget"]:
        yield Line("restarts", document["budget"])


def _watched(document: dict[str, Any]) -> Iterator[Line]:
    """The folders, first those whose changes go unnoticed."""
    watched = document["watched"] if document["running"] else []
    for one in sorted(watched, key=lambda one: bool(one["proven"])):
        if one["proven"]:
            yield Line("watching", one["path"])
        else:
            yield Line("watching", f"{one['path']}: {one['problem']}", "warning")


def _left(label: str, one: dict[str, Any]) -> Line:
    return Line(label, f"{one['rule']} {one['path']}: {one['reason'].removeprefix(f'{label}: ')}", "warning")


def _cut(lines: list[Line], shown: int) -> Iterator[Line]:
    """The first lines of a list, and how many more there are; the style of the first of those is theirs."""
    yield from lines[:shown]
    for one in lines[shown : shown + 1]:
        yield Line(one.label, f"and {len(lines) - shown} more: clawmend status --json", one.style)
