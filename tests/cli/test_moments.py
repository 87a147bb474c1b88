"""Times for people."""

import time

import pytest

from clawmend.cli.moments import age, moment


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0.9, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (7200 + 59, "2 h"),
        (86400, "1 d"),
        (90000, "1 d 1 h"),
        (86400 + 300, "1 d 5 min"),
    ],
)
def test_an_age_has_at_most_two_steps(seconds: float, words: str) -> None:
    assert age(seconds) == words


def test_a_moment_is_local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert moment(0) == "1970-01-01 09:00:00"
    finally:
        monkeypatch.undo()
        time.tzset()
