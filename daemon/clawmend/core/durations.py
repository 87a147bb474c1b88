"""Spans of time as people write and read them: `90s`, `30m`, `2h`, `1d`, and "4 min"."""

import re

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_SPAN = re.compile(r"\s*(\d{1,6})\s*([smhdw])\s*", re.IGNORECASE)


def seconds_in(text: str) -> float | None:
    """Read a span like `30m`, `2h` or `1h30m`; None for what is none, and for nothing."""
    total, end = 0.0, 0
    while end < len(text):
        found = _SPAN.match(text, end)
        if found is None:
            return None
        total += int(found[1]) * _UNITS[found[2].lower()]
        end = found.end()
    return total or None


def span(seconds: float) -> str:
    """Say how long something took or lasts, in one unit or two: "0.03 s", "45 s", "4 min", "2 h 5 min", "3 d 4 h"."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.2f} s".replace(".00 s", " s")
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86_400:
        minutes = whole % 3600 // 60
        return f"{whole // 3600} h {minutes} min" if minutes else f"{whole // 3600} h"
    hours = whole % 86_400 // 3600
    return f"{whole // 86_400} d {hours} h" if hours else f"{whole // 86_400} d"
