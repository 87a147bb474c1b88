"""Where a setting really stands: in openclaw.json or in a file that it includes, as text or with a variable in it.

Rules judge the resolved settings and edit what people wrote, so an edit has to find its way back through `$include`.
A list that several files add to is nobody's: its members have no place, and such a setting is not edited.
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import field

from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.pointer import Pointer
from clawmend.core.settings import INCLUDE
from clawmend.core.snapshot import OpenClaw
from clawmend.core.state import Parsed, value_of


@dataclass(frozen=True, slots=True)
class Origin:
    """The file and the member in it that hold a setting; `value` is what stands there, variables not filled in."""

    path: str
    pointer: Pointer
    value: Json = field(repr=False)


def origin_of(openclaw: OpenClaw, pointer: Pointer) -> Origin | None:
    """Find where a member of the settings is written; None when it is nowhere, or in a list of several files."""
    files = {state.path: value_of(state) for state in openclaw.includes if isinstance(state, Parsed)}

    def places(wanted: Pointer) -> list[Origin]:
        return list(_places(value_of(openclaw.config), openclaw.config.path, (), wanted, files))

    for depth, name in enumerate(pointer):
        if isinstance(name, int) and len(places(pointer[:depth])) != 1:
            return None
    return next(iter(places(pointer)), None)


def place_of(openclaw: OpenClaw, pointer: Pointer) -> tuple[str, Pointer]:
    """The file and the member to show for a setting: where it is written, or openclaw.json where that is nowhere."""
    origin = origin_of(openclaw, pointer)
    return (openclaw.config.path, pointer) if origin is None else (origin.path, origin.pointer)


def _places(value: Json, path: str, done: Pointer, rest: Pointer, files: Mapping[str, Json]) -> Iterator[Origin]:
    """Every place that has a say, the one that wins first: what stands beside an include wins over it."""
    if not rest:
        yield Origin(path, done, value)
        return
    first, others = rest[0], rest[1:]
    if isinstance(value, list) and isinstance(first, int) and 0 <= first < len(value):
        yield from _places(value[first], path, (*done, first), others, files)
    if not isinstance(value, dict):
        return
    if isinstance(first, str) and first in value:
        yield from _places(value[first], path, (*done, first), others, files)
    for target in reversed(_targets(value, path)):
        if target in files:
            yield from _places(files[target], target, (), rest, files)


def _targets(value: dict[str, Json], path: str) -> list[str]:
    names = value.get(INCLUDE)
    listed = [names] if isinstance(names, str) else names if isinstance(names, list) else []
    folder = posixpath.dirname(path)
    return [posixpath.normpath(posixpath.join(folder, name)) for name in listed if isinstance(name, str)]
