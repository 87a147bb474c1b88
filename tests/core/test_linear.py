"""Work grows with the size of a document, not faster; counted in calls, not by the clock."""

import sys
from collections.abc import Callable

import pytest

from clawmend.core.document import Document, InsertElement, MalformedError, RemoveMember, SetValue, Syntax

SIZE = 300


def calls(work: Callable[[], object]) -> int:
    """How many functions a piece of work calls, ours and those of Python."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def members(size: int) -> str:
    return "{" + "".join(f"k{number}: [{number}, {{}}], // c\n" for number in range(size)) + "}"


def duplicates(size: int) -> str:
    return "{" + "a: {b: 1, b: 2}, " * size + "}"


def nested(size: int) -> str:
    return "{a: [1, " * size + "0" + "]}" * size


@pytest.mark.parametrize(
    "work",
    [
        lambda size: Document.parse(members(size), Syntax.JSON5),
        lambda size: Document.parse(duplicates(size), Syntax.JSON5),
        lambda size: Document.parse(members(size), Syntax.JSON5).span((f"k{size - 1}",)),
        lambda size: Document.parse(members(size), Syntax.JSON5).edit(SetValue(("new",), {"a": 1})),
        lambda size: Document.parse(members(size), Syntax.JSON5).edit(SetValue(("k7",), {"a": 1})),
        lambda size: Document.parse(members(size), Syntax.JSON5).edit(InsertElement(("k7", 0), [])),
        lambda size: Document.parse(members(size), Syntax.JSON5).edit(RemoveMember(("k7",))),
        lambda size: Document.parse(duplicates(size), Syntax.JSON5).edit(RemoveMember(("a",))),
        lambda size: Document.parse("{}", Syntax.JSON).edit(SetValue(("a",), [[0]] * size)),
        lambda size: Document.parse(nested(size // 3), Syntax.JSON5).span(("a", 1) * (size // 3)),
    ],
)
def test_twice_the_size_is_twice_the_work(work: Callable[[int], object]) -> None:
    work(SIZE)  # so that patterns are compiled
    assert calls(lambda: work(2 * SIZE)) < 2.1 * calls(lambda: work(SIZE))


@pytest.mark.parametrize(
    "flaw",
    [
        '"' + "\\\\" * 300_000,
        "[" + "/* " * 300_000,
        "[" + "/**/" * 300_000,
        "[" + " " * 900_000,
        "'" * 300_001,
        '"' + '\\"' * 300_000,
        "[" + ", " * 300_000,
        "{" + "a " * 300_000,
        "{" + "a:" * 300_000,
    ],
)
def test_a_large_flaw_is_found_in_one_pass(flaw: str) -> None:
    # A search that starts over at each character would take hours here.
    for syntax in Syntax:
        with pytest.raises(MalformedError):
            Document.parse(flaw, syntax)
