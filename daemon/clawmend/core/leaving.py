"""Taking a provider out of the settings, with everything that leads to it and nothing else.

References that are one of several (fallbacks, the list of models) go with it; others are given another model by the
rule. A list of models that would be left empty stays: empty, it would no longer restrict anything.
"""

from collections.abc import Iterable, Mapping

from clawmend.core.document import Json
from clawmend.core.finding import Edit, RemoveKey, SetKey
from clawmend.core.origin import origin_of
from clawmend.core.pointer import Pointer
from clawmend.core.routes import Role, Route
from clawmend.core.snapshot import OpenClaw
from clawmend.core.values import find

REMOVABLE = frozenset({Role.FALLBACK, Role.LISTED})


def removal_edits(
    openclaw: OpenClaw, provider: str, routes: Iterable[Route], instead: Mapping[Pointer, str]
) -> tuple[Edit, ...] | None:
    """Return the edits that take a provider out; None when one of them has no place to be made.

    Args:
        openclaw: the state folder.
        provider: its key under `models.providers`, as written.
        routes: the references that lead to it.
        instead: what to write in the place of those that have to stay.
    """
    edits: list[Edit] = []
    doomed: list[Pointer] = [("models", "providers", provider)]
    listed = [route.pointer for route in routes if route.pointer is not None and route.role in REMOVABLE]
    doomed += [pointer for pointer in listed if not _is_all_of_it(openclaw, pointer, listed)]
    for pointer, text in instead.items():
        origin = origin_of(openclaw, pointer)
        if origin is None or not isinstance(origin.value, str) or "${" in origin.value:
            return None
        edits.append(SetKey(origin.path, origin.pointer, text))
    # From the end of a list to its beginning: what goes first must not move the others.
    for pointer in sorted(doomed, key=_index, reverse=True):
        origin = origin_of(openclaw, pointer)
        if origin is None or (isinstance(origin.value, str) and "${" in origin.value):
            return None
        edits.append(RemoveKey(origin.path, origin.pointer))
    return tuple(edits)


def _is_all_of_it(openclaw: OpenClaw, pointer: Pointer, doomed: list[Pointer]) -> bool:
    """Tell whether a list of models would be left empty. Fallbacks may be: nothing is allowed or forbidden by them."""
    if pointer[-2] == "fallbacks":
        return False
    settings: Json = openclaw.settings.value if openclaw.settings else None
    whole = find(settings, pointer[:-1])
    return isinstance(whole, dict | list) and len(whole) == sum(other[:-1] == pointer[:-1] for other in doomed)


def _index(pointer: Pointer) -> int:
    last = pointer[-1]
    return last if isinstance(last, int) else -1
