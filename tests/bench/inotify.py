"""The kernel's own word of what happens in a folder, without a library between: for the benchmark's clock."""

import ctypes
import os
import select
import struct
import time
from dataclasses import dataclass
from typing import Self

OPEN, MOVED_TO = 0x20, 0x80
_EVENT = struct.Struct("iIII")
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a name in the folder of a watch, and when we were told."""

    watch: int
    mask: int
    name: str
    at: float


class Inotify:
    """Watches folders."""

    def __init__(self) -> None:
        self._file = _checked(_libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))

    def add(self, folder: str, mask: int) -> int:
        return _checked(_libc.inotify_add_watch(self._file, os.fsencode(folder), mask))

    def wait(self, seconds: float) -> list[Event]:
        """What is there to be told; nothing when nothing happens for so long."""
        if not select.select([self._file], [], [], seconds)[0]:
            return []
        data = os.read(self._file, 65_536)
        at = time.monotonic()
        found, place = [], 0
        while place < len(data):
            watch, mask, _, length = _EVENT.unpack_from(data, place)
            place += _EVENT.size
            name = data[place : place + length].rstrip(b"\0")
            place += length
            found.append(Event(watch, mask, os.fsdecode(name), at))
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._file)


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
