"""Where a process listens: on Linux read from /proc, because asking for one process must not cost a walk over all.

A gateway may listen elsewhere than openclaw.json says (`--port`), and on another address than loopback
(`gateway.bind`); it is asked where it really listens.
"""

import os
import re
import socket
import sys
from collections.abc import Iterator, Mapping

LOOPBACK = "127.0.0.1"
_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTENING = "0A"
_WORD = 8  # hex digits of four bytes, which the kernel prints as one number of this machine
_ANY = frozenset({"0.0.0.0", "::", "::ffff:0.0.0.0", "::ffff:127.0.0.1"})  # noqa: S104 - nothing is bound here


def listening(pid: int) -> Mapping[int, str] | None:
    """The ports on which a process listens, each with an address by which it is reached; None where nobody may know.

    Of several addresses, loopback is the one that counts.
    """
    found: dict[int, str] = {}
    pairs = _of_linux(pid) if sys.platform.startswith("linux") else _elsewhere(pid)
    if pairs is None:
        return None
    for port, address in pairs:
        reached = LOOPBACK if address in _ANY else address
        if port not in found or reached == LOOPBACK:
            found[port] = reached
    return found


def _of_linux(pid: int) -> list[tuple[int, str]] | None:
    try:
        held = frozenset(_numbers(f"/proc/{pid}/fd"))
        return [(port, address) for number, port, address in _sockets() if number in held]
    except OSError:
        return None


def _sockets() -> Iterator[tuple[str, int, str]]:
    """All sockets that listen: number, port, address. Raises OSError where the first table cannot be read."""
    for table in _TABLES:
        if table != _TABLES[0] and not os.path.exists(table):
            continue  # a kernel without IPv6
        with open(table, encoding="ascii", errors="replace") as file:
            lines = file.read().splitlines()[1:]
        for words in (line.split() for line in lines):
            if len(words) > 9 and words[3] == _LISTENING:
                address, _, port = words[1].rpartition(":")
                yield words[9], int(port, 16), _address(address)


def _address(text: str) -> str:
    words = [text[start : start + _WORD] for start in range(0, len(text), _WORD)]
    data = b"".join(int(word, 16).to_bytes(4, sys.byteorder) for word in words)
    return socket.inet_ntop(socket.AF_INET if len(data) == 4 else socket.AF_INET6, data)


def _numbers(folder: str) -> Iterator[str]:
    for name in os.listdir(folder):
        try:
            target = os.readlink(os.path.join(folder, name))
        except OSError:
            continue  # closed meanwhile
        found = re.fullmatch(r"socket:\[(\d+)\]", target)
        if found:
            yield found[1]


def _elsewhere(pid: int) -> list[tuple[int, str]] | None:
    import psutil  # noqa: PLC0415 - loaded already where a gateway was found

    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except (psutil.Error, OSError):
        return None
    return [(each.laddr[1], each.laddr[0]) for each in connections if each.status == psutil.CONN_LISTEN]
