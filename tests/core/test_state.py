"""The nouns of a look: what a file is, and what can be asked of it."""

import pytest

from clawmend.core.errors import BusyError, ClawmendError, StaleError
from clawmend.core.state import Absent, bytes_of, object_at, value_of
from support.build import HOME, malformed, parsed, snapshot, unreadable


def test_only_what_parsed_has_a_value() -> None:
    assert value_of(parsed("/a", {"b": 1})) == {"b": 1}
    for state in (Absent("/a"), unreadable("/a"), malformed("/a")):
        assert value_of(state) is None


def test_what_was_read_has_bytes() -> None:
    assert bytes_of(parsed("/a", {})) == b"{}"
    assert bytes_of(malformed("/a", "{")) == b"{"
    assert bytes_of(Absent("/a")) is None
    assert bytes_of(unreadable("/a")) is None


def test_walking_down_ends_in_an_empty_object_when_the_way_does() -> None:
    value = {"a": {"b": {"c": 1}}, "list": [1]}
    assert object_at(value, "a", "b") == {"c": 1}
    assert object_at(value) == value
    for way in (("a", "x"), ("a", "b", "c"), ("list", "a"), ("a", "b", "c", "d")):
        assert object_at(value, *way) == {}
    assert object_at(None, "a") == {}
    assert object_at(5) == {}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (HOME, "~"),
        (f"{HOME}/.openclaw/openclaw.json", "~/.openclaw/openclaw.json"),
        (f"{HOME}s/x", f"{HOME}s/x"),
        ("/etc/x", "/etc/x"),
    ],
)
def test_paths_are_shown_from_the_home_on(path: str, shown: str) -> None:
    assert snapshot().display(path) == shown


def test_an_error_says_what_a_person_can_do() -> None:
    assert str(ClawmendError("it is full", "make room")) == "it is full; make room"
    assert str(StaleError("it changed")) == "it changed"
    assert isinstance(BusyError("x"), ClawmendError)
