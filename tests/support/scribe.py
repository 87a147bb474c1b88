"""Writes a value as text in many ways: comments, white space, quotes, notations of numbers, trailing commas."""

import json
import random
import re
from dataclasses import dataclass

from clawmend.core.identifiers import is_identifier
from clawmend.core.pointer import Pointer
from clawmend.core.syntax import BOM, Json

_COMMENT_OR_STRING = re.compile(r"""//[^\n\r\u2028\u2029]*|/\*.*?\*/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)


@dataclass
class Scribe:
    """Writes with one source of chance; `is_plain` keeps to what the library json-five reads rightly too.

    That library (1.1.2) refuses U+2028 and U+2029 in strings, reserved words as bare keys and most space characters,
    reads over a lone CR at the end of a comment, and leaves escaped surrogate pairs apart; the npm package json5 does
    none of that.
    """

    chance: random.Random
    is_json5: bool = True
    is_plain: bool = False
    newline: str = "\n"
    comments: int = 0

    def document(self, value: Json) -> str:
        style = self.chance.choice(["lines", "one line", "wild"])
        unit = self.chance.choice(["  ", "    ", "\t", " ", ""])
        text = self._gap(style, "") + self._value(value, style, unit, "") + self._gap(style, "")
        mark = BOM if self.is_json5 and self.chance.random() < 0.1 else ""
        return mark + text + self.chance.choice(["", self.newline])

    def _value(self, value: Json, style: str, unit: str, indent: str) -> str:
        match value:
            case dict() | list():
                return self._container(value, style, unit, indent)
            case str():
                return self._string(value)
            case bool() | None:
                return json.dumps(value)
            case _:
                return self._number(value)

    def _container(self, value: dict[str, Json] | list[Json], style: str, unit: str, indent: str) -> str:
        if style == "lines" and self.chance.random() < 0.2:
            style = "one line"
        inner = indent + unit
        items = list(value.items()) if isinstance(value, dict) else [(None, item) for item in value]
        if isinstance(value, dict) and items and self.is_json5 and not self.is_plain and self.chance.random() < 0.1:
            # The first place of a key and its last value count.
            place = self.chance.randrange(len(items))
            items.append(items[place])
            items[place] = (items[place][0], {"shadowed": 1})
        trailing = bool(items) and self.is_json5 and self.chance.random() < 0.4
        parts = ["{" if isinstance(value, dict) else "["]
        for number, (key, item) in enumerate(items):
            parts.append(self._gap(style, inner))
            if key is not None:
                parts += [self._key(key), self._tight(style), ":", self._tight(style) or self.chance.choice(["", " "])]
            parts += [self._value(item, style, unit, inner), self._tight(style)]
            if trailing or number < len(items) - 1:
                parts += [",", self._behind(style)]
        parts += [self._gap(style, indent) if items or self.chance.random() < 0.3 else ""]
        return "".join(parts) + ("}" if isinstance(value, dict) else "]")

    def _gap(self, style: str, indent: str) -> str:
        """What stands between two items: a line break and perhaps comments."""
        if style == "lines":
            own_line = self.newline + indent
            comment = own_line + self._comment() if self.is_json5 and self.chance.random() < 0.2 else ""
            return comment + (self.newline if self.chance.random() < 0.1 else "") + own_line
        return self._tight(style)

    def _tight(self, style: str) -> str:
        """What may stand where tidy people write nothing or one space."""
        if style == "lines":
            return ""
        blanks = [" ", "", ""]
        if style == "wild":
            blanks += ["\t", self.newline]
        if style == "wild" and self.is_json5:
            blanks += ["\v", "\f", "\u00a0", BOM]
        if style == "wild" and self.is_json5 and not self.is_plain:
            blanks += ["\u2028", "\u2029", "\u3000", "\u1680", "\u2003"]
        if self.is_json5 and self.chance.random() < 0.15:
            return self.chance.choice(blanks) + self._block() + self.chance.choice(blanks)
        if style == "wild" and self.is_json5 and self.chance.random() < 0.1:
            return self._line() + self.newline
        return self.chance.choice(blanks)

    def _behind(self, style: str) -> str:
        return " " + self._comment() if style == "lines" and self.is_json5 and self.chance.random() < 0.25 else ""

    def _comment(self) -> str:
        # Only where a line break follows.
        return self.chance.choice([self._line, self._block])()

    def _line(self) -> str:
        self.comments += 1
        words = self.chance.choice(["it is", "isn't", "{[", '"', "*/ /*", ""])
        return f"// {self.comments} {words}"

    def _block(self) -> str:
        self.comments += 1
        words = self.chance.choice(["x", "//", "'", '"', "]}", "**", self.newline + " * two"])
        return f"/* {self.comments} {words} */"

    def _key(self, key: str) -> str:
        is_bare = self.is_json5 and is_identifier(key)
        if is_bare and self.is_plain:
            is_bare = key.isascii() and key not in {"null", "true", "false", "Infinity", "NaN"}
        if is_bare and self.chance.random() < 0.6:
            if self.chance.random() < 0.1 and ord(key[0]) < 0x10000:
                return f"\\u{ord(key[0]):04x}" + key[1:]
            return key
        return self._string(key)

    def _string(self, text: str) -> str:
        quote = self.chance.choice("\"'") if self.is_json5 else '"'
        return quote + "".join(self._character(character, quote) for character in text) + quote

    def _character(self, character: str, quote: str) -> str:
        code = ord(character)
        if character in {quote, "\\"}:
            return "\\" + character
        is_bad = code < 0x20 or "\ud800" <= character <= "\udfff" or (self.is_plain and character in "\u2028\u2029")
        if is_bad or (code < 0x10000 and self.chance.random() < 0.05):
            if self.is_json5 and code < 0x100 and self.chance.random() < 0.5:
                return f"\\x{code:02X}"
            return f"\\u{code:04x}"
        if code >= 0x10000 and not self.is_plain and self.chance.random() < 0.5:
            return json.dumps(character)[1:-1]
        if self.is_json5 and self.chance.random() < 0.03:
            return "\\" + self.newline + character
        return character

    def _number(self, value: float) -> str:
        if isinstance(value, int):
            notations = [str(value)]
            if self.is_json5 and value >= 0:
                notations += [f"+{value}", hex(value), f"0X{value:X}"]
            elif self.is_json5:
                notations += [hex(value)]
            return self.chance.choice(notations)
        if value != value:  # noqa: PLR0124 - only NaN
            return self.chance.choice(["NaN", "-NaN", "+NaN"])
        if value in {float("inf"), float("-inf")}:
            return "Infinity" if value > 0 else "-Infinity"
        text = repr(value)
        if self.is_json5 and "e" not in text:
            return self.chance.choice(
                [text, text.removesuffix("0"), text.replace("0.", ".", 1) if abs(value) < 1 and value else text]
            )
        return self.chance.choice([text, text.replace("e", "E")])


def comments_of(text: str) -> list[tuple[int, str]]:
    """The comments of a good JSON5 text, each with its offset; written without the editor's own lexer."""
    return [(found.start(), found[0]) for found in _COMMENT_OR_STRING.finditer(text) if found[0][0] == "/"]


def pointers_of(value: Json, pointer: Pointer = ()) -> list[Pointer]:
    """Every place in a value, the whole first."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [pointer, *(inner for key, child in children for inner in pointers_of(child, (*pointer, key)))]
