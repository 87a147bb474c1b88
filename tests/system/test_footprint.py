"""A process that lives for months loads no OpenSSL, and gives back what it does not use."""

import ctypes
import hashlib
import hmac
import subprocess
import sys

import pytest

from clawmend.system import footprint
from support.watching import DAEMON

_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks at what the kernel has mapped")


def told(program: str) -> str:
    """What a Python of its own prints."""
    environment = {"PYTHONPATH": DAEMON, "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


@_LINUX
def test_the_hashes_are_the_same_without_openssl() -> None:
    plain, other = hashlib.sha256(b"x").hexdigest(), hashlib.new("md5", b"x", usedforsecurity=False).hexdigest()
    keyed = hmac.new(b"k", b"x", "sha256").hexdigest()
    program = """
from clawmend.system.footprint import hash_without_openssl
print(hash_without_openssl())
import hashlib, hmac
print(hashlib.sha256(b"x").hexdigest(), hashlib.new("md5", b"x").hexdigest(), end=" ")
print(hmac.new(b"k", b"x", "sha256").hexdigest())
print("libcrypto" in open("/proc/self/maps").read())
"""
    assert told(program).split("\n") == ["True", f"{plain} {other} {keyed}", "False"]


def test_hashes_stay_as_they_are_once_they_are_loaded() -> None:
    program = """
import hashlib, sys
from clawmend.system.footprint import hash_without_openssl
print(hash_without_openssl(), sys.modules.get("_hashlib", "absent") is None)
"""
    assert told(program) == "False False"


def test_where_a_hash_of_pythons_own_is_missing_openssl_stays() -> None:
    program = """
import sys
from clawmend.system import footprint
footprint._OWN_HASHES = (*footprint._OWN_HASHES, {"_no_such_hash"})
print(footprint.hash_without_openssl(), "_hashlib" in sys.modules)
"""
    assert told(program) == "False False"


def test_tls_is_there_for_whoever_wants_it_afterwards() -> None:
    program = """
import sys
from clawmend.system.footprint import without_tls
with without_tls():
    import asyncio.sslproto
print(asyncio.sslproto.ssl, "ssl" in sys.modules)
import ssl
print(ssl.__name__)
with without_tls():
    import ssl as again
print(again is ssl)
"""
    assert told(program).split("\n") == ["None False", "ssl", "True"]


@_LINUX
def test_a_gateway_is_asked_without_tls_and_others_still_get_it() -> None:
    program = """
from clawmend.system.footprint import plain_http
ours = plain_http()
print(ours.HTTPConnection.__name__, hasattr(ours, "HTTPSConnection"), "libssl" in open("/proc/self/maps").read())
import ssl, http.client, urllib.request, prometheus_client
print(ssl.__name__, plain_http() is ours, hasattr(http.client, "HTTPSConnection"), urllib.request.HTTPSHandler.__name__)
"""
    assert told(program).split("\n") == ["HTTPConnection False False", "ssl True True HTTPSHandler"]


def test_http_that_somebody_has_loaded_already_is_taken_as_it_is() -> None:
    program = """
import http.client
from clawmend.system.footprint import plain_http
print(plain_http() is http.client)
"""
    assert told(program) == "True"


@_LINUX
def test_what_was_freed_goes_back_to_the_system() -> None:
    # Blocks too small to be mapped on their own, with one that stays on top of them: only a trim frees what is below.
    program = """
import ctypes
from clawmend.system.footprint import give_back_memory, keep_memory_small, settle_memory
def resident():
    return int(open("/proc/self/statm").read().split()[1]) // 256
glibc = keep_memory_small()
settle_memory()
before = resident()
blocks = [bytearray(20_000) for _ in range(2_000)]
stays = bytearray(20_000)
full = resident()
del blocks
give_back_memory()
print(glibc, full - before >= 30, resident() - before <= 4)
"""
    assert told(program) == ("True True True" if hasattr(ctypes.CDLL(None), "mallopt") else "False True True")


def test_where_the_allocator_is_another_one_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert not footprint.keep_memory_small()
    footprint.give_back_memory()
