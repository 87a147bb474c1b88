"""Writing a report where the person wants it: a new file, for its owner only, and never among the files we watch."""

import os

from clawmend.core.errors import ClawmendError
from clawmend.system.durable import flush, write_all
from clawmend.system.sentences import as_sentence

_NOT_OURS = (".openclaw", ".claude")


def refuse_their_folders(path: str, home: str) -> None:
    """ClawmendError when a file would lie in a folder of OpenClaw or Claude Code."""
    folder = os.path.realpath(os.path.dirname(path) or ".")
    for name in _NOT_OURS:
        theirs = os.path.realpath(os.path.join(home, name))
        if os.path.commonpath((folder, theirs)) == theirs:
            raise ClawmendError(f"{folder} is no place for files of clawmend", "name another one")


def write_report(path: str, text: str, home: str) -> None:
    """Write it; ClawmendError when something is there already, or it cannot be written."""
    refuse_their_folders(path, home)
    with as_sentence("write", path):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(path, flags, 0o600)
        except FileExistsError as error:
            raise ClawmendError(
                f"there already is a file {path}; it was left as it is", "name another one with --output"
            ) from error
        try:
            write_all(descriptor, text.encode("utf-8", "backslashreplace"))
            flush(descriptor)
        except BaseException:
            os.unlink(path)
            raise
        finally:
            os.close(descriptor)
