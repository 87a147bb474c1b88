"""A file that its owner has written anew: what is new in it, in the writing of whoever wrote it before.

OpenClaw's own commands write openclaw.json from scratch: comments, quotes and order are gone afterwards, also where
nothing else has changed (seen on 2026.9.6). What the file then says is taken over into the text as it was, member by
member, so that it says the same and looks as before.
"""

from collections.abc import Iterator

from clawmend.core.document import (
    Document,
    DocumentEdit,
    EditError,
    Json,
    LimitError,
    MalformedError,
    RemoveMember,
    SetValue,
    Syntax,
)
from clawmend.core.pointer import Pointer


def in_the_writing_of(before: bytes, after: bytes, syntax: Syntax) -> bytes | None:
    """Return a text that says what `after` says and is written like `before`; None when that cannot be made."""
    try:
        old, new = Document.parse(before, syntax), Document.parse(after, syntax)
        written = old.edit(*_edits((), old.value, new.value))
    except (MalformedError, LimitError, EditError, RecursionError):
        return None
    return written.encode()


def _edits(place: Pointer, old: Json, new: Json) -> Iterator[DocumentEdit]:
    """The edits that lead from one value to another; an array that differs is set whole."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if not _says_the_same(old, new):
            yield SetValue(place, new)
        return
    for name in old:
        if name not in new:
            yield RemoveMember((*place, name))
    for name, value in new.items():
        if name in old:
            yield from _edits((*place, name), old[name], value)
        else:
            yield SetValue((*place, name), value)


def _says_the_same(one: Json, other: Json) -> bool:
    """Tell whether two values mean the same; the order of members does not matter, and true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_says_the_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_says_the_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other
