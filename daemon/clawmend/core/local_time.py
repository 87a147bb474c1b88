"""Moments as the person's clock shows them; the zone is part of the look, as nothing here asks the machine."""

from datetime import datetime, tzinfo


def clock_time(moment: float, now: float, zone: tzinfo) -> str:
    """A moment in seconds since the epoch: "14:05", with its date when that is another one than now's."""
    there, here = datetime.fromtimestamp(moment, zone), datetime.fromtimestamp(now, zone)
    return there.strftime("%H:%M" if there.date() == here.date() else "%Y-%m-%d %H:%M")
