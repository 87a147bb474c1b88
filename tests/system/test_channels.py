"""Channels against servers on this machine that speak the real protocols; what they say is told without the token."""

import json
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import apprise.plugins.telegram
import pytest

from clawmend.core.event import Event
from clawmend.core.notify_options import Target, targets_of
from clawmend.system import channels
from clawmend.system.channels import RealSender
from clawmend.system.commands import Ran

# What Apprise itself is made of is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TOKEN = "tk0secret0token0123456789"
TELEGRAM = "123456789:abcdefghijklmnopqrstuvwxyzABCDEFGHI"


@dataclass
class Service:
    """What came in, and how it is answered."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0


@contextmanager
def serving(service: Service) -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.got.append((self.path, dict(self.headers), data))
            self.send_response(service.status)
            for name, value in service.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(service.body)))
            self.end_headers()
            self.wfile.write(service.body)

        do_PUT = do_POST  # noqa: N815 - the name that the server looks for

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    with serving(Service()) as found:
        yield found


def target(address: str) -> Target:
    (found,) = targets_of((address,), desktop=False)
    return found


def send(address: str, event: Event | None = Event.REPAIRED) -> str | None:
    return RealSender().send(target(address), "a title", "one\ntwo\nthree", event)


def test_ntfy_gets_title_and_lines(service: Service) -> None:
    assert send(f"ntfy://127.0.0.1:{service.port}/topic") is None
    ((_, _, data),) = service.got
    message = json.loads(data)
    assert (message["topic"], message["title"], message["message"]) == ("topic", "a title", "one\ntwo\nthree")


@pytest.mark.parametrize(
    ("event", "kind"),
    [(Event.REPAIRED, "success"), (Event.NEEDS_YOU, "failure"), (Event.DIGEST, "info"), (None, "info")],
)
def test_a_webhook_gets_the_kind_too(service: Service, event: Event | None, kind: str) -> None:
    assert send(f"json://127.0.0.1:{service.port}/hook", event) is None
    ((path, _, data),) = service.got
    assert path in {"/hook/", "/hook"}
    assert (json.loads(data)["type"], json.loads(data)["title"]) == (kind, "a title")


def test_telegram_is_spoken_to_as_its_interface_wants(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.body = b'{"ok": true, "result": {}}'
    url = f"http://127.0.0.1:{service.port}/bot"
    monkeypatch.setattr(apprise.plugins.telegram.NotifyTelegram, "notify_url", url)
    assert send(f"tgram://{TELEGRAM}/4242") is None
    path, _, data = service.got[-1]
    assert path == f"/bot{TELEGRAM}/sendMessage"
    assert "a title" in json.loads(data)["text"]


@pytest.mark.parametrize(("status", "body"), [(500, b"oops"), (429, b"{}"), (401, b"\xff\x00garbage"), (404, b"")])
def test_a_service_that_refuses_is_one_sentence_without_the_token(service: Service, status: int, body: bytes) -> None:
    service.status, service.body, service.headers = status, body, {"Retry-After": "1"}
    problem = send(f"ntfy://{TOKEN}@127.0.0.1:{service.port}/{TOKEN}")
    assert problem
    assert TOKEN not in problem
    assert "\n" not in problem


def test_a_service_that_is_not_there_is_one_sentence() -> None:
    with serving(Service()) as gone:
        port = gone.port
    problem = send(f"json://user:{TOKEN}@127.0.0.1:{port}/")
    assert problem
    assert TOKEN not in problem


@pytest.mark.parametrize("address", ["nonsense://x", "tgram://short"])
def test_an_address_that_makes_no_sense_is_said(address: str) -> None:
    assert "does not understand this address" in (send(address) or "")


class _Mail(socketserver.StreamRequestHandler):
    """Just enough of SMTP to take a letter."""

    letters: list[str]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                self.wfile.write(b"250-here\r\n250 8BITMIME\r\n")
            elif word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.letters.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self.wfile.write(b"250 taken\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


def test_a_letter_arrives() -> None:
    handler = type("Mail", (_Mail,), {"letters": []})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        port = server.server_address[1]
        options = "smtp=127.0.0.1&from=clawmend@example.org&to=ana@example.org&mode=insecure"
        assert send(f"mailto://127.0.0.1:{port}?{options}") is None
        server.shutdown()
        thread.join()
    (letter,) = handler.letters  # type: ignore[attr-defined]
    assert "Subject: a title" in letter


class TestDesktop:
    target = targets_of((), desktop=True)[0]

    def sent(self, event: Event | None = None) -> str | None:
        return RealSender().send(self.target, "--title", "body", event)

    def test_a_text_is_never_an_option(self, monkeypatch: pytest.MonkeyPatch) -> None:
        commands: list[list[str]] = []
        monkeypatch.setattr(channels.shutil, "which", lambda _name: "/usr/bin/notify-send")
        monkeypatch.setattr(channels, "run_manager", lambda command, _seconds: commands.append(command) or Ran(0, ""))
        assert self.sent() is None
        assert self.sent(Event.GATEWAY_DOWN) is None
        assert commands[0] == ["notify-send", "--app-name=clawmend", "--urgency=normal", "--", "--title", "body"]
        assert "--urgency=critical" in commands[1]

    def test_a_mac_is_told_by_arguments_and_not_by_script(self, monkeypatch: pytest.MonkeyPatch) -> None:
        commands: list[list[str]] = []
        monkeypatch.setattr(channels.sys, "platform", "darwin")
        monkeypatch.setattr(channels, "run", lambda command, _env, _seconds: commands.append(command) or Ran(0, ""))
        assert self.sent() is None
        assert commands[0][-2:] == ["--title", "body"]
        assert "--title" not in commands[0][2]

    @pytest.mark.parametrize(
        ("answer", "words"), [(None, "gave no answer"), (Ran(1, "no bus"), "notification service running")]
    )
    def test_a_desktop_that_does_not_answer_is_said(
        self, monkeypatch: pytest.MonkeyPatch, answer: Ran | None, words: str
    ) -> None:
        monkeypatch.setattr(channels.shutil, "which", lambda _name: "/usr/bin/notify-send")
        monkeypatch.setattr(channels, "run_manager", lambda _command, _seconds: answer)
        assert words in (self.sent() or "")

    def test_without_the_tool_the_package_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(channels.shutil, "which", lambda _name: None)
        assert "libnotify" in (self.sent() or "")


def test_the_watcher_itself_never_loads_apprise() -> None:
    code = "import sys, clawmend.system.channels, clawmend.repair.sending; print('apprise' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
