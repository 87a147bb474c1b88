"""Telling systemd how we are: its notification socket, and how often it wants to hear from us.

The protocol is a datagram of `NAME=value` lines to the socket in NOTIFY_SOCKET; a leading `@` stands for the null byte
of an abstract socket. Without that variable everything here does nothing. Source: sd_notify(3), sd_watchdog_enabled(3).
"""

import os
import socket
from collections.abc import MutableMapping

from clawmend.core.printable import one_line
from clawmend.system.machine import Clock

_VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
_SEND_SECONDS = 1.0  # a manager that is stuck must not stop us
_LONGEST_STATUS = 300


class Notifier:
    """Speaks to the service manager. `address` is None where none listens.

    `watchdog_seconds` is after how long without `alive` it kills us; None when it does not watch.
    """

    def __init__(self, address: str | None, watchdog_seconds: float | None = None) -> None:
        self._address = address
        self.watchdog_seconds = watchdog_seconds

    @classmethod
    def take(cls, environment: MutableMapping[str, str]) -> "Notifier":
        """Make one from our environment, and take its variables out: programs that we start are not the service."""
        address, usec, pid = (environment.pop(name, "") for name in _VARIABLES)
        ours = usec.isdigit() and int(usec) > 0 and pid in {"", str(os.getpid())}
        return cls(address if address[:1] in {"/", "@"} else None, int(usec) / 1e6 if ours and address else None)

    def ready(self, status: str = "") -> bool:
        """Say that we are up, or done with reloading."""
        return self._send("READY=1", *_status(status))

    def status(self, text: str) -> bool:
        """Say in one line what we are doing, for `systemctl status`."""
        return self._send(*_status(text))

    def alive(self) -> bool:
        """Say that we do not hang; wanted at least once in every half of `watchdog_seconds`."""
        return self._send("WATCHDOG=1")

    def reloading(self, clock: Clock) -> bool:
        """Say that we read our settings again; `ready` ends it."""
        return self._send("RELOADING=1", f"MONOTONIC_USEC={int(clock.monotonic() * 1e6)}")

    def stopping(self) -> bool:
        """Say that we are about to end."""
        return self._send("STOPPING=1")

    def _send(self, *lines: str) -> bool:
        if self._address is None or not lines:
            return False
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.settimeout(_SEND_SECONDS)
                channel.sendto("\n".join(lines).encode("utf-8", "backslashreplace"), address)
        except OSError:
            return False  # it has gone, or its queue is full: nobody is left who could be told
        return True


def _status(text: str) -> tuple[str, ...]:
    return (f"STATUS={one_line(text)[:_LONGEST_STATUS]}",) if text else ()
