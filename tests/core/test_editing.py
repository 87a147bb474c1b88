"""Editing by example: text in, text out, to the character."""

import math
from textwrap import dedent

import pytest

from clawmend.core import editing as editing_module
from clawmend.core.document import (
    Document,
    DocumentEdit,
    EditError,
    InsertElement,
    Json,
    Limits,
    RemoveMember,
    RenameMember,
    SetValue,
    Syntax,
)
from clawmend.core.lexer import grammar_of
from clawmend.core.lines import Patch
from clawmend.core.outline import value_end
from clawmend.core.values import apply_edit


def edited(text: str, *edits: DocumentEdit, syntax: Syntax = Syntax.JSON5) -> str:
    return Document.parse(dedent(text), syntax).edit(*edits).text


def added(text: str, value: Json = 9, syntax: Syntax = Syntax.JSON5) -> str:
    """The text with a member "z" more."""
    return edited(text, SetValue(("z",), value), syntax=syntax)


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("{a: 'x'} // c", "it's", "{a: 'it\\'s'} // c"),
        ("{a: 'x'}", 'say "hi"\n', "{a: 'say \"hi\"\\n'}"),
        ("{a: \"x\", b: 'y'}", "it's", "{a: \"it's\", b: 'y'}"),
        ("{a: 1, b: 'y'}", "x", "{a: 'x', b: 'y'}"),
        ("{a: 1, b: 'y', c: \"z\"}", "x", '{a: "x", b: \'y\', c: "z"}'),
        ("{a: 0x10 /* sixteen */}", 17, "{a: 17 /* sixteen */}"),
        ("{a:\n  // why\n  1\n}", None, "{a:\n  // why\n  null\n}"),
        ("{a: [1, /* gone */ 2], b: 3}", ["x"], '{a: ["x"], b: 3}'),
        ("{a:{b:1},b:[1,2]}", {"b": 1, "c": [1, 2]}, "{a:{b:1,c:[1,2]},b:[1,2]}"),
        ("{a: 1, a: 2, b: 3}", 5, "{a: 1, a: 5, b: 3}"),
        ('{\n  "a": [\n    1\n  ],\n}', [2, {}], '{\n  "a": [\n    2,\n    {}\n  ],\n}'),
        ('{\n  "a": {}\n}', {"b": []}, '{\n  "a": {\n    "b": []\n  }\n}'),
        ('{\n\t"a": 1\n}', {"b": 1}, '{\n\t"a": {\n\t\t"b": 1\n\t}\n}'),
        ('{\r\n    "a": [1],\r\n}', [1, [2]], '{\r\n    "a": [1, [2]],\r\n}'),
        ("{\r    'a': false\r}", {"b": "c"}, "{\r    'a': {\r        'b': \"c\"\r    }\r}"),
    ],
)
def test_replacing_changes_the_value_alone_and_keeps_its_manner(text: str, value: Json, result: str) -> None:
    assert edited(text, SetValue(("a",), value)) == result


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: 0x10}", 16),
        ("{a: 'x'}", "x"),
        ("{a: 1, a: 1.0}", 1),
        ("{a: [NaN, /* c */]}", [math.nan]),
        ("{a:1e2}", 100),
    ],
)
def test_a_value_that_is_there_is_left_as_it_is_written(text: str, value: Json) -> None:
    document = Document.parse(text, Syntax.JSON5)
    assert document.edit(SetValue(("a",), value)) is document


def test_true_and_one_are_different_values() -> None:
    assert edited("{a: 1, b: [0], c: {x: 1}}", SetValue(("a",), True), SetValue(("b",), [False])) == (
        "{a: true, b: [false], c: {x: 1}}"
    )


