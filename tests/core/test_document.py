"""Reading: what each syntax takes, what it means, and where it is wrong."""

import json
import math

import pytest

from clawmend.core.document import Document, Json, LimitError, Limits, MalformedError, Span, Syntax
from clawmend.core.lexer import grammar_of
from clawmend.core.parser import parse_text
from clawmend.core.values import is_same


def json5(text: str) -> Json:
    return Document.parse(text, Syntax.JSON5).value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "{a: 1, $b: 2, _c: 3, größe: 4, null: 5, Infinity: 6}",
            {"a": 1, "$b": 2, "_c": 3, "größe": 4, "null": 5, "Infinity": 6},
        ),
        (r"{\u0061b: 1, c\u0064: 2, e\u200d: 3, 𐐀a: 4}", {"ab": 1, "cd": 2, "e\u200d": 3, "𐐀a": 4}),
        ("{'a': 'it\\'s', \"b\": \"'\"}", {"a": "it's", "b": "'"}),
        ("// one\n[1, /* two */ 2, /***/ 3,] // end", [1, 2, 3]),
        ("[0x1F, -0XaB, +1, .5, 5., 5.e2, 1E-2, -0]", [31, -171, 1, 0.5, 5.0, 500.0, 0.01, 0]),
        ("[Infinity, -Infinity, +Infinity]", [math.inf, -math.inf, math.inf]),
        ("[NaN, -NaN]", [math.nan, math.nan]),
        (r"'\b\f\n\r\t\v\0\x41\u00e9\q\/\"'", "\b\f\n\r\t\v\0Aé" + 'q/"'),
        ("'a\\\nb\\\r\nc\\\rd\\\u2028e'", "abcde"),
        ("'\u2028\u2029\0\t'", "\u2028\u2029\0\t"),
        (r"'\ud83d\ude00 \ud83d \ude00'", "😀 \ud83d \ude00"),
        ("'\\ud83d\\\n\\ude00'", "😀"),
        ("\ufeff\u00a0\v\f\u2028\u2029\u3000\u1680 null\u00a0", None),
        ("[\ufeff\ttrue\u2003,false ]", [True, False]),
    ],
)
def test_json5_means_what_the_npm_package_reads(text: str, value: Json) -> None:
    assert is_same(json5(text), value)


@pytest.mark.parametrize("text", ['{"a": 1}', "[]", '"x"', "-0.5e3", "null", ' \t\r\n{"a":[true,{}]}\n'])
@pytest.mark.parametrize("syntax", Syntax)
def test_strict_json_is_read_in_every_syntax(text: str, syntax: Syntax) -> None:
    assert Document.parse(text, syntax).value == json.loads(text)
    assert parse_text(text, 0, grammar_of(syntax), 10) == (json.loads(text), ())


NO_VALUE = "the text holds no value"
VALUE = "unexpected character where a value should be"
SEPARATOR = "unexpected character where a comma or a closing bracket should be"
KEY = "unexpected character where a key in double quotes should be"
END = "unexpected character where the end of the text should be"


@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        ("", NO_VALUE, 0),
        (" \n ", NO_VALUE, 3),
        ("\ufeff{}", VALUE, 0),
        ("\0\0", "a NUL character stands outside a string", 0),
        ("[NaN]", VALUE, 1),
        ("[-Infinity]", VALUE, 2),
        ("[01]", SEPARATOR, 2),
        ("[1.]", SEPARATOR, 2),
        ("[+1]", VALUE, 1),
        ("[.5]", VALUE, 1),
        ("[1,]", VALUE, 3),
        ('{"a":1,}', KEY, 7),
        ("{a: 1}", KEY, 1),
        ("{true: 1}", KEY, 1),
        ('{"a" 1}', "unexpected character where a colon after the key should be", 5),
        ('{"a"', "the text ends inside an object", 4),
        ('{"a":', "the text ends inside an object", 5),
        ('{"a": 1', "the text ends inside an object", 7),
        ("[", "the text ends inside an array", 1),
        ("[1", "the text ends inside an array", 2),
        ("[1}", SEPARATOR, 2),
        ('["a', "the text ends inside a string", 3),
        ('["\\u12', "the text ends inside a string", 6),
        ('{"\\', "the text ends inside a string", 3),
        ('["\\q"]', "a string holds an escape that does not exist", 2),
        ('["\\u12g4"]', "a string holds an escape that does not exist", 2),
        ('["a\nb"]', "a string is not closed on its line", 3),
        ('["a\tb"]', "a string holds a control character", 3),
        ("['a']", VALUE, 1),
        ("nul", "the text ends inside a value", 3),
        ("nulX", VALUE, 3),
        ("nulll", VALUE, 4),
        ("-", "the text ends inside a value", 1),
        ("-x", VALUE, 1),
        ("/* c */ 1", VALUE, 0),
        ("1 2", END, 2),
        ("[1]\udc80", "a byte that is not UTF-8 stands outside a string", 3),
    ],
)
def test_json_says_what_is_wrong_and_where(text: str, reason: str, offset: int) -> None:
    with pytest.raises(MalformedError) as caught:
        Document.parse(text, Syntax.JSON)
    assert (caught.value.reason, caught.value.offset) == (reason, offset)


