"""Reads any text of a grammar into a value, without recursion, and says where a text is wrong.

This is the parser for JSON5, for errors, and for documents with duplicate keys. Strict JSON without those takes the
faster way through Python's own parser (`document.py`).
"""

from collections.abc import Callable
from typing import NoReturn, Optional

from clawmend.core.diagnosis import Place, diagnose
from clawmend.core.lexer import Grammar, decode_number, decode_string, read_identifier
from clawmend.core.pointer import Pointer
from clawmend.core.syntax import Json, LimitError
from clawmend.core.values import find

_Step = Callable[[], Optional["_Step"]]  # reads one token and names the step that follows; None at the end


def parse_text(text: str, start: int, grammar: Grammar, depth: int) -> tuple[Json, tuple[Pointer, ...]]:
    """Return the value that starts at an offset, and the members whose key occurs more than once.

    A duplicated key keeps its first place and its last value, as in JavaScript. Duplicates inside a value that is
    itself overwritten are not reported.

    Raises:
        MalformedError: the text is not of this grammar.
        LimitError: it nests deeper than `depth`, or holds a number too long to print.
    """
    return _Reader(text, start, grammar, depth).run()


class _Reader:
    """A cursor over the text, with the containers that are still open there."""

    def __init__(self, text: str, start: int, grammar: Grammar, depth: int) -> None:
        self._text = text
        self._position = start
        self._grammar = grammar
        self._depth = depth
        self._open: list[list[Json] | dict[str, Json]] = [[]]  # the outermost array is ours and holds the value
        self._keys: list[str] = [""]  # beside `_open`: the member that is being read, where that is an object
        self._duplicates: dict[Pointer, dict[str, Json]] = {}  # each with the object that holds it

    def run(self) -> tuple[Json, tuple[Pointer, ...]]:
        step: _Step | None = self._value
        while step is not None:
            step = step()
        value = next(iter(self._open[0]))
        return value, tuple(path for path, members in self._duplicates.items() if find(value, path[:-1]) is members)

    def _value(self) -> _Step:
        start = self._skip()
        found = self._grammar.token.match(self._text, start)
        source = found[0] if found else ""
        kind = found.lastgroup if found else None
        self._position = start + len(source)
        if kind == "string":
            self._put(decode_string(source))
        elif kind == "number":
            self._put(decode_number(source))
        elif kind == "word" and source in self._grammar.words:
            self._put(self._grammar.words[source])
        elif source == "{":
            self._enter({})
            return self._member_or_end
        elif source == "[":
            self._enter([])
            return self._element_or_end
        else:
            self._fail(start, Place.VALUE)
        return self._separator

    def _element_or_end(self) -> _Step:
        return self._leave() if self._takes("]") else self._value

    def _member_or_end(self) -> _Step:
        return self._leave() if self._takes("}") else self._member

    def _member(self) -> _Step:
        start = self._skip()
        key, self._position = read_key(self._text, start, self._grammar)
        if self._position == start:
            self._fail(start, Place.KEY)
        self._keys[-1] = key
        if not self._takes(":"):
            self._fail(self._position, Place.COLON)
        return self._value

    def _separator(self) -> _Step | None:
        """Read what follows a value."""
        container = self._open[-1]
        if len(self._open) == 1:
            self._end()
            return None
        is_object = isinstance(container, dict)
        if self._takes(","):
            if self._grammar.is_json5:
                return self._member_or_end if is_object else self._element_or_end
            return self._member if is_object else self._value
        if self._takes("}" if is_object else "]"):
            return self._leave()
        return self._fail(self._position, Place.SEPARATOR)

    def _end(self) -> None:
        start = self._skip()
        if start != len(self._text):
            self._fail(start, Place.END)

    def _skip(self) -> int:
        return self._grammar.skip(self._text, self._position)

    def _takes(self, mark: str) -> bool:
        """Step over a mark if it comes next, and to the next token in any case."""
        self._position = self._skip()
        if not self._text.startswith(mark, self._position):
            return False
        self._position += 1
        return True

    def _put(self, value: Json) -> None:
        """Hand a value to the innermost open container."""
        container = self._open[-1]
        if isinstance(container, list):
            container.append(value)
            return
        key = self._keys[-1]
        if key in container:
            self._note_duplicate(container)
        container[key] = value

    def _note_duplicate(self, members: dict[str, Json]) -> None:
        path: list[str | int] = [
            key if isinstance(container, dict) else len(container) - 1
            for container, key in zip(self._open, self._keys, strict=True)
        ]
        self._duplicates[tuple(path[1:])] = members

    def _enter(self, container: list[Json] | dict[str, Json]) -> None:
        if len(self._open) > self._depth:
            raise LimitError(f"the document nests deeper than {self._depth} levels")
        self._put(container)
        self._open.append(container)
        self._keys.append("")

    def _leave(self) -> _Step:
        self._open.pop()
        self._keys.pop()
        return self._separator

    def _fail(self, position: int, place: Place) -> NoReturn:
        container = "" if len(self._open) == 1 else "object" if isinstance(self._open[-1], dict) else "array"
        diagnose(self._text, position, self._grammar, place, container)


def read_key(text: str, start: int, grammar: Grammar) -> tuple[str, int]:
    """Read the key that starts at an offset: its meaning and its end, which is `start` when no key stands there."""
    found = grammar.token.match(text, start)
    if found is not None and found.lastgroup == "string":
        return decode_string(found[0]), found.end()
    if not grammar.is_json5:
        return "", start
    if found is not None and found.lastgroup == "word":
        return found[0], found.end()
    return read_identifier(text, start)
