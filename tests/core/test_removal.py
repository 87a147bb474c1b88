"""Removing by example: text in, text out, to the character."""

import pytest

from clawmend.core.document import Document, RemoveMember, Syntax


def removed(text: str, *pointer: str | int) -> str:
    return Document.parse(text, Syntax.JSON5).edit(RemoveMember(pointer)).text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        # On one line.
        ("{a: 1, z: 2, b: 3}", "{a: 1, b: 3}"),
        ("{ z: 2, b: 3 }", "{ b: 3 }"),
        ("{ a: 1, z: 2 }", "{ a: 1 }"),
        ("{ a: 1 , z: 2 }", "{ a: 1 }"),
        ("{ a: 1, z: 2, }", "{ a: 1, }"),
        ("{ z: 2 }", "{}"),
        ("{ z: 2, }", "{}"),
        ("{a: 1, z: 2 /* two */, b: 3}", "{a: 1, b: 3}"),
        ("{a: 1, z: 2, /* three */ b: 3}", "{a: 1, /* three */ b: 3}"),
        ("{ a: 1, z: 2 /* kept */ }", "{ a: 1 /* kept */ }"),
        ("{ /* kept */ z: 2 }", "{ /* kept */ }"),
        ("{z: 1, a: 1, z: 2, b: 3, z: 4}", "{a: 1, b: 3}"),
        # On lines of its own.
        ("{\n  a: 1,\n  z: 2,\n  b: 3\n}", "{\n  a: 1,\n  b: 3\n}"),
        ("{\n  a: 1,\n  z: 2\n}\n", "{\n  a: 1\n}\n"),
        ("{\n  a: 1,\n  z: 2,\n}\n", "{\n  a: 1,\n}\n"),
        ("{\n  z: 2\n}", "{}"),
        ("{\r\n  a: 1,\r\n  z: {\r\n    x: 1 // one\r\n  }, // two\r\n}", "{\r\n  a: 1,\r\n}"),
        ("{\n  // about z\n  z: 2, // two\n  b: 3\n}", "{\n  // about z\n  b: 3\n}"),
        ("{\n  a: 1, // one\n  z: 2 // two\n  // end\n}", "{\n  a: 1 // one\n  // end\n}"),
        ("{\n  // about z\n  z: 2\n}", "{\n  // about z\n}"),
        ("{\n  z: 2, /* two\n  lines */\n  b: 3\n}", "{\n  /* two\n  lines */\n  b: 3\n}"),
        ("{\n  z: 2 // two\n  ,\n  b: 3\n}", "{\n  b: 3\n}"),
        # Mixed.
        ("{\n  a: 1, z: 2, // both\n  b: 3\n}", "{\n  a: 1, // both\n  b: 3\n}"),
        ("{\n  a: 1, z: 2\n}", "{\n  a: 1\n}"),
        ("{\n  z: 2, b: 3 // both\n}", "{\n  b: 3 // both\n}"),
        ("{ z: 2,\n  b: 3 }", "{\n  b: 3 }"),
        ("{ a: 1,\n  z: 2 }", "{ a: 1\n  }"),
        ("{\n  a: 1\n  , z: 2\n  , b: 3\n}", "{\n  a: 1\n  , b: 3\n}"),
        ("{\n  a: 1\n  ,\n  z: 2\n  , b: 3\n}", "{\n  a: 1\n  , b: 3\n}"),
        ("{\n  a: 1\n  , // why\n  z: 2\n  , b: 3\n}", "{\n  a: 1\n  // why\n  , b: 3\n}"),
        ("{\n  z: 2\n  , b: 3\n}", "{\n  b: 3\n}"),
        ("{\n  a: 1\n  , z: 2\n}", "{\n  a: 1\n}"),
    ],
)
def test_a_removed_member_takes_its_comma_and_its_line_along(text: str, result: str) -> None:
    assert removed(text, "z") == result


def test_a_removed_element_takes_its_comma_along() -> None:
    assert removed("[1, [2], 3]", 0) == "[[2], 3]"
    assert removed("[1, [2], 3]", 1, 0) == "[1, [], 3]"
    assert removed("[1, [2], 3]", 2) == "[1, [2]]"
