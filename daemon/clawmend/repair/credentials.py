"""Stored credentials as the cycle sees them: what a store holds, and OpenClaw, which removes it and stores it again."""

from typing import Protocol

from clawmend.core.document import Json
from clawmend.core.era import Installation
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import LogOut, TakeOver
from clawmend.core.snapshot import OpenClaw
from clawmend.system.files import Files
from clawmend.system.logins import log_in, log_out, stored_entry
from clawmend.system.machine import Clock, Place
from clawmend.system.openclaw_command import environment_of_folder
from clawmend.system.services import Service, find_service
from clawmend.system.taking_over import Lacking, take_over

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

    def take_over(
        self, openclaw: OpenClaw, installation: Installation, edit: TakeOver, config: bytes, lacking: Lacking
    ) -> str | None:
        """Have the retired files of a folder taken over; None when no credential is `lacking`, else one sentence."""
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

    def take_over(
        self, openclaw: OpenClaw, installation: Installation, edit: TakeOver, config: bytes, lacking: Lacking
    ) -> str | None:
        """See Credentials.take_over."""
        return take_over(
            edit,
            openclaw,
            installation,
            self._environment(openclaw),
            service=self._service(openclaw),
            state=self._place.state,
            config=config,
            lacking=lacking,
        )

    def _environment(self, openclaw: OpenClaw) -> dict[str, str]:
        place = self._place
        return environment_of_folder(place.home, place.environment, openclaw, self._service(openclaw))

    def _service(self, openclaw: OpenClaw) -> Service | None:
        return find_service(self._place.home, openclaw.profile, self._place.environment, self._files)


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

    def take_over(
        self, openclaw: OpenClaw, installation: Installation, edit: TakeOver, config: bytes, lacking: Lacking
    ) -> str | None:
        """See Credentials.take_over."""
        del openclaw, installation, edit, config, lacking
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

    def take_over(
        self, openclaw: OpenClaw, installation: Installation, edit: TakeOver, config: bytes, lacking: Lacking
    ) -> str | None:
        """Refuse."""
        del openclaw, installation, config, lacking
        return f"OpenClaw is not asked for anything about {edit.path} here"
