"""The log of the daemon: a rotated file of its own and standard error, without a secret in either.

    <state>/logs/clawmend.log   0600 in 0700, at most 2 MiB, with five older ones beside it

Under journald a line of standard error carries its priority instead of a time. Every text passes the masker, tracebacks
too: they are written without the values of variables, and libraries that log by themselves are led through here.
"""

import logging
import os
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC
from typing import Any, TextIO

from loguru import logger

from clawmend.core.errors import ClawmendError
from clawmend.core.frozen import dataclass
from clawmend.core.operation import LogFormat, LogLevel
from clawmend.core.printable import one_line, printable
from clawmend.core.secret import Masker
from clawmend.system.durable import private_folder
from clawmend.system.sentences import why

_NAME = "clawmend.log"
_MOST_BYTES = 2 * 2**20
_KEPT = 5
_PRIORITIES = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3}
_LINE = "line"
_TRACEBACK = "traceback"


@dataclass(frozen=True, slots=True)
class Channels:
    """Where lines go: the state folder (None: no file), and a stream with whether journald reads it (None: no stream).

    On macOS launchd keeps what a service prints in a file that nobody rotates, so a service there has no stream.
    """

    state: str | None
    stream: TextIO | None = None
    journald: bool = False

    @classmethod
    def of_process(cls, state: str, environment: Mapping[str, str], *, quiet: bool = False) -> "Channels":
        """The channels of this process; `quiet` leaves standard error alone."""
        return cls(state, None if quiet else sys.stderr, is_read_by_journald(environment))


class Log:
    """Writes lines. `masker` is replaced whenever more secrets are known; `close` gives everything back.

    loguru has one logger for the whole process, so only one Log may be open at a time. The methods are not called as
    those of the standard library, because they are none: a message is no template.
    """

    def __init__(
        self,
        channels: Channels,
        masker: Masker,
        *,
        level: LogLevel = LogLevel.INFO,
        form: LogFormat = LogFormat.TEXT,
    ) -> None:
        self._channels = channels
        self.masker = masker
        self._silent = False
        self._bridge = _Bridge(self)
        logging.getLogger().addHandler(self._bridge)
        self.change(level, form)

    @property
    def path(self) -> str | None:
        """The file that is written now."""
        return os.path.join(self._channels.state, "logs", _NAME) if self._channels.state else None

    def change(self, level: LogLevel, form: LogFormat) -> None:
        """Write from this level on and in this format."""
        self._release()
        name = level.name
        channels, journald = self._channels, self._channels.journald
        if channels.stream is not None:
            shape = _Shape(form, journald=journald)
            logger.add(channels.stream, level=name, format=shape, colorize=False, catch=False, **_PLAIN)
        if self.path is None:
            return
        try:
            private_folder(os.path.dirname(self.path))
            logger.add(
                self.path,
                level=name,
                format=_Shape(form),
                rotation=_MOST_BYTES,
                retention=_KEPT,
                opener=_private,
                encoding="utf-8",
                errors="backslashreplace",
                catch=False,
                **_PLAIN,
            )
        except OSError as error:
            self._fall_silent(error)

    def detail(self, message: str, **fields: object) -> None:
        """Something for whoever looks for a mistake of ours."""
        self._write("DEBUG", message, fields)

    def note(self, message: str, **fields: object) -> None:
        """Something that happened as it should."""
        self._write("INFO", message, fields)

    def caution(self, message: str, **fields: object) -> None:
        """Something that a person may want to know."""
        self._write("WARNING", message, fields)

    def failure(self, message: str, error: BaseException | None = None, **fields: object) -> None:
        """Something that did not work; of an `error` that is not a person's to mend, the way to it as well."""
        if error is not None and not isinstance(error, ClawmendError):
            fields = {**fields, _TRACEBACK: "".join(traceback.format_exception(error))}
        self._write("ERROR", message, fields)

    def close(self) -> None:
        """Write nothing more."""
        logging.getLogger().removeHandler(self._bridge)
        self._release()

    def _write(self, level: str, message: str, fields: Mapping[str, object]) -> None:
        clean = self.masker.clean
        texts = {name: one_line(clean(str(value))) for name, value in fields.items() if name != _TRACEBACK}
        if _TRACEBACK in fields:
            texts[_TRACEBACK] = printable(clean(str(fields[_TRACEBACK]))).rstrip("\n")
        try:
            logger.bind(fields=texts).opt(raw=False).log(level, "{}", one_line(clean(message)))
        except (OSError, ValueError) as error:  # a full disk; a stream that was closed
            self._fall_silent(error)

    def _release(self) -> None:
        try:
            logger.remove()
        except OSError as error:  # what a full disk has not taken yet is written when the file is closed
            self._fall_silent(error)

    def _fall_silent(self, error: Exception) -> None:
        """Say once, where it still can be said, that the file takes no more; the daemon itself goes on."""
        if self._silent or self._channels.stream is None:
            return
        self._silent = True
        reason = why(error) if isinstance(error, OSError) else "was closed"
        print(f"clawmend: nothing is logged to {self.path}: it {reason}", file=self._channels.stream)


_PLAIN: Any = {"backtrace": False, "diagnose": False}


class _Shape:
    """Makes the line of a record."""

    def __init__(self, form: LogFormat, *, journald: bool = False) -> None:
        self._form = form
        self._journald = journald

    def __call__(self, record: Any) -> str:
        """Put the finished line where the returned template finds it: what a message holds is no template."""
        fields: dict[str, str] = record["extra"].get("fields", {})
        made = _json if self._form is LogFormat.JSON else _text
        text = made(record, fields, timed=not self._journald)
        if self._journald:
            mark = f"<{_PRIORITIES[record['level'].name]}>"
            text = "\n".join(mark + line for line in text.split("\n"))
        record["extra"][_LINE] = text
        return f"{{extra[{_LINE}]}}\n"


def _text(record: Any, fields: Mapping[str, str], *, timed: bool) -> str:
    words = [f"{name}={value}" for name, value in fields.items() if name != _TRACEBACK]
    text = " ".join([record["message"], *words])
    if timed:
        text = f"{record['time'].isoformat(timespec='milliseconds')} {record['level'].name:<7} {text}"
    return f"{text}\n{fields[_TRACEBACK]}" if _TRACEBACK in fields else text


def _json(record: Any, fields: Mapping[str, str], *, timed: bool) -> str:
    import orjson  # noqa: PLC0415 - only on request

    del timed  # whoever reads JSON reads every line the same way
    moment = record["time"].astimezone(UTC).isoformat(timespec="milliseconds")
    document = {"time": moment, "level": record["level"].name.lower(), "message": record["message"], **fields}
    return orjson.dumps(document).decode()


class _Bridge(logging.Handler):
    """Leads what libraries log by themselves (APScheduler tells of a job that failed) through the masker."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler.emit."""
        message = f"{record.name}: {record.getMessage()}"
        if record.levelno >= logging.ERROR:
            self._log.failure(message, record.exc_info[1] if record.exc_info else None)
        else:
            self._log.caution(message)


def is_read_by_journald(environment: Mapping[str, str]) -> bool:
    """Tell whether standard error of this process leads to journald; JOURNAL_STREAM names its device and inode."""
    device, _, inode = environment.get("JOURNAL_STREAM", "").partition(":")
    try:
        status = os.fstat(2)
    except OSError:
        return False
    return (device, inode) == (str(status.st_dev), str(status.st_ino))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
