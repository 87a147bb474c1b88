"""Quiet hours: a part of every day, also over midnight."""

import pytest

from clawmend.core.operation import QuietHours


@pytest.mark.parametrize(
    ("text", "quiet", "loud"),
    [
        ("23:00-07:00", ["23:00", "23:59", "00:00", "06:59"], ["07:00", "12:00", "22:59"]),
        ("09:30-17:00", ["09:30", "16:59"], ["09:29", "17:00", "00:00", "23:59"]),
        ("00:00 - 00:01", ["00:00"], ["00:01", "23:59"]),
    ],
)
def test_the_start_belongs_to_it_and_the_end_does_not(text: str, quiet: list[str], loud: list[str]) -> None:
    hours = QuietHours.parse(text)
    assert hours is not None
    assert str(hours) == text.replace(" ", "")
    for times, wanted in ((quiet, True), (loud, False)):
        for time in times:
            hour, minute = time.split(":")
            assert hours.holds(60 * int(hour) + int(minute)) is wanted, time


@pytest.mark.parametrize(
    "text",
    ["", "23:00", "23-07", "24:00-07:00", "23:60-07:00", "08:00-08:00", "8:00-9:00", "23:00-07:00\n1", "٢٣:00-07:00"],
)
def test_anything_else_is_none(text: str) -> None:
    assert QuietHours.parse(text) is None
