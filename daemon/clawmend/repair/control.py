"""What the cycle does with a gateway: ask, wait, restart, start. Really, or only saying what would be done."""

from collections.abc import Iterable
from typing import Protocol

from clawmend.core.era import Installation
from clawmend.core.errors import BusyError
from clawmend.core.pointer import Pointer
from clawmend.core.snapshot import GatewayRunning, GatewayState, OpenClaw
from clawmend.core.state import object_at
from clawmend.system.activity import wait_until_quiet
from clawmend.system.files import Files
from clawmend.system.gateway import find_gateway
from clawmend.system.homes import StateFolder, elsewhere, state_folders
from clawmend.system.machine import Clock, Place
from clawmend.system.probe import ask_health
from clawmend.system.proving import patience_of
from clawmend.system.reload import Reload, Silent, await_reload
from clawmend.system.restart import (
    DEFAULT_WAIT,
    Restart,
    Terms,
    manual_instruction,
    prove,
    restart,
    start,
    validate_config,
    why_unrestartable,
)
from clawmend.system.restart_lock import restart_lock
from clawmend.system.services import Service, find_service


class GatewayControl(Protocol):
    """Validating and restarting the gateway of a state folder."""

    def validate(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> str | None:
        """Return why it must not be restarted now: its configuration, a turn that runs; None when it may be."""
        ...

    def restart(
        self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation, since: float | None = None
    ) -> Restart:
        """Restart it and wait for the proof; one that was started after `since` by somebody else is proven instead."""
        ...

    def start(self, openclaw: OpenClaw, installation: Installation, *, reset_failed: bool = False) -> Restart:
        """Start one that does not run and wait for the proof."""
        ...

    def prove(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation, since: float) -> Restart:
        """Wait for the proof of a restart that it makes by itself."""
        ...

    def await_reload(self, openclaw: OpenClaw, members: Iterable[Pointer], written: float) -> Reload:
        """Wait for what it says of a change of openclaw.json that was written at `written`."""
        ...

    def instruction(self, openclaw: OpenClaw, gateway: GatewayRunning) -> str:
        """What a person types to restart it."""
        ...

    def is_ready(self, gateway: GatewayRunning, installation: Installation) -> bool:
        """Ask it once whether it is ready."""
        ...


class RealGatewayControl:
    """The gateway of this machine. `restart_wait`: seconds that a restart waits for a turn that runs."""

    def __init__(self, place: Place, files: Files, clock: Clock, restart_wait: float = DEFAULT_WAIT) -> None:
        self._place, self._files, self._clock, self._restart_wait = place, files, clock, restart_wait

    def validate(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> str | None:
        """See GatewayControl.validate."""
        refusal = why_unrestartable(gateway, installation) or validate_config(installation, gateway)
        if refusal is not None:
            return refusal
        busy = wait_until_quiet(openclaw, self._clock, self._restart_wait)  # last: what follows comes right after it
        return None if busy is None else f"a turn has been running for {self._restart_wait:.0f} s ({busy})"

    def restart(
        self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation, since: float | None = None
    ) -> Restart:
        """See GatewayControl.restart."""
        commands = object_at(openclaw.settings.value if openclaw.settings else None, "commands")
        terms = Terms(
            since=since,
            wait=self._restart_wait,
            quiet=lambda seconds: wait_until_quiet(openclaw, self._clock, seconds),
            by_signal=commands.get("restart") is not False,
        )
        service = self._service(openclaw)
        patience = self._restart_wait + patience_of(installation.version)
        try:
            with restart_lock(self._place.state, openclaw.directory, self._clock, patience):
                return restart(
                    gateway,
                    service,
                    installation,
                    lambda: self._find(openclaw, gateway.port, service),
                    self._clock,
                    terms,
                )
        except BusyError as busy:
            return Restart(needed=True, done=False, reason=str(busy), pending=True)

    def start(self, openclaw: OpenClaw, installation: Installation, *, reset_failed: bool = False) -> Restart:
        """See GatewayControl.start."""
        service = self._service(openclaw)
        if service is None:
            return Restart(needed=True, done=False, reason="no service starts it; start it with: openclaw gateway run")
        port = object_at(openclaw.settings.value if openclaw.settings else None, "gateway").get("port")
        known = port if isinstance(port, int) and not isinstance(port, bool) else None
        try:
            with restart_lock(self._place.state, openclaw.directory, self._clock, patience_of(installation.version)):
                return start(
                    service,
                    installation,
                    lambda: self._find(openclaw, known, service),
                    self._clock,
                    reset_failed=reset_failed,
                )
        except BusyError as busy:
            return Restart(needed=True, done=False, reason=str(busy), pending=True)

    def prove(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation, since: float) -> Restart:
        """See GatewayControl.prove."""
        service = self._service(openclaw)
        return prove(gateway, installation, lambda: self._find(openclaw, gateway.port, service), self._clock, since)

    def await_reload(self, openclaw: OpenClaw, members: Iterable[Pointer], written: float) -> Reload:
        """See GatewayControl.await_reload."""
        folders = state_folders(self._place.home, self._place.environment, self._files)
        everyone = (*folders, *elsewhere(self._place.home, folders))
        return await_reload(openclaw, everyone, members, written, self._clock)

    def instruction(self, openclaw: OpenClaw, gateway: GatewayRunning) -> str:
        """See GatewayControl.instruction."""
        return manual_instruction(gateway, self._service(openclaw))

    def is_ready(self, gateway: GatewayRunning, installation: Installation) -> bool:
        """See GatewayControl.is_ready."""
        return ask_health(gateway.port, installation.version).ready

    def _service(self, openclaw: OpenClaw) -> Service | None:
        return find_service(self._place.home, openclaw.profile, self._place.environment, self._files)

    def _find(self, openclaw: OpenClaw, port: int | None, service: Service | None) -> GatewayState:
        folder = StateFolder(openclaw.directory, openclaw.config.path, openclaw.profile)
        return find_gateway(folder, port, service, self._files)


class DryRunGatewayControl(RealGatewayControl):
    """Says what would be done and does nothing."""

    def validate(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> str | None:
        """Nothing is going to be restarted, so OpenClaw is not asked; what is known beforehand is said."""
        del openclaw
        return why_unrestartable(gateway, installation)

    def restart(
        self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation, since: float | None = None
    ) -> Restart:
        """Report the restart that a real run would make."""
        del openclaw, installation, since
        return Restart(needed=True, done=False, reason=f"a real run would restart the gateway (process {gateway.pid})")

    def start(self, openclaw: OpenClaw, installation: Installation, *, reset_failed: bool = False) -> Restart:
        """Report the start that a real run would make."""
        del openclaw, installation, reset_failed
        return Restart(needed=True, done=False, reason="a real run would start the gateway")

    def prove(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation, since: float) -> Restart:
        """Report the restart that the gateway would make by itself."""
        del openclaw, installation, since
        reason = f"the gateway (process {gateway.pid}) would restart itself for this change"
        return Restart(needed=True, done=False, reason=reason)

    def await_reload(self, openclaw: OpenClaw, members: Iterable[Pointer], written: float) -> Reload:
        """Nothing was written, so that there is nothing to wait for."""
        del openclaw, members, written
        return Silent("nothing was written")
