"""Times for people: the moment as their clock shows it, and how long ago that was."""

import time

_STEPS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def moment(seconds: float) -> str:
    """A time since the epoch as local date and time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def age(seconds: float) -> str:
    """A length of time in one or two steps: `3 d 4 h`, `12 min`, `0 s`. Less than nothing is nothing."""
    words: list[str] = []
    left = max(0, int(seconds))
    for size, name in _STEPS:
        count, left = divmod(left, size)
        if count or (name == "s" and not words):
            words.append(f"{count} {name}")
        if len(words) == 2 or (words and name == "min"):
            break
    return " ".join(words)
