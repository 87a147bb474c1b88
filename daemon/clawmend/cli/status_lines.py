"""What `clawmend status` shows: the lines for people, made of the same JSON that scripts get."""

from collections.abc import Iterator
from typing import Any

from clawmend.cli.moments import age, moment
from clawmend.core.frozen import dataclass

_SHOWN = 8  # of a long list; all of it is in the JSON


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph: a label (none for the first), the text, and its style."""

    label: str
    text: str
    style: str = ""


def status_lines(document: dict[str, Any], now: float, *, ages: bool = True) -> Iterator[Line]:
    """Lay out an answer of `status --json`; without `ages` a line changes only when something has happened."""

    def when(at: float) -> str:
        return f"{age(now - at)} ago" if ages else moment(at)

    if document["running"]:
        since = f"{moment(document['since'])}" + (f" ({age(now - document['since'])})" if ages else "")
        mode = "" if document["mode"] == "auto" else f", mode {document['mode']}"
        yield Line("", f"clawmend is running since {since}, process {document['pid']}{mode}.", "ok")
    else:
        yield Line("", document["problem"], "error")
        yield Line("next", document["next"])
    for problem in document["errors"]:
        yield Line("error", problem, "error")
    if document["paused"]:
        yield Line("paused", document["paused"], "warning")
    for one in document["watched"] if document["running"] else ():
        yield Line("watching", one["path"] + ("" if one["proven"] else f": {one['problem']}"), _unless(one["proven"]))
    look, repair = document["last_look"], document["last_repair"]
    if look is not None:
        yield Line("looked", f"{when(look['at'])}: {look['result']}" if ages else look["result"])
    if repair is not None:
        yield Line("repaired", f"{when(repair['at'])}: {repair['result']}")
    yield from _cut("held", document["held"])
    yield from _cut("contested", document["contested"])
    for sentence in document["gateway"]:
        yield Line("gateway", sentence)
    if document["budget"]:
        yield Line("restarts", document["budget"])


def _cut(label: str, found: list[dict[str, Any]]) -> Iterator[Line]:
    for one in found[:_SHOWN]:
        yield Line(label, f"{one['rule']} {one['path']}: {one['reason']}", "warning")
    if len(found) > _SHOWN:
        yield Line(label, f"and {len(found) - _SHOWN} more: clawmend status --json", "warning")


def _unless(fine: bool) -> str:
    return "" if fine else "warning"
