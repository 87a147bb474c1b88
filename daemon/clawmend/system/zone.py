"""The time zone of this computer, also for moments on the other side of a change to summer time."""

import time
from datetime import datetime, timedelta, tzinfo


class LocalZone(tzinfo):
    """What the C library says. Only for moments that are told, never for such as are read."""

    def fromutc(self, dt: datetime) -> datetime:
        """Shift a moment that was made of a timestamp to local time."""
        seconds = (dt.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - both are UTC
        return dt + timedelta(seconds=time.localtime(seconds).tm_gmtoff)

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """Nobody asks; a moment is shifted as a whole."""
        del dt
        return None

    def dst(self, dt: datetime | None) -> timedelta | None:
        """As utcoffset."""
        del dt
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """As utcoffset."""
        del dt
        return None


LOCAL = LocalZone()
