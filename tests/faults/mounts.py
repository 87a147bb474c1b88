"""Mounts that nobody else sees and that are gone when the test is, whatever becomes of it."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NEW_MOUNTS = 0x00020000  # CLONE_NEWNS


@contextmanager
def private_mounts() -> Iterator[None]:
    """Give this thread a mount namespace of its own; mounts made inside vanish with it. Skips where it may not."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    if not hasattr(os, "setxattr") or shutil.which("mount") is None:
        pytest.skip("mounting needs Linux and mount(8)")
    library = ctypes.CDLL(None, use_errno=True)
    here = os.getcwd()
    outside = os.open(f"/proc/self/task/{_thread()}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if library.unshare(_NEW_MOUNTS):
            pytest.skip(f"a private mount namespace is needed: {os.strerror(ctypes.get_errno())}")
        try:
            run("mount", "--make-rprivate", "/")
            yield
        finally:
            if library.setns(outside, _NEW_MOUNTS):
                raise OSError(ctypes.get_errno(), "cannot go back to the mounts of before")
            os.chdir(here)
    finally:
        os.close(outside)


def run(*words: str | Path) -> str:
    """Run a command that has to succeed."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


@contextmanager
def mounted(target: Path, *words: str | Path) -> Iterator[Path]:
    """Mount something at a folder or file: `words` are what mount(8) takes before it."""
    run("mount", *words, target)
    try:
        yield target
    finally:
        run("umount", "--lazy", target)


def make_ext4(image: Path, megabytes: int) -> None:
    """An empty ext4 in a file; skips where there is no mkfs.ext4 or no loop device."""
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("needs mkfs.ext4")
    if not os.path.exists("/dev/loop-control"):
        pytest.skip("needs loop devices")
    with open(image, "wb") as file:
        file.truncate(megabytes * 2**20)
    run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image)


def loop_of(mount: Path) -> str:
    """The name of the loop device that is mounted at a folder."""
    device = os.stat(mount).st_dev
    return os.path.basename(os.path.realpath(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}"))


def _thread() -> int:
    return int(os.path.basename(os.readlink("/proc/thread-self")))
