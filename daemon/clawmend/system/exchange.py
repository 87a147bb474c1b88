"""Renames that plain POSIX has not: swapping two files, and taking a name only if it is free.

Linux has renameat2 (RENAME_EXCHANGE, RENAME_NOREPLACE) on ext4, xfs, btrfs, tmpfs and overlay, macOS renameatx_np
(RENAME_SWAP, RENAME_EXCL) on APFS. After a swap, what was displaced can be compared and, if it is not what was
expected, put back: nothing is overwritten unseen. Where the system or the file system has neither, both functions
say so and the caller does the next best thing.
"""

import ctypes
import errno
import os
import sys
from functools import cache
from typing import Any

_DARWIN = sys.platform == "darwin"
_EXCHANGE = 2
_NO_REPLACE = 4 if _DARWIN else 1
_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def exchange(folder: int, first: str, second: str) -> bool:
    """Swap two names of an open folder; False where the system cannot, OSError where it could and failed."""
    return _rename(folder, first, second, _EXCHANGE)


def rename_to_free(folder: int, old: str, new: str) -> bool:
    """Rename within an open folder; FileExistsError when the new name is taken, False where the system cannot."""
    return _rename(folder, old, new, _NO_REPLACE)


def _rename(folder: int, old: str, new: str, flag: int) -> bool:
    function = _function()
    if function is None:
        return False
    if not function(folder, os.fsencode(old), folder, os.fsencode(new), flag):
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), new)


@cache
def _function() -> Any:
    library = ctypes.CDLL(None, use_errno=True)
    function = getattr(library, "renameatx_np" if _DARWIN else "renameat2", None)
    if function is not None:
        function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return function
