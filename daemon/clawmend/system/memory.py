"""The memory between two runs: one file in a folder of its own, changed under a lock and replaced as a whole."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol, assert_never

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.core.memory import Memory, Pause, memory_json, memory_of
from clawmend.core.state import Absent, Found, Unreadable
from clawmend.system.durable import changing, private_folder, replace_whole
from clawmend.system.files import RealFiles
from clawmend.system.locks import own_lock
from clawmend.system.machine import Clock
from clawmend.system.sentences import elsewhere

_NAME = "memory.json"
_MOST_BYTES = 4 * 2**20
_PATIENCE = 5.0  # it is held for milliseconds

Turn = Callable[[Memory], Memory]


class Remembering(Protocol):
    """What is remembered between two runs."""

    def read(self) -> Memory:
        """What is remembered now; never an error."""
        ...

    def change(self, turn: Turn) -> Memory:
        """Remember something else; ClawmendError when that cannot be kept, and then nothing has changed."""
        ...


class Forgetting:
    """Remembers as long as it lives: for whoever keeps nothing."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()

    def read(self) -> Memory:
        """See Remembering.read."""
        return self._memory

    def change(self, turn: Turn) -> Memory:
        """See Remembering.change."""
        self._memory = turn(self._memory)
        return self._memory


class MemoryStore:
    """The memory in clawmend's state folder. It appears with the first thing that is worth remembering."""

    def __init__(self, state: str, clock: Clock) -> None:
        self._folder = os.path.join(state, "memory")
        self.path = os.path.join(self._folder, _NAME)
        self._clock = clock

    def read(self) -> Memory:
        """See Remembering.read."""
        match RealFiles().read(self.path, _MOST_BYTES):
            case Absent():
                return Memory()
            case Unreadable(problem=problem):
                return Memory(problem=f"{self.path} {problem}")
            case Found(data=data):
                return self._understood(data)
            case _ as never:
                assert_never(never)

    def _understood(self, data: bytes) -> Memory:
        try:
            memory = memory_of(json.loads(data))
        except (ValueError, RecursionError):
            memory = Memory(problem="is damaged")
        if memory.problem:
            remedy = f"to begin anew: mv {self.path} {self.path}.aside"
            return Memory(problem=f"{self.path} {memory.problem}; {remedy}")
        return memory

    def change(self, turn: Turn) -> Memory:
        """See Remembering.change. A memory that cannot be read is never written over."""
        try:
            private_folder(self._folder)
            with self._locked():
                before = self.read()
                if before.problem:
                    raise ClawmendError(f"nothing can be remembered: {before.problem}")
                after = turn(before)
                if after != before:
                    self._write(json.dumps(memory_json(after), indent=1).encode())
                return after
        except OSError as error:
            raise ClawmendError(
                f"nothing can be remembered in {self._folder}: {error.strerror}",
                elsewhere(error),
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        deadline = self._clock.monotonic() + _PATIENCE
        with ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(own_lock(self._folder))
                    break
                except BusyError:
                    if self._clock.monotonic() >= deadline:
                        raise
                    self._clock.sleep(0.05)
            yield

    def _write(self, data: bytes) -> None:
        with changing(self._folder):  # whoever lives holds the lock, and that is us
            replace_whole(self.path, data)


def pause_of(state: str, clock: Clock) -> Pause | None:
    """The pause that holds now: what the watcher has written of it is from its last look."""
    return MemoryStore(state, clock).read().pause_at(clock.now())
