"""The journal: an append-only file of JSON lines, each with a checksum, each on disk before the next step is taken.

    {"schema": 2, "event": "begin", ..., "check": "9f2c51d0a1b2c3d4"}

A line that a crash cut short is passed over: what it would have announced was never begun, and the line after it says
that it was cut. Any other line that makes no sense is damage: its bytes have changed since it was written. Lines of
schema 1 had no checksum; lines of a newer schema, and events that we do not know, are left alone.
"""

import hashlib
import os
from typing import Any

import orjson

from clawmend.core.errors import BackupError
from clawmend.core.frozen import dataclass
from clawmend.system.durable import adopt, flush, sync_folder, write_all
from clawmend.system.sentences import elsewhere

SCHEMA = 2
CHECK = "check"
_CHECKED = b',"check":"'


@dataclass(frozen=True, slots=True)
class Lines:
    """What the journal holds: readable records in order, the numbers of damaged lines, how many lines are newer."""

    records: tuple[dict[str, Any], ...]
    damaged: tuple[int, ...] = ()
    newer: int = 0


class Journal:
    """One journal file; it appears with the first record."""

    def __init__(self, path: str) -> None:
        self.path = path

    def append(self, *records: dict[str, Any]) -> None:
        """Write records durably, all of them or none; OSError as the system says it."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        folder = os.open(os.path.dirname(self.path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            descriptor = os.open(self.path, flags, 0o600)
            try:
                size = os.fstat(descriptor).st_size
                adopt(descriptor, folder)
                lines = b"".join(sealed({"schema": SCHEMA, **record}) for record in records)
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    first, *others = records
                    lines = b"\n" + sealed({"schema": SCHEMA, "torn": True, **first})
                    lines += b"".join(sealed({"schema": SCHEMA, **record}) for record in others)
                try:
                    write_all(descriptor, lines)
                    flush(descriptor)
                except OSError:
                    os.ftruncate(descriptor, size)  # what was not written whole must not be read
                    raise
            finally:
                os.close(descriptor)
            if not size:
                sync_folder(folder)
        finally:
            os.close(folder)

    def read(self) -> Lines:
        """Read every line; BackupError when the file is there and cannot be read."""
        try:
            with open(self.path, "rb") as file:
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return Lines(())
        except OSError as error:
            raise BackupError(
                f"cannot read the backups in {os.path.dirname(self.path)}: {error.strerror}",
                elsewhere(error) if isinstance(error, NotADirectoryError) else f"see who owns it: ls -ld {self.path}",
            ) from error
        return _sort(lines)


def _sort(lines: list[bytes]) -> Lines:
    records: list[dict[str, Any]] = []
    damaged: list[int] = []
    newer, bad = 0, 0
    for number, line in enumerate(lines[:-1], 1):  # what follows the last line end was never finished
        record = record_in(line)
        if bad and not (record and (record.get("torn") or record["schema"] == 1)):
            damaged.append(bad)
        bad = 0
        if record is None:
            bad = number
        elif record["schema"] > SCHEMA:
            newer += 1
        else:
            records.append(record)
    return Lines(tuple(records), (*damaged, bad) if bad else tuple(damaged), newer)


def sealed(record: dict[str, Any]) -> bytes:
    """The line of a record, with its checksum and its end."""
    text = orjson.dumps(record)[:-1]
    return text + _CHECKED + _checksum(text) + b'"}\n'


def _checksum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:16].encode()


def record_in(line: bytes) -> dict[str, Any] | None:
    """The record of a line; None when it was cut short or has changed since it was written."""
    try:
        record = orjson.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    schema = record.get("schema")
    if not isinstance(schema, int) or schema < 1:
        return None
    body, separator, seal = line.rpartition(_CHECKED)
    if (separator or schema == SCHEMA) and seal != _checksum(body) + b'"}':
        return None
    return record
