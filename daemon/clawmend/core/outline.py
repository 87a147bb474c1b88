"""Where things stand in a text that is known to be good: the members of one container, and the way to a value.

Nothing is kept between questions and no tree is built. A sibling is stepped over bracket by bracket, so the cost of
an answer is one pass over what stands before it.
"""

import re
from collections.abc import Iterator

from clawmend.core.frozen import dataclass
from clawmend.core.lexer import Grammar
from clawmend.core.parser import read_key
from clawmend.core.pointer import Pointer
from clawmend.core.syntax import Span

# Up to the next bracket that is neither in a string nor in a comment.
_JSON_BRACKET = re.compile(r'[^"\[\]{}]*(?:"[^"\\]*+(?:\\.[^"\\]*+)*"[^"\[\]{}]*)*([\[\]{}])', re.DOTALL)
_JSON5_BRACKET = re.compile(
    r"""
    [^"'/\[\]{}]*+
    (?:
      (?: "[^"\\]*+(?:\\.[^"\\]*+)*" | '[^'\\]*+(?:\\.[^'\\]*+)*' | //[^\n\r\u2028\u2029]*+ | /\*.*?\*/ )
      [^"'/\[\]{}]*+
    )*
    ([\[\]{}])
    """,
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One object member or array element. `name` is its key or index, `comma` the offset of the comma behind it."""

    name: str | int
    key: Span | None
    value: Span
    comma: int | None

    @property
    def start(self) -> int:
        """Where its text starts: at its key, or at its value in an array."""
        return self.key.start if self.key else self.value.start

    @property
    def end(self) -> int:
        """Where its text ends: behind its comma if it has one."""
        return self.value.end if self.comma is None else self.comma + 1


@dataclass(frozen=True, slots=True)
class Container:
    """One object or array: its brackets stand at `span.start` and at `span.end - 1`."""

    span: Span
    is_object: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Head:
    """An item as far as it is read before its value."""

    name: str | int
    key: Span | None
    start: int


def outline(text: str, start: int, grammar: Grammar) -> Container:
    """Return the container whose opening bracket stands at an offset, with all its items."""
    items: list[Item] = []
    position = start + 1
    while (head := _head(text, position, grammar, is_object=text[start] == "{", index=len(items))) is not None:
        end = value_end(text, head.start, grammar)
        position = grammar.skip(text, end)
        comma = position if text[position] == "," else None
        position += comma is not None
        items.append(Item(head.name, head.key, Span(head.start, end), comma))
    end = grammar.skip(text, position) + 1
    return Container(Span(start, end), text[start] == "{", tuple(items))


def way_to(text: str, start: int, pointer: Pointer, grammar: Grammar, *, has_duplicates: bool) -> tuple[int, ...]:
    """Where the values on the way to a pointer start: first the whole document's, last the one that is named.

    Args:
        text: the whole text.
        start: where to begin; white space and comments may stand there.
        pointer: what to go to; it is there, and indexes are numbers.
        grammar: the grammar of the text.
        has_duplicates: whether a key may occur again further on, which then is the one that counts.
    """
    way = [grammar.skip(text, start)]
    for token in pointer:
        found = (head.start for head in _heads(text, way[-1], grammar) if head.name == token)
        way.append(max(found) if has_duplicates else next(found))
    return tuple(way)


def value_end(text: str, start: int, grammar: Grammar) -> int:
    """Where the value ends that starts at an offset."""
    if text[start] not in "{[":
        found = grammar.token.match(text, start)
        return found.end() if found else start
    pattern = _JSON5_BRACKET if grammar.is_json5 else _JSON_BRACKET
    depth = 0
    for found in pattern.finditer(text, start):
        depth += 1 if found[1] in "{[" else -1
        if depth == 0:
            return found.end()
    raise ValueError("internal: a bracket is not closed")


def _heads(text: str, start: int, grammar: Grammar) -> Iterator[_Head]:
    """The items of the container at an offset, one after the other."""
    position, index = start + 1, 0
    while (head := _head(text, position, grammar, is_object=text[start] == "{", index=index)) is not None:
        yield head
        position = grammar.skip(text, value_end(text, head.start, grammar))
        position += text[position] == ","
        index += 1


def _head(text: str, position: int, grammar: Grammar, *, is_object: bool, index: int) -> _Head | None:
    """Read the next item up to its value; None at the closing bracket."""
    start = grammar.skip(text, position)
    if text[start] in "}]":
        return None
    if not is_object:
        return _Head(index, None, start)
    key, end = read_key(text, start, grammar)
    colon = grammar.skip(text, end)
    return _Head(key, Span(start, end), grammar.skip(text, colon + 1))
