"""The process whose power is cut: it repairs and undoes five files without end, on a disk that is copied meanwhile.

Arguments: the folder of the disk, a file outside of it for the phase, and who writes: `clawmend`, or one of the two
careless writers `rename` (a temporary file without fsync) and `truncate` (in place). Its standard input is the leash:
it ends when that ends.
"""

import ctypes
import itertools
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from faults.five import VERSION, Contents, clawmend, lay, new, old

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def main(disk: Path, phases: Path, writer: str) -> None:
    """Work until killed."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    home, where = disk / "home", ("--home", str(disk / "home"), "--state-dir", str(disk / "state"))
    new()
    note = os.open(phases, os.O_WRONLY | os.O_CREAT, 0o600)

    def phase(name: str, number: int) -> None:
        os.pwrite(note, f"{name:<9}{number:>7}\n".encode(), 0)

    lay(home, old(0), durable=True)
    if writer != "clawmend":
        phase("careless", 0)
        _careless(home, writer)
    for number in itertools.count(1):
        phase("breaking", number)
        lay(home, old(number), durable=True)
        for name, done, words in (
            ("repairing", "repaired", ("repair", *where, *VERSION)),
            ("undoing", "undone", ("undo", *where)),
        ):
            phase(name, number)
            answer = clawmend(*words)
            if answer.code != 0:
                raise SystemExit(f"{name} in round {number} ended with {answer.code}: {answer.said}")
            phase(done, number)


def _careless(home: Path, writer: str) -> NoReturn:
    """What clawmend does, without its care."""
    while True:
        for wanted in (new(0), dict(old(0))):
            _write(home, wanted, writer)


def _write(home: Path, wanted: Contents, writer: str) -> None:
    for name, data in wanted.items():
        path = home / name
        if data is None:
            path.unlink()
        elif writer == "truncate":
            path.write_bytes(data)
        else:
            temporary = path.with_name(f"{path.name}.tmp")
            temporary.write_bytes(data)
            temporary.rename(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
