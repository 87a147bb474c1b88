"""A real OpenClaw gateway of a made-up home: started, asked, and stopped by the tests."""

import contextlib
import dataclasses
import http.client
import json
import subprocess
import time
from typing import Any

import psutil

from e2e.home import GATEWAY_TOKEN, Home
from e2e.processes import LabError, end_all, listener, marked, wait_until
from e2e.provider import Request


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer of the gateway."""

    status: int
    headers: dict[str, str]
    text: str

    def json(self) -> Any:
        """Return the parsed body, or None for one that is not JSON (older versions serve their web page)."""
        if "json" in self.headers.get("content-type", ""):
            return json.loads(self.text)
        return None


@dataclasses.dataclass(frozen=True, slots=True)
class Turn:
    """One turn of an agent: what it replied, and what of it reached the provider."""

    reply: str
    requests: tuple[Request, ...]

    @property
    def worked(self) -> bool:
        return "STUB-OK" in self.reply

    @property
    def routes(self) -> list[tuple[str, str]]:
        """The URL and the key of each model request, in order."""
        return [(request.url, request.key) for request in self.requests]


class Gateway:
    """The gateway of a home. It may be restarted by others: it is known by its port and the mark of its home."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._output = home.folder / "gateway.out"
        self._children: list[subprocess.Popen[bytes]] = []

    def start(self, seconds: float = 300) -> None:
        """Start it by hand, as it were, and wait until it is ready (its very first start compiles for two minutes)."""
        command = ["openclaw", "gateway", "run", "--port", str(self.home.port)]
        self.home.transcript.say(f"$ {' '.join(command)} &")
        began = time.monotonic()
        with self._output.open("ab") as output:
            child = subprocess.Popen(
                [str(self.home.programs[0].command), *command[1:]],
                env=self.home.env(),
                cwd=self.home.user,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._children.append(child)

        def settled() -> bool:
            if child.poll() is not None and not marked(self.home.mark):
                raise LabError(f"the gateway ended by itself (exit {child.returncode}): {self.tail()}")
            return self.ready()

        wait_until(settled, seconds, "the gateway is ready")
        took = time.monotonic() - began
        self.home.transcript.say(f"  ready after {took:.1f} s, process {self.process().pid}, port {self.home.port}")

    def stop(self) -> None:
        """End every process of this home."""
        if self._children:
            self.home.transcript.say("the gateway is stopped")
        end_all(self.home.mark)
        while self._children:
            self._children.pop().wait(timeout=10)

    def process(self) -> psutil.Process:
        """Return the process that listens on the gateway's port."""
        process = listener(self.home.port, self.home.mark)
        if process is None:
            raise LabError(f"no process of this home listens on port {self.home.port}: {self.tail()}")
        return process

    def identity(self) -> tuple[int, float]:
        """Return what a new process does not share with the old one: pid and start time."""
        process = self.process()
        return process.pid, process.create_time()

    def ask(self, method: str, path: str, body: Any = None, seconds: float = 5) -> Answer:
        """Send one HTTP request to the gateway."""
        connection = http.client.HTTPConnection("127.0.0.1", self.home.port, timeout=seconds)
        headers = {"authorization": f"Bearer {GATEWAY_TOKEN}", "content-type": "application/json"}
        with contextlib.closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            got = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, got, answer.read().decode("utf-8", "replace"))

    def ready(self) -> bool:
        """Tell whether it takes turns: newer versions say so at /readyz, older ones by refusing POST /healthz."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            readiness = self.ask("GET", "/readyz").json()
            if readiness is not None:
                return bool(readiness["ready"])
            return self.ask("POST", "/healthz").status == http.HTTPStatus.METHOD_NOT_ALLOWED
        return False

    def uptime(self) -> float:
        """Return the milliseconds since the gateway last started, on versions that tell."""
        return float(self.ask("GET", "/readyz").json()["uptimeMs"])

    def turn(self, message: str = "hi") -> Turn:
        """Take one turn of the main agent and report what reached the provider."""
        seen = len(self.home.provider.requests)
        body = {"model": "openclaw:main", "messages": [{"role": "user", "content": message}]}
        answer = self.ask("POST", "/v1/chat/completions", body, seconds=120)
        try:
            reply = str(answer.json()["choices"][0]["message"]["content"])
        except (KeyError, IndexError, TypeError):
            reply = f"HTTP {answer.status} {answer.text[:300]}"
        turn = Turn(reply, tuple(r for r in self.home.provider.requests[seen:] if r.method == "POST"))
        self.home.transcript.say(f"turn: {reply[:120]!r}")
        for request in turn.requests:
            self.home.transcript.say(f"  provider saw {request.url} with {request.key}: {request.status}")
        return turn

    def wait_for_reload(self, seconds: float = 60) -> None:
        """Wait until it says that it has taken over a changed openclaw.json by itself."""
        wait_until(lambda: "config hot reload applied" in self.tail(10**6), seconds, "the gateway reloads its config")

    def refuses_to_start(self, seconds: float = 240) -> str:
        """Start it and wait until it gives up; what it printed last."""
        began = self._output.stat().st_size if self._output.exists() else 0
        try:
            self.start(seconds)
        except LabError:
            return self._output.read_text(errors="replace")[began:]
        raise LabError("the gateway started")

    def tail(self, length: int = 1500) -> str:
        """Return the end of what the gateway printed."""
        return self._output.read_text(errors="replace")[-length:] if self._output.exists() else ""
