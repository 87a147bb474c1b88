"""The machine as a whole: clock, environment, home folder, a key for the masks."""

import hashlib
import os
import pwd
import secrets
import time
from collections.abc import Mapping
from typing import Protocol

from clawmend.core.errors import ClawmendError
from clawmend.core.frozen import dataclass


class Clock(Protocol):
    """Time, passed in so that tests need not wait for it."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class RealClock:
    """The computer's clock."""

    def now(self) -> float:
        """See Clock.now."""
        return time.time()

    def monotonic(self) -> float:
        """See Clock.monotonic."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See Clock.sleep."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose state is looked at and where ours is kept; `environment` is what of our own counts for that home."""

    home: str
    state: str
    environment: Mapping[str, str]


def find_place(home: str | None, state: str | None, environment: Mapping[str, str]) -> Place:
    """Settle home and state folder. A home named by the person ignores the variables of our own environment."""
    ours = own_home(environment)
    looked_at = os.path.abspath(os.path.expanduser(home)) if home else os.path.abspath(ours)
    folder = state or environment.get("CLAWMEND_STATE_DIR")
    if not folder:
        base = environment.get("XDG_STATE_HOME", "")
        folder = os.path.join(base if os.path.isabs(base) else os.path.join(ours, ".local", "state"), "clawmend")
    return Place(looked_at, os.path.abspath(os.path.expanduser(folder)), {} if home else dict(environment))


def own_home(environment: Mapping[str, str]) -> str:
    """The home of whoever runs clawmend."""
    if environment.get("HOME"):
        return environment["HOME"]
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError as error:  # a container may run under a number that nobody entered anywhere
        raise ClawmendError(f"user {os.getuid()} has no home folder", "set HOME") from error


def mask_key() -> bytes:
    """A key for the hash behind the four digits of a mask: the same at every run here, different elsewhere."""
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            with open(path, "rb") as file:
                text = file.read(64).strip()
        except OSError:
            continue
        if text:
            return hashlib.sha256(b"clawmend mask" + text + str(os.getuid()).encode()).digest()
    return secrets.token_bytes(32)
