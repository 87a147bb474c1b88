"""What the cycle works with, in three modes: really, as if, and only looking.

A new mode is a new set of tools; the cycle itself never asks which one it has.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field
from typing import Protocol

from clawmend.core.finding import LogOut
from clawmend.core.frozen import dataclass
from clawmend.repair.control import DryRunGatewayControl, GatewayControl, RealGatewayControl, Say, silent
from clawmend.repair.credentials import Credentials, DryRunCredentials, NoCredentials, RealCredentials
from clawmend.system.checkpoints import CheckpointStore, FileChange
from clawmend.system.files import Files, RealFiles
from clawmend.system.hands_off import AtWork, who_is_at_work
from clawmend.system.locks import own_lock, owners_lock
from clawmend.system.log_readers import LogReaders
from clawmend.system.machine import Clock, Place
from clawmend.system.memory import Forgetting, MemoryStore, Remembering
from clawmend.system.pretend import DryRunFiles, ReadOnlyFiles
from clawmend.system.records import Checkpoint, Kind
from clawmend.system.restart import DEFAULT_WAIT


class Store(Protocol):
    """Where the state before a repair is kept. See system/checkpoints.py for what each of these writes."""

    def prepare(self) -> None:
        """Make sure that there will be a way back."""
        ...

    def register(
        self,
        kind: Kind,
        home: str,
        made: float,
        files: Iterable[FileChange],
        *,
        reason: str = "",
        needs_restart: bool = False,
        undoes: str | None = None,
    ) -> Checkpoint:
        """Keep the state of the files before the first of them is written."""
        ...

    def note_in_place(self, checkpoint: Checkpoint, path: str, after: bytes) -> None:
        """Note that a file is about to be written in place."""
        ...

    def note_commands(
        self,
        checkpoint: Checkpoint,
        commands: Iterable[tuple[LogOut, tuple[str, ...]]],
        files: Iterable[FileChange] = (),
        *,
        taken_over: bool = False,
    ) -> None:
        """Keep what commands of OpenClaw are about to take away, before the first of them."""
        ...

    def note_rewritten(self, checkpoint: Checkpoint, path: str, after: bytes, theirs: bytes | None = None) -> None:
        """Note what becomes of a file that OpenClaw wrote anew."""
        ...

    def applied(self, checkpoint: Checkpoint) -> None:
        """Note that every file is written."""
        ...

    def finish(self, checkpoint: Checkpoint) -> None:
        """Note that everything was done and proved."""
        ...

    def mark_undone(self, checkpoint: Checkpoint) -> None:
        """Note that everything is as it was."""
        ...


class NoStore:
    """A dry run keeps nothing: nothing is going to be changed."""

    def prepare(self) -> None:
        """See Store.prepare."""

    def register(
        self,
        kind: Kind,
        home: str,
        made: float,
        files: Iterable[FileChange],
        *,
        reason: str = "",
        needs_restart: bool = False,
        undoes: str | None = None,
    ) -> Checkpoint:
        """See Store.register; the checkpoint has no id."""
        del files
        return Checkpoint("", made, kind, home, (), reason, needs_restart, undoes)

    def note_in_place(self, checkpoint: Checkpoint, path: str, after: bytes) -> None:
        """See Store.note_in_place."""

    def note_commands(
        self,
        checkpoint: Checkpoint,
        commands: Iterable[tuple[LogOut, tuple[str, ...]]],
        files: Iterable[FileChange] = (),
        *,
        taken_over: bool = False,
    ) -> None:
        """See Store.note_commands."""

    def note_rewritten(self, checkpoint: Checkpoint, path: str, after: bytes, theirs: bytes | None = None) -> None:
        """See Store.note_rewritten."""

    def applied(self, checkpoint: Checkpoint) -> None:
        """See Store.applied."""

    def finish(self, checkpoint: Checkpoint) -> None:
        """See Store.finish."""

    def mark_undone(self, checkpoint: Checkpoint) -> None:
        """See Store.mark_undone."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything the cycle touches the machine with.

    `lock` takes the lock of a file's owner, `exclusive` ours, `credentials` is OpenClaw for what is in its databases.
    `memory` is what is remembered between two runs, `at_work` finds who writes OpenClaw's files as a user just now,
    `logs` know what of OpenClaw's logs was read.
    """

    place: Place
    files: Files
    store: Store
    gateway: GatewayControl
    clock: Clock
    lock: Callable[[str], AbstractContextManager[None]]
    exclusive: Callable[[], AbstractContextManager[None]] = nullcontext
    credentials: Credentials = field(default_factory=NoCredentials)
    memory: Remembering = field(default_factory=Forgetting)
    at_work: Callable[[], AtWork | None] = lambda: None
    logs: LogReaders = field(default_factory=LogReaders)


def real_tools(place: Place, clock: Clock, restart_wait: float = DEFAULT_WAIT, say: Say = silent) -> Tools:
    """Tools that change things. For `restart_wait` and `say` see RealGatewayControl."""
    files = RealFiles()
    return Tools(
        place,
        files,
        CheckpointStore(place.state),
        RealGatewayControl(place, files, clock, restart_wait, say),
        clock,
        lambda path: owners_lock(path, clock),
        lambda: own_lock(place.state),
        RealCredentials(place, files, clock),
        MemoryStore(place.state, clock),
        lambda: who_is_at_work(place.home, clock.now()),
    )


def dry_tools(place: Place, clock: Clock) -> Tools:
    """Tools that remember what they would have changed."""
    files = DryRunFiles(ReadOnlyFiles(RealFiles()))
    gateway, credentials = DryRunGatewayControl(place, files, clock), DryRunCredentials()
    return Tools(
        place,
        files,
        NoStore(),
        gateway,
        clock,
        lambda _path: nullcontext(),
        credentials=credentials,
        memory=Forgetting(MemoryStore(place.state, clock).read()),
        at_work=lambda: who_is_at_work(place.home, clock.now()),
    )


def look_only_tools(place: Place, clock: Clock) -> Tools:
    """Tools that may not write at all."""
    files = ReadOnlyFiles(RealFiles())
    return Tools(place, files, NoStore(), DryRunGatewayControl(place, files, clock), clock, lambda _path: nullcontext())