def test_the_whole_document_can_be_set() -> None:
    assert edited("// top\n1\n", SetValue((), {"a": 1})) == '// top\n{\n  "a": 1\n}\n'
    assert edited("[1,2] // end", SetValue((), [])) == "[] // end"
    assert edited("\ufeff 'x'", SetValue((), "y"), syntax=Syntax.JSON5) == "\ufeff 'y'"
    assert edited('\ufeff"x"\n', SetValue((), 2), syntax=Syntax.JSON_BOM) == "\ufeff2\n"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        # On one line.
        ("{a: 1}", "{a: 1, z: 9}"),
        ("{ a: 1 }", "{ a: 1, z: 9 }"),
        ("{a: 1,}", "{a: 1, z: 9,}"),
        ("{a:1}", "{a:1,z:9}"),
        ("{a:1,  b:2}", "{a:1,  b:2,  z:9}"),
        ("{a : 1}", "{a : 1, z : 9}"),
        ("{a: 1 /* one */}", "{a: 1 /* one */, z: 9}"),
        ("{a: 1, /* one */}", "{a: 1, /* one */ z: 9,}"),
        # Keys follow their siblings.
        ("{'a': 1}", "{'a': 1, 'z': 9}"),
        ('{"a": 1}', '{"a": 1, "z": 9}'),
        ("{'a': 1, b: 2}", "{'a': 1, b: 2, \"z\": 9}"),
        # On lines of their own.
        ("{\n  a: 1\n}\n", "{\n  a: 1,\n  z: 9\n}\n"),
        ("{\n  a: 1,\n}", "{\n  a: 1,\n  z: 9,\n}"),
        ("{\n\ta: 1, // one\n}", "{\n\ta: 1, // one\n\tz: 9,\n}"),
        ("{\n  a: 1 // one\n}", "{\n  a: 1, // one\n  z: 9\n}"),
        ("{\n  a: 1 /* one */ // really\n  // end\n}", "{\n  a: 1, /* one */ // really\n  z: 9\n  // end\n}"),
        ("{\n  a: 1 /* one\n  two */\n}", "{\n  a: 1, /* one\n  two */\n  z: 9\n}"),
        ("{\r\n  a: 1\r\n}\r\n", "{\r\n  a: 1,\r\n  z: 9\r\n}\r\n"),
        ("{\r a: 1 // c\r}", "{\r a: 1, // c\r z: 9\r}"),
        ("{\u2028a: 1 // c\u2028}", "{\u2028a: 1, // c\nz: 9\u2028}"),
        ("{ a: 1,\n  b: 2 }", "{ a: 1,\n  b: 2,\n  z: 9 }"),
        ("{ a: 1\n}", "{ a: 1,\n  z: 9\n}"),
        ("{\n  a: 1\n  , b: 2\n}", "{\n  a: 1\n  , b: 2,\n  z: 9\n}"),
        # Where nothing stands yet.
        ("{}", '{\n  "z": 9\n}'),
        ("{ }", '{\n  "z": 9\n}'),
        ("{\n}\n", '{\n  "z": 9\n}\n'),
        ("{\n  // nothing yet\n}", '{\n  // nothing yet\n  "z": 9\n}'),
        ("{ /* nothing */ }", '{ /* nothing */\n  "z": 9\n}'),
        ("{ // nothing\n\n}", '{ // nothing\n  "z": 9\n\n}'),
    ],
)
def test_a_new_member_comes_last_in_the_manner_of_its_siblings(text: str, result: str) -> None:
    assert added(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('{"a":1}', '{"a":1,"z":9}'),
        ('{"a": 1}\n', '{"a": 1, "z": 9}\n'),
        ('\ufeff{\r\n\t"a": 1\r\n}', '\ufeff{\r\n\t"a": 1,\r\n\t"z": 9\r\n}'),
        ('{\n"a": 1\n}', '{\n"a": 1,\n"z": 9\n}'),
    ],
)
def test_strict_json_stays_strict(text: str, result: str) -> None:
    assert added(text, syntax=Syntax.JSON_BOM) == result


def test_missing_objects_on_the_way_are_made() -> None:
    text = """\
    {
      // ours
      models: {
        mode: 'merge', // keep
      },
      tools: { allow: [] }
    }
    """
    result = edited(
        text,
        SetValue(("models", "providers", "zai", "base-url"), "https://z.ai"),
        SetValue(("tools", "deny", "x"), {"y": [1, None, True, False, -0.0, "z"]}),
        SetValue(("tools", "allow", 0, "x"), 1),
    )
    assert result == dedent("""\
    {
      // ours
      models: {
        mode: 'merge', // keep
        providers: {
          zai: {
            "base-url": 'https://z.ai'
          }
        },
      },
      tools: { allow: [{x: 1}], deny: {x: {y: [1, null, true, false, -0, "z"]}} }
    }
    """)


