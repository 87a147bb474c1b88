"""Somebody else at a file, in a process of its own: stand-ins for the programs that own it, and a reader.

    python writers.py STYLE FILE DROP     adds entry-0, entry-1, ..., one read-modify-write each
    python writers.py reader FILE         reads

Both go on until their stdin ends and then tell what they saw, as JSON.

in-place    OpenClaw 2026.3.2: no lock, opens with O_TRUNC and writes
holding     a script or an editor: no lock, opens once, reads, takes a moment, writes into what it has opened
rename      OpenClaw 2026.5.7: no lock, temporary file and rename
aside       Qwen Code 0.24.4: no lock, temporary file; renames the old file to .orig and then the new one into its place
waiting     Claude Code 2.1.330: waits for the lock (a folder), reads again, temporary file, fsync, rename
impatient   Claude Code 2.1.59: as `waiting`, but writes without the lock when somebody else has it

Each version of the file says in `by` who wrote it. At its end the writer tells in which version it first found each
entry of its own lacking, and which ones it wrote into a file that had lost its name; so there is an answer to who lost
what. Only the standard library: it has to start quickly.
"""

import contextlib
import json
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

_STALE_SECONDS = 10
_CHANCE = random.SystemRandom()


def read(path: str) -> Any:
    """Read a version; one that does not parse is read again, as the programs do."""
    while True:
        with contextlib.suppress(ValueError, FileNotFoundError), open(path, "rb") as file:
            return json.loads(file.read())


def write_in_place(path: str, text: bytes) -> bool:
    """Write as fs.writeFile does; tell whether the file still had a name when it was written."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, text)
        return os.fstat(descriptor).st_nlink > 0
    finally:
        os.close(descriptor)


def write_into(descriptor: int, text: bytes) -> bool:
    """Take a moment, then write into the open file; tell whether it still had a name."""
    time.sleep(_CHANCE.uniform(0, 0.001))
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text, 0)
    return os.fstat(descriptor).st_nlink > 0


def write_and_rename(path: str, text: bytes, *, sync: bool = False) -> bool:
    temporary = f"{path}.tmp.{os.getpid()}.{_CHANCE.randbytes(4).hex()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, text)
        if sync:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(temporary, path)
    return True


def write_and_move_aside(path: str, text: bytes) -> bool:
    """Write as Qwen Code does: for a moment there is no file."""
    temporary, aside = f"{path}.tmp", f"{path}.orig"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, text)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(path, aside)
    os.rename(temporary, path)
    os.unlink(aside)
    return True


@contextlib.contextmanager
def locked(path: str, *, patient: bool) -> Iterator[bool]:
    """Hold the folder that is the lock, or go on without it if one is not patient."""
    lock = f"{path}.lock"
    while True:
        try:
            os.mkdir(lock)
            break
        except FileExistsError:
            if not patient:
                yield False
                return
            with contextlib.suppress(FileNotFoundError, OSError):
                if time.time() - os.stat(lock).st_mtime > _STALE_SECONDS:
                    os.rmdir(lock)
            time.sleep(_CHANCE.uniform(0.0005, 0.003))
    try:
        yield True
    finally:
        os.rmdir(lock)


def stdin_end() -> threading.Event:
    """Return what is set as soon as stdin ends."""
    ended = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    return ended


class Pace:
    """How long to pause, so that both sides get on, on whatever machine: shorter after an answer, longer without.

    An answer is a new value of the other side's counter or, in a race for the flag, the flag after it was dropped.
    """

    def __init__(self, *, for_flag: bool) -> None:
        self._for_flag = for_flag
        self._seen: object = None
        self._mean = 0.002

    def see(self, document: dict[str, Any]) -> None:
        value = document["hasCompletedOnboarding" if self._for_flag else "own"]
        if value != self._seen and value is not False:
            self._mean = max(self._mean * 0.7, 0.0005)
        elif not self._for_flag or value is False:
            self._mean = min(self._mean * 1.1, 0.2)
        self._seen = value

    def pause(self) -> None:
        time.sleep(_CHANCE.uniform(0, 2 * self._mean))


def write(style: str, path: str, drop: int, ended: threading.Event) -> dict[str, Any]:
    """Add the entries; every `drop`-th time the onboarding flag is set to false, as /logout does."""
    pace = Pace(for_flag=bool(drop))
    lacking: dict[int, str] = {}
    unseen: list[int] = []
    number = unlocked = 0
    while not ended.is_set():
        with contextlib.ExitStack() as stack:
            if style in {"waiting", "impatient"}:
                unlocked += not stack.enter_context(locked(path, patient=style == "waiting"))
            descriptor = None
            if style == "holding":
                descriptor = os.open(path, os.O_RDWR)
                stack.callback(os.close, descriptor)
            document = read(path) if descriptor is None else json.loads(os.pread(descriptor, 2**24, 0))
            pace.see(document)
            if len(document["theirs"]) + len(lacking) != number:
                gone = (old for old in range(number) if f"entry-{old}" not in document["theirs"])
                lacking = dict.fromkeys(gone, document["by"]) | lacking
            document["by"] = f"them {number}"
            document["theirs"][f"entry-{number}"] = number
            if drop and number % drop == drop - 1:
                document["hasCompletedOnboarding"] = False
            text = json.dumps(document, indent=2).encode()
            if descriptor is not None:
                seen = write_into(descriptor, text)
            elif style == "in-place":
                seen = write_in_place(path, text)
            elif style == "aside":
                seen = write_and_move_aside(path, text)
            else:
                seen = write_and_rename(path, text, sync=style != "rename")
            if not seen:
                unseen.append(number)
        number += 1
        pace.pause()
    return {"written": number, "lacking": lacking, "unlocked": unlocked, "unseen": unseen}


def watch(path: str, ended: threading.Event) -> dict[str, Any]:
    """Read; keep what does not parse: was it written meanwhile, does it just lack its end?"""
    reads = absent = 0
    broken: list[dict[str, Any]] = []
    while not ended.is_set():
        reads += 1
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            absent += 1
            continue
        try:
            before = os.fstat(descriptor)
            text = os.read(descriptor, 2**24)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        try:
            json.loads(text)
        except ValueError as error:
            moved = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
            cut = isinstance(error, json.JSONDecodeError) and error.pos >= len(error.doc) - 64
            broken.append({"moved": moved, "cut": cut, "text": text[-200:].decode("latin-1")})
        time.sleep(_CHANCE.uniform(0, 0.001))
    return {"reads": reads, "absent": absent, "broken": broken}


def main() -> None:
    style, path, *rest = sys.argv[1:]
    report = watch(path, stdin_end()) if style == "reader" else write(style, path, int(rest[0]), stdin_end())
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main()
