"""Earlier copies of `.claude.json`: which of them is worth restoring, and what the file has lost against it.

Size is no measure: every save of Claude Code strips the histories of the projects (52 MB became 9 KB). What counts are
projects and MCP servers, and signs that the file was begun anew: fewer starts, or a later first start, than its copy.
Source: facts on Claude Code, "Traps"; captured skeletons of 2.1.59 and 2.1.330.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from clawmend.core.document import Json
from clawmend.core.state import Parsed, object_at
from clawmend.core.wholeness import has_content, is_whole_claude, richness

FLAG = "hasCompletedOnboarding"
_COLLECTIONS = ("mcpServers", "projects")
# A person gives these to one copy of the file on one day; nobody gives them on the person's behalf.
_CONSENT = re.compile(r"(?:Accepted|Approved)$|^customApiKeyResponses$|^(?:enabled|disabled)McpjsonServers$|^enableAll")


@dataclass(frozen=True, slots=True)
class Wiped:
    """What a file has lost against a copy. `members` are the top-level members as they have to be; consents are not."""

    copy: Parsed
    servers: int
    projects: int
    members: tuple[tuple[str, Json], ...]


def best_copy(copies: Iterable[Parsed]) -> Parsed | None:
    """The newest copy that is whole and holds nearly as many projects and servers as the one that holds most.

    Nearly, because somebody who has removed one of many wants it gone. `copies` come newest first.
    """
    whole = [copy for copy in copies if is_whole_claude(copy.document.value)]
    most = max((_points(copy.document.value) for copy in whole), default=0)
    return next((copy for copy in whole if _points(copy.document.value) * 4 >= most * 3), None)


def wiped(value: dict[str, Json], copies: Iterable[Parsed]) -> Wiped | None:
    """Tell what a file has lost that was begun anew; None when it has not, or lost less than half of what counts."""
    copy = best_copy(copies)
    if copy is None:
        return None
    earlier = object_at(copy.document.value)
    servers, projects = (len(object_at(earlier, name).keys() - object_at(value, name).keys()) for name in _COLLECTIONS)
    if servers + projects == 0 or (servers + projects) * 2 < _points(earlier) or not _begun_anew(value, earlier):
        return None
    return Wiped(copy, servers, projects, tuple(_merged(value, earlier)))


def _points(value: Json) -> int:
    return sum(len(object_at(value, name)) for name in _COLLECTIONS)


def _begun_anew(value: dict[str, Json], earlier: dict[str, Json]) -> bool:
    """A file only ever counts up its starts, and keeps the time of its first one."""
    if _starts(value) < _starts(earlier):
        return True
    first, before = value.get("firstStartTime"), earlier.get("firstStartTime")
    if isinstance(first, str) and isinstance(before, str) and first > before:  # both in UTC, as toISOString writes them
        return True
    return _points(value) == 0 and richness(value) * 2 <= richness(earlier)


def _starts(value: dict[str, Json]) -> int:
    starts = value.get("numStartups")
    return starts if isinstance(starts, int) else 0


def _merged(value: dict[str, Json], earlier: dict[str, Json]) -> Iterable[tuple[str, Json]]:
    """The members that change: those that are gone, and collections with what they lack. What is there wins."""
    for name, old in earlier.items():
        if name == FLAG or _CONSENT.search(name):
            continue
        new = value.get(name)
        if name in _COLLECTIONS:
            whole = object_at(value, name) | {
                key: without_consents(entry) for key, entry in object_at(earlier, name).items() if key not in object_at(value, name)
            }
            if whole != new and (new is None or isinstance(new, dict)):
                yield name, whole
        elif name not in value or (not has_content(new) and isinstance(new, dict | list) and has_content(old)):
            yield name, without_consents(old)


def without_consents(value: Json) -> Json:
    """A value without the consents directly in it."""
    if not isinstance(value, dict):
        return value
    return {name: child for name, child in value.items() if not _CONSENT.search(name)}
