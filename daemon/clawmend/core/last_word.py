"""What a provider answered last, as far as that still tells how it is now.

Success is not in the log. So a refusal counts only while nothing speaks against it: a later event of that provider, a
credential of it that answered since, a changed openclaw.json, or a log that is not whole since then.
"""

from collections.abc import Iterator

from clawmend.core.evidence import Event, Kind
from clawmend.core.frozen import dataclass
from clawmend.core.providers import configured_providers, normalise
from clawmend.core.resting import used_since
from clawmend.core.snapshot import OpenClaw
from clawmend.core.state import Parsed
from clawmend.core.uses import uses_of
from clawmend.core.version import Version

_ANSWERS = frozenset(
    {
        Kind.AUTH,
        Kind.FORBIDDEN,
        Kind.OAUTH_REFRESH,
        Kind.NO_KEY,
        Kind.UNKNOWN_MODEL,
        Kind.MODEL_REFUSED,
        Kind.NOT_FOUND,
        Kind.RATE_LIMIT,
        Kind.QUOTA,
        Kind.TIMEOUT,
        Kind.CONNECTION,
        Kind.FORMAT,
        Kind.AGENTS_ONLY,
    }
)


@dataclass(frozen=True, slots=True)
class LastWord:
    """A refusal that still holds. `provider` is its name as openclaw.json writes it, `url` its base URL or None."""

    provider: str
    url: str | None
    event: Event


def last_words(openclaw: OpenClaw, version: Version, passing: frozenset[Kind] = frozenset()) -> Iterator[LastWord]:
    """The last refusal of each configured provider that answers turns, where it still holds.

    Kinds that are `passing` are looked past: they say nothing about what was answered before.
    """
    if not isinstance(openclaw.config, Parsed):
        return
    used = {use.provider for use in uses_of(openclaw, version)}
    providers = configured_providers(openclaw)
    alone = len(providers) == 1 and used <= {normalise(name, version) for name in providers}
    for name, provider in providers.items():
        wanted = normalise(name, version)
        events = [
            event
            for event in openclaw.evidence.events
            if event.kind in _ANSWERS - passing and _is_of(event, wanted, version, alone=alone)
        ]
        if wanted in used and events and _holds(openclaw, events[-1], wanted, version):
            yield LastWord(name, provider.base_url, events[-1])


def _is_of(event: Event, wanted: str, version: Version, *, alone: bool) -> bool:
    return alone if event.provider is None else normalise(event.provider, version) == wanted


def _holds(openclaw: OpenClaw, event: Event, provider: str, version: Version) -> bool:
    changed = isinstance(openclaw.config, Parsed) and openclaw.config.identity.mtime_ns / 1e9 > event.time
    covered = openclaw.evidence.covers(event.time)
    return covered and not changed and not used_since(openclaw, provider, event.time, version)
