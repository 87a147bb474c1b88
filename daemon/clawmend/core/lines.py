"""Lines and blanks of a text, and patches to it."""

import re
from collections.abc import Iterable

from clawmend.core.frozen import dataclass

BLANKS = " \t"
LINE_BREAKS = "\n\r\u2028\u2029"

_LINE_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029]")
_COMMENT = r"(?://[^\n\r\u2028\u2029]*|/\*(?s:.*?)\*/)"
_COMMENTS_ON_LINE = re.compile(rf"(?:(?:[^\S\n\r\u2028\u2029]|\ufeff)*{_COMMENT})*")
_COMMENTS = re.compile(rf"(?:[\s\ufeff]*{_COMMENT})*")
_NEWLINE = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Patch:
    """Put `text` where now the characters from `start` up to `end` stand."""

    start: int
    end: int
    text: str = ""


def apply_patches(text: str, patches: Iterable[Patch]) -> str:
    """Return the text with patches applied that come in order and do not overlap."""
    parts: list[str] = []
    position = 0
    for patch in patches:
        parts += [text[position : patch.start], patch.text]
        position = patch.end
    return "".join([*parts, text[position:]])


def newline_of(text: str) -> str:
    """How the text ends its lines, judged by the first one: LF, CRLF or CR; LF when there is only one line."""
    found = _NEWLINE.search(text)
    return found[0] if found else "\n"


def has_line_break(text: str, start: int, end: int) -> bool:
    """Whether a line ends between two offsets."""
    return _LINE_BREAK.search(text, start, end) is not None


def line_break_end(text: str, position: int) -> int:
    """Where the next line starts when the line breaks at this position; otherwise the position itself."""
    found = _LINE_BREAK.match(text, position)
    return found.end() if found else position


def back_over_blanks(text: str, position: int) -> int:
    """Where the spaces and tabs start that stand right before a position."""
    while position and text[position - 1] in BLANKS:
        position -= 1
    return position


def over_blanks(text: str, position: int) -> int:
    """Where the spaces and tabs end that stand right after a position."""
    while position < len(text) and text[position] in BLANKS:
        position += 1
    return position


def own_line_indent(text: str, position: int) -> str | None:
    """The spaces and tabs before a position when nothing else stands before it on its line, otherwise None."""
    start = back_over_blanks(text, position)
    return text[start:position] if start == 0 or text[start - 1] in LINE_BREAKS else None


def line_indent(text: str, position: int) -> str:
    """The spaces and tabs at the start of the line that a position is on."""
    start = max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1
    return text[start : over_blanks(text, start)]


def end_of_comments_on_line(text: str, position: int) -> int:
    """Where the last comment ends that stands behind a position on its line; the position itself without one."""
    found = _COMMENTS_ON_LINE.match(text, position)
    return found.end() if found else position


def end_of_comments(text: str, position: int) -> int:
    """Where the last comment ends before the next token; the position itself without one."""
    found = _COMMENTS.match(text, position)
    return found.end() if found else position
