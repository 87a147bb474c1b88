"""What a gateway says of itself over HTTP: at most two short requests on this machine, and none twice.

Source: facts on OpenClaw, "Gateway". Recorded from 2026.9.6: `GET /readyz` -> 503 `{"ready":false,
"failing":["startup-sidecars"],"uptimeMs":2302}`, `GET /startupz` -> 503 `{"ok":false,"status":"starting",
"version":"2026.9.6","uptimeMs":2303,"pendingReason":"startup-sidecars"}`; `/healthz` says 200 all the while. One
that ends its turns says "draining" there and fails in "gateway-draining".
"""

import json
from contextlib import closing
from functools import partial

from clawmend.core.behaviour import Probe
from clawmend.core.gateway import Answer
from clawmend.core.version import Version
from clawmend.system.footprint import plain_http
from clawmend.system.probe import probe_of

TIMEOUT = 0.5
_LONGEST = 2**16
_ENDING = frozenset({"draining", "gateway-draining"})


def ask_gateway(
    port: int, version: Version | None, timeout: float = TIMEOUT, *, host: str = "127.0.0.1"
) -> Answer | None:
    """Ask once how it is; None when nobody answers within `timeout` seconds.

    One that does not speak plain HTTP (`gateway.tls`) answers, and tells nothing more. `host` is a local address.
    """
    http = plain_http()
    ask = partial(_ask, host, port, timeout)
    probe = probe_of(version)
    try:
        if probe is Probe.NONE:
            ask("GET", "/")
            return Answer(ready=None)
        if probe is Probe.POST_HEALTHZ:
            status, headers, _ = ask("POST", "/healthz")
            return Answer(ready=status == 405 and "allow" in headers)
        status, _, text = ask("GET", "/readyz")
        answer = read_readyz(text)
        if answer is None and status == 200:  # a web page: the process is older than the package on disk
            status, headers, _ = ask("POST", "/healthz")
            return Answer(ready=status == 405 and "allow" in headers)
        if answer is None:
            return Answer(ready=False)
        if probe is Probe.READYZ_TWICE:
            _, _, text = ask("GET", "/startupz")
            return read_startupz(text, answer)
    except (http.HTTPException, ConnectionResetError):
        return Answer(ready=None)
    except OSError:
        return None
    return answer


def _ask(host: str, port: int, timeout: float, method: str, path: str) -> tuple[int, frozenset[str], bytes]:
    http = plain_http()
    with closing(http.HTTPConnection(host, port, timeout=timeout)) as connection:
        connection.request(method, path)
        response = connection.getresponse()
        names = frozenset(name.lower() for name, _ in response.getheaders())
        return response.status, names, response.read(_LONGEST)


def read_readyz(text: bytes) -> Answer | None:
    """Read the body of `/readyz`; None when it is none."""
    body = _object(text)
    ready = body.get("ready")
    if not isinstance(ready, bool):
        return None
    named = body.get("failing")
    failing = tuple(name[:64] for name in named if isinstance(name, str)) if isinstance(named, list) else ()
    return Answer(
        ready=ready,
        failing=failing,
        uptime=_seconds(body.get("uptimeMs")),
        boot_id=_text(body, "bootId"),
        starting=any(name.startswith("startup") for name in failing),
        draining=not _ENDING.isdisjoint(failing),
    )


def read_startupz(text: bytes, answer: Answer) -> Answer:
    """Add what the body of `/startupz` tells beyond `/readyz`."""
    body = _object(text)
    status = _text(body, "status")
    return Answer(
        ready=answer.ready,
        failing=answer.failing,
        uptime=answer.uptime,
        boot_id=answer.boot_id or _text(body, "bootId"),
        version=_text(body, "version"),
        starting=answer.starting or status == "starting",
        draining=answer.draining or status in _ENDING,
    )


def _object(text: bytes) -> dict[str, object]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _text(body: dict[str, object], name: str) -> str | None:
    found = body.get(name)
    return found[:64] if isinstance(found, str) and found.isprintable() else None


def _seconds(milliseconds: object) -> float | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    return milliseconds / 1000
