"""Which system calls can change something on disk: their numbers, and where their arguments name a file.

A number of None means that the architecture has no such call.
"""

import os
import platform
from dataclasses import dataclass
from functools import cache

AT_FDCWD = -100
_FCNTL_READS = frozenset({1, 3})  # F_GETFD, F_GETFL
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a call names its file: by an open file, or by a folder (None: the current one) and a name in memory."""

    x86_64: int | None
    aarch64: int | None
    descriptor: int | None = None
    folder: int | None = None
    name: int | None = None

    @property
    def number(self) -> int | None:
        """The number of the call on this machine."""
        return {"x86_64": self.x86_64, "aarch64": self.aarch64}.get(platform.machine())


def _fd(x86_64: int, aarch64: int) -> Shape:
    return Shape(x86_64, aarch64, descriptor=0)


def _at(x86_64: int, aarch64: int | None, folder: int = 0) -> Shape:
    return Shape(x86_64, aarch64, folder=folder, name=folder + 1)


def _named(x86_64: int) -> Shape:
    return Shape(x86_64, None, name=0)


# Calls that change something whatever their arguments are.
CHANGING = {
    "write": _fd(1, 64), "pwrite64": _fd(18, 68), "writev": _fd(20, 66), "pwritev": _fd(296, 70),
    "pwritev2": _fd(328, 287), "sendfile": _fd(40, 71), "copy_file_range": Shape(326, 285, descriptor=2),
    "fsync": _fd(74, 82), "fdatasync": _fd(75, 83), "syncfs": _fd(306, 267), "fallocate": _fd(285, 47),
    "truncate": Shape(76, 45, name=0), "ftruncate": _fd(77, 46),
    "rename": _named(82), "renameat": _at(264, 38), "renameat2": _at(316, 276),
    "unlink": _named(87), "unlinkat": _at(263, 35), "rmdir": _named(84),
    "mkdir": _named(83), "mkdirat": _at(258, 34), "creat": _named(85),
    "link": _named(86), "linkat": _at(265, 37), "symlink": Shape(88, None, name=1), "symlinkat": _at(266, 36, 1),
    "chmod": _named(90), "fchmod": _fd(91, 52), "fchmodat": _at(268, 53),
    "chown": _named(92), "fchown": _fd(93, 55), "lchown": _named(94), "fchownat": _at(260, 54),
    "utimensat": _at(280, 88), "setxattr": Shape(188, 5, name=0), "lsetxattr": Shape(189, 6, name=0),
    "fsetxattr": _fd(190, 7), "removexattr": Shape(197, 14, name=0), "fremovexattr": _fd(199, 16),
}  # fmt: skip

# Calls that change something with some arguments.
SOMETIMES = {"openat": _at(257, 56), "open": _named(2), "fcntl": _fd(72, 25), "flock": _fd(73, 32)}

# Calls that only look; a fault of theirs must not be taken for an answer.
LOOKING = {
    "read": _fd(0, 63), "pread64": _fd(17, 67), "getdents64": _fd(217, 61), "newfstatat": _at(262, 79),
    "fstat": _fd(5, 80), "stat": _named(4), "lstat": _named(6), "readlink": _named(89), "readlinkat": _at(267, 78),
    "listxattr": Shape(194, 11, name=0), "llistxattr": Shape(195, 12, name=0), "flistxattr": _fd(196, 13),
    "getxattr": Shape(191, 8, name=0), "lgetxattr": Shape(192, 9, name=0), "fgetxattr": _fd(193, 10),
    "access": _named(21),
    "faccessat": _at(269, 48), "faccessat2": _at(439, 439),
}  # fmt: skip

ALL = {**CHANGING, **SOMETIMES, **LOOKING}


@cache
def by_number() -> dict[int, str]:
    """The names of the calls of this machine; empty on an architecture whose numbers nobody entered."""
    return {shape.number: name for name, shape in ALL.items() if shape.number is not None}


def changes(name: str, arguments: tuple[int, ...]) -> bool:
    """Tell whether a call changes something: a file, a lock, a lease."""
    if name == "openat":
        return bool(arguments[2] & _WRITING)
    if name == "open":
        return bool(arguments[1] & _WRITING)
    if name == "fcntl":
        return arguments[1] not in _FCNTL_READS
    return name not in LOOKING
