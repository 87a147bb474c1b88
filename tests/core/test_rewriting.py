"""What a file says after its owner wrote it anew, in the writing that it had before."""

import json

import pytest
from hypothesis import given

from clawmend.core.document import Document, Json, Syntax
from clawmend.core.rewriting import in_the_writing_of
from clawmend.core.values import is_same
from support.generated_documents import SCALARS, certain, containers, json5_texts

BEFORE = b"""\
// mine
{
  models: { providers: { bailian: { apiKey: "k" /* here */ } } },
  'list': [1, 2], // two
  auth: { profiles: { "a:b": { provider: "a" } } },
}
"""


def rewritten(after: object, before: bytes = BEFORE) -> str | None:
    found = in_the_writing_of(before, json.dumps(after, indent=2).encode(), Syntax.JSON5)
    return None if found is None else found.decode()


def value() -> dict[str, object]:
    found = Document.parse(BEFORE, Syntax.JSON5).value
    assert isinstance(found, dict)
    return dict(found)


def test_what_says_the_same_is_byte_for_byte_as_before() -> None:
    assert rewritten(value()) == BEFORE.decode()
    assert rewritten(dict(reversed(value().items()))) == BEFORE.decode()


def test_a_member_that_has_gone_goes_alone() -> None:
    without = value() | {"auth": {"profiles": {}}}
    assert rewritten(without) == BEFORE.decode().replace('{ "a:b": { provider: "a" } }', "{}")


def test_a_member_that_is_new_is_added_and_an_array_that_differs_is_set() -> None:
    found = rewritten(value() | {"list": [1], "meta": {"lastTouchedVersion": "2026.9.6"}})
    assert found is not None
    assert found.startswith(
        "// mine\n{\n  models: { providers: { bailian: { apiKey: \"k\" /* here */ } } },\n  'list': ["
    )
    assert "// two" in found
    assert Document.parse(found, Syntax.JSON5).get(("meta", "lastTouchedVersion")) == "2026.9.6"
    assert Document.parse(found, Syntax.JSON5).get(("list",)) == [1]


def test_an_object_that_is_none_any_more_is_replaced() -> None:
    found = rewritten(value() | {"models": None})
    assert found is not None
    assert "models: null," in found


@pytest.mark.parametrize(
    ("old", "new"), [("1", "true"), ("[1]", "[true]"), ("[1]", "[1, 2]"), ("[{a: 1}]", '[{"b": 1}]')]
)
def test_what_only_looks_the_same_is_not(old: str, new: str) -> None:
    found = in_the_writing_of(f"{{a: {old}}}".encode(), f'{{"a": {new}}}'.encode(), Syntax.JSON5)
    assert found is not None
    assert json.dumps(Document.parse(found, Syntax.JSON5).get(("a",))) == json.dumps(json.loads(new))


@pytest.mark.parametrize(("before", "after"), [(b"{", b"{}"), (b"{}", b"{"), (b"", b"{}")])
def test_what_does_not_parse_is_left_as_it_was_written(before: bytes, after: bytes) -> None:
    assert in_the_writing_of(before, after, Syntax.JSON5) is None


def test_what_nests_too_deep_to_compare_is_left_as_it_was_written() -> None:
    before, after = "[" * 2_000 + "1" + "]" * 2_000, "[" * 2_000 + "2" + "]" * 2_000
    assert in_the_writing_of(before.encode(), after.encode(), Syntax.JSON5) is None


def test_a_whole_that_is_another_is_replaced() -> None:
    assert in_the_writing_of(b"[1]", b"{}", Syntax.JSON5) == b"{}"


@given(json5_texts(), containers(SCALARS))
@certain
def test_it_always_says_what_the_new_text_says(written: tuple[str, Json], new: Json) -> None:
    before, after = written[0].encode("utf-8", "surrogateescape"), json.dumps(new).encode()
    found = in_the_writing_of(before, after, Syntax.JSON5)
    assert found is not None
    assert is_same(_sorted(Document.parse(found, Syntax.JSON5).value), _sorted(new))


def _sorted(value: Json) -> Json:
    """The order of members does not matter here."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
