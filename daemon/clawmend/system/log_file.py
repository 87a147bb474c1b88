"""Reading a log that others write, from where the last look ended: in pieces, whole lines only, never blocking.

Logs lie in /tmp, where everybody may put things: only a regular file is read, of the owner of the state folder or of
root, that nobody else may write, and no link that somebody else made is followed.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from clawmend.core.log_lines import LONGEST_LINE
from clawmend.system.sentences import why

MOST_AT_ONCE = 2**20  # bytes; of what is more, the last ones
_PIECE = 2**16
_REMEMBERED = 64  # bytes before the place where the last look ended: a file that was begun anew has others there
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | getattr(os, "O_NOCTTY", 0)


class UntrustedError(Exception):
    """There is something that is not to be read; the text ends a sentence that begins with its path."""


def is_private(folder: str, owner: int) -> bool:
    """Whether a folder for temporary files is one that OpenClaw itself would use: its user's, writable by no other."""
    try:
        status = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == owner and not status.st_mode & 0o022


@contextmanager
def opened(path: str, owner: int) -> Iterator[tuple[int, os.stat_result]]:
    """Open a log for reading. Raises OSError when it is not there, UntrustedError when it is not to be read."""
    descriptor = _open(path, owner)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise UntrustedError("is a directory")
        if not stat.S_ISREG(status.st_mode):
            raise UntrustedError("is not a regular file")
        if status.st_uid not in {owner, 0}:
            raise UntrustedError("belongs to another user")
        if status.st_mode & stat.S_IWOTH:
            raise UntrustedError("may be written by everybody, so that nobody knows who wrote it")
        yield descriptor, status
    finally:
        os.close(descriptor)


def _open(path: str, owner: int) -> int:
    """A link is followed when the owner or root made it, which nobody else can exchange for another."""
    if os.path.islink(path):
        if os.lstat(path).st_uid not in {owner, 0}:
            raise UntrustedError("is a symbolic link that another user made")
        return os.open(path, _FLAGS)
    return os.open(path, _FLAGS | os.O_NOFOLLOW)


@dataclass(slots=True)
class _Place:
    """Where the last look ended: in which file, at which byte, after which bytes, with the begin of which line.

    `skipping`: the line that is begun is too long, or its begin was not read, and the rest of it is of no use.
    """

    file: tuple[int, int]
    offset: int
    before: bytes = b""
    begun: bytes = b""
    skipping: bool = False


class Tail:
    """The lines that were appended to a file since the last look.

    `problem` ends a sentence when the file is there and could not be read. `gap` is True when something is missing
    before the next line; who reads the lines sets it to False when that line has begun a new account. `whole` is
    False once anything of the file was not read. `lost` is True once the place where a look ended was not found
    again: what is there may have been read before, or not. `file` counts the files that were read one after the other.
    """

    def __init__(self, path: str, owner: int) -> None:
        self.path = path
        self.problem: str | None = None
        self.gap = True
        self.whole = True
        self.lost = False
        self.file = 0
        self._owner = owner
        self._place: _Place | None = None
        self._begun = False

    def lines(self) -> Iterator[bytes]:
        """Read what is new. An absent file has nothing new."""
        self.problem = None
        try:
            with opened(self.path, self._owner) as (descriptor, status):
                yield from self._rest_of_renamed(status)
                yield from self._new_lines(descriptor, status)
        except FileNotFoundError:
            yield from self._rest_of_renamed(None)
        except NotADirectoryError:
            return
        except UntrustedError as error:
            self.problem = str(error)
        except OSError as error:
            self.problem = why(error)
        except ValueError:  # a zero byte, or half a character from a setting
            self.problem = "is a name that no file can have"

    @property
    def renamed(self) -> tuple[str, str]:
        """What rotation calls the file when it begins a new one: OpenClaw's way, and everybody else's."""
        root, extension = os.path.splitext(self.path)
        return f"{root}.1{extension}", f"{self.path}.1"

    def _lose(self) -> None:
        self.gap, self.whole = True, False

    def _lose_place(self) -> None:
        self._lose()
        self.lost = True

    def _rest_of_renamed(self, status: os.stat_result | None) -> Iterator[bytes]:
        """Rotation renames the file: what was appended to it last is read under its new name."""
        place = self._place
        if place is None or (status is not None and place.file == _file(status)):
            return
        for name in self.renamed:
            try:
                with opened(name, self._owner) as (descriptor, renamed):
                    if _file(renamed) == place.file:
                        yield from self._new_lines(descriptor, renamed)
                        break
            except (OSError, UntrustedError):
                continue
        else:
            self._lose_place()  # it is gone, with whatever was appended to it last
        self._place = None

    def _new_lines(self, descriptor: int, status: os.stat_result) -> Iterator[bytes]:
        place = self._place
        if place is not None and (place.offset > status.st_size or not _continues(descriptor, place)):
            self._lose_place()
            place = None
        if place is None:
            place = self._place = _Place(_file(status), 0)
            self.file += 1
        if not self._begun:  # what was rotated away before the first look is not read
            self._begun, self.whole = True, not any(map(os.path.lexists, self.renamed))
        if status.st_size - place.offset > MOST_AT_ONCE:
            place = self._place = _Place(_file(status), status.st_size - MOST_AT_ONCE, skipping=True)
            self._lose()
        while place.offset < status.st_size:
            piece = os.pread(descriptor, min(_PIECE, status.st_size - place.offset), place.offset)
            if not piece:
                break
            place.offset += len(piece)
            place.before = (place.before + piece)[-_REMEMBERED:]
            yield from self._split(place, piece)

    def _split(self, place: _Place, piece: bytes) -> Iterator[bytes]:
        first, *others = piece.split(b"\n")
        place.begun = b"" if place.skipping else place.begun + first
        for other in others:
            if not place.skipping:
                yield from self._whole(place.begun)
            place.begun, place.skipping = other, False
        if len(place.begun) > LONGEST_LINE:
            place.begun, place.skipping = b"", True
            self._lose()

    def _whole(self, line: bytes) -> Iterator[bytes]:
        if len(line) > LONGEST_LINE:
            self._lose()
        elif line:
            yield line


def _file(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _continues(descriptor: int, place: _Place) -> bool:
    """Whether the bytes before the place are those that were there: the file may have been emptied and refilled."""
    return os.pread(descriptor, len(place.before), place.offset - len(place.before)) == place.before
