"""Standard output and standard error, whose reader may go: `clawmend explain OC101 | head -5`.

Whoever closes a pipe has read enough, and that is no failure of the command. Most programs in C are ended by SIGPIPE
then (141 under `set -o pipefail`), and Python's manual advises 1; but here 1 says that findings remain, 2 always comes
with a sentence (cli.md), and whether `head` has gone before the last byte is a matter of chance. Scripts depend on the
code, and it is known at the end of a command only. So the rest of what it says goes nowhere, it does to its end what it
has begun, and its code is the one that it has with a reader. What would go on for ever ends with its reader.

A stream that cannot be written for another reason (its disk is full) ends nothing in the middle of a repair either; but
whoever wanted the output does not have it, so the command fails at its end, with a sentence: see `end_output`.
"""

import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Any

from clawmend.core.errors import ClawmendError


class _Patient(FileIO):
    """One of the streams of the process; after its reader has gone what is written goes nowhere.

    `lost` is why something could not be written, though there is a reader.
    """

    raises = False
    lost: OSError | None = None

    def write(self, data: Any, /) -> Any:
        """As FileIO does it."""
        try:
            return super().write(data)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            if self.raises:
                raise
            return super().write(data)
        except OSError as error:
            self.lost = self.lost or error
            if self.raises:
                self.raises = False  # what is left in the buffer is flushed once more at the end
                raise BrokenPipeError from error
            return len(data)  # there may be room for the next line


def outlive_the_reader() -> None:
    """From now on a reader that goes ends nothing. A service may have been started with a stream closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            raw = _Patient(stream.fileno(), "w", closefd=False)
            patient = TextIOWrapper(
                BufferedWriter(raw),
                stream.encoding,
                stream.errors,
                line_buffering=stream.line_buffering,
                write_through=stream.write_through,
            )
            setattr(sys, name, patient)


def ends_with_its_reader() -> None:
    """From now on a write to a reader that has gone, or for which there is no room, raises: nobody wants more."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, _Patient):
        raw.raises = True


def end_output() -> None:
    """Flush standard output; ClawmendError when it does not hold all that was said, although its reader wants it."""
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, _Patient) and raw.lost is not None:
        raise ClawmendError(f"the output could not be written: {raw.lost.strerror or 'unknown error'}")
