"""Who listens on a port: on Linux read from /proc, because asking for one process must not cost a walk over all."""

import os
import re
import sys
from collections.abc import Iterator

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTENING = "0A"
_LOOPBACK = frozenset(
    {
        "00000000",
        "0100007F",
        "00000000000000000000000000000000",
        "0000000000000000FFFF00000100007F",
        "0000000000000000FFFF000000000000",
    }
)


def listens(pid: int, port: int) -> bool | None:
    """Tell whether a process listens on a port of loopback; None where nobody may know.

    A listener that nobody has, or that belongs to a process which this user may not see, is not the process's own.
    """
    if not sys.platform.startswith("linux"):
        return _listens_elsewhere(pid, port)
    sockets = _sockets(port)
    if sockets is None:
        return None
    held = _held_by(pid)
    return None if held is None else not sockets.isdisjoint(held)


def _sockets(port: int) -> frozenset[str] | None:
    """The numbers of the sockets that listen on a port of loopback; None where the table cannot be read."""
    found: set[str] = set()
    wanted = f"{port:04X}"
    readable = False
    for table in _TABLES:
        try:
            with open(table, encoding="ascii", errors="replace") as file:
                lines = file.read().splitlines()[1:]
        except OSError:
            continue
        readable = True
        for words in (line.split() for line in lines):
            if len(words) > 9 and words[3] == _LISTENING:
                address, _, number = words[1].rpartition(":")
                if number == wanted and address in _LOOPBACK:
                    found.add(words[9])
    return frozenset(found) if readable else None


def _held_by(pid: int) -> frozenset[str] | None:
    try:
        return frozenset(_numbers(f"/proc/{pid}/fd"))
    except OSError:
        return None


def _numbers(folder: str) -> Iterator[str]:
    for name in os.listdir(folder):
        try:
            target = os.readlink(os.path.join(folder, name))
        except OSError:
            continue  # closed meanwhile
        found = re.fullmatch(r"socket:\[(\d+)\]", target)
        if found:
            yield found[1]


def _listens_elsewhere(pid: int, port: int) -> bool | None:
    import psutil  # noqa: PLC0415 - loaded already where a gateway was found

    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except (psutil.Error, OSError):
        return None
    return any(each.status == psutil.CONN_LISTEN and (*each.laddr, None)[1] == port for each in connections)
