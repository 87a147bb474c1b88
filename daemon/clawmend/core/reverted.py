"""What an edit of openclaw.json said before OpenClaw put its own copy back over it.

OpenClaw keeps the edited file as `openclaw.json.clobbered.<time>` and takes `.bak` when the edit lost `meta`, lost
`gateway.mode` or has less than half of the bytes (isRecoverableConfigReadSuspiciousReason). The same name is given to
what was truly damaged, so three things are compared: what was put aside, what is there now, and the copies of before.
"""

from collections.abc import Iterator
from dataclasses import field

from clawmend.core.document import Json
from clawmend.core.era import Era
from clawmend.core.frozen import dataclass
from clawmend.core.pointer import Pointer
from clawmend.core.settings import INCLUDE
from clawmend.core.snapshot import OpenClaw
from clawmend.core.state import Parsed, object_at
from clawmend.core.values import Missing, find
from clawmend.core.wholeness import has_content, is_whole_config, mentions

_NOT_ANYBODYS_EDIT = frozenset({"meta", "wizard", "$schema"})
_MODE: Pointer = ("gateway", "mode")
_MAIN = ("gateway", "models", "agents", "channels")
# OpenClaw writes both files within one call; a slow disk may take its time.
_SLACK_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Edit:
    """One member that the edit said otherwise; `value` is what it said."""

    pointer: Pointer
    value: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reverted:
    """An edit that OpenClaw took back.

    `reasons` are those that OpenClaw goes by, `edits` what the edit said and is gone, `removed` what it took out.
    """

    aside: Parsed
    reasons: tuple[str, ...]
    edits: tuple[Edit, ...]
    removed: tuple[Pointer, ...]


def reverted_edit(openclaw: OpenClaw, era: Era) -> Reverted | None:
    """Find the edit behind the newest file that was put aside; None when it was damage, or is there again."""
    config, aside = openclaw.config, next(iter(openclaw.clobbered), None)
    if not isinstance(config, Parsed) or not isinstance(aside, Parsed):
        return None
    wanted, current = aside.document.value, config.document.value
    if not isinstance(current, dict) or not _is_an_edit(wanted, current, era):
        return None
    reasons = _reasons(aside, config)
    moment = aside.identity.mtime_ns / 1e9 + _SLACK_SECONDS
    before = [
        copy.document.value
        for copy in openclaw.copies
        if isinstance(copy, Parsed) and copy.identity.mtime_ns / 1e9 <= moment
    ]
    if not reasons or config.identity.mtime_ns / 1e9 < moment - 2 * _SLACK_SECONDS:
        return None
    edits = [edit for edit in _differences(wanted, current, ()) if _was_put_back(edit.pointer, current, before)]
    back = (edit.pointer for edit in _differences(current, wanted, ()))
    removed = [pointer for pointer in back if pointer != _MODE and isinstance(find(wanted, pointer), Missing)]
    return Reverted(aside, reasons, tuple(edits), tuple(removed)) if edits or removed else None


def _is_an_edit(wanted: Json, current: Json, era: Era) -> bool:
    """A file that lost a main section, or whose keys are redacted, was damaged, and OpenClaw was right."""
    if not isinstance(wanted, dict) or mentions(wanted, INCLUDE) or mentions(current, INCLUDE):
        return False
    plain: Json = {name: value for name, value in wanted.items() if name != "meta"}
    now = object_at(current)
    kept = all(has_content(wanted.get(name)) for name in _MAIN if has_content(now.get(name)))
    return kept and is_whole_config(plain, era)


def _reasons(aside: Parsed, config: Parsed) -> tuple[str, ...]:
    wanted, current = aside.document.value, config.document.value
    found = []
    if "meta" in object_at(current) and "meta" not in object_at(wanted):
        found.append("it had no meta")
    if "mode" in object_at(current, "gateway") and "mode" not in object_at(wanted, "gateway"):
        found.append("it had no gateway.mode")
    if len(aside.data) * 2 < len(config.data):
        found.append("it had less than half of the bytes")
    return tuple(found)


def _differences(wanted: Json, current: Json, pointer: Pointer) -> Iterator[Edit]:
    """The members of one value that the other lacks or has otherwise, as far up as they differ as a whole."""
    if not isinstance(wanted, dict) or not isinstance(current, dict):
        if wanted != current:  # OpenClaw sorts members anew, so their order says nothing
            yield Edit(pointer, wanted)
        return
    for name, value in wanted.items():
        if not pointer and name in _NOT_ANYBODYS_EDIT:
            continue
        if name in current:
            yield from _differences(value, current[name], (*pointer, name))
        else:
            yield Edit((*pointer, name), value)


def _was_put_back(pointer: Pointer, current: Json, before: list[Json]) -> bool:
    """Tell whether a copy of before says what is there now; else somebody has decided otherwise since."""
    now = find(current, pointer)
    return any(now == find(copy, pointer) for copy in before)
