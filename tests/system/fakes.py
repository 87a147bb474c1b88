"""What the tests of the machine share: a clock that is wound by hand, another user, a gateway that is none."""

import os
import pickle
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar

import psutil

NOBODY = 65534
DAEMON = Path(__file__).parents[2] / "daemon"

Value = TypeVar("Value")


@dataclass
class FakeClock:
    """Time that passes only when somebody sleeps; `on_sleep` is called each time, before the time has passed."""

    time: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)
    on_sleep: Callable[[], None] | None = None

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.on_sleep is not None:
            self.on_sleep()
        self.time += seconds


def as_another_user(work: Callable[[], Value]) -> Value:
    """Do something as a user who owns nothing; whoever is not root is that user already."""
    if os.geteuid() != 0:
        return work()
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a fork beside threads; the child only uses what it has
        pid = os.fork()
    if pid == 0:
        code = 1
        with suppress(BaseException):
            os.close(reading)
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            try:
                answer: object = work()
            except Exception as error:  # noqa: BLE001 - carried over to the parent
                answer = error
            os.write(writing, pickle.dumps(answer))
            code = 0
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    os.waitpid(pid, 0)
    result = pickle.loads(data)  # noqa: S301 - our own child wrote it
    if isinstance(result, Exception):
        raise result
    return result  # type: ignore[no-any-return]


def run_on_own_mounts(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script as root of a private mount namespace; its code is 99 where that is not to be had."""
    ways = [["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]]
    for way in ways:
        try:
            mount = [*way, "mount", "-t", "tmpfs", "tmpfs", arguments[0]]
            probe = subprocess.run(mount, capture_output=True, check=False)
        except FileNotFoundError:
            break
        if probe.returncode == 0:
            return subprocess.run(
                [*way, "sh", "-euc", script, "sh", *arguments],
                capture_output=True,
                text=True,
                check=False,
                timeout=30,
                env={**os.environ, "PYTHONPATH": str(DAEMON), "PYTHON": sys.executable},
            )
    return subprocess.CompletedProcess([], 99, "", "no private mount namespace here")


_GATEWAY = r"""
import os, signal, socket, sys
signal.signal(signal.SIGUSR1, lambda *_: os.write(1, b"signalled\n"))
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
"""


@dataclass
class Child:
    """A process of ours that listens on a port until it is closed."""

    process: subprocess.Popen[str]
    port: int

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def started(self) -> float:
        return psutil.Process(self.pid).create_time()

    def end(self) -> str:
        """Let it come to its own end and return what it said meanwhile."""
        said, _ = self.process.communicate("", timeout=10)
        return said

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def listening(
    folder: Path, environment: Mapping[str, str], name: str = "openclaw-gateway", *words: str
) -> Iterator[Child]:
    """A child process whose command line holds `name` and `words`, and that listens on a port the kernel chose."""
    script = folder / name
    script.write_text(_GATEWAY)
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(script), *words],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with closing(Child(process, int(process.stdout.readline()))) as child:
        yield child


@dataclass
class Answers:
    """What a fake gateway says next: (status, headers, body) per request; the last one is said for ever."""

    replies: list[tuple[int, dict[str, str], bytes]]
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def next(self, request: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(request)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@contextmanager
def http_gateway(*replies: tuple[int, dict[str, str], bytes]) -> Iterator[Answers]:
    """A web server on loopback that answers as a gateway would."""
    answers = Answers(list(replies))

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            status, headers, body = answers.next(f"{self.command} {self.path}")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - the names that the library looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has in the library
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    answers.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield answers
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def stub(folder: Path, name: str, script: str) -> Path:
    """Put an executable shell script into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def tree(root: Path) -> dict[str, tuple[int, bytes | str | None]]:
    """Everything below a folder: mode, and bytes of a file or target of a link."""
    found: dict[str, tuple[int, bytes | str | None]] = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        content: bytes | str | None = None
        if path.is_symlink():
            content = str(path.readlink())
        elif path.is_file():
            content = path.read_bytes()
        found[str(path.relative_to(root))] = (status.st_mode, content)
    return found
