"""From bytes to a state: reading a file and parsing it the way its owner parses it."""

from clawmend.core.document import Document, LimitError, MalformedError, Syntax
from clawmend.core.state import Absent, FileState, Found, Malformed, Parsed, Unreadable
from clawmend.system.files import Files
from clawmend.system.machine import Clock

# A file that is written in place can be seen half written; one that was touched this recently is looked at again.
_SETTLING_SECONDS = 10.0
_PAUSES = (0.2, 0.8)


def load(files: Files, path: str, syntax: Syntax) -> FileState:
    """Read and parse one file once."""
    match files.read(path):
        case Absent() | Unreadable() as state:
            return state
        case Found() as found:
            return judge(found, syntax)


def load_settled(
    files: Files, path: str, syntax: Syntax, clock: Clock, pauses: tuple[float, ...] = _PAUSES
) -> FileState:
    """Read and parse; a malformed file that was touched just now may be half written and is read again, a few times.

    OpenClaw 2026.3.2 writes models.json in place, and Claude Code rewrites a torn file from memory within seconds.
    """
    state = load(files, path, syntax)
    for pause in pauses:
        if not isinstance(state, Malformed) or clock.now() - state.identity.mtime_ns / 1e9 > _SETTLING_SECONDS:
            break
        clock.sleep(pause)
        state = load(files, path, syntax)
    return state


def judge(found: Found, syntax: Syntax) -> FileState:
    """Parse bytes that were read."""
    try:
        document = Document.parse(found.data, syntax)
    except MalformedError as error:
        problem = f"{error.reason} (line {error.line}, column {error.column})"
        return Malformed(found.path, found.identity, found.data, problem)
    except LimitError as error:
        return Unreadable(found.path, f"cannot be judged: {error.reason}", "look at it by hand")
    return Parsed(found.path, found.identity, found.data, document)
