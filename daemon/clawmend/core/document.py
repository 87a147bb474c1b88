"""A JSON or JSON5 text together with what it means; edits change only the bytes of the member they name.

Reading takes Python's own parser when the text is strict JSON, or JSON5 that is nearly that (`relaxed.py`), and ours
for everything else: the rest of JSON5, errors, deep nesting. Positions are looked up in the text when somebody asks for
them. One cycle reads the same text several times: as long as anybody holds the document, it is not parsed again.

Bytes that are not UTF-8 are kept, each as one surrogate; they are good inside of strings and comments, as for Node
(which reads them as U+FFFD), and nowhere else. See `editing.py` and `removal.py` for how edits treat commas, lines
and comments.
"""

import json
from array import array
from dataclasses import field
from itertools import accumulate
from typing import NoReturn, Self
from weakref import WeakValueDictionary

from clawmend.core.frozen import dataclass
from clawmend.core.lexer import grammar_of
from clawmend.core.parser import parse_text
from clawmend.core.pointer import Pointer
from clawmend.core.relaxed import as_strict
from clawmend.core.syntax import BOM, Json, LimitError, Limits, MalformedError, Span, Syntax, malformed
from clawmend.core.values import (
    DocumentEdit,
    EditError,
    InsertElement,
    Missing,
    RemoveMember,
    RenameMember,
    SetValue,
    apply_edit,
    find,
    ground,
    is_same,
)

__all__ = [
    "Document",
    "DocumentEdit",
    "EditError",
    "InsertElement",
    "Json",
    "LimitError",
    "Limits",
    "MalformedError",
    "RemoveMember",
    "RenameMember",
    "SetValue",
    "Span",
    "Syntax",
]

_NO_LIMITS = Limits()
_LARGE = 2**12  # characters; what is smaller is parsed sooner than it is looked for
_DEPTHS = bytes.maketrans(b"{[]}", b"\x01\x01\xff\xff")  # as signed bytes: one deeper, one higher
_NO_BRACKETS = bytes(code for code in range(256) if code not in b"{[]}")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Document:
    """A text, its syntax and its value. Make one with `parse`; treat the value as read-only.

    `duplicates` names the members whose key occurs more than once in their object; the last of them counts.
    """

    text: str = field(repr=False)  # may hold secrets, which must not get into a traceback
    syntax: Syntax
    value: Json = field(repr=False, compare=False)
    duplicates: tuple[Pointer, ...] = field(repr=False, compare=False)
    limits: Limits = _NO_LIMITS

    @classmethod
    def parse(cls, data: bytes | str, syntax: Syntax, limits: Limits = _NO_LIMITS) -> Self:
        """Read a document.

        Raises:
            MalformedError: it is not of this syntax.
            LimitError: it is larger or deeper than the limits, or holds a number too long to print.
        """
        text = _decode(data, limits)
        known = _HELD.get((text, syntax, limits))
        if isinstance(known, cls):
            return known
        start = _start(text, syntax)
        fast = _parse_fast(text[start:], limits.depth) or _parse_relaxed(text[start:], syntax, limits.depth)
        value, duplicates = fast or parse_text(text, start, grammar_of(syntax), limits.depth)
        document = cls(text, syntax, value, duplicates, limits)
        if len(text) >= _LARGE:
            _HELD[text, syntax, limits] = document
        return document

    def encode(self) -> bytes:
        """The exact bytes of the file."""
        return self.text.encode("utf-8", "surrogateescape")

    def get(self, pointer: Pointer, default: Json = None) -> Json:
        """Return what a pointer names, or the default. In an array "0" does for 0."""
        found = find(self.value, pointer)
        return default if isinstance(found, Missing) else found

    def has(self, pointer: Pointer) -> bool:
        """Whether a pointer names something."""
        return not isinstance(find(self.value, pointer), Missing)

    def span(self, pointer: Pointer) -> Span:
        """Where a value stands in the text; the last one when its key is there more than once.

        Raises:
            KeyError: the pointer names nothing.
        """
        if not self.has(pointer):
            raise KeyError(pointer)
        from clawmend.core.outline import value_end, way_to  # noqa: PLC0415 - reading alone needs no positions

        grammar, start = grammar_of(self.syntax), _start(self.text, self.syntax)
        exact = ground(self.value, SetValue(pointer, None)).pointer
        way = way_to(self.text, start, exact, grammar, has_duplicates=bool(self.duplicates))
        return Span(way[-1], value_end(self.text, way[-1], grammar))

    def edit(self, *edits: DocumentEdit) -> Self:
        """Return a new document in which the edits are made, one after the other.

        Raises:
            EditError: an edit cannot be made, or the result would be beyond the limits. "internal: ..." says that the
                new text does not mean what it should, which is a bug of ours; so no wrong text ever gets out.
        """
        from clawmend.core.editing import Reading, edit_text  # noqa: PLC0415 - most runs edit nothing

        start, duplicates = _start(self.text, self.syntax), bool(self.duplicates)
        reading = Reading(grammar_of(self.syntax), start, self.limits.depth, duplicates)
        text, value = self.text, self.value
        for edit in edits:
            grounded = ground(value, edit)
            if isinstance(grounded, SetValue) and _is_there(value, grounded):
                continue
            text = edit_text(text, value, grounded, reading)
            value = apply_edit(value, grounded)
        if value is self.value:
            return self
        try:
            edited = self.parse(text, self.syntax, self.limits)
        except LimitError as error:
            raise EditError(f"the edited document would be too much: {error.reason}") from error
        except MalformedError as error:
            raise EditError(f"internal: the edited text is malformed: {error.reason}") from error
        if not is_same(edited.value, value):
            raise EditError("internal: the edited text does not mean what it should")
        return edited


