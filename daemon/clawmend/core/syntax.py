"""The words the lossless editor shares: what a value is, which notation a file has, how a text can be wrong."""

import re
from enum import Enum
from typing import TypeAlias

from clawmend.core.frozen import dataclass

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

BOM = "\ufeff"

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class Syntax(Enum):
    """Who reads the file, and so what is allowed in it."""

    JSON = "JSON"  # exactly what JSON.parse takes
    JSON_BOM = "JSON after an optional byte order mark"  # Claude Code
    JSON5 = "JSON5"  # what the npm package json5 takes: OpenClaw's openclaw.json


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a document we are willing to look at: nested brackets, and bytes of UTF-8."""

    depth: int = 512
    bytes: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text, in characters: `start` is in, `end` is out."""

    start: int
    end: int


class MalformedError(ValueError):
    """The text is not what its syntax asks for.

    `reason` is a sentence without any content of the file, so that no secret can leak through it. `line` and
    `column` count from 1, `column` and `offset` count characters; `offset` counts from 0.
    """

    def __init__(self, reason: str, line: int, column: int, offset: int) -> None:
        super().__init__(reason, line, column, offset)
        self.reason = reason
        self.line = line
        self.column = column
        self.offset = offset

    def __str__(self) -> str:
        return f"{self.reason} (line {self.line}, column {self.column})"


class LimitError(ValueError):
    """The document is deeper or larger than we look at; whether it is malformed we cannot say."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def malformed(reason: str, text: str, offset: int) -> MalformedError:
    """Build the error for an offset; lines end where an editor ends them (LF, CRLF or CR)."""
    breaks = [found.end() for found in _LINE_BREAK.finditer(text, 0, offset)]
    return MalformedError(reason, len(breaks) + 1, offset - (breaks[-1] if breaks else 0) + 1, offset)
