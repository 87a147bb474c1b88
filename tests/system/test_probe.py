import json
import socket

import pytest

from clawmend.core.version import Version
from clawmend.system.probe import NO_ANSWER, Health, ask_health, is_as_ready_as
from system.fakes import http_gateway

OLD, NEW = Version(2026, 3, 2), Version(2026, 9, 6)
PAGE = (200, {"Content-Type": "text/html"}, b"<!doctype html><title>OpenClaw</title>")
REFUSED = (405, {"Allow": "GET, HEAD"}, b"Method Not Allowed")


def _ready(**body: object) -> tuple[int, dict[str, str], bytes]:
    return (200 if body.get("ready") else 503, {"Content-Type": "application/json"}, json.dumps(body).encode())


def test_up_to_2026_3_2_a_refused_post_is_the_proof_of_life() -> None:
    with http_gateway(REFUSED) as gateway:
        assert ask_health(gateway.port, OLD) == Health(answers=True, ready=True)
        assert gateway.asked == ["POST /healthz"]


@pytest.mark.parametrize("reply", [PAGE, (405, {}, b""), (404, {"Allow": "GET"}, b""), (503, {}, b"")])
def test_any_other_answer_proves_nothing(reply: tuple[int, dict[str, str], bytes]) -> None:
    with http_gateway(reply) as gateway:
        assert ask_health(gateway.port, OLD) == Health(answers=True, ready=False)


def test_before_2026_3_1_an_answer_has_to_do() -> None:
    with http_gateway(PAGE) as gateway:
        assert ask_health(gateway.port, Version(2026, 2, 26)).ready


def test_later_versions_say_whether_they_are_ready_and_since_when() -> None:
    with http_gateway(_ready(ready=True, failing=[], uptimeMs=61_500)) as gateway:
        assert ask_health(gateway.port, NEW) == Health(answers=True, ready=True, failing=frozenset(), uptime=61.5)
        assert gateway.asked == ["GET /readyz"]


def test_and_what_fails() -> None:
    with http_gateway(_ready(ready=False, failing=["telegram", 7], uptimeMs=5)) as gateway:
        assert ask_health(gateway.port, None) == Health(
            answers=True, ready=False, failing=frozenset({"telegram", "7"}), uptime=0.005
        )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html>",
        b"[]",
        b"null",
        b"\xff",
        b'{"ready": "true", "failing": "x", "uptimeMs": "y"}',
        b'{"status": "ok"}',
        b"[" * 60_000,
    ],
)
def test_a_200_alone_proves_nothing(body: bytes) -> None:
    with http_gateway((200, {}, body)) as gateway:
        assert ask_health(gateway.port, NEW) == Health(answers=True, ready=False)


@pytest.mark.parametrize("version", [OLD, NEW])
def test_nobody_on_the_port_is_no_answer(version: Version) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert ask_health(closed.getsockname()[1], version) == NO_ANSWER
    assert ask_health(None, version) == NO_ANSWER


@pytest.mark.parametrize("version", [OLD, NEW])
def test_somebody_who_never_answers_is_no_answer(version: Version) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert ask_health(silent.getsockname()[1], version, timeout=0.05) == NO_ANSWER


def test_a_proxy_in_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with http_gateway(_ready(ready=True)) as gateway:
        assert ask_health(gateway.port, NEW).ready


@pytest.mark.parametrize(
    ("now", "before", "good"),
    [
        (Health(True, True), NO_ANSWER, True),
        (Health(True, False, frozenset({"telegram"})), Health(True, False, frozenset({"telegram"})), True),
        (Health(True, False, frozenset({"a"})), Health(True, False, frozenset({"a", "b"})), True),
        (Health(True, False, frozenset({"a", "b"})), Health(True, False, frozenset({"a"})), False),
        (Health(True, False, frozenset({"a"})), Health(True, True), False),
        (Health(True, False), Health(True, False), False),
        (Health(True, False, frozenset({"a"})), NO_ANSWER, False),
        (NO_ANSWER, Health(True, False, frozenset({"a"})), False),
    ],
)
def test_a_gateway_may_fail_in_what_it_failed_in_before_and_in_nothing_else(
    now: Health, before: Health, good: bool
) -> None:
    assert is_as_ready_as(now, before) is good
