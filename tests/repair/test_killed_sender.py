"""A sender that is really killed while a slow service holds its request: the message goes out, and not for ever."""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from clawmend.core.event import Event
from clawmend.core.notices import Notice
from clawmend.core.notify_options import Target, targets_of
from clawmend.core.outbox import MOST_ATTEMPTS, Delivery, Fate
from clawmend.system.outbox import Outbox
from system.fakes import DAEMON, FakeClock

# A real sender in a process of its own; only its clock is wound by hand, so that no pause has to be waited for.
SENDER = """
import sys
from clawmend.core.notify_options import targets_of
from clawmend.repair.sending import send_due
from clawmend.system.channels import RealSender
from clawmend.system.outbox import Outbox

class Clock:
    def now(self):
        return float(sys.argv[3])

send_due(Outbox(sys.argv[1]), targets_of((sys.argv[2],), desktop=False), RealSender(), Clock())
"""


@dataclass
class Slow:
    """A webhook that holds every request until it is released; `came` gets one item per request."""

    port: int = 0
    came: "queue.Queue[str]" = field(default_factory=queue.Queue)
    released: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def slow() -> Iterator[Slow]:
    service = Slow()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.came.put(self.path)
            service.released.wait(60)
            try:
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # whoever asked was killed

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        service.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield service
        service.released.set()
        server.shutdown()
        thread.join()


@dataclass
class Bench:
    """An outbox with one message in it for the slow service."""

    outbox: Outbox
    state: str
    address: str
    target: Target

    def sender(self, now: float) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(DAEMON)}
        return subprocess.Popen([sys.executable, "-c", SENDER, self.state, self.address, str(now)], env=environment)

    @property
    def delivery(self) -> Delivery:
        (message,) = self.outbox.all()
        return message.deliveries[self.target.mark]


@pytest.fixture
def bench(slow: Slow, tmp_path: Path) -> Bench:
    address = f"json://127.0.0.1:{slow.port}/hook"
    (target,) = targets_of((address,), desktop=False)
    outbox = Outbox(str(tmp_path / "state"))
    notice = Notice("k", Event.NEEDS_YOU, FakeClock.time, "title", ("one",))
    assert outbox.put([notice], [target.mark], frozenset(Event), FakeClock.time)
    return Bench(outbox, str(tmp_path / "state"), address, target)


def _killed_while_it_waits(bench: Bench, slow: Slow, now: float) -> bool:
    """Kill a sender as soon as the service has its request; whether there was one."""
    process = bench.sender(now)
    try:
        while process.poll() is None:
            try:
                slow.came.get(timeout=0.1)
            except queue.Empty:
                continue
            process.send_signal(signal.SIGKILL)
            process.wait(30)
            return True
        assert process.returncode == 0
        return False
    finally:
        process.kill()
        process.wait()


def test_killed_every_time_it_goes_out_as_often_as_there_are_attempts_and_then_never_again(
    bench: Bench, slow: Slow
) -> None:
    moments = [FakeClock.time + 7200.0 * number for number in range(MOST_ATTEMPTS + 2)]
    sent = [_killed_while_it_waits(bench, slow, moment) for moment in moments]
    assert sent == [True] * MOST_ATTEMPTS + [False, False]
    assert (bench.delivery.fate, bench.delivery.attempts) == (Fate.GIVEN_UP, MOST_ATTEMPTS)


def test_killed_once_it_goes_out_again_and_is_then_noted_as_sent(bench: Bench, slow: Slow) -> None:
    assert _killed_while_it_waits(bench, slow, FakeClock.time)
    assert (bench.delivery.fate, bench.delivery.attempts) == (Fate.WAITING, 1)
    slow.released.set()
    assert bench.sender(FakeClock.time + 1).wait(30) == 0
    assert slow.came.empty()  # its time has not come
    assert bench.sender(FakeClock.time + 60).wait(30) == 0
    assert slow.came.qsize() == 1
    assert (bench.delivery.fate, bench.delivery.attempts) == (Fate.SENT, 2)
    assert bench.sender(FakeClock.time + 7200).wait(30) == 0
    assert slow.came.qsize() == 1
