"""openclaw.json as OpenClaw understands it: `$include` merged and `${NAME}` filled in, without writing anything.

Includes: one name or a list, relative to the file that names them; objects merge deeply, lists are joined, members
beside `$include` win. Names: `${UPPER_CASE}`, with `$${NAME}` as the way to write it literally. A name nobody can
tell us stays as it is written, and `is_open` says so: our environment is not the gateway's.
"""

import posixpath
import re
from collections.abc import Callable, Mapping
from operator import is_
from typing import assert_never

from clawmend.core.document import Json
from clawmend.core.snapshot import Settings
from clawmend.core.state import Absent, FileState, Malformed, Parsed, Unreadable, object_at

INCLUDE = "$include"
_NAME = re.compile(r"\$(\$)?\{([A-Z_][A-Z0-9_]*)\}")
_MAX_INCLUDES = 10

Loader = Callable[[str], FileState]


class _BrokenIncludeError(Exception):
    """An included file cannot be read; the message is the sentence for people."""


def resolve(value: Json, path: str, load: Loader, environment: Mapping[str, str]) -> Settings:
    """Resolve a parsed openclaw.json at `path`; `load` reads an included file."""
    included: list[str] = []
    try:
        merged = _include(value, path, load, included, 0)
        # A variable that is set and blank counts as not set.
        names = config_variables(merged) | {name: text for name, text in environment.items() if text}
        filled = _fill(merged, names)
    except _BrokenIncludeError as error:
        return Settings(value, str(error), tuple(included))
    except RecursionError:
        return Settings(value, f"{path} nests too deep, with what it includes", tuple(included))
    return Settings(filled, None, tuple(included))


def config_variables(value: Json) -> dict[str, str]:
    """The variables that openclaw.json itself sets (`env.vars` and strings directly under `env`)."""
    section = object_at(value, "env")
    direct = {name: text for name, text in section.items() if isinstance(text, str)}
    nested = {name: text for name, text in object_at(value, "env", "vars").items() if isinstance(text, str)}
    return {**direct, **nested}


def variables_in(text: str) -> tuple[str, ...]:
    """The variables that a text names, each once; `$${NAME}` names none."""
    return tuple(dict.fromkeys(found.group(2) for found in _NAME.finditer(text) if not found.group(1)))


def is_open(text: str) -> bool:
    """Tell whether a resolved text still names a variable whose value we do not know."""
    return bool(variables_in(text))


def _include(value: Json, path: str, load: Loader, included: list[str], depth: int) -> Json:
    if isinstance(value, list):
        elements = [_include(element, path, load, included, depth) for element in value]
        return value if all(map(is_, elements, value)) else elements
    if not isinstance(value, dict):
        return value
    if INCLUDE not in value:
        members = {name: _include(child, path, load, included, depth) for name, child in value.items()}
        return value if all(map(is_, members.values(), value.values())) else members
    if depth >= _MAX_INCLUDES:
        raise _BrokenIncludeError(f"{path} includes files more than {_MAX_INCLUDES} deep")
    names = value[INCLUDE]
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list):
        raise _BrokenIncludeError(f"{path} has an $include that is neither a name nor a list of names")
    merged: Json = {}
    for name in names:
        if not isinstance(name, str):
            raise _BrokenIncludeError(f"{path} has an $include that is neither a name nor a list of names")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        merged = _merge(merged, _load(target, load, included, depth))
    rest = {name: _include(child, path, load, included, depth) for name, child in value.items() if name != INCLUDE}
    return _merge(merged, rest) if rest else merged


def _load(target: str, load: Loader, included: list[str], depth: int) -> Json:
    match load(target):
        case Parsed(document=document):
            included.append(target)
            return _include(document.value, target, load, included, depth + 1)
        case Absent():
            raise _BrokenIncludeError(f"the included file {target} does not exist")
        case Unreadable(problem=problem):
            raise _BrokenIncludeError(f"the included file {target} {problem}")
        case Malformed(problem=problem):
            raise _BrokenIncludeError(f"the included file {target} does not parse: {problem}")
        case state:
            assert_never(state)


def _merge(low: Json, high: Json) -> Json:
    if isinstance(low, dict) and isinstance(high, dict):
        merged = dict(low)
        for name, child in high.items():
            merged[name] = _merge(merged[name], child) if name in merged else child
        return merged
    if isinstance(low, list) and isinstance(high, list):
        return [*low, *high]
    return high


def _fill(value: Json, names: Mapping[str, str]) -> Json:
    """What has no name in it stays the same object, so that nobody has to walk it twice."""
    if isinstance(value, str):
        return _NAME.sub(lambda found: _one(found, names), value) if "${" in value else value
    if isinstance(value, list):
        elements = [_fill(element, names) for element in value]
        return value if all(map(is_, elements, value)) else elements
    if isinstance(value, dict):
        members = {name: _fill(child, names) for name, child in value.items()}
        return value if all(map(is_, members.values(), value.values())) else members
    return value


def _one(found: re.Match[str], names: Mapping[str, str]) -> str:
    if found.group(1):
        return found.group()
    return names.get(found.group(2)) or found.group()
