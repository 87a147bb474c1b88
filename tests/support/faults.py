"""Faults on demand: the n-th write fails, seen from the seam or from the system below it."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from clawmend.core.state import Identity
from clawmend.system import slot
from clawmend.system.files import RealFiles
from clawmend.system.swap import Guard

_CALLS = (
    *("rename", "replace", "link", "fsync", "write", "unlink", "rmdir", "mkdir", "fchmod", "fchown", "utime"),
    *("ftruncate", "setxattr"),
)
_RENAMES = ("exchange", "rename_to_free")  # renameat2, which os does not have


class FailingFiles(RealFiles):
    """The disk, whose n-th write (1 is the first) fails with `error`; later ones work again."""

    def __init__(self, fail_at: int, error: Callable[[], Exception]) -> None:
        self.fail_at = fail_at
        self.error = error
        self.writes = 0

    @property
    def failed(self) -> bool:
        return self.writes >= self.fail_at

    def replace(
        self,
        path: str,
        data: bytes,
        *,
        expected: bytes | None,
        identity: Identity | None = None,
        label: str = "",
        guard: Guard = nullcontext,
    ) -> None:
        self._count()
        super().replace(path, data, expected=expected, identity=identity, label=label, guard=guard)

    def remove(self, path: str, *, expected: bytes, label: str = "", guard: Guard = nullcontext) -> None:
        self._count()
        super().remove(path, expected=expected, label=label, guard=guard)

    def _count(self) -> None:
        self.writes += 1
        if self.writes == self.fail_at:
            raise self.error()


class Fault:
    """Counts the calls that change something on disk; the n-th one says that the disk is full.

    With a `cut` it raises that instead, and so does every later one: nothing is changed any more, as if the process
    had been killed there.
    """

    def __init__(self, fail_at: int, cut: type[BaseException] | None = None) -> None:
        self.fail_at = fail_at
        self.cut = cut
        self.calls = 0
        self.what = ""

    @property
    def happened(self) -> bool:
        return bool(self.what)

    def wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if name != "open" or arguments[1] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.calls += 1
                if self.calls == self.fail_at:
                    self.what = f"{name}{arguments[:2]}"
                    if self.cut is None:
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                if self.cut is not None and self.calls >= self.fail_at:
                    raise self.cut
            return real(*arguments, **options)

        return call


@contextmanager
def failing_call(fail_at: int, cut: type[BaseException] | None = None) -> Iterator[Fault]:
    """Let the n-th call that changes something fail, whoever makes it."""
    fault = Fault(fail_at, cut)
    with pytest.MonkeyPatch.context() as patch:
        for name in (*_CALLS, "open"):
            if hasattr(os, name):
                patch.setattr(os, name, fault.wrap(name, getattr(os, name)))
        for name in _RENAMES:
            patch.setattr(slot, name, fault.wrap(name, getattr(slot, name)))
        yield fault