@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        ("// only a comment", NO_VALUE, 17),
        ("{a: 1 /* ", "the text ends inside a comment", 9),
        ("{a: 1 / 2}", SEPARATOR, 6),
        ("{,}", "unexpected character where a key should be", 1),
        ("{1: 2}", "unexpected character where a key should be", 1),
        ("{a\\u0020: 1}", "unexpected character where a colon after the key should be", 2),
        ("[,]", VALUE, 1),
        ("['a", "the text ends inside a string", 3),
        ("['\\x4']", "a string holds an escape that does not exist", 2),
        ("['\\01']", "a string holds an escape that does not exist", 2),
        ("['a\nb']", "a string is not closed on its line", 3),
        ("[- 1]", VALUE, 2),
        ("[-.]", VALUE, 3),
        ("[0x]", SEPARATOR, 2),
        ("[1e]", SEPARATOR, 2),
        ("[+Infinit]", VALUE, 9),
        ("[trueé]", VALUE, 5),
        ("undefined", VALUE, 0),
        ("Inf", "the text ends inside a value", 3),
        ("{\udcff: 1}", "a byte that is not UTF-8 stands outside a string", 1),
    ],
)
def test_json5_says_what_is_wrong_and_where(text: str, reason: str, offset: int) -> None:
    with pytest.raises(MalformedError) as caught:
        Document.parse(text, Syntax.JSON5)
    assert (caught.value.reason, caught.value.offset) == (reason, offset)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_and_columns_count_from_one_whatever_ends_a_line(newline: str) -> None:
    with pytest.raises(MalformedError) as caught:
        Document.parse(newline.join(["{", '  "ä": 1,', '  "b": secret', "}"]), Syntax.JSON)
    assert (caught.value.line, caught.value.column) == (3, 8)
    assert str(caught.value) == "unexpected character where a value should be (line 3, column 8)"


def test_one_byte_order_mark_is_for_claude_code_any_number_for_openclaw() -> None:
    assert Document.parse(b"\xef\xbb\xbf{}", Syntax.JSON_BOM).value == {}
    assert Document.parse("\ufeff\ufeff{}\ufeff", Syntax.JSON5).value == {}
    for text, syntax in [("\ufeff", Syntax.JSON_BOM), ("\ufeff\ufeff1", Syntax.JSON_BOM), ("\ufeff", Syntax.JSON5)]:
        with pytest.raises(MalformedError):
            Document.parse(text, syntax)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("syntax", Syntax)
def test_utf_16_is_malformed(encoding: str, syntax: Syntax) -> None:
    with pytest.raises(MalformedError):
        Document.parse('{"a": 1}'.encode(encoding), syntax)


def test_bytes_that_are_not_utf_8_live_on_in_strings_and_comments() -> None:
    data = b'{"a\xff": "\xc3(\xed\xa0\x80", "b": 1}'
    assert Document.parse(data, Syntax.JSON).encode() == data
    commented = b"{a: 1} // \xe9\xff"
    assert Document.parse(commented, Syntax.JSON5).encode() == commented


def test_a_string_that_no_bytes_can_hold_is_malformed() -> None:
    with pytest.raises(MalformedError, match=r"half of a character stands alone \(line 1, column 2\)"):
        Document.parse('"\ud800"', Syntax.JSON)


