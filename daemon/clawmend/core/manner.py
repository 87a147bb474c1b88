"""Finds out how a document is written around the place of an edit.

New text follows its siblings: quotes, colons, commas, indent. Where they say nothing (there are none, say) the
nearest container around them does that says something, and last what JSON.stringify(value, null, 2) writes.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from clawmend.core.lexer import Grammar
from clawmend.core.lines import has_line_break, line_indent, newline_of, own_line_indent
from clawmend.core.outline import Container, outline
from clawmend.core.writer import Manner, Quotes

Answer = TypeVar("Answer")

_COLON = re.compile(r"[ \t]*:[ \t]*")
_BLANKS = re.compile(r"[ \t]*")


class Surroundings:
    """The containers around a place, looked at only as far out as somebody asks."""

    def __init__(self, text: str, way: tuple[int, ...], grammar: Grammar, depth: int) -> None:
        """`way` holds the offsets of the opening brackets, the outermost first; it may be empty."""
        self.text = text
        self.grammar = grammar
        self._way = way
        self._depth = depth
        self._known: dict[int, Container] = {}

    def inside(self, start: int) -> "Surroundings":
        """The same for a place inside the container that starts at an offset, one further in."""
        return Surroundings(self.text, (*self._way, start), self.grammar, self._depth)

    def around(self, steps: int) -> Container | None:
        """The container so many steps out, 0 being the nearest; None outside of the outermost."""
        if steps >= len(self._way):
            return None
        start = self._way[-1 - steps]
        if start not in self._known:
            self._known[start] = outline(self.text, start, self.grammar)
        return self._known[start]

    def nearest(self, ask: Callable[[str, Container], Answer | None]) -> Answer | None:
        """Ask the containers from the nearest outwards, until one has an answer."""
        steps = 0
        while (container := self.around(steps)) is not None:
            if (answer := ask(self.text, container)) is not None:
                return answer
            steps += 1
        return None

    def manner(self) -> Manner:
        """How the document is written here."""
        colon, gap = self.nearest(_colon), self.nearest(_gap)
        if colon is None:
            colon = ":" if gap == "" else ": "
        if gap is None:
            gap = "" if colon == ":" else " "
        unit = self.nearest(_unit) if self.is_multiline(0) else ""
        manner = replace(self.any_manner(), unit="  " if unit is None else unit, colon=colon, gap=gap)
        if not manner.is_json5:
            return manner
        keys, string = self.nearest(_key_quotes), self.nearest(_string_quotes)
        return replace(manner, keys=keys or Quotes.DOUBLE, string=string or Quotes.DOUBLE)

    def any_manner(self) -> Manner:
        """How to write where the siblings need not be asked, which may cost a pass over a large file."""
        return Manner(
            newline=newline_of(self.text),
            unit="  ",
            colon=": ",
            gap=" ",
            keys=Quotes.DOUBLE,
            string=Quotes.DOUBLE,
            is_json5=self.grammar.is_json5,
            depth=self._depth,
        )

    def is_multiline(self, steps: int) -> bool:
        """Whether a container has its items on lines of their own; an empty one does as the one around it.

        The outermost, when empty or no container at all, counts as multi-line.
        """
        container = self.around(steps)
        if container is None:
            return True
        edges = [container.span.start + 1]
        for item in container.items:
            edges += [item.start, item.value.end]
        edges.append(container.span.end - 1)
        if any(has_line_break(self.text, *gap) for gap in zip(edges[::2], edges[1::2], strict=True)):
            return True
        return not container.items and self.is_multiline(steps + 1)


def item_indent(text: str, container: Container, unit: str) -> str:
    """The indent of a container's items: that of the last one on a line of its own, else a step more than outside."""
    for item in reversed(container.items):
        indent = own_line_indent(text, item.start)
        if indent is not None:
            return indent
    return line_indent(text, container.span.start) + unit


def _unit(text: str, container: Container) -> str | None:
    for item in container.items:
        inner = own_line_indent(text, item.start)
        if inner is not None:
            outer = line_indent(text, container.span.start)
            return inner[len(outer) :] if inner.startswith(outer) else None
    return None


def _colon(text: str, container: Container) -> str | None:
    for item in reversed(container.items):
        between = text[item.key.end : item.value.start] if item.key else ""
        if _COLON.fullmatch(between):
            return between
    return None


def _gap(text: str, container: Container) -> str | None:
    for one, next_one in zip(container.items, container.items[1:], strict=False):
        between = text[one.end : next_one.start]
        if _BLANKS.fullmatch(between):
            return between
    # One line further out says nothing about this one, and a look there may cost a pass over a large file.
    return " " if len(container.items) > 1 else None


def _key_quotes(text: str, container: Container) -> Quotes | None:
    if not (container.is_object and container.items):
        return None
    marks = {text[item.start] for item in container.items}
    if marks == {"'"}:
        return Quotes.SINGLE
    return Quotes.DOUBLE if marks & {'"', "'"} else Quotes.NONE


def _string_quotes(text: str, container: Container) -> Quotes | None:
    marks = {text[item.value.start] for item in container.items} & {'"', "'"}
    if not marks:
        return None
    return Quotes.SINGLE if marks == {"'"} else Quotes.DOUBLE
