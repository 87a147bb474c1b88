"""What runs inside a sandbox: brings up loopback, calls what it was asked to, and leaves the answer in a file."""

import fcntl
import importlib
import json
import os
import resource
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

RUNNER = Path(__file__).with_name("runner.py")
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def bring_up_loopback() -> None:
    with socket.socket() as any_socket:
        flags = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        (now,) = struct.unpack_from("h", flags, 16)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", now | _IFF_UP))


def alone() -> list[int]:
    """The processes that can be seen here."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def timed(
    command: Sequence[str], environment: Mapping[str, str], folder: str, seconds: float, output: str = os.devnull
) -> dict[str, Any]:
    """Run one command to its end: wall and processor seconds, the most memory of any process of it, its exit code."""
    request = {"command": command, "environment": dict(environment), "folder": folder, "seconds": seconds}
    # Not on its command line: easyclaw ends whatever has the word openclaw there.
    line, given = [sys.executable, "-I", "-S", str(RUNNER)], json.dumps(request | {"output": output})
    ended = subprocess.run(line, input=given.encode(), stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def main() -> None:
    folder = Path(sys.argv[1])
    bring_up_loopback()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    module, function, arguments = json.loads((folder / "request.json").read_text())
    answer = getattr(importlib.import_module(module), function)(**arguments)
    (folder / "answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main()
