"""The readers of logs, kept from look to look, so that what was read once is not read and parsed again."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clawmend.core.attribution import Log
    from clawmend.system.log_reader import LogReader

_MOST = 64


class LogReaders:
    """The readers of all logs by path and owner. None is loaded where nobody has a log."""

    def __init__(self) -> None:
        self._readers: dict[tuple[str, int], LogReader] = {}

    def look(self, path: str, owner: int, now: float) -> "tuple[LogReader, Log]":
        """Read on in a log, and return its reader with all that is known. `now` is in seconds since the epoch.

        Whoever reads on knows no less than whoever comes new: where something is missing (the log of a day was
        deleted, a full one emptied), all that is there is read anew.
        """
        from clawmend.system.log_reader import LogReader  # noqa: PLC0415 - a home without OpenClaw has no log

        kept = self._readers.pop((path, owner), None)
        reader = kept or LogReader(path, owner)
        log = reader.look(now)
        if kept is not None and not reader.complete:
            reader = LogReader(path, owner)
            log = reader.look(now)
        if reader.since is not None:
            self._readers[path, owner] = reader
        if len(self._readers) > _MOST:
            del self._readers[next(iter(self._readers))]  # the one that nobody has asked for longest
        return reader, log
