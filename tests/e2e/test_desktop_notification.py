"""A notification arrives on a real session bus: `clawmend notify test`, notify-send, and a service that shows it."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from jeepney import HeaderFields, MessageType, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

DAEMON = Path(__file__).parents[2] / "daemon"
NAME = "org.freedesktop.Notifications"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="there is no dbus-daemon (Debian: dbus-daemon)"),
    pytest.mark.skipif(shutil.which("notify-send") is None, reason="there is no notify-send (Debian: libnotify-bin)"),
]


@dataclass
class Desktop:
    """A session bus and a notification service on it: what it was asked to show, as (program, title, body, urgency)."""

    address: str
    shown: list[tuple[str, str, str, int]] = field(default_factory=list)

    def answer(self, connection: DBusConnection, stopping: threading.Event) -> None:
        """Answer whoever asks, as the specification of desktop notifications wants it, until told to stop."""
        while not stopping.is_set():
            try:
                message = connection.receive(timeout=0.1)
            except TimeoutError:
                continue
            if message.header.message_type is not MessageType.method_call:
                continue
            match message.header.fields.get(HeaderFields.member):
                case "GetServerInformation":
                    reply = new_method_return(message, "ssss", ("test", "clawmend", "1", "1.2"))
                case "GetCapabilities":
                    reply = new_method_return(message, "as", (["body"],))
                case "Notify":
                    program, _, _, title, body, _, hints, _ = message.body
                    self.shown.append((program, title, body, hints["urgency"][1]))
                    reply = new_method_return(message, "u", (len(self.shown),))
                case _:
                    continue
            connection.send(reply)


@contextmanager
def _bus(folder: str) -> Iterator[str]:
    options = ["--session", "--nofork", "--nopidfile", "--print-address=1", f"--address=unix:path={folder}/bus"]
    bus = subprocess.Popen(["dbus-daemon", *options], stdout=subprocess.PIPE)
    try:
        assert bus.stdout is not None
        yield bus.stdout.readline().decode().strip()
    finally:
        bus.terminate()
        bus.wait(10)
        if bus.stdout is not None:
            bus.stdout.close()


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    with (
        tempfile.TemporaryDirectory(prefix="clawmend-") as folder,
        _bus(folder) as address,
        open_dbus_connection(address) as connection,
    ):
        Proxy(message_bus, connection).RequestName(NAME)
        found, stopping = Desktop(address), threading.Event()
        thread = threading.Thread(target=found.answer, args=(connection, stopping))
        thread.start()
        try:
            yield found
        finally:
            stopping.set()
            thread.join(10)


def _notify_test(home: Path, address: str) -> subprocess.CompletedProcess[str]:
    config = home / ".config/clawmend/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[notify]\ndesktop = true\n")
    environment = {
        "HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(DAEMON), "DBUS_SESSION_BUS_ADDRESS": address,
    }  # fmt: skip
    command = [sys.executable, "-m", "clawmend", "notify", "test"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_the_desktop_shows_title_and_body(desktop: Desktop, tmp_path: Path) -> None:
    ran = _notify_test(tmp_path, desktop.address)
    assert (ran.returncode, ran.stdout) == (0, "desktop: sent\n"), ran.stderr
    ((program, title, body, urgency),) = desktop.shown
    assert (program, title) == ("clawmend", "clawmend: a test")
    assert body.splitlines() == [
        "This is a test of clawmend on this machine.", "Nothing was changed.", "If you can read this, it works.",
    ]  # fmt: skip
    assert urgency == 1


def test_a_session_without_a_notification_service_is_told(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="clawmend-") as folder, _bus(folder) as address:
        ran = _notify_test(tmp_path, address)
    assert ran.returncode == 1
    told = " ".join(ran.stdout.split())
    assert "desktop: not sent: the desktop refused it; is a notification service running" in told
