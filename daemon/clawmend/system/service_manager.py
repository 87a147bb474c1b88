"""What systemd and launchd have in common for us: a service that is installed, runs, and can be asked about."""

import sys
from collections.abc import Callable, Mapping
from typing import Protocol

from clawmend.core.frozen import dataclass
from clawmend.system.commands import Ran
from clawmend.system.machine import Clock

Run = Callable[[list[str], float], Ran | None]


@dataclass(frozen=True, slots=True)
class ServiceState:
    """How the service is. `active` is a word of the manager's own, `since` seconds since the epoch.

    `last_exit` says how it ended the last time, empty when it never did or ended well; `log` is the command that shows
    what it said.
    """

    enabled: bool
    running: bool
    active: str
    since: float | None
    pid: int | None
    last_exit: str
    said: str
    log: str


class ServiceManager(Protocol):
    """The manager of this user's services. Every method raises ClawmendError when it cannot be asked or refuses."""

    name: str

    def path(self) -> str:
        """Where the file of our service belongs."""
        ...

    def state(self) -> ServiceState:
        """How our service is now."""
        ...

    def enable(self) -> None:
        """Take note of the file that was written, and start the service at every log-in from now on."""
        ...

    def start(self, *, again: bool) -> None:
        """Start the service and wait until it is up; `again`: it may run with an older file."""
        ...

    def disable(self) -> None:
        """Stop the service and start it no more; the file is still there."""
        ...

    def forget(self) -> None:
        """Take note that the file is gone."""
        ...

    def warning(self) -> str:
        """Say when the service will not do what one expects of it; empty otherwise."""
        ...


def own_manager(home: str, environment: Mapping[str, str], clock: Clock) -> ServiceManager:
    """The manager of this machine."""
    if sys.platform == "darwin":
        from clawmend.system.service_launchd import Launchd  # noqa: PLC0415 - only a Mac has it

        return Launchd(home, clock)
    from clawmend.system.service_systemd import Systemd  # noqa: PLC0415 - a Mac has none

    return Systemd(home, environment, clock)
