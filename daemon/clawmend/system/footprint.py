"""Keeping a process small that lives for months: what it does not load, and what it gives back.

Figures in the comments were measured on Debian 12 with Python 3.11, as what the resident memory was larger by.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from types import ModuleType
from typing import cast

# glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE = 64 * 1024
# What hashlib falls back to. Where a distribution leaves one of them out, OpenSSL is needed.
_OWN_HASHES = ({"_md5"}, {"_sha1"}, {"_sha2", "_sha256"}, {"_sha2", "_sha512"}, {"_sha3"}, {"_blake2"})
_ONE_AT_A_TIME = Lock()
_ABSENT = cast("ModuleType", None)  # Python takes a module for missing whose place in sys.modules holds None


def hash_without_openssl() -> bool:
    """Have hashlib use Python's own hashes; True when it will. Only before anything has imported hashlib.

    OpenSSL's library is 3.5 MiB, and 300 MB/s are enough for files of a few KB.
    """
    if "hashlib" in sys.modules or not all(any(map(find_spec, names)) for names in _OWN_HASHES):
        return False
    sys.modules["_hashlib"] = _ABSENT
    return True


@contextmanager
def without_tls() -> Iterator[None]:
    """Hide ssl while modules are imported that take it along without need, as asyncio does: 1.2 MiB.

    asyncio is meant to work without it. Whoever imports ssl afterwards gets it.
    """
    if "ssl" in sys.modules:
        yield
        return
    sys.modules["ssl"] = _ABSENT
    try:
        yield
    finally:
        del sys.modules["ssl"]


def plain_http() -> ModuleType:
    """http.client, loaded when it is first asked for (15 ms) and without TLS: whom we ask is on this machine.

    It stays ours: whoever imports http.client afterwards gets one with TLS, which urllib and Prometheus insist on.
    """
    with _ONE_AT_A_TIME:
        return _plain_http()


@cache
def _plain_http() -> ModuleType:
    if "http.client" in sys.modules:
        return import_module("http.client")  # it waits for whoever is loading it
    with without_tls():
        ours = import_module("http.client")
    del sys.modules["http.client"]
    vars(sys.modules["http"]).pop("client", None)
    return ours


def keep_memory_small() -> bool:
    """Have the allocator return what is freed; False where it is not glibc's. Before the first thread.

    Each thread would get an arena of its own, and a large block that was freed once would raise the size from which
    blocks can be returned: a watcher grew by 3.7 MiB in 100 repairs, and by 1.8 since.
    """
    import ctypes  # noqa: PLC0415 - not for whoever only asks for http

    change = getattr(ctypes.CDLL(None), "mallopt", None)
    if change is None:
        return False
    return all(change(*one) for one in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _LARGE)))


def settle_memory() -> None:
    """What is loaded by now stays: never look again whether it is garbage."""
    gc.collect()
    gc.freeze()


def give_back_memory() -> None:
    """Return to the system what is not used any more, where the allocator can (glibc); some milliseconds."""
    import ctypes  # noqa: PLC0415 - as above

    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
