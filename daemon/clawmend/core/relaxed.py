"""From JSON5 as people and OpenClaw write it to the same text in strict JSON, which Python's own parser reads quickly.

It takes comments, commas at the end and keys without quotes, and gives up on everything else that JSON5 has (and on
what is neither): the slow parser reads that. What it changes means the same wherever the result is strict JSON at all;
where a change could hide a fault it gives up as well.
"""

import re

# Each is one token of JSON5 as far as it goes. What never ends takes all the rest along: a search that started over
# behind each beginning would take hours for a large flaw.
_APART = re.compile(
    r"""("(?:[^"\\]|\\.)*+" | //[^\n\r\u2028\u2029]*+ | /\*.*?\*/ | ".*+ | /\*.*+)""",
    re.DOTALL | re.VERBOSE,
)
_PLACE = "\0"  # of a string, while what is around strings is changed
_LEFT_OVER = re.compile(r"""["'\0]""")
_BLANKS = r"[ \t\n\r]*+"
_KEY = re.compile(rf"(?<![A-Za-z0-9_$\\.+-])([A-Za-z_$][A-Za-z0-9_$]*+)(?={_BLANKS}:)")
_LAST_COMMA = re.compile(rf",(?={_BLANKS}[}}\]])")
_FIRST_COMMA = re.compile(rf"[\[{{]{_BLANKS},")


def as_strict(text: str) -> str | None:
    """The text in strict JSON; None where this way does not lead there."""
    pieces = _APART.split(text)
    between, tokens = pieces[::2], pieces[1::2]
    if any(map(_LEFT_OVER.search, between)) or (tokens and not between[-1] and not _ends(tokens[-1])):
        return None
    strings = [token for token in tokens if token[0] == '"']
    around = [_PLACE if token[0] == '"' else " " for token in tokens]
    skeleton = "".join(piece for pair in zip(between, [*around, ""], strict=True) for piece in pair)
    if _FIRST_COMMA.search(skeleton):
        return None  # a comma that follows nothing is a fault, which must not go as one at an end does
    outside = _LAST_COMMA.sub("", _KEY.sub(r'"\1"', skeleton)).split(_PLACE)
    return "".join(piece for pair in zip(outside, [*strings, ""], strict=True) for piece in pair)


def _ends(token: str) -> bool:
    """Whether a token at the end of the text is certain to have come to its own end; of a string nobody can tell."""
    return token.startswith("//") or (token.endswith("*/") and len(token) > len("/*/"))
