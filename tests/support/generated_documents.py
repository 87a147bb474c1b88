"""Generated documents and edits for property tests."""

import math
import random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from clawmend.core.document import DocumentEdit, InsertElement, Json, RemoveMember, RenameMember, SetValue
from clawmend.core.values import Missing, find
from support.scribe import Scribe, pointers_of

# Certain (the same examples on every run) and never judged by the clock.
certain = settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

NEWLINES = st.sampled_from(["\n", "\r\n", "\r"])
KEYS = st.sampled_from(["a", "b", "baseUrl", "$x", "not bare", "", "null", "größe", "a/b", "it's", '"', "0", "𐐀", "\\"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["it's", '"', "//", "/*", "{[", "\u2028", "\0", "\ufeff", "😀", "\ud83d", "\udc80"]
)
_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**40), 10**40)
SCALARS: st.SearchStrategy[Json] = st.none() | st.booleans() | _NUMBERS | TEXTS
JSON5_SCALARS: st.SearchStrategy[Json] = SCALARS | st.sampled_from([math.inf, -math.inf, math.nan])


def values(leaves: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Scalars and containers of them."""
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
    )


def containers(leaves: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """What a file holds: mostly objects."""
    return st.dictionaries(KEYS, values(leaves), max_size=5) | st.lists(values(leaves), max_size=4)


@st.composite
def json5_texts(draw: st.DrawFn, *, is_plain: bool = False) -> tuple[str, Json]:
    """A JSON5 text and what it means; the value shrinks, its dress comes out of a seed."""
    value = draw(containers(JSON5_SCALARS))
    chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 - no secret is made here
    newline = draw(NEWLINES.filter(lambda newline: not is_plain or newline != "\r"))
    return Scribe(chance, is_plain=is_plain, newline=newline).document(value), value


@st.composite
def json_texts(draw: st.DrawFn) -> tuple[str, Json]:
    """A strict JSON text and what it means."""
    value = draw(containers(SCALARS))
    chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 - as above
    return Scribe(chance, is_json5=False, newline=draw(NEWLINES)).document(value), value


@st.composite
def edits_of(draw: st.DrawFn, value: Json, leaves: st.SearchStrategy[Json]) -> DocumentEdit:
    """An edit that is possible on a value."""
    pointer = draw(st.sampled_from(pointers_of(value)))
    target = find(value, pointer)
    assert not isinstance(target, Missing)
    new = draw(values(leaves))
    edits: list[DocumentEdit] = [RemoveMember(pointer) if pointer else SetValue(pointer, new), SetValue(pointer, new)]
    if isinstance(target, dict):
        edits += [SetValue((*pointer, draw(KEYS)), new), SetValue((*pointer, "new", "branch"), new)]
        edits = edits[: 4 if "new" not in target else 3]
        edits += [
            RenameMember((*pointer, name), "another name") for name in list(target)[:1] if "another name" not in target
        ]
    if isinstance(target, list):
        edits += [SetValue((*pointer, len(target)), new), SetValue((*pointer, len(target), "x"), new)]
        edits += [InsertElement((*pointer, index), new) for index in {0, len(target) // 2, len(target)}]
    return draw(st.sampled_from(edits))
