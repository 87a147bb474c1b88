"""Keys that were lost: the newest earlier copy of openclaw.json that still has one for the same endpoint.

Failing that, a model cache that OpenClaw made from openclaw.json when it still had the key. A key belongs to an
endpoint: a copy in which the provider leads elsewhere tells nothing about the key of today.
"""

import re
from collections.abc import Iterable, Iterator

from clawmend.core.address import is_local
from clawmend.core.behaviour import Behaviour
from clawmend.core.credentials import Holder
from clawmend.core.document import Json
from clawmend.core.finding import Fix, Need, SetKey
from clawmend.core.frozen import dataclass
from clawmend.core.key_shapes import looks_like_general_key, looks_like_plan_key
from clawmend.core.origin import Origin, origin_of
from clawmend.core.placeholder import is_dummy
from clawmend.core.pointer import Pointer
from clawmend.core.providers import is_real_key
from clawmend.core.secret import Secret
from clawmend.core.settings import is_open
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import FileState, Parsed, object_at, value_of

# Visible ASCII without quotes; what has a colon may be the id of a profile that is no more: on 2026.9.6 `models auth
# paste-api-key` writes `"apiKey": "bailian:manual"`, which goes out as a key once that profile is logged out.
_ONE_WORD = re.compile(r"[!#$%&()*+,./0-9;<=>?@A-Z\[\]^_a-z{|}~-]+")


@dataclass(frozen=True, slots=True)
class Restorable:
    """A key that an earlier copy has; `path` is that copy's."""

    path: str
    key: Secret


def pointer_of(name: str, member: str = "apiKey") -> Pointer:
    """Where a provider's setting stands in the settings."""
    return ("models", "providers", name, member)


def place_of(openclaw: OpenClaw, pointer: Pointer) -> Origin | None:
    """Where a member is written, or where it would be if its parent got it; None where nobody can tell.

    What holds a variable is not edited: it says on purpose that its value is elsewhere.
    """
    origin = origin_of(openclaw, pointer)
    if origin is not None:
        return None if isinstance(origin.value, str) and "${" in origin.value else origin
    parent = origin_of(openclaw, pointer[:-1])
    return None if parent is None else Origin(parent.path, (*parent.pointer, pointer[-1]), None)


def lost_key(snapshot: Snapshot, openclaw: OpenClaw, name: str) -> Restorable | None:
    """Find the newest key that a copy has for a provider as it is configured now."""
    here = origin_of(openclaw, pointer_of(name, "baseUrl"))
    if here is None or not isinstance(here.value, str):
        return None
    for copy, entry in (*_in_copies(openclaw, name), *_in_caches(openclaw, name)):
        url, key = entry.get("baseUrl"), entry.get("apiKey")
        same = isinstance(url, str) and _plain(url) == _plain(here.value)
        if same and isinstance(key, str) and _is_worth_it(snapshot, here.value, key.strip()):
            return Restorable(copy.path, Secret(key.strip()))
    return None


def _in_copies(openclaw: OpenClaw, name: str) -> Iterator[tuple[Parsed, dict[str, Json]]]:
    for copy in _newest_first(openclaw.copies):
        yield copy, object_at(value_of(copy), "models", "providers", name)


def _in_caches(openclaw: OpenClaw, name: str) -> Iterator[tuple[Parsed, dict[str, Json]]]:
    for cache in _newest_first([agent.models for agent in openclaw.agents]):
        yield cache, object_at(value_of(cache), "providers", name.strip().lower())


def _newest_first(states: Iterable[FileState]) -> list[Parsed]:
    parsed = [state for state in states if isinstance(state, Parsed)]
    return sorted(parsed, key=lambda state: state.identity.mtime_ns, reverse=True)


def _plain(url: str) -> str:
    return url.strip().rstrip("/")


def _is_worth_it(snapshot: Snapshot, url: str, key: str) -> bool:
    """A key with nothing strange about it, and of the kind that the endpoint wants."""
    if is_open(key) or not is_real_key(Secret(key)) or is_dummy(key) or not _ONE_WORD.fullmatch(key):
        return False
    if snapshot.plan.is_plan_endpoint(url):
        return not looks_like_general_key(key)
    return not (snapshot.plan.is_general_endpoint(url) and looks_like_plan_key(key))


def set_at(openclaw: OpenClaw, behaviour: Behaviour, place: Origin, value: str) -> Fix:
    """Set one member; a file that openclaw.json includes is not watched by a running gateway."""
    hot = place.path == openclaw.config.path and str(place.pointer[0]) in behaviour.hot
    return Fix((SetKey(place.path, place.pointer, value),), Need.HOT_RELOAD if hot else Need.RESTART)


def how_to_store(snapshot: Snapshot, holder: Holder, profile: str) -> str:
    """Say how a person puts a right key in the place of a stored one."""
    if not holder.in_database:
        place = f"profiles.{profile} in {snapshot.display(holder.path)}"
        return f"put the right key, alone, into {place}, then: openclaw gateway restart"
    entry = holder.profiles.get(profile)
    provider = entry.get("provider") if isinstance(entry, dict) else "NAME"
    command = f"openclaw models auth paste-api-key --provider {provider} --profile-id {profile} --agent {holder.agent}"
    return f"store the right key in its place: {command}"


def where_to_get_one(snapshot: Snapshot, openclaw: OpenClaw, name: str, url: str | None) -> str:
    """Say what a person does about a key that nobody can give back."""
    place = f"models.providers.{name}.apiKey in {snapshot.display(openclaw.config.path)}"
    if url is not None and is_local(url):
        return f"put the server's key into {place}; a server that wants none takes any word"
    if url is not None and snapshot.plan.is_plan_endpoint(url):
        return f"copy your plan's key, which begins with sk-sp-, from the Coding Plan page of Model Studio into {place}"
    return f"put your key for {name} into {place}"
