"""Stored profiles and providers whose members have the wrong names, so that OpenClaw passes them over or refuses them.

Up to 2026.2.25 OpenClaw passes a profile over that says `mode` for `type` or `apiKey` for `key`; later it takes both
and writes the right ones itself. A `type` that it does not know makes it pass the profile over on every version. In
openclaw.json an unknown member of a provider makes the whole file invalid. Source: coerceAuthStore and
normalizeRawCredentialEntry of 2026.1.29 to 2026.5.7, the settings schema of all versions.
"""

from collections.abc import Iterable

from clawmend.core.behaviour import Store, behaviour_of
from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.version import Version

_KINDS = frozenset({"api_key", "token", "oauth"})
_NEARLY_API_KEY = frozenset({"api_key", "apikey"})
_NEARLY_MEMBER = frozenset({"apikey", "key", "token", "apitoken", "accesskey", "secretkey"})


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A profile's wrong names: (old, new) of its members, what has to be set then, and whether its kind is known."""

    renames: tuple[tuple[str, str], ...]
    sets: tuple[tuple[str, str], ...]
    of_known_kind: bool


def misspelling_of(entry: dict[str, Json], version: Version) -> Misspelling | None:
    """Tell how an entry in auth-profiles.json has to be written to be used; None when it is, or nobody can tell."""
    behaviour = behaviour_of(version)
    if behaviour is None or behaviour.store is not Store.FILE:
        return None
    spelling = _spelling(entry)
    return None if spelling is None or (spelling.of_known_kind and behaviour.old_spellings) else spelling


def _spelling(entry: dict[str, Json]) -> Misspelling | None:
    kind = entry.get("type", entry.get("mode"))
    right = "api_key" if isinstance(kind, str) and _plain(kind) in _NEARLY_API_KEY else kind
    key = entry.get("key", entry.get("apiKey"))
    if right != "api_key" or not isinstance(key, str) or not key.strip():
        return None
    wrong = (("mode", "type"), ("apiKey", "key"))
    renames = tuple((old, new) for old, new in wrong if new not in entry)
    sets = () if kind == "api_key" else (("type", "api_key"),)
    return Misspelling(renames, sets, of_known_kind=kind in _KINDS) if renames or sets else None


def misspelt_member(members: Iterable[str]) -> str | None:
    """Find the one member of a provider that is meant to be `apiKey`; None when there is none or more than one."""
    found = [name for name in members if _plain(name).replace("_", "") in _NEARLY_MEMBER]
    return found[0] if len(found) == 1 and found[0] != "apiKey" else None


def _plain(word: str) -> str:
    return word.strip().lower().replace("-", "_").replace(" ", "_")