@pytest.mark.parametrize(
    ("text", "index", "result"),
    [
        ("[1, 2]", 0, "[9, 1, 2]"),
        ("[ 1,2 ]", 0, "[ 9,1,2 ]"),
        ("[1, 2]", 1, "[1, 9, 2]"),
        ("[1, 2]", 2, "[1, 2, 9]"),
        ("[1, 2,]", 2, "[1, 2, 9,]"),
        ("[1]", 1, "[1, 9]"),
        ("[]", 0, "[\n  9\n]"),
        ("[/* one */ 1, /* two */ 2]", 0, "[9, /* one */ 1, /* two */ 2]"),
        ("[/* one */ 1, /* two */ 2]", 1, "[/* one */ 1, 9, /* two */ 2]"),
        ("[\n  1, // one\n  // two\n  2\n]", 1, "[\n  1, // one\n  9,\n  // two\n  2\n]"),
        ("[ // all\n  // one\n  1,\n]", 0, "[ // all\n  9,\n  // one\n  1,\n]"),
        ("[\n  1, 2,\n  3\n]", 1, "[\n  1, 9, 2,\n  3\n]"),
        ("[\n  1\n  , 2\n  , 3\n]", 1, "[\n  1\n  , 9, 2\n  , 3\n]"),
        ("[1, // one\n/* two */ 2]", 1, "[1, // one\n  9,\n/* two */ 2]"),
    ],
)
def test_a_new_element_goes_behind_the_one_before_it(text: str, index: int, result: str) -> None:
    assert edited(text, InsertElement((index,), 9)) == result
    if index == text.count("1") + text.count("2"):
        assert edited(text, SetValue((index,), 9)) == result


@pytest.mark.parametrize(
    ("text", "name", "result"),
    [
        (
            "{a: 1, /* x */ old /* y */ : 'v' /* z */, // c\n b: 2}",
            "new",
            "{a: 1, /* x */ new /* y */ : 'v' /* z */, // c\n b: 2}",
        ),
        ("{'old': 1}", "it's", "{'it\\'s': 1}"),
        ('{ "old" : 1 }', "new", '{ "new" : 1 }'),
        ("{old: 1}", "a b", '{"a b": 1}'),
        ("{old: [{old: 1}], b: {old: 2}}", "new", "{new: [{old: 1}], b: {old: 2}}"),
        ("{'old': 1, b: 2, old: 3}", "new", "{'new': 1, b: 2, new: 3}"),
        ("{\\u006fld: 1}", "new", "{new: 1}"),
    ],
)
def test_a_new_name_changes_the_name_and_nothing_else(text: str, name: str, result: str) -> None:
    assert edited(text, RenameMember(("old",), name)) == result


def test_several_edits_are_made_one_after_the_other() -> None:
    text = '{\n  "a": [1],\n  "b": 2\n}\n'
    edits = (RemoveMember(("a", 0)), SetValue(("a", 0), "x"), RemoveMember(("b",)), InsertElement(("a", 0), None))
    assert edited(text, *edits, syntax=Syntax.JSON) == '{\n  "a": [\n    null,\n    "x"\n  ]\n}\n'


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("\u2028 \ud83d \udc80 \x01 😀 é /", '"\\u2028 \\ud83d \\udc80 \\u0001 😀 é /"'),
        (10**40, "1" + "0" * 40),
        (1.0, "1"),
        (-0.0, "-0"),
        (0.1, "0.1"),
        (1e-7, "1e-7"),
        (1.5e-10, "1.5e-10"),
        (1e21, "1e+21"),
        (2.0**53, "9007199254740992.0"),
        ({"": "\\'\""}, '{"": "\\\\\'\\""}'),
    ],
)
def test_values_are_written_as_javascript_writes_them_where_that_is_exact(value: Json, source: str) -> None:
    assert edited('{"a": true}', SetValue(("a",), value), syntax=Syntax.JSON) == f'{{"a": {source}}}'


