import errno
import fcntl
import mmap
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clawmend.system import lease as leasing
from clawmend.system.lease import Answer, is_waited_for, read_lease, write_lease

_HOLDER = """
import sys
with open(sys.argv[1], "r+b"):
    print(flush=True)
    sys.stdin.read()
"""
_WRITER = """
import os, sys
try:
    os.close(os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK))
except BlockingIOError:
    print("waits", flush=True)
with open(sys.argv[1], sys.argv[2]) as file:
    file.write("theirs")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    if not hasattr(fcntl, "F_SETLEASE"):
        pytest.skip("this system has no leases")
    with _opened(path) as descriptor, read_lease(descriptor) as answer:
        if answer is Answer.UNKNOWN:
            pytest.skip("this file system has no leases")
    return path


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _child(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has said its first line; it ends when its input does."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        yield child
        child.communicate("", timeout=10)


def test_a_file_that_nobody_writes_is_held_and_nobody_waits_for_it(path: Path) -> None:
    with _opened(path) as descriptor:
        with read_lease(descriptor) as answer:
            assert answer is Answer.HELD
            assert not is_waited_for(descriptor)
        with read_lease(descriptor) as answer:
            assert answer is Answer.HELD


def test_who_only_reads_is_no_writer(path: Path) -> None:
    with _opened(path), _opened(path) as descriptor, read_lease(descriptor) as answer:
        assert answer is Answer.HELD


def test_a_file_that_another_process_has_open_for_writing_is_written(path: Path) -> None:
    with _opened(path) as descriptor:
        with _child(_HOLDER, str(path)), read_lease(descriptor) as answer:
            assert answer is Answer.WRITER
        with read_lease(descriptor) as answer:
            assert answer is Answer.HELD


def test_a_file_that_is_mapped_for_writing_is_written_though_it_was_closed(path: Path) -> None:
    with path.open("r+b") as file:
        mapped = mmap.mmap(file.fileno(), 3)
    try:
        with _opened(path) as descriptor, read_lease(descriptor) as answer:
            assert answer is Answer.WRITER
    finally:
        mapped.close()


@pytest.mark.parametrize(("mode", "left"), [("w", b"theirs"), ("a", b"oldtheirs")])
def test_who_opens_it_for_writing_waits_is_seen_and_writes_when_we_let_go(path: Path, mode: str, left: bytes) -> None:
    with _opened(path) as descriptor:
        with read_lease(descriptor) as answer, _child_later(path, mode) as child:
            assert answer is Answer.HELD
            assert is_waited_for(descriptor)
            assert path.read_bytes() == b"old"
        child.communicate(timeout=10)
    assert child.returncode == 0
    assert path.read_bytes() == left


@contextmanager
def _child_later(path: Path, mode: str) -> Iterator[subprocess.Popen[str]]:
    """A writer that has found out that it has to wait; it is not waited for at the end."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _WRITER, str(path), mode], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "waits\n"
    yield child


def test_a_lease_is_given_back_after_an_error(path: Path) -> None:
    with _opened(path) as descriptor:
        with pytest.raises(ZeroDivisionError), read_lease(descriptor):
            raise ZeroDivisionError
        assert fcntl.fcntl(descriptor, fcntl.F_GETLEASE) == fcntl.F_UNLCK


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (errno.EACCES, Answer.UNKNOWN),
        (errno.EINVAL, Answer.UNKNOWN),
        (errno.ENOLCK, Answer.UNKNOWN),
        (errno.EAGAIN, Answer.WRITER),
        (errno.EBUSY, Answer.WRITER),
    ],
)
def test_a_refusal_is_an_answer(path: Path, code: int, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int, _command: int, _argument: int = 0) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    with _opened(path) as descriptor, read_lease(descriptor) as said:
        assert said is answer


def test_a_system_without_leases_is_an_answer_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"old")
    for name in ("_SET", "_GET", "_SIGNAL"):
        monkeypatch.setattr(leasing, name, None)
    with _opened(tmp_path / "a") as descriptor, read_lease(descriptor) as answer:
        assert answer is Answer.UNKNOWN
        assert not is_waited_for(descriptor)


def test_for_a_write_lease_nobody_else_may_have_the_file_open_not_even_to_read(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        with _opened(path), write_lease(descriptor) as answer:
            assert answer is Answer.WRITER
        with write_lease(descriptor) as answer:
            assert answer is Answer.HELD
    finally:
        os.close(descriptor)


def test_while_a_write_lease_is_held_a_writer_waits_and_what_it_writes_comes_after_ours(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        with write_lease(descriptor) as answer:
            assert answer is Answer.HELD
            with_child = _child(_WRITER, str(path), "a")
            child = with_child.__enter__()  # it has tried, and waits to be let in
            os.pwrite(descriptor, b"our", 0)
        with_child.__exit__(None, None, None)
        assert child.returncode == 0
        assert path.read_bytes() == b"ourtheirs"
    finally:
        os.close(descriptor)
