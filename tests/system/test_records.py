import os
from dataclasses import replace
from typing import Any

import orjson
import pytest

from clawmend.core.state import Identity
from clawmend.system.records import Checkpoint, Entry, Kind, as_json, from_json, quoted, unquoted

ATTRIBUTES = (("system.posix_acl_access", bytes(range(256))), ("user.\u00e4", b""))
IDENTITY = Identity(1, 2, 0o640, 3, 4, 5, 1_700_000_000_123_456_789, 2, ATTRIBUTES)
PATHS = [
    "/home/somebody/.claude.json",
    os.fsdecode(b"/home/\xff\xfe/a"),
    "/home/new\nline/%41 %",
    "/home/\u00e4\u4e2d/\U0001f600",
    '/home/"quotes"\\',
    "/home/\x00-like\x01",
]


def _checkpoint(**parts: Any) -> Checkpoint:
    entries = (
        Entry(PATHS[0], "a" * 64, "b" * 64, IDENTITY, ("OC101", "OC102")),
        Entry(PATHS[1], None, "b" * 64, None),
        Entry(PATHS[2], "a" * 64, None, replace(IDENTITY, attributes=())),
        Entry(PATHS[3], "a" * 64, "a" * 64, IDENTITY, ("OC313",), 0o600),
    )
    whole: dict[str, Any] = {
        "id": "20270115T080000Z-abcdef",
        "made": 1.5,
        "kind": Kind.REPAIR,
        "home": PATHS[1],
        "entries": entries,
        "reason": "a profile that hides the key",
        "needs_restart": True,
        "undoes": "20270115T070000Z-abcdef",
    }
    return Checkpoint(**(whole | parts))


def _through_json(checkpoint: Checkpoint) -> Checkpoint:
    return from_json(orjson.loads(orjson.dumps(as_json(checkpoint))))


@pytest.mark.parametrize("kind", Kind)
def test_a_checkpoint_comes_back_as_it_was(kind: Kind) -> None:
    checkpoint = _checkpoint(kind=kind)
    assert _through_json(checkpoint) == checkpoint
    assert _through_json(checkpoint).entries[0].identity == IDENTITY


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_any_bytes_comes_back(path: str) -> None:
    assert unquoted(quoted(path)) == path
    assert quoted(path).isascii()
    checkpoint = _checkpoint(home=path, entries=(Entry(path, None, None, None),))
    assert _through_json(checkpoint) == checkpoint


def test_how_far_it_got_is_told_by_later_events_and_not_by_the_record() -> None:
    far = _checkpoint(applied=True, done=True, undone=True, in_place=frozenset({PATHS[0]}))
    assert _through_json(far) == _checkpoint()


def test_a_record_of_schema_1_lacks_what_is_new() -> None:
    record = as_json(_checkpoint())
    del record["reason"], record["undoes"], record["needs_restart"]
    del record["entries"][0]["identity"]["attributes"], record["entries"][0]["identity"]["links"]
    found = from_json(record)
    assert (found.reason, found.undoes, found.needs_restart) == ("", None, False)
    assert found.entries[0].identity == replace(IDENTITY, attributes=(), links=1)


def test_one_that_knew_no_modes_left_them_alone() -> None:
    record = as_json(_checkpoint())
    for entry in record["entries"]:
        del entry["mode"]
    assert [entry.mode for entry in from_json(record).entries] == [None] * 4


def test_where_only_the_content_counts_the_mode_does_not() -> None:
    entry = Entry("/a", "1", "2", IDENTITY)
    assert entry.is_as_before("1", 0o777)
    assert entry.is_as_after("2", 0o777)
    assert [entry.is_known(sha256, 0) for sha256 in ("1", "2", "3", None)] == [True, True, False, False]
    assert Entry("/a", None, "2", None).is_as_before(None, None)


def test_where_a_mode_was_given_both_count() -> None:
    entry = Entry("/a", "1", "1", IDENTITY, (), 0o600)
    assert entry.mode_before == 0o640
    assert [entry.is_as_before("1", mode) for mode in (0o640, 0o600)] == [True, False]
    assert [entry.is_as_after("1", mode) for mode in (0o640, 0o600)] == [False, True]
    assert [entry.is_known("1", mode) for mode in (0o640, 0o600, 0o644)] == [True, True, False]
    assert not entry.is_known("2", 0o600)
    assert not entry.is_as_before(None, None)


def test_what_is_unknown_in_a_record_is_ignored() -> None:
    record = as_json(_checkpoint()) | {"new": 1}
    record["entries"][0]["new"] = 1
    record["entries"][0]["identity"]["new"] = 1
    assert from_json(record) == _checkpoint()


@pytest.mark.parametrize(
    "harm",
    [
        {"id": None, "kind": "unheard of"},
        {"made": "yesterday"},
        {"entries": None},
        {"entries": [{}]},
        {"entries": [None]},
        {"home": None},
        {"entries": [{"path": "/a", "before": None, "after": None, "identity": {"mode": 1}, "rules": []}]},
    ],
)
def test_what_is_no_record_is_one_of_four_errors(harm: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        from_json(as_json(_checkpoint()) | harm)


def test_it_needs_the_bytes_before_and_of_files_written_in_place_those_after() -> None:
    entries = (Entry("/a", "1", "2", None), Entry("/b", "3", "4", None), Entry("/c", None, "5", None))
    assert _checkpoint(entries=entries).blobs == {"1", "3"}
    assert _checkpoint(entries=entries, in_place=frozenset({"/b"})).blobs == {"1", "3", "4"}
