"""On which line of a TOML text a key stands; tomllib does not tell.

A plain search for headers and assignments that knows strings of several lines. Where it finds nothing it says so.
"""

import re
from collections.abc import Iterator

Keys = tuple[str, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_DOTTED = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER = re.compile(rf"[ \t]*\[\[?[ \t]*({_DOTTED})[ \t]*\]")
_ASSIGNMENT = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")
_INLINE = re.compile(rf"[{{,][ \t]*({_DOTTED})[ \t]*=")
_PARTS = re.compile(_PART)
_LONG_QUOTES = re.compile('"""|' + "'''")


def line_of(text: str, keys: Keys) -> int | None:
    """Find the line, counted from 1, on which a key path is given; of its nearest parent where it is not found."""
    best: tuple[int, int] | None = None
    for line, found in _given(text):
        depth = len(found)
        if found == keys[:depth] and (best is None or depth > best[0]):
            best = (depth, line)
            if depth == len(keys):
                break
    return best[1] if best else None


def _given(text: str) -> Iterator[tuple[int, Keys]]:
    """Every key path that the text names, with its line."""
    table: Keys = ()
    inside: str | None = None  # the quotes of a string of several lines
    for number, line in enumerate(text.split("\n"), 1):
        if inside is None:
            header = _HEADER.match(line)
            assignment = _ASSIGNMENT.match(line)
            if header:
                table = _parts(header[1])
                yield number, table
            elif assignment:
                keys = (*table, *_parts(assignment[1]))
                yield number, keys
                yield from ((number, (*keys, *_parts(one[1]))) for one in _INLINE.finditer(line, assignment.end()))
        for quotes in _LONG_QUOTES.finditer(line):
            if inside is None:
                inside = quotes.group()
            elif inside == quotes.group():
                inside = None


def _parts(dotted: str) -> Keys:
    return tuple(part[1:-1] if part[0] in "\"'" else part for part in _PARTS.findall(dotted))
