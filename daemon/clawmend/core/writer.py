"""Writes a value as text in the manner of the document around it."""

import json
import math
import re
from enum import Enum

from clawmend.core.frozen import dataclass
from clawmend.core.identifiers import is_identifier
from clawmend.core.syntax import Json
from clawmend.core.values import EditError

_HALF_CHARACTER = re.compile("[\ud800-\udfff\u2028\u2029]")
_TWO_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_QUOTE = re.compile(r"\\.|'")
_MOST_EXACT = 2**53  # from here on a float shows its shortest digits only with an exponent


class Quotes(Enum):
    """How keys are written."""

    NONE = ""  # where the key allows it
    SINGLE = "'"
    DOUBLE = '"'


@dataclass(frozen=True, slots=True)
class Manner:
    """How a document is written, as far as new text follows it.

    `unit` is one step of indent; `colon` what stands between key and value; `gap` what stands between a comma and
    the next item on the same line; `string` the quote around string values; `depth` how deep a value may nest.
    """

    newline: str
    unit: str
    colon: str
    gap: str
    keys: Quotes
    string: Quotes
    is_json5: bool
    depth: int


@dataclass(frozen=True, slots=True)
class _Nested:
    """A value that is still to be written, inside so many containers of the value that was asked for."""

    value: Json
    level: int


def write_value(value: Json, manner: Manner, indent: str | None) -> str:
    """Return the text of a value.

    Args:
        value: what to write.
        manner: how the document is written.
        indent: the indent of the line on which the value starts; None keeps everything on that line.

    Raises:
        EditError: the value is none that the document's syntax can express.
    """
    pieces: list[str] = []
    waiting: list[str | _Nested] = [_Nested(value, 0)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            pieces.append(part)
        elif isinstance(part.value, dict | list) and part.value:
            waiting.extend(reversed(_spread(part.value, part.level, manner, indent)))
        else:
            pieces.append(_write_scalar(part.value, manner))
    return "".join(pieces)


def _spread(
    container: dict[str, Json] | list[Json], level: int, manner: Manner, indent: str | None
) -> list[str | _Nested]:
    """Cut a container into its text and the values inside."""
    if level >= manner.depth:
        raise EditError(f"the value nests deeper than {manner.depth} levels")
    outer = "" if indent is None else manner.newline + indent + manner.unit * level
    inner = outer and outer + manner.unit
    between = "," + (inner or manner.gap)
    items = container.values() if isinstance(container, dict) else container
    keys = [write_key(key, manner) for key in container] if isinstance(container, dict) else [""] * len(items)
    parts: list[str | _Nested] = ["{" if isinstance(container, dict) else "["]
    for number, (key, item) in enumerate(zip(keys, items, strict=True)):
        parts += [(between if number else inner) + key, _Nested(item, level + 1)]
    return [*parts, outer + ("}" if isinstance(container, dict) else "]")]


def write_key(key: str, manner: Manner) -> str:
    """Return a key and its colon.

    Raises:
        EditError: the key is no string.
    """
    if not isinstance(key, str):
        raise EditError("a key is a string")
    return write_name(key, manner.keys) + manner.colon


def write_name(name: str, quotes: Quotes) -> str:
    """Return a key, in double quotes where it needs some and has none."""
    if quotes is Quotes.NONE:
        return name if is_identifier(name) else write_string(name, Quotes.DOUBLE)
    return write_string(name, quotes)


def write_string(text: str, quotes: Quotes) -> str:
    """Return a string literal.

    Raises:
        EditError: it holds two halves of a character that reading would join.
    """
    if _TWO_HALVES.search(text):
        raise EditError("a string holds the two halves of a character apart, which no notation can express")
    literal = json.dumps(text, ensure_ascii=False)
    literal = _HALF_CHARACTER.sub(lambda found: f"\\u{ord(found[0]):04x}", literal)
    if quotes is not Quotes.SINGLE:
        return literal
    turned = {'\\"': '"', "'": "\\'"}
    return "'" + _QUOTE.sub(lambda found: turned.get(found[0], found[0]), literal[1:-1]) + "'"


def _write_scalar(value: Json, manner: Manner) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return write_string(value, manner.string)
        case int():
            return _write_integer(value)
        case float():
            return _write_float(value, manner)
        case list():
            return "[]"
        case dict():
            return "{}"
        case _:
            raise EditError("the value is none that JSON knows")


def _write_integer(value: int) -> str:
    try:
        return str(value)
    except ValueError as error:
        raise EditError("the number has more digits than clawmend writes") from error


def _write_float(value: float, manner: Manner) -> str:
    """Write a float as JavaScript does where that is exact: 1.0 is 1, and 1e-07 is 1e-7."""
    if not math.isfinite(value):
        if not manner.is_json5:
            raise EditError("JSON has no Infinity and no NaN")
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) < _MOST_EXACT:
        return "-0" if value == 0 and math.copysign(1, value) < 0 else str(int(value))
    return repr(value).replace("e-0", "e-")
