"""The system refuses one call, or from one call on all of them; nothing is lost and the exit code tells the truth.

Every call of a run on a file of the home or of the state folder is refused once for every reason it can have.
"""

import pytest

from faults import syscalls
from faults.aftermath import Acts
from faults.stage import REPAIR, UNDO
from faults.sweep import Fault, error_sweep, share_of

pytestmark = pytest.mark.faults

_OPEN = frozenset({"openat", "open", "creat"})
_WRITE = frozenset({"write", "pwrite64", "writev", "pwritev", "pwritev2", "ftruncate", "fallocate", "copy_file_range"})
_SYNC = frozenset({"fsync", "fdatasync", "syncfs"})
_MOVE = frozenset({"rename", "renameat", "renameat2"})
_REMOVE = frozenset({"unlink", "unlinkat", "rmdir"})
_MAKE = frozenset({"mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat"})
_LOCK = frozenset({"flock", "fcntl"})
_LABEL = frozenset(syscalls.CHANGING) - _WRITE - _SYNC - _MOVE - _REMOVE - _MAKE

ONCE = [
    Fault("EIO", _OPEN | _WRITE | _SYNC | _MOVE | _REMOVE | _MAKE | _LABEL),
    Fault("ENOSPC", _OPEN | _WRITE | _SYNC | _MOVE | _MAKE | _LABEL),
    Fault("EACCES", _OPEN | _MOVE | _REMOVE | _MAKE | _LABEL),
    Fault("EROFS", _OPEN | _SYNC | _MOVE | _REMOVE | _MAKE | _LABEL),
    Fault("EMFILE", _OPEN),
    Fault("EBUSY", _MOVE | _REMOVE | _MAKE),
    Fault("EINVAL", _MOVE | _SYNC | _LABEL | _LOCK),
    Fault("EAGAIN", _LOCK),
]
FOR_GOOD = [
    Fault("ENOSPC", _OPEN | _WRITE | _SYNC | _MOVE | _MAKE | _LABEL, lasts=True),
    Fault("EIO", _OPEN | _WRITE | _SYNC | _MOVE | _REMOVE | _MAKE | _LABEL, lasts=True),
    Fault("EROFS", _OPEN | _WRITE | _SYNC | _MOVE | _REMOVE | _MAKE | _LABEL, lasts=True),
]
LOOKING = [
    Fault("EIO", frozenset({"openat", "open", "read", "getdents64"}), looking=True),
    Fault("EMFILE", frozenset({"openat", "open"}), looking=True),
]


@pytest.mark.parametrize("fault", ONCE, ids=str)
def test_a_call_of_a_repair_that_fails_once_loses_nothing(acts: Acts, fault: Fault) -> None:
    error_sweep(acts, acts.stage.lay, REPAIR, fault, share_of(0, 1)).close()


@pytest.mark.parametrize("fault", FOR_GOOD, ids=str)
def test_a_disk_that_fails_from_one_call_of_a_repair_on_loses_nothing(acts: Acts, fault: Fault) -> None:
    error_sweep(acts, acts.stage.lay, REPAIR, fault, share_of(0, 1)).close()


@pytest.mark.parametrize("fault", LOOKING, ids=str)
def test_a_look_of_a_repair_that_fails_once_is_not_taken_for_an_answer(acts: Acts, fault: Fault) -> None:
    every = 2 if fault.name == "EIO" else 4  # one thing that goes wrong is like another to whoever looks
    error_sweep(acts, acts.stage.lay, REPAIR, fault, share_of(0, every)).close()


@pytest.mark.parametrize("fault", [ONCE[0], FOR_GOOD[0]], ids=str)
def test_a_call_of_an_undo_that_fails_loses_nothing(acts: Acts, fault: Fault) -> None:
    def repaired() -> None:
        acts.stage.lay()
        assert acts.stage.run(*REPAIR, "-q").code == 0

    error_sweep(acts, repaired, UNDO, fault, share_of(0, 1)).close()
