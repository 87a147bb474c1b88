"""Is the gateway ready? The question is asked differently of every era, and a 200 alone proves nothing.

Up to 2026.3.2 every path answers with the web page, so the proof of life is `POST /healthz` -> 405 with an Allow
header. From 2026.3.7 on `GET /readyz` answers JSON; it lists what is failing, and a broken channel is listed for
ever, so the answer is compared with the one before the repair. Source: facts on OpenClaw, "Gateway".
"""

import json
from contextlib import closing

from clawmend.core.behaviour import Probe, behaviour_of
from clawmend.core.frozen import dataclass
from clawmend.core.version import Version
from clawmend.system.footprint import plain_http


@dataclass(frozen=True, slots=True)
class Health:
    """One answer. `failing` is what the gateway says is not ready, `uptime` its seconds since the last start."""

    answers: bool
    ready: bool
    failing: frozenset[str] = frozenset()
    uptime: float | None = None


NO_ANSWER = Health(answers=False, ready=False)


def ask_health(port: int | None, version: Version | None, timeout: float = 3.0) -> Health:
    """Ask a gateway on this machine once."""
    if port is None:
        return NO_ANSWER
    http = plain_http()
    try:
        if probe_of(version) in {Probe.NONE, Probe.POST_HEALTHZ}:
            return _ask_old(port, version, timeout)
        return _ask_readyz(port, timeout)
    except (OSError, http.HTTPException):
        return NO_ANSWER


def probe_of(version: Version | None) -> Probe:
    """How this version is asked; of one that nobody measured the most is demanded."""
    behaviour = behaviour_of(version)
    return Probe.READYZ_TWICE if behaviour is None else behaviour.probe


def is_as_ready_as(now: Health, before: Health) -> bool:
    """Tell whether a gateway is ready, or fails in nothing in which it did not fail before."""
    if now.ready:
        return True
    return now.answers and before.answers and bool(now.failing) and now.failing <= before.failing


def _ask_old(port: int, version: Version | None, timeout: float) -> Health:
    http = plain_http()
    with closing(http.HTTPConnection("127.0.0.1", port, timeout=timeout)) as connection:
        connection.request("POST", "/healthz")
        response = connection.getresponse()
        response.read()
        proven = response.status == 405 and response.getheader("Allow") is not None
        return Health(answers=True, ready=proven or probe_of(version) is Probe.NONE)


def _ask_readyz(port: int, timeout: float) -> Health:
    http = plain_http()
    with closing(http.HTTPConnection("127.0.0.1", port, timeout=timeout)) as connection:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        text = response.read(2**16)
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return Health(answers=True, ready=False)
    if not isinstance(body, dict):
        return Health(answers=True, ready=False)
    failing = body.get("failing")
    uptime = body.get("uptimeMs")
    return Health(
        answers=True,
        ready=body.get("ready") is True,
        failing=frozenset(str(name) for name in failing) if isinstance(failing, list) else frozenset(),
        uptime=uptime / 1000 if isinstance(uptime, int | float) else None,
    )
