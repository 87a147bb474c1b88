"""The readers of logs, kept from look to look, so that what was read once is not read and parsed again."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clawmend.system.log_reader import LogReader

_MOST = 64


class LogReaders:
    """The readers of all logs by path and owner. None is loaded where nobody has a log."""

    def __init__(self) -> None:
        self._readers: dict[tuple[str, int], LogReader] = {}

    def get(self, path: str, owner: int) -> "LogReader":
        """The reader of a path, which remembers where it was."""
        from clawmend.system.log_reader import LogReader  # noqa: PLC0415 - a home without OpenClaw has no log

        reader = self._readers.pop((path, owner), None) or LogReader(path, owner)
        self._readers[path, owner] = reader
        if len(self._readers) > _MOST:
            del self._readers[next(iter(self._readers))]  # the one that nobody has asked for longest
        return reader
