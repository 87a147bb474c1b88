"""Earlier copies of `.claude.json`: which of them is worth restoring, and what the file has lost against it.

Size is no measure: every save of Claude Code strips the histories of the projects (52 MB became 9 KB). What counts are
projects and MCP servers, and signs that the file was begun anew: fewer starts, or a later first start, than its copy.
Source: facts on Claude Code, "Traps"; captured skeletons of 2.1.59 and 2.1.330.
"""

import re
from collections.abc import Iterable, Iterator

from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.state import Parsed, object_at
from clawmend.core.values import is_same
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


def _merged(value: dict[str, Json], earlier: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """The members that change, as they have to be. The flag is another rule's."""
    whole = _union(value, earlier)
    servers, projects = object_at(value, "mcpServers"), object_at(value, "projects")
    if isinstance(value.get("mcpServers", {}), dict):
        whole["mcpServers"] = {**servers, **_lacking(servers, object_at(earlier, "mcpServers"))}
    if isinstance(value.get("projects", {}), dict):
        whole["projects"] = {**projects, **_projects(projects, object_at(earlier, "projects"))}
    for name, child in whole.items():
        changed = not is_same(child, value[name]) if name in value else child != {} or name not in _COLLECTIONS
        if changed and name != FLAG:
            yield name, child


def _lacking(now: dict[str, Json], then: dict[str, Json]) -> dict[str, Json]:
    return {name: child for name, child in then.items() if name not in now}


def _projects(now: dict[str, Json], then: dict[str, Json]) -> dict[str, Json]:
    """The projects of then, filled in where they are there now."""
    return {
        path: _union(object_at(now, path), entry)
        for path, entry in then.items()
        if isinstance(entry, dict) and isinstance(now.get(path, {}), dict)
    }


def _union(now: dict[str, Json], then: dict[str, Json]) -> dict[str, Json]:
    """What is there now, and what it lacks or has only an empty list or object for; no consent comes with it."""
    whole = dict(now)
    for name, child in then.items():
        lacks = name not in now or (now[name] in ([], {}) and has_content(child))
        if lacks and not _CONSENT.search(name):
            whole[name] = child
    return whole
