"""Kills and errors at the border of the kernel: work runs in a fork, and every call it makes is asked for first.

The fork hands its system calls to a seccomp listener (SECCOMP_RET_USER_NOTIF) that this process reads. A call waits
there, not yet begun, until it is let through, answered with an error, or its process is killed. Nothing of Python is
replaced, so whatever makes the call is met; and since the fork has all modules loaded, a trial costs milliseconds.
"""

import array
import ctypes
import errno
import fcntl
import os
import select
import signal
import socket
import struct
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from typing import NoReturn

from faults import syscalls

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _NEW_LISTENER = 1, 8
_PR_SET_NO_NEW_PRIVS = 38
_ALLOW, _ASK = 0x7FFF0000, 0x7FC00000
_LOAD_NUMBER, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_CONTINUE = 1
_REQUEST = struct.Struct("=QIIiIQ6Q")
_RESPONSE = struct.Struct("=QqiI")
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that is about to happen on a file below the folder that is watched."""

    name: str
    path: str
    changes: bool

    def __str__(self) -> str:
        return f"{self.name}({os.path.basename(self.path)})"


class Kill:
    """The decision to kill the process instead of beginning the call."""


# What to do with a call: nothing, kill, or answer with this errno.
Decision = type[Kill] | int | None
Decide = Callable[[Call], Decision]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a fork ended: its exit code (negative: the signal), what it said, how long it took."""

    code: int
    said: str
    seconds: float


def why_not() -> str | None:
    """Say why calls cannot be caught here; None when they can."""
    if sys.platform != "linux" or os.uname().machine not in _SECCOMP:
        return "needs Linux on x86_64 or aarch64"
    try:
        ended = run(lambda: 0, lambda _call: None, "/nowhere")
    except OSError as error:
        return f"needs seccomp listeners (Linux 5.5), which are refused here: {error}"
    return None if ended.code == 0 else f"needs seccomp listeners (Linux 5.5): {ended.said}"


def run_free(work: Callable[[], int]) -> Ended:
    """Run work in a fork that nobody interferes with."""
    begun = time.monotonic()
    output = os.memfd_create("said")
    pid = _fork()
    if pid == 0:
        _work(work, output)
    return _ended(pid, output, begun)


def run(work: Callable[[], int], decide: Decide, root: str, *, looking: bool = False) -> Ended:
    """Run work in a fork; `decide` is asked about each of its calls on files below `root` that changes something.

    With `looking` it is asked about the calls that only look as well.
    """
    names = syscalls.ALL if looking else {**syscalls.CHANGING, **syscalls.SOMETIMES}
    numbers = sorted(number for number, name in syscalls.by_number().items() if name in names)
    begun = time.monotonic()
    output = os.memfd_create("said")
    ours, theirs = socket.socketpair()
    pid = _fork()
    if pid == 0:
        _work(lambda: _watched(work, theirs, numbers), output)
    theirs.close()
    with ours:
        _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
    if not descriptors:
        ended = _ended(pid, output, begun)
        raise OSError(errno.ENOSYS, ended.said or f"the fork ended with {ended.code}")
    try:
        _serve(pid, descriptors[0], lambda call: decide(call) if looking or call.changes else None, root)
    except BaseException:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        raise
    finally:
        os.close(descriptors[0])
        ended = _ended(pid, output, begun)
    return ended


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a fork beside threads; the child only uses its own
        return os.fork()


def _work(work: Callable[[], int], output: int) -> NoReturn:
    code = 255
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout = TextIOWrapper(open(1, "wb", closefd=False), write_through=True)  # noqa: SIM115 - for good
        sys.stderr = sys.stdout
        code = work()
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - the fork must not run on in its parent's place
        with suppress(BaseException):
            os.write(2, f"Traceback: {error!r}\n".encode())
    finally:
        os._exit(code)


def _ended(pid: int, output: int, begun: float) -> Ended:
    _, status = os.waitpid(pid, 0)
    said = os.pread(output, 2**20, 0).decode(errors="replace")
    os.close(output)
    return Ended(os.waitstatus_to_exitcode(status), said, time.monotonic() - begun)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _watched(work: Callable[[], int], channel: socket.socket, numbers: list[int]) -> int:
    code = [(_LOAD_NUMBER, 0, 0, 0)]
    code += [(_JUMP_IF_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    code += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ASK)]
    text = b"".join(struct.pack("=HBBI", *line) for line in code)
    library = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(code), text)
    library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    number = _SECCOMP[os.uname().machine]
    listener = library.syscall(number, _SET_MODE_FILTER, _NEW_LISTENER, ctypes.byref(program))
    if listener < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    socket.send_fds(channel, [b"."], [listener])
    os.close(listener)
    channel.close()
    return work()


def _serve(pid: int, listener: int, decide: Decide, root: str) -> None:
    """Answer until nobody is left who could ask."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    deadline = time.monotonic() + _PATIENCE
    while True:
        ready = poll.poll(1000)
        if time.monotonic() > deadline:
            raise TimeoutError(f"the work took more than {_PATIENCE:.0f} seconds")
        if not ready:
            continue
        if not ready[0][1] & select.POLLIN:
            return
        request = array.array("B", bytes(_REQUEST.size))
        try:
            fcntl.ioctl(listener, _RECEIVE, request)
        except FileNotFoundError:  # it died in the meantime
            continue
        identity, asking, _flags, number, _arch, _place, *arguments = _REQUEST.unpack(request.tobytes())
        decision = _decide(decide, asking, syscalls.by_number()[number], tuple(arguments), root)
        if decision is Kill:
            os.kill(pid, signal.SIGKILL)
            return
        error = -decision if isinstance(decision, int) else 0
        with suppress(FileNotFoundError):
            fcntl.ioctl(listener, _SEND, _RESPONSE.pack(identity, 0, error, 0 if error else _CONTINUE))


def _decide(decide: Decide, pid: int, name: str, arguments: tuple[int, ...], root: str) -> Decision:
    path = _path(pid, name, arguments)
    if path != root and not path.startswith(f"{root}/"):
        return None
    return decide(Call(name, path, syscalls.changes(name, arguments)))


def _path(pid: int, name: str, arguments: tuple[int, ...]) -> str:
    """The file that a call is about; empty when it names none."""
    shape = syscalls.ALL[name]
    if shape.descriptor is not None:
        return _open_file(pid, arguments[shape.descriptor])
    found = _text(pid, arguments[shape.name]) if shape.name is not None else ""
    if found.startswith("/"):
        return found
    folder = _open_file(pid, arguments[shape.folder]) if shape.folder is not None else _open_file(pid, -100)
    return f"{folder}/{found}" if found else folder


def _open_file(pid: int, descriptor: int) -> str:
    descriptor = ctypes.c_int(descriptor & 0xFFFFFFFF).value
    link = f"/proc/{pid}/cwd" if descriptor == syscalls.AT_FDCWD else f"/proc/{pid}/fd/{descriptor}"
    try:
        return os.readlink(link).removesuffix(" (deleted)")
    except OSError:
        return ""


def _text(pid: int, address: int) -> str:
    if address == 0:
        return ""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        found = b""
        while b"\0" not in found and len(found) < 8192:
            place = address + len(found)
            memory.seek(place)
            found += memory.read(4096 - place % 4096)  # up to the end of the page
    return os.fsdecode(found.partition(b"\0")[0])