def test_only_json5_knows_infinity() -> None:
    text = '{"a": [0]}'
    assert edited(text, SetValue(("a",), [math.inf, -math.inf, math.nan])) == '{"a": [Infinity, -Infinity, NaN]}'
    with pytest.raises(EditError, match="no Infinity and no NaN"):
        edited(text, SetValue(("a",), math.inf), syntax=Syntax.JSON)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (RemoveMember(()), "the whole document can be set, but not removed, inserted or renamed"),
        (RenameMember((), "b"), "the whole document can be set, but not removed, inserted or renamed"),
        (RenameMember(("x",), "b"), "there is no member /x to rename"),
        (RenameMember(("l", 0), "b"), "there is no member /l/0 to rename"),
        (RenameMember(("x", "y"), "b"), "nothing stands at /x"),
        (RenameMember(("a",), "l"), "/l is there already"),
        (RenameMember(("a",), "a"), "/a is there already"),
        (RenameMember(("a",), "\ud83d\ude00"), "the two halves of a character apart"),
        (RemoveMember(("x",)), "nothing stands at /x"),
        (RemoveMember(("x", "y")), "nothing stands at /x"),
        (RemoveMember(("l", 2)), "nothing stands at /l/2"),
        (RemoveMember(("l", 3)), "/l/3 leads outside of an array"),
        (SetValue(("l", 3), 1), "/l/3 leads outside of an array"),
        (SetValue(("l", -1), 1), "/l/-1 leads outside of an array"),
        (SetValue(("l", "x"), 1), "/l/x leads outside of an array"),
        (SetValue(("a", "b"), 1), "/a/b leads into something that is neither an object nor an array"),
        (SetValue((0,), 1), "/0 has an index for an object"),
        (SetValue(("x", 0), 1), "nothing stands at /x"),
        (InsertElement(("x", 0), 1), "nothing stands at /x"),
        (InsertElement(("x",), 1), "/x is in an object, which has no order to insert into"),
        (InsertElement(("l", 3), 1), "/l/3 leads outside of an array"),
        (SetValue(("a",), {1: 2}), "a key is a string"),  # type: ignore[dict-item]
        (SetValue(("a",), {1, 2}), "the value is none that JSON knows"),  # type: ignore[arg-type]
        (SetValue(("a",), "\ud83d\ude00"), "the two halves of a character apart"),
        (SetValue(("a",), 10**5000), "more digits than clawmend writes"),
    ],
)
def test_what_cannot_be_edited_is_refused(edit: DocumentEdit, message: str) -> None:
    with pytest.raises(EditError, match=message):
        edited("{a: 'secret', l: [1, 2]}", edit)


def test_an_edit_keeps_within_the_limits() -> None:
    document = Document.parse('{"a": 1}', Syntax.JSON, Limits(depth=3, bytes=30))
    assert document.edit(SetValue(("a",), [[1]])).text == '{"a": [[1]]}'
    with pytest.raises(EditError, match="would be too much: the document nests deeper than 3 levels"):
        document.edit(SetValue(("a",), [[[1]]]))
    with pytest.raises(EditError, match="the value nests deeper than 3 levels"):
        document.edit(SetValue(("a",), [[[[1]]]]))
    with pytest.raises(EditError, match="would be too much: the document is larger than 30 bytes"):
        document.edit(SetValue(("a",), "x" * 30))


@pytest.mark.parametrize(("patch", "message"), [(Patch(1, 1, "]"), "malformed"), (Patch(7, 7, "0"), "does not mean")])
def test_a_mistake_of_the_editor_gets_no_text_out(monkeypatch: pytest.MonkeyPatch, patch: Patch, message: str) -> None:
    monkeypatch.setattr(editing_module, "edit_container", lambda *_: [patch])
    with pytest.raises(EditError, match=f"internal: .*{message}"):
        edited('{"a": 1}', SetValue(("b",), 2))


def test_what_the_editor_takes_for_granted_is_not_guessed() -> None:
    with pytest.raises(EditError, match="internal: the edit was not grounded"):
        apply_edit("no container", SetValue(("a",), 1))
    with pytest.raises(ValueError, match="internal: a bracket is not closed"):
        value_end("[[]", 0, grammar_of(Syntax.JSON))
