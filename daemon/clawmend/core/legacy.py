"""The retired credential files of the SQLite eras: which are there, what is in them, and whether a store is empty.

From 2026.8.1 on their mere presence beside an empty store keeps OpenClaw from working, whatever is in them: an empty
object, an empty file and a file that does not parse did it as well (run on 2026.9.6). Read in
resolveLegacyAuthProfileSourceCandidates, hasMigratedAuthProfileCredentials and coerceLegacyFlatCredential.
"""

from collections.abc import Iterator
from dataclasses import field

from clawmend.core.behaviour import Behaviour
from clawmend.core.credentials import MAIN
from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.providers import text_of
from clawmend.core.snapshot import Agent, OpenClaw
from clawmend.core.state import Absent, FileState, Malformed, Parsed, Unreadable, value_of

_SECRETS = ("key", "apiKey", "keyRef", "token", "tokenRef", "access")
_STATE_ONLY = frozenset({"version", "profiles", "usageStats", "lastGood"})


@dataclass(frozen=True, slots=True)
class LegacyCredential:
    """One credential in a retired file, by the id it has or would be given."""

    id: str
    provider: str
    entry: Json = field(repr=False)


def legacy_files(openclaw: OpenClaw, agent: Agent, behaviour: Behaviour) -> tuple[FileState, ...]:
    """The retired files that are there and that count for an agent; the old login file is the main agent's."""
    states = [agent.profiles, agent.legacy_auth]
    if agent.id == MAIN and "oauth.json" in behaviour.blocking_files:
        states += [state for state in openclaw.oauth_sources if state.path.startswith(f"{openclaw.directory}/")]
    return tuple(state for state in states if _is_there(state))


def _is_there(state: FileState) -> bool:
    return not isinstance(state, Absent) and not (isinstance(state, Unreadable) and state.dangling)


def holds_nothing(state: FileState) -> bool:
    """Tell whether a retired file holds no credential and no wish of anybody, so that nothing is lost with it."""
    if isinstance(state, Malformed):
        return not state.data.strip()
    value = value_of(state)
    if not isinstance(state, Parsed) or not isinstance(value, dict):
        return False
    return not value.keys() - _STATE_ONLY and not value.get("profiles")


def credentials_in(state: FileState) -> Iterator[LegacyCredential]:
    """List the credentials that a retired file holds, in either of its forms."""
    value = value_of(state)
    if not isinstance(value, dict):
        return
    nested = value.get("profiles")
    entries = nested if isinstance(nested, dict) else value
    for name, entry in entries.items():
        if isinstance(entry, dict) and any(entry.get(member) for member in _SECRETS):
            provider = text_of(entry.get("provider")) or name.partition(":")[0]
            yield LegacyCredential(name if entries is nested else f"{name}:default", provider, entry)
