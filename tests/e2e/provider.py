"""A model provider on loopback that remembers the path, the key and the model of every request."""

import contextlib
import dataclasses
import json
import ssl
import subprocess
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
MODELS = "/v1/models"
REFUSED = {
    "message": "invalid access token or token expired",
    "type": "invalid_request_error",
    "code": "invalid_api_key",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """What one request to the provider looked like."""

    method: str
    url: str
    path: str
    key: str
    model: str | None
    status: int


class Provider:
    """Answers the way a Coding Plan does: a key it does not accept gets 401, an unknown path gets an empty 404."""

    def __init__(self, *keys: str) -> None:
        self.keys = set(keys)
        self.requests: list[Request] = []
        self.answering = threading.Event()  # cleared, it lets whoever asks wait: a model that thinks
        self.answering.set()
        self.thinking = threading.Semaphore(0)  # released once per turn that has come here
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        self.plan_port: int | None = None
        self._plan: _Server | None = None

    def stand_in_for_the_plan(self, folder: Path) -> None:
        """Answer on TLS too: the Node processes of this test are led here when they mean the vendor's hosts.

        The certificate is made by openssl and believed by nobody but those processes.
        """
        certificate, key = folder / "plan.pem", folder / "plan.key"
        request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stand-in"]
        files = ["-keyout", str(key), "-out", str(certificate)]
        subprocess.run(["openssl", *request, *files], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._plan = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": self, "scheme": "https"}))
        self._plan.socket = context.wrap_socket(self._plan.socket, server_side=True)
        self.plan_port = self._plan.server_port
        threading.Thread(target=self._plan.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def judge(self, path: str, key: str) -> int:
        if path not in {CHAT, MESSAGES, MODELS}:
            return 404
        return 200 if key in self.keys else 401

    def close(self) -> None:
        for server in filter(None, (self._plan, self._server)):
            server.shutdown()
            server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider
    scheme = "http"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Keep the standard server from writing to stderr; the requests are remembered instead."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        asked: dict[str, Any] = {}
        with contextlib.suppress(ValueError):
            asked = json.loads(body)
        path = self.path.partition("?")[0]
        key = self.headers.get("x-api-key") or (self.headers.get("authorization") or "").removeprefix("Bearer ")
        status = self.provider.judge(path, key)
        if self.command == "POST" and status == 200:
            self.provider.thinking.release()
            self.provider.answering.wait(120)
        url = f"{self.scheme}://{self.headers.get('host')}{self.path}"
        self.provider.requests.append(Request(self.command, url, path, key, asked.get("model"), status))
        model, text = asked.get("model") or "none", f"STUB-OK {path}"
        match status, path:
            case 404, _:
                self._send(404, None)
            case 401, _:
                self._send(401, {"error": REFUSED})
            case _, "/v1/models":
                self._send(200, {"object": "list", "data": [{"id": "qwen3.5-plus", "object": "model"}]})
            case _, "/v1/chat/completions" if asked.get("stream"):
                self._stream(_chat_chunks(model, text))
            case _, "/v1/chat/completions":
                self._send(200, _chat(model, text))
            case _ if asked.get("stream"):
                self._stream(_message_events(model, text))
            case _:
                self._send(200, _message(model, text))

    def _send(self, status: int, value: Any) -> None:
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, chunks: Iterable[str]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        for chunk in chunks:
            self.wfile.write(chunk.encode())


def _chat(model: str, text: str) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
    return {
        "id": "chat-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [choice],
        "usage": usage,
    }


def _chat_chunks(model: str, text: str) -> Iterable[str]:
    base = {"id": "chat-1", "object": "chat.completion.chunk", "created": 1, "model": model}
    said = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
    over = {"index": 0, "delta": {}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
    for part in ({"choices": [said]}, {"choices": [over]}, {"choices": [], "usage": usage}):
        yield f"data: {json.dumps(base | part)}\n\n"
    yield "data: [DONE]\n\n"


def _message(model: str, text: str) -> dict[str, Any]:
    return {
        "id": "message-1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 5, "output_tokens": 5},
    }


def _message_events(model: str, text: str) -> Iterable[str]:
    begun = _message(model, text) | {"content": [], "stop_reason": None}
    over = {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 5}}
    events: list[tuple[str, dict[str, Any]]] = [
        ("message_start", {"message": begun}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": text}}),
        ("content_block_stop", {"index": 0}),
        ("message_delta", over),
        ("message_stop", {}),
    ]
    for name, fields in events:
        yield f"event: {name}\ndata: {json.dumps({'type': name} | fields)}\n\n"
