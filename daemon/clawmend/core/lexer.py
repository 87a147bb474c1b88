"""The tokens of JSON and JSON5: where the next one is, and what it means.

A grammar is two regular expressions: `space` is what may stand between tokens (with comments, in JSON5), and `token`
is one token. Both are linear: no alternative can start where another one can.
"""

import re
from functools import cache

from clawmend.core.frozen import dataclass
from clawmend.core.identifiers import continues_identifier, starts_identifier
from clawmend.core.syntax import Json, LimitError, Syntax

_MOST_HEXADECIMAL_DIGITS = 3500  # just below the 4300 decimal digits beyond which Python refuses to print an integer

_JSON_ESCAPE = r"""\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})"""
_JSON5_ESCAPE = r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|0(?![0-9])|\r\n|[^ux0-9])"
# What stands between the quotes; unrolled, so that each character is looked at once.
_JSON_BODY = rf'[^"\\\x00-\x1f]*+(?:{_JSON_ESCAPE}[^"\\\x00-\x1f]*+)*'
_JSON5_DOUBLE = rf'[^"\\\r\n]*+(?:{_JSON5_ESCAPE}[^"\\\r\n]*+)*'
_JSON5_SINGLE = rf"[^'\\\r\n]*+(?:{_JSON5_ESCAPE}[^'\\\r\n]*+)*"

_BLANKS = r"\t\v\f \n\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_JSON_TOKEN = rf"""
    (?P<mark>[{{}}\[\]:,])
  | (?P<string>"{_JSON_BODY}")
  | (?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)
  | (?P<word>[a-z]++)
"""
_JSON5_TOKEN = rf"""
    (?P<mark>[{{}}\[\]:,])
  | (?P<string>"{_JSON5_DOUBLE}"|'{_JSON5_SINGLE}')
  | (?P<number>[+-]?(?:
        0[xX][0-9A-Fa-f]++
      | (?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?
    ) | [+-](?:Infinity|NaN))
  | (?P<word>[A-Za-z_$][A-Za-z0-9_$]*+(?!\\|(?![{_BLANKS}])[^\x00-\x7f]))
"""
_JSON5_SPACE = rf"(?:[{_BLANKS}]+|//[^\n\r\u2028\u2029]*|/\*(?s:.*?)\*/)*"

_SURROGATES = r"u([Dd][89ABab][0-9A-Fa-f]{2})(?:\\(?:\r\n|[\n\r\u2028\u2029]))*\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})"
_ESCAPE = re.compile(rf"\\(?:{_SURROGATES}|u(.{{4}})|x(..)|(\r\n|[\n\r\u2028\u2029])|(.))", re.DOTALL)
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_HEXADECIMAL = re.compile(r"([+-]?)0[xX]([0-9A-Fa-f]+)")
_IDENTIFIER_PART = re.compile(r"\\u([0-9A-Fa-f]{4})|[^\\]")

_JSON_WORDS: dict[str, Json] = {"null": None, "true": True, "false": False}
_JSON5_WORDS = {**_JSON_WORDS, "Infinity": float("inf"), "NaN": float("nan")}


@dataclass(frozen=True, slots=True)
class Grammar:
    """How one notation is cut into tokens. `token` names what it found: mark, string, number or word."""

    space: re.Pattern[str]
    token: re.Pattern[str]
    words: dict[str, Json]
    string_starts: dict[str, re.Pattern[str]]  # by quote: a string as far as it is good, without its closing quote
    is_json5: bool

    def skip(self, text: str, position: int) -> int:
        """Where the next token starts: past white space and comments."""
        found = self.space.match(text, position)
        return found.end() if found else position


@cache
def grammar_of(syntax: Syntax) -> Grammar:
    """Return the grammar of a syntax; compiled when first asked for."""
    if syntax is Syntax.JSON5:
        starts = {'"': re.compile(f'"{_JSON5_DOUBLE}'), "'": re.compile(f"'{_JSON5_SINGLE}")}
        token = re.compile(_JSON5_TOKEN, re.VERBOSE)
        return Grammar(re.compile(_JSON5_SPACE), token, _JSON5_WORDS, starts, is_json5=True)
    starts = {'"': re.compile(f'"{_JSON_BODY}')}
    token = re.compile(_JSON_TOKEN, re.VERBOSE)
    return Grammar(re.compile(r"[ \t\n\r]*"), token, _JSON_WORDS, starts, is_json5=False)


def decode_string(token: str) -> str:
    """What a string token (with its quotes) says."""
    body = token[1:-1]
    return _ESCAPE.sub(_unescape, body) if "\\" in body else body


def _unescape(found: re.Match[str]) -> str:
    high, low, code, byte, continuation, letter = found.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    if code or byte:
        return chr(int(code or byte, 16))
    return "" if continuation else _CONTROLS.get(letter, letter)


def decode_number(token: str) -> int | float:
    """What a number token says; whole numbers are exact.

    Raises:
        LimitError: it has more digits than Python prints.
    """
    if found := _HEXADECIMAL.fullmatch(token):
        if len(found[2]) > _MOST_HEXADECIMAL_DIGITS:
            raise LimitError("a number has more digits than clawmend reads")
        return int(found[1] + found[2], 16)
    if _INTEGER.fullmatch(token):
        try:
            return int(token)
        except ValueError as error:
            raise LimitError("a number has more digits than clawmend reads") from error
    return float(token)  # knows Infinity and NaN with a sign, and "5." and ".5"


def read_identifier(text: str, position: int) -> tuple[str, int]:
    """Read an unquoted key as far as it goes: the name and its end; the name is empty when none stands there."""
    name: list[str] = []
    while found := _IDENTIFIER_PART.match(text, position):
        character = chr(int(found[1], 16)) if found[1] else found[0]
        if not (continues_identifier(character) if name else starts_identifier(character)):
            break
        name.append(character)
        position = found.end()
    return "".join(name), position
