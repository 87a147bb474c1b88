"""The history: receipts as lines of a journal, read from the end, because people ask for the newest.

Two files, `history.jsonl` and the one before it, `history.1.jsonl`: when the newer one has grown to 8 MB it takes the
place of the older one. A line is about 1 KB, so that some ten thousand receipts are at hand, and no more is ever read
than is asked for.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO

from clawmend.core.errors import ClawmendError
from clawmend.core.receipt import UNDO, Receipt, receipt_json, receipt_of
from clawmend.system.durable import changing, private_folder
from clawmend.system.journal import Journal, record_in
from clawmend.system.sentences import elsewhere

_LONGEST_FILE = 8 * 2**20
_BLOCK = 2**16
_LONGEST_LINE = 2**20


class History:
    """The receipts in clawmend's state folder."""

    def __init__(self, state: str) -> None:
        self._state = state
        self.path = os.path.join(state, "history.jsonl")
        self._older = os.path.join(state, "history.1.jsonl")

    def append(self, receipt: Receipt) -> None:
        """Keep a receipt; ClawmendError when it cannot be kept."""
        try:
            private_folder(self._state)
            self._turn_over()
            Journal(self.path).append({"event": "receipt", **receipt_json(receipt)})
        except OSError as error:
            raise ClawmendError(
                f"the history in {self.path} cannot be written: {error.strerror}",
                "what was done stays done" if receipt.changed_something else elsewhere(error),
            ) from error

    def newest_first(self) -> Iterator[Receipt]:
        """Read the receipts from the newest on; ClawmendError when a file is there and cannot be read."""
        for path in (self.path, self._older):
            for line in _lines_from_the_end(path):
                receipt = receipt_of(record_in(line))
                if receipt is not None:
                    yield receipt

    def last(self, home: str) -> Receipt | None:
        """The newest receipt of a home that a look has left: an undo says nothing of what was found."""
        return next((one for one in self.newest_first() if one.home == home and one.by != UNDO), None)

    def _turn_over(self) -> None:
        try:
            if os.stat(self.path).st_size < _LONGEST_FILE:
                return
        except FileNotFoundError:
            return
        with changing(self._state):
            os.replace(self.path, self._older)


def _lines_from_the_end(path: str) -> Iterator[bytes]:
    """The lines of a file, last one first; what follows the last line end was never finished."""
    try:
        with open(path, "rb", opener=_openly) as file:
            yield from _backwards(file)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ClawmendError(f"the history {path} cannot be read: {error.strerror}", f"see: ls -l {path}") from error


def _openly(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)


def _backwards(file: BinaryIO) -> Iterator[bytes]:
    end = file.seek(0, os.SEEK_END)
    rest, finished = b"", False
    while end > 0:
        start = max(0, end - _BLOCK)
        file.seek(start)
        rest, *whole = (file.read(end - start) + rest).split(b"\n")
        end = start
        if whole and not finished:
            whole, finished = whole[:-1], True
        yield from reversed([line for line in whole if line])
        if len(rest) > _LONGEST_LINE:
            return  # no receipt is that long: this is no history
    if rest and finished:
        yield rest
