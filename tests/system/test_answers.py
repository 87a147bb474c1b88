"""What a gateway says of itself over HTTP; the bodies were recorded from 2026.9.6."""

import json
import socket
import threading
from contextlib import closing

import pytest

from clawmend.core.gateway import Answer
from clawmend.core.version import Version
from clawmend.system.answers import ask_gateway, read_readyz, read_startupz
from system.fakes import http_gateway

FIRST, OLD, MIDDLE, NEW = (Version(2026, 1, 29), Version(2026, 3, 2), Version(2026, 5, 7), Version(2026, 9, 6))
JSON = {"Content-Type": "application/json"}
PAGE = (200, {"Content-Type": "text/html"}, b"<!doctype html><title>OpenClaw</title>")
REFUSED = (405, {"Allow": "GET, HEAD"}, b"Method Not Allowed")
Reply = tuple[int, dict[str, str], bytes]


def says(code: int, /, **body: object) -> Reply:
    return code, JSON, json.dumps(body).encode()


READY = says(200, ready=True, failing=[], uptimeMs=4000, eventLoop={"degraded": True})
STARTED = says(200, ok=True, status="started", version="2026.9.6", uptimeMs=4003)
NOT_YET = says(503, ready=False, failing=["startup-sidecars"], uptimeMs=2302)
STARTING = says(503, ok=False, status="starting", version="2026.9.6", uptimeMs=2303, pendingReason="startup-sidecars")
LEAVING = says(503, ready=False, failing=["gateway-draining"], uptimeMs=9000)
DRAINING = says(503, ok=False, status="draining", version="2026.9.6", uptimeMs=9001)


@pytest.mark.parametrize(
    ("version", "replies", "answer", "asked"),
    [
        (FIRST, [PAGE], Answer(ready=None), ["GET /"]),
        (OLD, [REFUSED], Answer(ready=True), ["POST /healthz"]),
        (OLD, [PAGE], Answer(ready=False), ["POST /healthz"]),
        (MIDDLE, [READY], Answer(ready=True, uptime=4.0), ["GET /readyz"]),
        (MIDDLE, [PAGE, REFUSED], Answer(ready=True), ["GET /readyz", "POST /healthz"]),
        (MIDDLE, [(503, {}, b"")], Answer(ready=False), ["GET /readyz"]),
        (
            NEW,
            [READY, STARTED],
            Answer(ready=True, uptime=4.0, version="2026.9.6"),
            ["GET /readyz", "GET /startupz"],
        ),
        (
            None,
            [NOT_YET, STARTING],
            Answer(ready=False, failing=("startup-sidecars",), uptime=2.302, version="2026.9.6", starting=True),
            ["GET /readyz", "GET /startupz"],
        ),
        (
            NEW,
            [LEAVING, DRAINING],
            Answer(ready=False, failing=("gateway-draining",), uptime=9.0, version="2026.9.6", draining=True),
            ["GET /readyz", "GET /startupz"],
        ),
    ],
)
def test_every_version_is_asked_its_way(
    version: Version | None, replies: list[Reply], answer: Answer, asked: list[str]
) -> None:
    with http_gateway(*replies) as gateway:
        assert ask_gateway(gateway.port, version, 5) == answer
        assert gateway.asked == asked


def test_nobody_who_listens_gives_no_answer() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
        assert ask_gateway(port, NEW, 0.05) is None  # the connection is taken, and nothing is said
    assert ask_gateway(port, NEW) is None


@pytest.mark.parametrize("said", [b"\x15\x03\x01\x00\x02\x02\x46", b""])
def test_one_that_speaks_another_protocol_answers_all_the_same(said: bytes) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with closing(connection):
                connection.recv(4096)
                connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        assert ask_gateway(listener.getsockname()[1], NEW, 5) == Answer(ready=None)
        thread.join()


def test_it_is_asked_at_the_address_on_which_it_listens() -> None:
    with closing(socket.create_server(("127.0.0.2", 0))) as listener:
        port = listener.getsockname()[1]
        assert ask_gateway(port, NEW, 5) is None

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        assert ask_gateway(port, NEW, 5, host="127.0.0.2") == Answer(ready=None)
        thread.join()


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"{}", b'{"ready": "yes"}', b"[" * 100_000])
def test_what_is_no_readiness_is_none(text: bytes) -> None:
    assert read_readyz(text) is None


def test_odd_members_are_passed_over() -> None:
    odd = read_readyz(b'{"ready": false, "failing": [1, "a"], "uptimeMs": true, "bootId": "b\\u0007"}')
    assert odd == Answer(ready=False, failing=("a",))
    assert read_readyz(b'{"ready": true, "failing": "x", "bootId": "b1"}') == Answer(ready=True, boot_id="b1")
    assert read_startupz(b"null", Answer(ready=True)) == Answer(ready=True)
    assert read_startupz(b'{"status": "starting", "bootId": "b2"}', Answer(ready=False)) == Answer(
        ready=False, boot_id="b2", starting=True
    )
