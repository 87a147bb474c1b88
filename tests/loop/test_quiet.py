"""Quiet hours in local time."""

import time

import pytest

from clawmend.core.operation import QuietHours
from clawmend.loop.quiet import quiet_until


def at(hour: int, minute: int = 0) -> float:
    return time.mktime((2026, 11, 28, hour, minute, 30, 0, 0, -1))


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [("23:00-07:00", (23, 30), (31, 0)), ("23:00-07:00", (6, 59), (7, 0)), ("23:00-07:00", (12, 0), None),
     ("13:00-14:15", (13, 0), (14, 15)), ("13:00-14:15", (14, 15), None)],
)  # fmt: skip
def test_they_hold_until_their_end(hours: str, now: tuple[int, int], end: tuple[int, int] | None) -> None:
    found = quiet_until(QuietHours.parse(hours), at(*now))
    if end is None:
        assert found is None
    else:
        assert found is not None
        assert found.until == at(*end) - 30
        assert found.words == hours[-5:]


def test_without_them_nothing_is_quiet() -> None:
    assert quiet_until(None, at(3)) is None
