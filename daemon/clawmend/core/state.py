"""The state of one file: a closed family of values, and being absent is one of them."""

from dataclasses import field
from typing import assert_never

from clawmend.core.document import Document, Json
from clawmend.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """What the file system says of a file: enough to put it back and to tell two files apart.

    `mode` are the permission bits, `mtime_ns` nanoseconds since the epoch, `size` bytes. `attributes` are extended
    attributes (name, value), filled in only for a checkpoint.
    """

    device: int
    inode: int
    mode: int
    uid: int
    gid: int
    size: int
    mtime_ns: int
    links: int = 1
    attributes: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """There is nothing at this path."""

    path: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something is there and we cannot look at it, or cannot judge it: never a reason to change it.

    `dangling`: it is a symbolic link whose target is not there.
    """

    path: str
    problem: str
    remedy: str
    dangling: bool = False


@dataclass(frozen=True, slots=True)
class Malformed:
    """The bytes were read and do not parse the way the owner of the file parses them."""

    path: str
    identity: Identity
    data: bytes = field(repr=False)  # may hold secrets, which must not get into a traceback
    problem: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """The bytes were read and parsed."""

    path: str
    identity: Identity
    data: bytes = field(repr=False)
    document: Document


FileState = Absent | Unreadable | Malformed | Parsed
Readable = Malformed | Parsed


def value_of(state: FileState) -> Json:
    """Return the parsed value, or None when there is none to be had."""
    return state.document.value if isinstance(state, Parsed) else None


def bytes_of(state: FileState) -> bytes | None:
    """Return the bytes that were read; None for an absent or unreadable file."""
    match state:
        case Parsed() | Malformed():
            return state.data
        case Absent() | Unreadable():
            return None
        case _:
            assert_never(state)


def object_at(value: Json, *names: str) -> dict[str, Json]:
    """Walk down by member names; an empty dict wherever the way ends in something that is no object."""
    for name in names:
        if not isinstance(value, dict):
            return {}
        value = value.get(name)
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Found:
    """Raw bytes, before anybody judged them."""

    path: str
    identity: Identity
    data: bytes = field(repr=False)


Contents = Absent | Unreadable | Found
