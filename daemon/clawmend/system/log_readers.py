"""The readers of logs, kept from look to look, so that what was read once is not read and parsed again."""

from typing import Any

_MOST = 64
_UNUSED = 2 * 86_400.0  # seconds; what the log of an earlier day told counts no longer


class LogReaders:
    """Keeps readers by path and owner. What a reader is, only who reads knows: a home without OpenClaw has no log."""

    def __init__(self) -> None:
        self._readers: dict[tuple[str, int], tuple[Any, float]] = {}
        self._now = float("-inf")

    def take(self, path: str, owner: int, now: float) -> Any | None:
        """The reader of a path, which remembers where it was; None when there is none. `now` as in `keep`."""
        if now < self._now:
            self._readers.clear()  # the clock was set back: what came to an end by the other clock, did not
        self._now = now
        while self._readers and now - next(iter(self._readers.values()))[1] > _UNUSED:
            del self._readers[next(iter(self._readers))]
        return self._readers.pop((path, owner), (None, now))[0]

    def keep(self, path: str, owner: int, reader: object, now: float) -> None:
        """Keep it until somebody asks for it, for two days. `now` is in seconds since the epoch."""
        self._readers[path, owner] = reader, now
        if len(self._readers) > _MOST:
            del self._readers[next(iter(self._readers))]  # the one that nobody has asked for longest
