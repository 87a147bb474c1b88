"""What an edit means for plain values, told apart from what it does to a text.

The lossless editor checks each of its results against this: both must come to the same value.
"""

import marshal
import math
from dataclasses import replace
from typing import assert_never

from clawmend.core.frozen import dataclass
from clawmend.core.pointer import Pointer, array_index, format_pointer
from clawmend.core.syntax import Json

_WITHOUT_REFERENCES = 2  # the format whose bytes say nothing of which objects are shared


@dataclass(frozen=True, slots=True)
class SetValue:
    """Replace the value at the pointer, or add it at the end of its object or array.

    Objects that are missing on the way are made. An array grows by the index that equals its length.
    """

    pointer: Pointer
    value: Json


@dataclass(frozen=True, slots=True)
class InsertElement:
    """Put a value into an array, before the element that the pointer names (its length names the end)."""

    pointer: Pointer
    value: Json


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """Take an object's member (each of them, where its key is there more than once) or an array's element away."""

    pointer: Pointer


@dataclass(frozen=True, slots=True)
class RenameMember:
    """Give an object's member (each of them, as above) another name, which no other one has. All else of it stays."""

    pointer: Pointer
    name: str


DocumentEdit = SetValue | InsertElement | RemoveMember | RenameMember


class EditError(ValueError):
    """The edit cannot be made on this document; the message names the place, not what stands there."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What `find` returns when a pointer names nothing; unlike None it is no JSON value."""


def find(value: Json, pointer: Pointer) -> Json | Missing:
    """Return what a pointer names, or `Missing()`. In an array "0" does for 0."""
    for token in pointer:
        child = _child(value, token)
        if isinstance(child, Missing):
            return child
        value = child
    return value


def _child(container: Json, token: str | int) -> Json | Missing:
    if isinstance(container, dict) and isinstance(token, str):
        return container.get(token, Missing())
    if isinstance(container, list):
        index = array_index(token)
        return Missing() if index is None or index >= len(container) else container[index]
    return Missing()


def ground(value: Json, edit: DocumentEdit) -> DocumentEdit:
    """Return the same edit with indexes as numbers, with its parent present, and certain to be possible.

    An edit below something missing becomes one that puts the whole missing branch there.

    Raises:
        EditError: a parent is missing or a scalar, the index is out of range, or there is nothing to remove.
    """
    if not edit.pointer and not isinstance(edit, SetValue):
        raise EditError("the whole document can be set, but not removed, inserted or renamed")
    pointer: list[str | int] = []
    for depth, token in enumerate(edit.pointer):
        pointer.append(_step(value, token, edit.pointer))
        child = _child(value, pointer[-1])
        if depth == len(edit.pointer) - 1:
            _check_last(value, child, edit)
        elif isinstance(child, Missing):
            return _branch(tuple(pointer), edit)
        else:
            value = child
    return replace(edit, pointer=tuple(pointer))


def _step(container: Json, token: str | int, pointer: Pointer) -> str | int:
    """The key or index that a token of a pointer means in a container."""
    if isinstance(container, dict):
        if isinstance(token, str):
            return token
        raise EditError(f"{format_pointer(pointer)} has an index for an object")
    if isinstance(container, list):
        index = array_index(token)
        if index is not None and index <= len(container):
            return index
        raise EditError(f"{format_pointer(pointer)} leads outside of an array")
    raise EditError(f"{format_pointer(pointer)} leads into something that is neither an object nor an array")


def _check_last(container: Json, child: Json | Missing, edit: DocumentEdit) -> None:
    match edit:
        case SetValue():
            return
        case InsertElement():
            if not isinstance(container, list):
                raise EditError(f"{format_pointer(edit.pointer)} is in an object, which has no order to insert into")
        case RemoveMember():
            if isinstance(child, Missing):
                raise EditError(f"nothing stands at {format_pointer(edit.pointer)}")
        case RenameMember():
            if isinstance(child, Missing) or not isinstance(container, dict):
                raise EditError(f"there is no member {format_pointer(edit.pointer)} to rename")
            if edit.name in container:
                raise EditError(f"{format_pointer((*edit.pointer[:-1], edit.name))} is there already")
        case _:
            assert_never(edit)


def _branch(pointer: Pointer, edit: DocumentEdit) -> SetValue:
    """The edit that puts everything in place that is missing from a pointer on."""
    rest = edit.pointer[len(pointer) :]
    if not isinstance(edit, SetValue) or not all(isinstance(token, str) for token in rest):
        raise EditError(f"nothing stands at {format_pointer(pointer)}")
    value = edit.value
    for token in reversed(rest):
        value = {str(token): value}
    return SetValue(pointer, value)


def apply_edit(value: Json, edit: DocumentEdit) -> Json:
    """Return the value after a grounded edit; the old one stays as it is, what the edit leaves alone is shared."""
    passed: list[tuple[Json, str | int]] = []
    for token in edit.pointer:
        passed.append((value, token))
        child = _child(value, token)
        value = None if isinstance(child, Missing) else child
    if not passed:
        return edit.value if isinstance(edit, SetValue) else value
    changed = _changed(*passed.pop(), edit)
    for container, token in reversed(passed):
        changed = _changed(container, token, SetValue((), changed))
    return changed


def _changed(container: Json, token: str | int, edit: DocumentEdit) -> Json:
    """A copy of one container in which the edit is made at a key or index."""
    if isinstance(container, dict) and isinstance(token, str):
        if isinstance(edit, SetValue):
            return {**container, token: edit.value}
        if isinstance(edit, RenameMember):
            return {edit.name if key == token else key: value for key, value in container.items()}
        return {key: value for key, value in container.items() if key != token}
    if not isinstance(container, list) or not isinstance(token, int) or isinstance(edit, RenameMember):
        raise EditError("internal: the edit was not grounded")
    end = token if isinstance(edit, InsertElement) else token + 1
    return container[:token] + ([] if isinstance(edit, RemoveMember) else [edit.value]) + container[end:]


def is_same(one: Json, other: Json) -> bool:
    """Whether two values mean the same to JavaScript: key order counts, 1.0 is 1, NaN is NaN, true is not 1."""
    pairs = [(one, other)]
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            if list(left) != list(right):
                return False
            pairs.extend(zip(left.values(), right.values(), strict=True))
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pairs.extend(zip(left, right, strict=True))
        elif not _is_same_scalar(left, right):
            return False
    return True


def is_alike(one: Json, other: Json) -> bool:
    """Whether two values are surely the same, down to the order of keys; found out far sooner than by walking them.

    False says nothing: 1.0 is 1, and written differently.
    """
    return one is other or marshal.dumps(one, _WITHOUT_REFERENCES) == marshal.dumps(other, _WITHOUT_REFERENCES)


def _is_same_scalar(left: Json, right: Json) -> bool:
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return left == right and isinstance(left, bool) == isinstance(right, bool)
