"""Strict JSON of what is nearly that."""

import json

import pytest

from clawmend.core.document import Syntax
from clawmend.core.strict import beginning_of, mended

GOOD = '{"a": "// no comment, ]", "b": [1, 2], "c": "\\",}"}'


@pytest.mark.parametrize(
    ("text", "mends", "how"),
    [
        ('{"a": 1,}', '{"a": 1}', "without its trailing comma"),
        ('{"a": [1, 2, ] , }', '{"a": [1, 2 ]  }', "without its trailing comma"),
        ('{\n  // one\n  "a": 1 // two\n}', '{\n  "a": 1\n}', "without its comments"),
        ('{"a": /* x */ 1}', '{"a": 1}', "without its comments"),
        ('{"a": 1, /* , */ }', '{"a": 1 }', "without its comments and without its trailing comma"),
        ('\ufeff{"a": 1,}', '\ufeff{"a": 1}', "without its trailing comma"),
        ('{"a": 1}\n// at the end', '{"a": 1}\n', "without its comments"),
        (f"/* x */{GOOD}", GOOD, "without its comments"),
    ],
)
def test_comments_and_trailing_commas_go_and_nothing_else(text: str, mends: str, how: str) -> None:
    assert mended(text.encode()) == (mends.encode(), how)


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_written_as_utf_8(order: str) -> None:
    found = mended(f"\ufeff{GOOD}".encode(order))
    assert found == (GOOD.encode(), "as UTF-8 instead of UTF-16")
    assert json.loads(found[0]) == json.loads(GOOD)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0",
        b"null",
        b"[1,]",
        b"{'a': 1}",
        b"{a: 1,}",
        b'{"a": 1',
        b'{"a": +1,}',
        b'{"a": "x\\\ny",}',
        b"\xff\xfe{\0\xd8",
        GOOD.encode(),
        b"[" * 600,
    ],
)
def test_anything_else_is_left_to_somebody_else(data: bytes) -> None:
    assert mended(data) is None


def test_a_key_that_is_there_twice_stays_twice() -> None:
    assert mended(b'{"a": 1, "a": 2,}') == (b'{"a": 1, "a": 2}', "without its trailing comma")


def test_bytes_that_are_no_text_stay_inside_a_string() -> None:
    assert mended(b'{"a": "\xff",}') == (b'{"a": "\xff"}', "without its trailing comma")


def test_a_long_text_takes_no_longer_than_it_is() -> None:
    found = mended(b"{" + b'"a": [/* x */,],'.replace(b"[/* x */,]", b"[1,/* x */]") * 20_000 + b'"z": 0,}')
    assert found is not None
    assert json.loads(found[0]) == {"a": [1], "z": 0}


@pytest.mark.parametrize(
    ("rest", "is_empty"),
    [("\0\0\n", True), ("}", True), ("\n  ],\n}\n", True), ('{"c": 1}', False), ("x", False), (" /* x */ }", False)],
)
def test_a_whole_object_is_told_from_what_follows_it(rest: str, is_empty: bool) -> None:
    found = beginning_of(f"{GOOD}{rest}".encode(), Syntax.JSON)
    assert found is not None
    assert found.document.text.strip() == GOOD
    assert found.rest_is_empty is is_empty
    assert found.is_longer


def test_an_early_end_is_shorter_than_what_follows() -> None:
    found = beginning_of(b'{"a": 1}, "b": {"c": [1, 2, 3]}}', Syntax.JSON)
    assert found is not None
    assert not found.is_longer


@pytest.mark.parametrize("data", [GOOD.encode(), b"", b"\0\0", b'{"a": 1', b"[1] ]", b"}{", b"[" * 600])
def test_what_does_not_go_on_behind_a_whole_object_begins_with_none(data: bytes) -> None:
    assert beginning_of(data, Syntax.JSON5) is None


def test_json5_begins_as_openclaw_reads_it() -> None:
    found = beginning_of(b"{a: 1, /* x */} // y\n}", Syntax.JSON5)
    assert found is not None
    assert found.document.value == {"a": 1}
    assert found.rest_is_empty
