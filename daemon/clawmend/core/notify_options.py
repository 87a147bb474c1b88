"""What the operator wants to be told, and where: the table `[notify]` of config.toml as a value."""

import hashlib
import re

from clawmend.core.event import Event
from clawmend.core.frozen import dataclass
from clawmend.core.secret import Secret

DESKTOP = "desktop"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
# What is told unless config.toml names the events: everything that is an incident, without the daily digest.
DEFAULT_EVENTS = frozenset(Event) - {Event.DIGEST}


@dataclass(frozen=True, slots=True)
class Target:
    """One channel. Its address may hold a token, so people and files see `name` (the kind and a number) and `mark`.

    `mark` stays the same while the address does: it is what the outbox calls the channel.
    """

    name: str
    mark: str
    address: Secret


@dataclass(frozen=True, slots=True)
class NotifyOptions:
    """Where notices go and which. `digest` is the minute of the local day for the daily digest, None for none."""

    targets: tuple[Target, ...] = ()
    events: frozenset[Event] = DEFAULT_EVENTS
    digest: int | None = None


def targets_of(addresses: tuple[str, ...], *, desktop: bool) -> tuple[Target, ...]:
    """Name the channels: "ntfy 1", "tgram 2", and "desktop"."""
    found = [Target(DESKTOP, DESKTOP, Secret(DESKTOP))] if desktop else []
    for number, address in enumerate(dict.fromkeys(addresses), 1):
        scheme = _SCHEME.match(address)
        kind = scheme[1].lower() if scheme else "channel"
        mark = f"{kind}-{hashlib.sha256(address.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
        found.append(Target(f"{kind} {number}", mark, Secret(address)))
    return tuple(found)


def is_address(text: str) -> bool:
    """Tell whether a text looks like the address of a channel: `ntfy://...`, `mailto://...`."""
    return _SCHEME.match(text) is not None
