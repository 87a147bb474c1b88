"""A gateway that is none: it behaves as the word in the file `behave` beside it says, for tests of its unit.

Usage: openclaw-gateway.py PORT. Standard library only; it is copied into a home and started there by systemd.
"""

import http.server
import json
import signal
import sys
import time
from pathlib import Path

BEGAN = time.monotonic()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as 2026.9.6 does."""

    def do_GET(self) -> None:
        """Answer what it is asked for its readiness."""
        uptime = int((time.monotonic() - BEGAN) * 1000)
        draining = behaviour() == "draining"
        ready = {"ready": not draining, "failing": ["gateway-draining"] if draining else [], "uptimeMs": uptime}
        started = {"status": "draining" if draining else "started", "version": "2026.9.6", "uptimeMs": uptime}
        body = json.dumps(ready if self.path == "/readyz" else started).encode()
        self.send_response(503 if draining else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def behaviour() -> str:
    """Return what it is to do now."""
    return Path(__file__).with_name("behave").read_text().strip()


def main() -> None:
    """Do it."""
    word, _, status = behaviour().partition(" ")
    if word == "exit":
        sys.exit(int(status))
    if word == "slow":
        signal.pause()
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()


if __name__ == "__main__":
    main()
