"""Stored credentials as the cycle sees them: what a store holds, and OpenClaw, which removes it and stores it again."""

from typing import Protocol

from clawmend.core.document import Json
from clawmend.core.era import Installation
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import LogOut
from clawmend.core.snapshot import OpenClaw
from clawmend.system.files import Files
from clawmend.system.logins import log_in, log_out, stored_entry
from clawmend.system.machine import Clock, Place
from clawmend.system.openclaw_command import environment_of_folder
from clawmend.system.services import find_service

_DONE: str | None = None


class Credentials(Protocol):
    """The credentials in OpenClaw's databases, which only OpenClaw itself may change."""

    def stored(self, path: str, profile: str) -> Json:
        """What a database holds under the name of a profile, None for nothing; ClawmendError when nobody can tell."""
        ...

    def log_out(self, openclaw: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        """Have a credential removed; None when the database no longer holds it, else one sentence that says why."""
        ...

    def log_in(self, openclaw: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        """Have what a LogOut took stored again; None when the database holds that key, else one sentence."""
        ...


class RealCredentials:
    """The databases of this machine, and the OpenClaw that is installed."""

    def __init__(self, place: Place, files: Files, clock: Clock) -> None:
        self._place, self._files, self._clock = place, files, clock

    def stored(self, path: str, profile: str) -> Json:
        """See Credentials.stored."""
        return stored_entry(path, profile)

    def log_out(self, openclaw: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        """See Credentials.log_out."""
        return log_out(edit, installation, self._environment(openclaw))

    def log_in(self, openclaw: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        """See Credentials.log_in."""
        return log_in(edit, installation, self._environment(openclaw), self._clock.now())

    def _environment(self, openclaw: OpenClaw) -> dict[str, str]:
        place = self._place
        service = find_service(place.home, openclaw.profile, place.environment, self._files)
        return environment_of_folder(place.home, place.environment, openclaw, service)


class DryRunCredentials:
    """Nothing is removed and nothing is stored; everything is said to have worked."""

    def stored(self, path: str, profile: str) -> Json:
        """See Credentials.stored."""
        return stored_entry(path, profile)

    def log_out(self, openclaw: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        """See Credentials.log_out."""
        del openclaw, installation, edit
        return _DONE

    def log_in(self, openclaw: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        """See Credentials.log_in."""
        del openclaw, installation, edit
        return _DONE


class NoCredentials:
    """For whoever only looks, and for whoever has no OpenClaw at hand: nothing can be told, and nothing is done."""

    def stored(self, path: str, profile: str) -> Json:
        """Nobody can tell."""
        raise ClawmendError(f"what {path} holds under {profile} is not looked at here")

    def log_out(self, openclaw: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        """Refuse."""
        del openclaw, installation
        return f"OpenClaw is not asked for anything about {edit.profile} here"

    def log_in(self, openclaw: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        """Refuse."""
        return self.log_out(openclaw, installation, edit)
