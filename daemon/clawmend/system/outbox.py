"""The outbox on disk: one small file per message, replaced atomically, so that a kill costs one attempt at most."""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import orjson

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.core.event import Event
from clawmend.core.notices import Notice
from clawmend.core.outbox import Delivery, Fate, Message, accepted, expired, is_forgotten, overtaken
from clawmend.system.durable import TEMPORARY_MARK, changing, private_folder, write_beside

_SCHEMA = 1
_LONGEST = 2**16
_SUFFIX = ".json"


class Outbox:
    """The messages in clawmend's state folder."""

    def __init__(self, state: str) -> None:
        self._folder = os.path.join(state, "outbox")

    def put(
        self, notices: Iterable[Notice], channels: Iterable[str], wanted: frozenset[Event], now: float
    ) -> tuple[Message, ...]:
        """Take in what is news; ClawmendError when it cannot be kept. What is overtaken by its end is given up."""
        known = {message.notice.key: message for message in self.all()}
        new = accepted(notices, known, channels, wanted)
        ended = frozenset(one.notice.ends for one in new if one.notice.ends is not None)
        for message in (*new, *overtaken((*known.values(), *new), ended)):
            self.keep(message)
        for message in known.values():
            if is_forgotten(message, now):
                self._remove(message)
        return new

    def all(self) -> tuple[Message, ...]:
        """Every message, in the order of their time; a file that makes no sense is passed over."""
        try:
            names = sorted(os.listdir(self._folder))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._error("read", error) from error
        found = (self._read(name) for name in names if name.endswith(_SUFFIX))
        return tuple(sorted((one for one in found if one is not None), key=lambda one: one.notice.time))

    def open_ones(self, now: float) -> tuple[Message, ...]:
        """The messages with something left to try; what has become too old is noted as given up."""
        found = []
        for message in self.all():
            current = expired(message, now)
            if current != message:
                self.keep(current)
            if current.is_open:
                found.append(current)
        return tuple(found)

    def keep(self, message: Message) -> None:
        """Write a message; ClawmendError when it cannot be written."""
        path = self._path(message)
        try:
            private_folder(self._folder)
            temporary = write_beside(path, orjson.dumps(_json(message)))
            with changing(self._folder):
                os.replace(temporary, path)
        except OSError as error:
            raise self._error("write", error) from error

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Be the only sender; BusyError when another one is at it."""
        private_folder(self._folder)
        try:
            descriptor = os.open(
                os.path.join(self._folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
            )
        except OSError as error:
            raise self._error("use", error) from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BusyError(
                    "another clawmend is sending notifications right now", "try again in a moment"
                ) from error
            self._sweep()
            yield
        finally:
            os.close(descriptor)

    def _sweep(self) -> None:
        """Remove what a kill has left of files that were never finished."""
        for name in os.listdir(self._folder):
            if TEMPORARY_MARK in name:
                with suppress(FileNotFoundError):
                    os.unlink(os.path.join(self._folder, name))

    def _remove(self, message: Message) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self._path(message))

    def _path(self, message: Message) -> str:
        key = hashlib.sha256(message.notice.key.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        return os.path.join(self._folder, f"{key}{_SUFFIX}")

    def _read(self, name: str) -> Message | None:
        try:
            with open(os.path.join(self._folder, name), "rb") as file:
                return _message(orjson.loads(file.read(_LONGEST)))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._error("read", error) from error
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def _error(self, what: str, error: OSError) -> ClawmendError:
        return ClawmendError(
            f"cannot {what} the outbox {self._folder}: {error.strerror}", "repairs go on; nobody is notified"
        )


def _json(message: Message) -> dict[str, Any]:
    notice = message.notice
    return {
        "schema": _SCHEMA,
        "key": notice.key,
        "event": notice.event.value,
        "time": notice.time,
        "title": notice.title,
        "lines": list(notice.lines),
        "ends": notice.ends,
        "deliveries": {
            mark: {
                "fate": each.fate.value,
                "attempts": each.attempts,
                "next_try": each.next_try,
                "at": each.at,
                "problem": each.problem,
            }
            for mark, each in message.deliveries.items()
        },
    }


def _message(value: dict[str, Any]) -> Message | None:
    """Read a message; KeyError and its like when it makes no sense."""
    if value["schema"] != _SCHEMA:
        return None
    lines, ends = value["lines"], value["ends"]
    notice = Notice(
        key=str(value["key"]),
        event=Event(value["event"]),
        time=float(value["time"]),
        title=str(value["title"]),
        lines=tuple(str(line) for line in lines),
        ends=None if ends is None else str(ends),
    )
    deliveries = {
        str(mark): Delivery(
            Fate(each["fate"]), int(each["attempts"]), float(each["next_try"]), float(each["at"]), str(each["problem"])
        )
        for mark, each in value["deliveries"].items()
    }
    return Message(notice, deliveries)
