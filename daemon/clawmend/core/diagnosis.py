"""Says what is wrong with a text, and where, in a sentence that shows nothing of the text itself."""

import re
from enum import Enum
from typing import NoReturn, assert_never

from clawmend.core.lexer import Grammar
from clawmend.core.syntax import malformed

_NUMBER_START = re.compile(r"[+-]?\.?")
_CUT_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{0,3}|x[0-9A-Fa-f]?)?\Z")


class Place(Enum):
    """What the grammar allows at a point of the text."""

    VALUE = "a value"
    KEY = "a key"
    COLON = "a colon after the key"
    SEPARATOR = "a comma or a closing bracket"
    END = "the end of the text"


def diagnose(text: str, position: int, grammar: Grammar, place: Place, container: str) -> NoReturn:
    """Raise for the token at a position, which does not fit there.

    Args:
        text: the whole text.
        position: where the token starts, past white space and comments.
        grammar: the grammar of the text.
        place: what was allowed there.
        container: "object", "array", or "" outside of both.

    Raises:
        MalformedError: always.
    """
    if position == len(text):
        raise malformed(
            f"the text ends inside an {container}" if container else "the text holds no value", text, position
        )
    character = text[position]
    if grammar.is_json5 and text.startswith("/*", position):
        raise malformed("the text ends inside a comment", text, len(text))
    if "\ud800" <= character <= "\udfff":
        raise malformed("a byte that is not UTF-8 stands outside a string", text, position)
    if character == "\0":
        raise malformed("a NUL character stands outside a string", text, position)
    match place:
        case Place.VALUE:
            _diagnose_string(text, position, grammar)
            _diagnose_scalar(text, position, grammar)
        case Place.KEY:
            _diagnose_string(text, position, grammar)
            kind = "a key" if grammar.is_json5 else "a key in double quotes"
            raise malformed(f"unexpected character where {kind} should be", text, position)
        case Place.COLON | Place.SEPARATOR | Place.END:
            raise malformed(f"unexpected character where {place.value} should be", text, position)
        case _:
            assert_never(place)


def _diagnose_string(text: str, position: int, grammar: Grammar) -> None:
    """Raise when a string starts here; otherwise say nothing."""
    pattern = grammar.string_starts.get(text[position])
    found = pattern.match(text, position) if pattern else None
    if found is None:
        return
    stop = found.end()
    if stop == len(text) or _CUT_ESCAPE.match(text, stop):
        raise malformed("the text ends inside a string", text, len(text))
    if text[stop] == "\\":
        raise malformed("a string holds an escape that does not exist", text, stop)
    if text[stop] in "\r\n":
        raise malformed("a string is not closed on its line", text, stop)
    raise malformed("a string holds a control character", text, stop)


def _diagnose_scalar(text: str, position: int, grammar: Grammar) -> NoReturn:
    """Raise at the first character that makes a number or a word impossible."""
    number = _NUMBER_START.match(text, position)
    stop = number.end() if number and grammar.is_json5 else position + text.startswith("-", position)
    stop += max(_common_start(text, stop, word) for word in grammar.words)
    if stop == len(text):
        raise malformed("the text ends inside a value", text, stop)
    raise malformed(f"unexpected character where {Place.VALUE.value} should be", text, stop)


def _common_start(text: str, position: int, word: str) -> int:
    """How many characters of a word stand at a position."""
    return next(
        (count for count, letter in enumerate(word) if text[position + count : position + count + 1] != letter),
        len(word),
    )
