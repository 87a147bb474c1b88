"""Text for a terminal or for JSON: what a file holds must not steer either."""

import re
from typing import Protocol

# Control characters would move the cursor or colour the screen; lone surrogates are bytes that are no text.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class _OfHome(Protocol):
    """A snapshot, as far as a sentence needs it; what is printed in a hurry loads no more."""

    @property
    def home(self) -> str: ...


def display(home: str, path: str) -> str:
    """Replace the home folder at the start of a path by `~`."""
    if path == home:
        return "~"
    return "~" + path[len(home) :] if path.startswith(home.rstrip("/") + "/") else path


def printable(text: str) -> str:
    """Escape what is not meant to be seen: control characters, direction marks, bytes that are no text."""
    return _UNPRINTABLE.sub(_escape, text)


def shown_path(home: str, path: str) -> str:
    """A path as people write it, and safe to print."""
    return one_line(display(home, path))


def one_line(text: str) -> str:
    """A sentence of one line, whatever the names in it hold."""
    return printable(text).replace("\n", "\\n")


def home_paths(snapshot: _OfHome, text: str) -> str:
    """Shorten every mention of the home folder inside a sentence."""
    return one_line(text.replace(snapshot.home.rstrip("/") + "/", "~/"))


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
