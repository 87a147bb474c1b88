"""The quick way to read JSON5 says what the slow one says, or nothing."""

import gc
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawmend.core import document
from clawmend.core.document import Document, LimitError, MalformedError, Syntax
from clawmend.core.lexer import grammar_of
from clawmend.core.parser import parse_text
from clawmend.core.relaxed import as_strict
from clawmend.core.syntax import Json
from clawmend.core.values import is_same
from support.generated_documents import certain, json5_texts

_PIECES = (
    *"{}[]:,\"'/\\ \n\r\t\0\u2028.+-01e", "//", "/*", "*/", "a", "true", "null", "NaN", '"x"', "'y'", "\\u0061", "é",
    ",,", "[,", "{,", "a:", '"k":', "1a:", "a/**/:", "//\n", '"//"', '"/*"', '\\"', "0x1", "\ufeff",
)  # fmt: skip


def slowly(text: str) -> Json:
    """What the slow parser reads; a MalformedError where it reads nothing."""
    try:
        value, duplicates = parse_text(text, 0, grammar_of(Syntax.JSON5), 64)
    except (MalformedError, LimitError):
        return MalformedError
    return MalformedError if duplicates else value


def agrees(text: str) -> bool:
    """Whether the quick way gives up, or says what the slow one says."""
    quick = document._parse_relaxed(text, Syntax.JSON5, 64)
    return quick is None or is_same(quick[0], slowly(text))


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("{a: 1, $b_2 : 2,}", '{"a": 1, "$b_2" : 2}'),
        ("// it's mine\n{}", " \n{}"),
        ('{"a": /* "x" */ "//", b: ["/*", ], }', '{"a":   "//", "b": ["/*" ] }'),
        ('{"a//": "\\"," ,}', '{"a//": "\\"," }'),
        ("{a/**/: 1}", '{"a" : 1}'),
        ("{true: true}", '{"true": true}'),
    ],
)
def test_comments_bare_keys_and_commas_at_the_end_are_made_strict(text: str, strict: str) -> None:
    assert as_strict(text) == strict
    assert document._parse_relaxed(text, Syntax.JSON5, 64) is not None
    assert agrees(text)


@pytest.mark.parametrize(
    "text",
    [
        "{a: 'x'}", "[,]", "{,}", "[ /* x */ ,]", "[1,,]", '{"a', '{a: "x\ny"}', "{a: 0x1}", "{a: .5}", "{a: NaN}",
        "{a: +1}", "{é: 1}", "{\\u0061b: 1}", "{a: 1, a: 2}", "[a]", "[a: 1]", "{1a: 1}", "{a.b: 1}",
        "{a: 1 /* }", "{a: \0}", '{"x"a: 1}', "tr/**/ue", "[" * 65 + "]" * 65,
    ],
)  # fmt: skip
def test_everything_else_is_left_to_the_slow_parser(text: str) -> None:
    assert document._parse_relaxed(text, Syntax.JSON5, 64) is None


def test_strict_json_alone_has_no_comments() -> None:
    assert document._parse_relaxed("{a: 1}", Syntax.JSON, 64) is None
    assert document._parse_relaxed("{a: 1}", Syntax.JSON_BOM, 64) is None


@certain
@given(json5_texts(), st.integers(0, 2**32))
def test_a_text_and_a_text_with_a_fault_mean_what_the_slow_parser_reads(made: tuple[str, Json], seed: int) -> None:
    text, _ = made
    assert agrees(text)
    chance = random.Random(seed)  # noqa: S311 - no secret is made here
    for _ in range(20):
        place = chance.randrange(len(text) + 1)
        rest = text[place + chance.randrange(3) :]
        assert agrees(text[:place] + chance.choice(_PIECES) + rest)


@certain
@given(st.lists(st.sampled_from(_PIECES), max_size=12))
def test_pieces_in_any_order_mean_what_the_slow_parser_reads(pieces: list[str]) -> None:
    assert agrees("".join(pieces))


class TestHeld:
    TEXT = "{ a: [" + "1, " * 2_000 + "], }"

    def test_what_somebody_holds_is_not_parsed_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first = Document.parse(self.TEXT, Syntax.JSON5)
        monkeypatch.setattr(document, "_parse_fast", None)
        assert Document.parse(self.TEXT.encode(), Syntax.JSON5) is first

    def test_another_syntax_is_another_document(self) -> None:
        first = Document.parse(self.TEXT, Syntax.JSON5)
        with pytest.raises(MalformedError):
            Document.parse(first.text, Syntax.JSON)

    def test_what_nobody_holds_is_forgotten(self) -> None:
        Document.parse(self.TEXT, Syntax.JSON5)
        gc.collect()
        assert not [text for text, _, _ in document._HELD if text == self.TEXT]
