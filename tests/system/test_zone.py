"""Local time, on both sides of a change to summer time."""

import time
from datetime import datetime

import pytest

from clawmend.core.local_time import clock_time
from clawmend.system.zone import LOCAL

SUMMER, WINTER = 1_793_491_200.0, 1_795_500_000.0  # 2026-11-01 00:00 UTC, in New York still summer; 2026-11-24 06:00


@pytest.mark.parametrize(
    ("zone", "summer", "winter"),
    [
        ("UTC0", "2026-11-01 00:00", "06:00"),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-10-31 20:00", "01:00"),
        ("CST-8", "2026-11-01 08:00", "14:00"),
    ],
)
def test_a_moment_is_told_as_the_clock_on_the_wall_shows_it(
    monkeypatch: pytest.MonkeyPatch, zone: str, summer: str, winter: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert clock_time(SUMMER, WINTER, LOCAL) == summer
        assert clock_time(WINTER, WINTER, LOCAL) == winter
    finally:
        monkeypatch.undo()
        time.tzset()


def test_it_has_no_offset_of_its_own() -> None:
    moment = datetime.fromtimestamp(0, LOCAL)
    assert (moment.utcoffset(), moment.dst(), moment.tzname()) == (None, None, None)
