"""What holds for every document that is read, tried on generated ones."""

import contextlib
import json

import json5
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clawmend.core.document import Document, Json, LimitError, Limits, MalformedError, Syntax
from clawmend.core.lexer import grammar_of
from clawmend.core.parser import parse_text
from clawmend.core.values import is_same
from support.generated_documents import certain, json5_texts, json_texts
from support.scribe import pointers_of

_BITS = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "'",
    "/",
    "\\",
    "//",
    "/*",
    "*/",
    "{a:",
    '"b":',
    "[[",
    "}}",
    "a",
    "é",
    "null",
    "NaN",
]
_MORE_BITS = ["-Infinity", "-", "+1", "0", "0x", "1e5", ".", "\\u00e9", "\\u", "\\x4", *" \t\n\r\ufeff\u2028\0\udc80"]
_SOUP = st.lists(st.sampled_from(_BITS + _MORE_BITS), max_size=14).map("".join)


@given(json5_texts())
@certain
def test_a_json5_text_means_what_it_was_written_from(written: tuple[str, Json]) -> None:
    text, value = written
    document = Document.parse(text, Syntax.JSON5)
    assert is_same(document.value, value)
    assert document.text == text


@given(json5_texts(is_plain=True))
@certain
def test_an_independent_library_reads_the_same(written: tuple[str, Json]) -> None:
    text, _ = written
    # json-five leaves two escaped halves of a character apart; joined, both mean the same.
    assert is_same(_joined(json5.loads(text)), Document.parse(text, Syntax.JSON5).value)


@given(json_texts())
@certain
def test_both_parsers_read_strict_json_like_the_standard_library(written: tuple[str, Json]) -> None:
    text, value = written
    expected = json.loads(text)
    assert is_same(expected, value)
    for syntax in Syntax:
        assert is_same(Document.parse(text, syntax).value, expected)
        own, duplicates = parse_text(text, 0, grammar_of(syntax), 512)
        assert is_same(own, expected)
        assert duplicates == ()


@given(json5_texts())
@certain
def test_the_source_of_every_value_means_that_value(written: tuple[str, Json]) -> None:
    text, value = written
    document = Document.parse(text, Syntax.JSON5)
    for pointer in pointers_of(value):
        span = document.span(pointer)
        part = Document.parse(text[span.start : span.end], Syntax.JSON5)
        assert is_same(part.value, document.get(pointer))


@given(_SOUP | st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(Syntax))
@example("[" * 600, Syntax.JSON)
@settings(certain, max_examples=1000)
def test_any_text_is_read_or_refused_with_a_place(text: str, syntax: Syntax) -> None:
    found = _parsed(text, syntax)
    if isinstance(found, MalformedError):
        assert (0 <= found.offset <= len(text), found.line >= 1, found.column >= 1) == (True, True, True)
    elif isinstance(found, Document):
        assert found.text == text
        assert syntax is Syntax.JSON5 or is_same(found.value, json.loads(text.removeprefix("\ufeff")))


@given(st.binary(), st.sampled_from(Syntax))
@settings(certain, max_examples=1000)
def test_any_bytes_are_kept_or_refused(data: bytes, syntax: Syntax) -> None:
    with contextlib.suppress(MalformedError, LimitError):
        assert Document.parse(data, syntax).encode() == data


@given(json_texts(), st.data())
@certain
def test_strict_json_is_refused_exactly_when_the_standard_library_does(
    written: tuple[str, Json], data: st.DataObject
) -> None:
    text = written[0]
    start = data.draw(st.integers(0, len(text)))
    text = text[:start] + data.draw(_SOUP) + text[start + data.draw(st.integers(0, 3)) :]
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    try:
        expected: Json = json.loads(text, parse_constant=_refuse)
    except ValueError:
        expected = "refused"
    try:
        found = Document.parse(text, Syntax.JSON).value
    except MalformedError:
        found = "refused"
    assert is_same(found, expected)


@given(st.one_of(json5_texts(), json_texts()), st.data())
@certain
def test_a_text_cut_short_is_malformed_or_good_by_itself(written: tuple[str, Json], data: st.DataObject) -> None:
    encoded = written[0].encode("utf-8", "surrogateescape")
    cut = encoded[: data.draw(st.integers(0, len(encoded)))]
    for syntax in Syntax:
        with contextlib.suppress(MalformedError):
            assert Document.parse(cut, syntax, Limits(depth=40)).encode() == cut


def _parsed(text: str, syntax: Syntax) -> Document | MalformedError | LimitError:
    try:
        return Document.parse(text, syntax)
    except (MalformedError, LimitError) as error:
        return error


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _joined(value: object) -> Json:
    match value:
        case dict():
            return {str(_joined(key)): _joined(item) for key, item in value.items()}
        case list():
            return [_joined(item) for item in value]
        case str():
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        case _:
            assert value is None or isinstance(value, bool | int | float)
            return value
