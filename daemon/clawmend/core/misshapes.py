"""What people paste where a key belongs, and the key that is in it: quotes, a whole command, white space, a variable.

Only what is unmistakable counts. Other vendors' keys have other alphabets, and a server of one's own may take any text.
"""

import re
from enum import Enum

from clawmend.core.frozen import dataclass
from clawmend.core.key_shapes import looks_like_general_key, looks_like_plan_key, tokens_in
from clawmend.core.placeholder import is_stand_in

_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb"
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
_BLANK = re.compile(r"\s+")
_COMMAND = re.compile(
    r"""(?xi)
      \s*(?:export\s+|set(?:x|env)?\s+|\$env:|env\s+)?["']?[a-z_][a-z0-9_.-]*["']?\s*[=:]\s*["']?(?P<value>[^\s"',;]{8,})["']?[,;]?\s*
    | \s*(?:authorization\s*[:=]\s*)?bearer\s+(?P<token>[^\s"',;]{8,})["']?[,;]?\s*
    """
)
_SHELL = re.compile(r"(?i)\s*(?:export\s|set(?:x|env)?\s|\$env:)")
_ASKS_FOR = re.compile(
    r"\$[A-Z][A-Z0-9]*_[A-Z0-9_]*|%[A-Z][A-Z0-9]*_[A-Z0-9_]*%|\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$\([^()]+\)"
)
_BARE = re.compile(r"\$[A-Z][A-Z0-9_]{0,127}")


class Remedy(Enum):
    """What can be done.

    trim: take away what no key has; pick: take the key out of other text, which is a guess; none: only a person knows.
    """

    TRIM = "trim"
    PICK = "pick"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Misshape:
    """What is wrong with a text that stands for a key, in a few words; `key` is what is meant, if it is clear."""

    what: str
    remedy: Remedy
    key: str | None = None


def misshape_of(text: str, *, bare_variable: bool) -> Misshape | None:
    """Tell what is wrong with a key as it is sent; None for what may be a key. `bare_variable`: `$NAME` names one."""
    if _ASKS_FOR.fullmatch(text):
        if bare_variable and _BARE.fullmatch(text):
            return None
        return Misshape("names a variable in a form that OpenClaw does not fill in", Remedy.NONE)
    trimmed = _trimmed(text)
    if trimmed != text and _is_key(trimmed):
        return Misshape("has white space, quotes or invisible characters around or inside it", Remedy.TRIM, trimmed)
    found = _COMMAND.fullmatch(text)
    inside = [token for token in tokens_in(text) if not is_stand_in(token)]
    if found is not None and (inside or found["token"] or _SHELL.match(text)):
        what = "is a whole header" if found["token"] else "is a whole command"
        return _picked(what, inside, [found["token"] or found["value"]])
    if inside and inside != [text] and re.search(r"[\s\"'`<>\[\]{}]|[,;]$", text):
        joined = _BLANK.sub("", text)
        if _BLANK.search(text.strip()) and _is_key(joined):
            return Misshape("holds white space", *_joined(text, joined))
        return _picked("holds more than a key", inside, inside)
    if any(letter > "\u00ff" for letter in text):
        return Misshape("holds characters that no header can carry", Remedy.NONE)
    return None


def _trimmed(text: str) -> str:
    """Take away what no key has at its ends, and what nobody sees inside it."""
    return _INVISIBLE.sub("", text).strip().strip(_QUOTES).strip()


def _is_key(text: str) -> bool:
    return (looks_like_plan_key(text) or looks_like_general_key(text)) and not is_stand_in(text)


def _picked(what: str, inside: list[str], whole: list[str]) -> Misshape:
    """One key in it is the one that is meant, if it is a whole word of the text."""
    if len(inside) == 1 and inside == whole and _is_key(inside[0]):
        return Misshape(what, Remedy.PICK, inside[0])
    return Misshape(what, Remedy.NONE)


def _joined(text: str, joined: str) -> tuple[Remedy, str | None]:
    """Two halves of a key belong together when neither is a word of its own."""
    parts = text.split()
    whole = len(parts) == 2 and parts[0].startswith("sk-") and bool(re.search(r"\d", parts[1]))
    return (Remedy.PICK, joined) if whole and not tokens_in(parts[1]) else (Remedy.NONE, None)