def test_integers_are_exact_up_to_what_python_prints() -> None:
    for syntax in Syntax:
        assert Document.parse("9" * 4300, syntax).value == 10**4300 - 1
        with pytest.raises(LimitError, match="more digits"):
            Document.parse("9" * 4301, syntax)
    assert json5("0x" + "f" * 3500) == 16**3500 - 1
    with pytest.raises(LimitError, match="more digits"):
        json5("0x" + "f" * 3501)


@pytest.mark.parametrize("syntax", Syntax)
@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_a_hundred_thousand_brackets_are_beyond_the_limit(text: str, syntax: Syntax) -> None:
    with pytest.raises(LimitError, match="nests deeper than 512 levels"):
        Document.parse(text, syntax)


@pytest.mark.parametrize("syntax", Syntax)
def test_the_limit_of_depth_is_the_last_depth_that_is_read(syntax: Syntax) -> None:
    text = '[{"a":' * 256 + '"]}}[[\\""' + "}]" * 256
    document = Document.parse(text, syntax)
    assert document.span((0, "a") * 256) == Span(6 * 256, 6 * 256 + 9)
    with pytest.raises(LimitError):
        Document.parse(f"[{text}]", syntax)


def test_depths_beyond_python_own_are_read_without_recursion() -> None:
    document = Document.parse("[" * 20_000 + "]" * 20_000, Syntax.JSON, Limits(depth=20_000))
    assert document.span((0,) * 19_999) == Span(19_999, 20_001)


def test_brackets_in_comments_are_not_depth() -> None:
    assert json5("// " + "[" * 600 + "\n1") == 1


def test_the_limit_of_size_counts_bytes() -> None:
    limits = Limits(bytes=4)
    assert Document.parse('"é"', Syntax.JSON, limits).value == "é"
    for data in ('"éé"', '"éé"'.encode()):
        with pytest.raises(LimitError, match="larger than 4 bytes"):
            Document.parse(data, Syntax.JSON, limits)
    assert Limits() == Limits(depth=512, bytes=64 * 1024 * 1024)


@pytest.mark.parametrize(
    ("text", "value", "duplicates"),
    [
        ('{"a": 1, "b": 2, "a": 3}', {"a": 3, "b": 2}, (("a",),)),
        ('[{"a": {"x": 1, "\\u0078": 2, "x": 3}}]', [{"a": {"x": 3}}], ((0, "a", "x"),)),
        ('{"a": {"x": 1, "x": 2}, "a": {"x": 3}}', {"a": {"x": 3}}, (("a",),)),
        ('{"a": [1, {"x": 1, "x": 2}], "a": 5}', {"a": 5}, (("a",),)),
    ],
)
@pytest.mark.parametrize("syntax", Syntax)
def test_duplicate_keys_are_noticed_and_the_last_one_counts(
    text: str, value: Json, duplicates: tuple[tuple[str | int, ...], ...], syntax: Syntax
) -> None:
    document = Document.parse(text, syntax)
    assert is_same(document.value, value)
    assert document.duplicates == duplicates


def test_places_are_found_in_the_text() -> None:
    text = "{ // {\n a: 'x]', \"b\": [1, {c: /* } */ -2}, [],], a: {}, d: [/]/*/2] }".replace("[/]/*/2]", "[/*]*/ 2]")
    document = Document.parse(text, Syntax.JSON5)

    def source(*pointer: str | int) -> str:
        span = document.span(pointer)
        return text[span.start : span.end]

    assert source() == text
    assert source("a") == "{}"
    assert source("b", 1, "c") == "-2"
    assert source("b", "1", "c") == "-2"
    assert source("b", 2) == "[]"
    assert source("d", 0) == "2"
    for pointer in [("x",), ("a", "x"), ("b", 3), ("b", "x"), ("b", -1), (0,), ("b", 0, 0)]:
        assert not document.has(pointer)
        assert document.get(pointer, "nothing") == "nothing"
        with pytest.raises(KeyError):
            document.span(pointer)
    assert document.get(("b", "1")) == {"c": -2}
    assert document.get(("x",)) is None


def test_a_document_shows_nothing_of_its_text() -> None:
    document = Document.parse('{"apiKey": "sk-secret"}', Syntax.JSON)
    assert "secret" not in repr(document)
    assert document == Document.parse('{"apiKey": "sk-secret"}', Syntax.JSON)
    assert hash(document) == hash(Document.parse('{"apiKey": "sk-secret"}', Syntax.JSON))
