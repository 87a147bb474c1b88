"""The words that systemd hears, on a real socket."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawmend.system.sdnotify import Notifier
from system.fakes import FakeClock


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket that listens as systemd's does, and its address as it stands in NOTIFY_SOCKET."""
    if request.param == "abstract" and os.uname().sysname != "Linux":
        pytest.skip("only Linux has abstract sockets")
    address = str(tmp_path / "notify") if request.param == "path" else f"@clawmend-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address.replace("@", "\0", 1))
        listening.settimeout(5)
        yield listening, address


def test_every_word_arrives_as_systemd_reads_it(manager: tuple[socket.socket, str]) -> None:
    listening, address = manager
    notifier = Notifier.take({"NOTIFY_SOCKET": address})
    for say, heard in (
        (notifier.ready, "READY=1"),
        (lambda: notifier.ready("watching 3 folders"), "READY=1\nSTATUS=watching 3 folders"),
        (lambda: notifier.status("two\nlines \x1b and \udcff"), "STATUS=two\\nlines \\x1b and \\xff"),
        (lambda: notifier.status("é" * 400), "STATUS=" + "é" * 300),
        (notifier.alive, "WATCHDOG=1"),
        (lambda: notifier.reloading(FakeClock(12.5)), "RELOADING=1\nMONOTONIC_USEC=12500000"),
        (notifier.stopping, "STOPPING=1"),
    ):
        assert say() is True
        assert listening.recv(4096).decode() == heard


def test_without_a_socket_nothing_is_said(tmp_path: Path) -> None:
    for notifier in (Notifier.take({}), Notifier.take({"NOTIFY_SOCKET": "vsock:2:1"})):
        assert not any([notifier.ready(), notifier.status("x"), notifier.alive(), notifier.stopping()])
    gone = Notifier(str(tmp_path / "gone"))
    assert gone.ready() is False
    assert Notifier("/" + "x" * 200).ready() is False


def test_an_empty_status_says_nothing(manager: tuple[socket.socket, str]) -> None:
    assert Notifier(manager[1]).status("") is False


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_counts_only_when_it_means_us(variables: dict[str, str], seconds: float | None) -> None:
    environment = {"NOTIFY_SOCKET": "/run/x", "PATH": "/bin", **variables}
    assert Notifier.take(environment).watchdog_seconds == seconds
    assert environment == {"PATH": "/bin"}
    assert Notifier.take({**variables}).watchdog_seconds is None
