"""Finding known phrases in what people paste: with colours, in boxes, wrapped in mid-word, in any case, cut short.

A phrase is written as plain words. Between them may stand anything that is no letter and no digit, so `api-key`,
`API key` and `api_key` are one. `*` is a gap of a few words, `'*'` one thing in quotes, `*/*` two names with a slash
between them; `^` and `$` are the ends of a line.
"""

import math
import re
from functools import cache

from clawmend.core.frozen import dataclass

# Colours, window titles and other orders to a terminal, also where the escape character was lost or spelled out.
_ORDERS = re.compile(
    r"""(?x)
      \x1b\[[0-?]{0,40}[ -/]{0,4}[@-~]
    | \x1b\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)?
    | \x1b[@-_]
    | (?:\^\[|\\u001b|\\x1b|\\033|\\e)?\[[0-9][0-9;]{0,20}m
    """
)
_SPELLED_BREAK = re.compile(r"\\{1,4}[nrt]")
_QUOTES = dict.fromkeys(map(ord, '"`´‘’‚“”„«»'), "'")  # noqa: RUF001 - any quotation mark
_FRAMES = dict.fromkeys([*range(0x2500, 0x25A0), ord("|")], " ")
_INVISIBLE = dict.fromkeys([*range(0x9), *range(0xE, 0x20), 0x7F, 0xAD, 0xFEFF, *range(0x200B, 0x2010)])
_TABLE = _QUOTES | _FRAMES | _INVISIBLE

_TOKEN = re.compile(r"\^|\$|'\*'|\*/\*|\*|[^\W_]+")
_WORD = re.compile(r"[^\W_]+")
_BETWEEN = r"[\W_]{0,8}"
_SPECIAL = {
    "^": rf"^{_BETWEEN}",
    "$": rf"{_BETWEEN}$",
    "*": r".{1,80}?",
    "'*'": rf"{_BETWEEN}'[^'\n]{{1,80}}'{_BETWEEN}",
    "*/*": rf"{_BETWEEN}[\w.:@+-]{{1,80}}/[\w.:@+-]{{1,80}}",
}
_COMMON = frozenset(
    """
    and are before but can could does error failed for from had has have help how into its not now off one only other
    please should than that the there this used was what when where which will with you your
    """.split()  # noqa: SIM905 - a list of words
)
_SHORTEST = 12  # characters; less of a phrase than that could be part of anything
_LARGEST_PASTE = 300  # characters; what is longer is no piece of a phrase
_SHARE = 0.55  # of a phrase that a cut-off paste has to hold
_SHORTEST_EDGE, _EDGE_SHARE = 18, 0.8  # as above, where something else stands beside it


@dataclass(frozen=True, slots=True)
class Paste:
    """A pasted text in lower case without decoration; `joined` as if its line breaks were not there."""

    text: str
    joined: str
    words: str

    @classmethod
    def of(cls, raw: str) -> "Paste":
        """Take the decoration off a text; work grows with its size and not faster."""
        text = _SPELLED_BREAK.sub("\n", _ORDERS.sub("", raw).casefold().translate(_TABLE)).replace("\\", "")
        lines = [" ".join(line.split()) for line in text.splitlines()]
        text = "\n".join(lines)
        return cls(text, "".join(lines), " ".join(_WORD.findall(text)) if len(text) <= _LARGEST_PASTE else "")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as it is written in the tables."""

    written: str

    def find(self, paste: Paste) -> int | None:
        """Tell where in a paste the phrase begins; None where it is not in it."""
        for text, edges in ((paste.text, True), (paste.joined, False)):
            # Looking for the words first is quick, and spares most patterns from being made at all.
            if all(word in text for word in _parts(self.written)[1]):
                found = _pattern(self.written, edges).search(text)
                if found:
                    return found.start()
        return None

    def is_cut_off_in(self, paste: Paste) -> bool:
        """Tell whether the paste is nothing but the larger part of this phrase, or is cut off in the middle of it."""
        whole = " ".join(_parts(self.written)[1])
        if self.written.endswith("!"):
            return False
        if len(paste.words) >= max(_SHORTEST, _SHARE * len(whole)) and paste.words in whole:
            return True
        return "*" not in self.written and _ends_within(paste.words, whole)


def _ends_within(words: str, whole: str) -> bool:
    """Whether a paste ends with the larger part of a phrase's begin, or begins with that of its end."""
    for length in range(len(whole) - 1, math.ceil(max(_SHORTEST_EDGE, _EDGE_SHARE * len(whole))) - 1, -1):
        if f" {words}".endswith(f" {whole[:length]}") or f"{words} ".startswith(f"{whole[-length:]} "):
            return True
    return False


@cache
def _parts(written: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a phrase consists of: all of it, and its words alone."""
    tokens = tuple(_TOKEN.findall(written.casefold()))
    return tokens, tuple(token for token in tokens if token not in _SPECIAL)


@cache
def _pattern(written: str, edges: bool) -> re.Pattern[str]:
    """The phrase as a pattern; without `edges` its words may begin and end within other words."""
    begin, end = (r"(?<![^\W_])", r"(?![^\W_])") if edges else ("", "")
    pattern, after_word = "", False
    for token in _parts(written)[0]:
        is_word = token not in _SPECIAL
        if is_word:
            pattern += _BETWEEN if after_word else begin
        elif after_word:
            pattern += end
        pattern += _SPECIAL.get(token, token)
        after_word = is_word
    return re.compile(pattern + (end if after_word else ""), re.MULTILINE | re.DOTALL)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case that tell something: no short ones and none that stand in any sentence."""
    return [word for word in _WORD.findall(text.casefold()) if len(word) > 2 and word not in _COMMON]
