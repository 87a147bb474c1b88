"""Spans of time, read and said."""

import pytest

from clawmend.core.durations import seconds_in, span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("2h", 7200), ("1d", 86_400), ("1w", 604_800), ("1h30m", 5400), (" 2 H ", 7200),
     ("", None), ("2", None), ("h", None), ("2y", None), ("-2h", None), ("0m", None), ("2h x", None), ("1.5h", None),
     ("9999999s", None)],
)  # fmt: skip
def test_a_span_is_read_or_refused(text: str, seconds: float | None) -> None:
    assert seconds_in(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (0.034, "0.03 s"), (2, "2 s"), (9.5, "9.50 s"), (45.4, "45 s"), (60, "1 min"), (239, "3 min"),
     (3600, "1 h"), (7500, "2 h 5 min"), (86_400, "1 d"), (273_600, "3 d 4 h")],
)  # fmt: skip
def test_a_span_is_said_in_one_unit_or_two(seconds: float, words: str) -> None:
    assert span(seconds) == words
