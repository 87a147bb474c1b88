"""What the cycle works with, in three modes: really, as if, and only looking.

A new mode is a new set of tools; the cycle itself never asks which one it has.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from clawmend.core.era import Installation
from clawmend.core.finding import LogOut
from clawmend.core.snapshot import GatewayRunning, OpenClaw
from clawmend.repair.credentials import Credentials, DryRunCredentials, NoCredentials, RealCredentials
from clawmend.system.checkpoints import CheckpointStore, FileChange
from clawmend.system.files import Files, RealFiles
from clawmend.system.gateway import find_gateway
from clawmend.system.homes import StateFolder
from clawmend.system.locks import own_lock, owners_lock
from clawmend.system.machine import Clock, Place
from clawmend.system.pretend import DryRunFiles, ReadOnlyFiles
from clawmend.system.probe import ask_health
from clawmend.system.records import Checkpoint, Kind
from clawmend.system.restart import Restart, manual_instruction, restart, validate_config, why_unrestartable
from clawmend.system.services import find_service


class GatewayControl(Protocol):
    """Validating and restarting the gateway of a state folder."""

    def validate(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> str | None:
        """Return why its configuration is not fit for a restart; None when it is."""
        ...

    def restart(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> Restart:
        """Restart it and wait for the proof."""
        ...

    def instruction(self, openclaw: OpenClaw, gateway: GatewayRunning) -> str:
        """What a person types to restart it."""
        ...

    def is_ready(self, gateway: GatewayRunning, installation: Installation) -> bool:
        """Ask it once whether it is ready."""
        ...


class RealGatewayControl:
    """The gateway of this machine."""

    def __init__(self, place: Place, files: Files, clock: Clock) -> None:
        self._place, self._files, self._clock = place, files, clock

    def validate(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> str | None:
        """See GatewayControl.validate."""
        del openclaw
        return why_unrestartable(gateway, installation) or validate_config(installation, gateway)

    def restart(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> Restart:
        """See GatewayControl.restart."""
        folder = StateFolder(openclaw.directory, openclaw.config.path, openclaw.profile)
        service = find_service(self._place.home, openclaw.profile, self._place.environment, self._files)
        return restart(
            gateway,
            service,
            installation,
            lambda: find_gateway(folder, gateway.port, service, self._files),
            self._clock,
        )

    def instruction(self, openclaw: OpenClaw, gateway: GatewayRunning) -> str:
        """See GatewayControl.instruction."""
        service = find_service(self._place.home, openclaw.profile, self._place.environment, self._files)
        return manual_instruction(gateway, service)

    def is_ready(self, gateway: GatewayRunning, installation: Installation) -> bool:
        """See GatewayControl.is_ready."""
        return ask_health(gateway.port, installation.version).ready


class DryRunGatewayControl(RealGatewayControl):
    """Says what would be done and does nothing."""

    def validate(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> str | None:
        """Nothing is going to be restarted, so OpenClaw is not asked; what is known beforehand is said."""
        del openclaw
        return why_unrestartable(gateway, installation)

    def restart(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> Restart:
        """Report the restart that a real run would make."""
        del openclaw, installation
        return Restart(needed=True, done=False, reason=f"a real run would restart the gateway (process {gateway.pid})")


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
    """

    place: Place
    files: Files
    store: Store
    gateway: GatewayControl
    clock: Clock
    lock: Callable[[str], AbstractContextManager[None]]
    exclusive: Callable[[], AbstractContextManager[None]] = nullcontext
    credentials: Credentials = field(default_factory=NoCredentials)


def real_tools(place: Place, clock: Clock) -> Tools:
    """Tools that change things."""
    files = RealFiles()
    return Tools(
        place,
        files,
        CheckpointStore(place.state),
        RealGatewayControl(place, files, clock),
        clock,
        lambda path: owners_lock(path, clock),
        lambda: own_lock(place.state),
        RealCredentials(place, files, clock),
    )


def dry_tools(place: Place, clock: Clock) -> Tools:
    """Tools that remember what they would have changed."""
    files = DryRunFiles(ReadOnlyFiles(RealFiles()))
    gateway, credentials = DryRunGatewayControl(place, files, clock), DryRunCredentials()
    return Tools(place, files, NoStore(), gateway, clock, lambda _path: nullcontext(), credentials=credentials)


def look_only_tools(place: Place, clock: Clock) -> Tools:
    """Tools that may not write at all."""
    files = ReadOnlyFiles(RealFiles())
    return Tools(place, files, NoStore(), DryRunGatewayControl(place, files, clock), clock, lambda _path: nullcontext())
