"""The live view of `status --follow`: what matters first, and no more rows and columns than the terminal has.

A live view cannot be scrolled, so what does not fit is not there. Long lists give way first, then long sentences, and
only then whole lines, from the bottom: the state, the last look and repair, and what is left to a person stay.
"""

from collections.abc import Iterator
from typing import Any

from clawmend.cli.lean import laid_out
from clawmend.cli.moments import moment
from clawmend.cli.status_lines import Line, status_lines
from clawmend.cli.wrapping import cells
from clawmend.core.frozen import dataclass

# By label; the first line has none.
_ORDER = ("", "next", "error", "paused", "looked", "repaired", "held", "contested", "gateway", "restarts", "watching")
# How many of a long list are shown, and in how many rows a sentence: the first pair with which everything fits.
_SHORTER = ((8, 99), (4, 99), (2, 99), (1, 99), (1, 2), (1, 1))
_FOOTERS = ("  Ctrl-C ends this view, not the daemon.", "  Ctrl-C ends this view.", "  Ctrl-C", "")


@dataclass(frozen=True, slots=True)
class Screen:
    """How many cells there are, and what can be shown in them."""

    width: int
    height: int
    encoding: str

    def showable(self, text: str) -> str:
        """The text as it will be printed: what the terminal cannot show takes more cells than one."""
        return text.encode(self.encoding, "backslashreplace").decode(self.encoding)

    def cut(self, text: str) -> str:
        """The text, or its beginning where it is too wide."""
        if cells(text) <= self.width:
            return text
        end = self.ellipsis[: self.width]
        while text and cells(text + end) > self.width:
            text = text[:-1]
        return text + end

    @property
    def ellipsis(self) -> str:
        """What stands for what was cut."""
        return "…" if self.showable("…") == "…" else "..."


def view(document: dict[str, Any], now: float, screen: Screen) -> Iterator[tuple[str, str]]:
    """The rows of an answer of `status --json`, each with its style; as many as the screen has at most."""
    room = screen.height - 1
    rows: list[tuple[str, str]] = []
    for shown, tall in _SHORTER:
        lines = sorted(status_lines(document, now, shown=shown), key=lambda line: _ORDER.index(line.label))
        rows = [(row, line.style) for line in lines for row in _rows(line, screen, tall)]
        if len(rows) <= room:
            break
    if len(rows) > room:
        rows = [*rows[: room - 1], (screen.cut(f"{screen.ellipsis} more: clawmend status"), "dim")][:room]
    yield from rows
    yield _footer(now, screen), "dim"


def _rows(line: Line, screen: Screen, tall: int) -> list[str]:
    """A line in so many rows at most: what does not fit into the last one is cut."""
    parts = laid_out(line.label, screen.showable(line.text), screen.width)
    last = " ".join([parts[tall - 1], *(part.strip() for part in parts[tall:])]) if len(parts) > tall else parts[-1]
    return [screen.cut(part) for part in (*parts[: min(tall, len(parts)) - 1], last)]


def _footer(now: float, screen: Screen) -> str:
    day_and_time = moment(now)
    time = day_and_time.rpartition(" ")[2]
    for text in (day_and_time + _FOOTERS[0], *(time + footer for footer in _FOOTERS)):
        if cells(text) <= screen.width:
            return text
    return screen.cut(time)
