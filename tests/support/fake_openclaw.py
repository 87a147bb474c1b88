"""A gateway that is none, as a process of its own: it answers, reloads and restarts as a version of OpenClaw does.

    python fake_openclaw.py openclaw gateway VERSION CONFIG LOG LOCK PORT BOOT_SECONDS

What it does was seen on the real one, and tests/e2e/test_fake_gateway.py asks both the same questions.
"""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

VERSION, CONFIG, LOG, LOCK = sys.argv[3], Path(sys.argv[4]), Path(sys.argv[5]), Path(sys.argv[6])
PORT, BOOT = int(sys.argv[7]), float(sys.argv[8])
OLD = VERSION == "2026.3.2"
SAME_PROCESS = VERSION == "2026.9.6"
RESTART_SIGNAL = signal.SIGUSR2 if SAME_PROCESS else signal.SIGUSR1
HOT = ("models", "agents", "tools") + (("auth.profiles", "auth.order") if SAME_PROCESS else ())
DEBOUNCE = 0.05
booted = [time.monotonic()]


def say(text: str, subsystem: str, level: str = "INFO") -> None:
    bound = json.dumps({"subsystem": subsystem})
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = {"0": bound, "1": text, "_meta": {"logLevelName": level}, "time": moment}
    with LOG.open("a") as file:
        file.write(json.dumps(line) + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if OLD:
            self.answer(200, "text/html", "<!doctype html>")
        elif self.path == "/readyz":
            up = time.monotonic() - booted[0]
            ready = up >= BOOT
            failing = [] if ready else ["startup-sidecars"]
            body = {"ready": ready, "failing": failing, "uptimeMs": round(up * 1000)}
            self.answer(200 if ready else 503, "application/json", json.dumps(body))
        elif self.path == "/healthz":
            self.answer(200, "application/json", '{"ok":true,"status":"live"}')
        elif self.path == "/startupz" and SAME_PROCESS:
            self.answer(200, "application/json", json.dumps({"status": "started", "version": VERSION}))
        else:
            self.answer(404, "text/plain", "")

    def do_POST(self) -> None:
        self.answer(405, "text/plain", "Method Not Allowed", allow="GET, HEAD")

    def answer(self, status: int, kind: str, text: str, allow: str = "") -> None:
        self.send_response(status)
        if allow:
            self.send_header("Allow", allow)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has in the library
        del format, args


def read() -> Any:
    """The configuration, or one sentence when it is refused."""
    try:
        found = json.loads(CONFIG.read_text())
    except FileNotFoundError:
        return "config file not found"
    except ValueError as error:
        return f": JSON5 parse failed: {error}"
    if not isinstance(found, dict) or "nonsense" in found:
        return 'nonsense: Unrecognized key: "nonsense"'
    return found


def written() -> int:
    return CONFIG.stat().st_mtime_ns if CONFIG.exists() else 0


def differing(before: Any, after: Any, above: str = "") -> list[str]:
    known = [value for value in (before, after) if isinstance(value, dict)]
    judges_parts = SAME_PROCESS and above and "." not in above  # of what comes or goes, each part
    if len(known) < (1 if judges_parts else 2):
        return [] if before == after else [above]
    old, new = (value if isinstance(value, dict) else {} for value in (before, after))
    found = []
    for name in dict.fromkeys((*old, *new)):
        found += differing(old.get(name), new.get(name), f"{above}.{name}" if above else name)
    return found


def take_over(held: Any, found: Any) -> Any:
    """What a gateway makes of a changed file; returns what it holds from then on."""
    if isinstance(found, str):
        say(f"config reload skipped (invalid config): {found}", "gateway/reload", "WARN")
        return held
    paths = differing(held, found)
    if not paths:
        return held
    say(f"config change detected; evaluating reload ({', '.join(paths)})", "gateway/reload")
    if found.get("gateway", {}).get("reload", {}).get("mode") == "off":
        say("config reload disabled (gateway.reload.mode=off)", "gateway/reload")
        return found
    cold = [path for path in paths if not any(path == hot or path.startswith(f"{hot}.") for hot in HOT)]
    if cold:
        say(f"config change requires gateway restart ({', '.join(cold)})", "gateway/reload", "WARN")
        os.kill(os.getpid(), RESTART_SIGNAL)
    else:
        say(f"config hot reload applied ({', '.join(paths)})", "gateway/reload")
    return found


def main() -> None:
    time.sleep(0 if SAME_PROCESS or not OLD else BOOT)
    LOCK.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    LOCK.write_text(json.dumps({"pid": os.getpid(), "configPath": str(CONFIG)}))
    LOG.touch(mode=0o600)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    wanted: list[int] = []
    signal.signal(RESTART_SIGNAL, lambda number, _frame: wanted.append(number))
    signal.signal(signal.SIGTERM, lambda number, _frame: wanted.append(number))
    held, seen = read(), written()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        time.sleep(DEBOUNCE)
        if wanted:
            name = signal.Signals(wanted[0]).name
            if wanted.pop(0) == signal.SIGTERM:
                return
            say(f"received {name}; restarting", "gateway")
            held = read()
            if SAME_PROCESS:
                booted[0] = time.monotonic()
                continue
            server.shutdown()
            server.server_close()
            subprocess.Popen([sys.executable, *sys.argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            return
        now = written()
        if now != seen:
            held = take_over(held, read())
        seen = now


if __name__ == "__main__":
    main()