def _is_there(value: Json, edit: SetValue) -> bool:
    old = find(value, edit.pointer)
    return not isinstance(old, Missing) and is_same(old, edit.value)


def _decode(data: bytes | str, limits: Limits) -> str:
    """Return the text whose bytes are exactly these.

    Raises:
        LimitError: there are too many of them.
        MalformedError: a string was given that is no text of any bytes.
    """
    if isinstance(data, str):
        try:
            encoded = data.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise malformed("half of a character stands alone", data, error.start) from error
    else:
        encoded = data
    if len(encoded) > limits.bytes:
        raise LimitError(f"the document is larger than {limits.bytes} bytes")
    return encoded.decode("utf-8", "surrogateescape")


def _start(text: str, syntax: Syntax) -> int:
    """Where the document begins behind a byte order mark; Syntax.JSON does not know that mark."""
    return int(syntax is not Syntax.JSON and text.startswith(BOM))


def _parse_fast(text: str, depth: int) -> tuple[Json, tuple[Pointer, ...]] | None:
    """Read strict JSON without duplicate keys; None when it is anything else, or too deep to be read recursively."""
    if _depth_of(text) > depth:
        return None
    try:
        return _DECODER.decode(text), ()
    except (ValueError, RecursionError):
        return None


def _parse_relaxed(text: str, syntax: Syntax, depth: int) -> tuple[Json, tuple[Pointer, ...]] | None:
    """As `_parse_fast`, for a text with comments, keys without quotes or commas at the end, which JSON5 alone has."""
    strict = as_strict(text) if syntax is Syntax.JSON5 else None
    return None if strict is None else _parse_fast(strict, depth)


def _depth_of(text: str) -> int:
    """How deep a strict JSON text nests; for any other text at least as deep as it nests up to its first flaw."""
    outside = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    steps = outside.encode("utf-8", "replace").translate(_DEPTHS, _NO_BRACKETS)
    return max(accumulate(array("b", steps)), default=0)


def _without_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a key occurs more than once")
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"JSON has no {constant}")


_DECODER = json.JSONDecoder(object_pairs_hook=_without_duplicates, parse_constant=_refuse)
# The documents that somebody holds; nothing is kept for longer than that.
_HELD: WeakValueDictionary[tuple[str, Syntax, Limits], Document] = WeakValueDictionary()
