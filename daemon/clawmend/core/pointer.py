"""How a place inside a document is named: RFC 6901 (JSON Pointer), kept as a tuple."""

import re

Pointer = tuple[str | int, ...]  # () is the whole document; an int is an array index

_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")


def format_pointer(pointer: Pointer) -> str:
    """Write a pointer as RFC 6901 does: ("a/b", 0) is "/a~1b/0", () is ""."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in pointer)


def parse_pointer(text: str) -> tuple[str, ...]:
    """Read RFC 6901 text; every token stays a string, an array takes "0" for 0.

    Raises:
        ValueError: the text is neither empty nor starts with a slash, or holds a ~ without 0 or 1 behind it.
    """
    if text == "":
        return ()
    if not text.startswith("/"):
        raise ValueError("a pointer starts with a slash")
    if re.search(r"~(?![01])", text):
        raise ValueError("a ~ in a pointer is written ~0")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text[1:].split("/"))


def array_index(token: str | int) -> int | None:
    """The array position a token names, or None when it names none (a word, a minus sign, a leading zero)."""
    if isinstance(token, int):
        return token if token >= 0 else None
    return int(token) if _INDEX.fullmatch(token) else None
