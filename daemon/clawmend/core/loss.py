"""What openclaw.json has lost against its earlier copies, told apart from what a person took out.

A person takes one section out at a time, and OpenClaw makes a copy each time it writes; so what counts is the step
from one copy to the next newer content. It is a loss when `gateway.mode` is gone, without which the gateway does not
start, when two sections went in one step, one of them a main one, or when most of the content went with a section.
"""

from collections.abc import Iterator

from clawmend.core.document import Json
from clawmend.core.era import Era, era_of
from clawmend.core.frozen import dataclass
from clawmend.core.providers import text_of
from clawmend.core.routes import routes_of
from clawmend.core.settings import INCLUDE
from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import Parsed, object_at
from clawmend.core.version import Version
from clawmend.core.wholeness import has_content, is_whole_config, mentions, weight

_SECTIONS = ("gateway", "models", "agents", "channels", "auth", "plugins", "tools", "session")
_MAIN = frozenset({"gateway", "models", "agents", "channels"})
# After so long nobody remembers what was in a copy, and the file is what its owner made of it.
_MAX_AGE_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Loss:
    """What is gone and the copy that has it.

    `sections` are top-level members; `mode` is what `gateway.mode` was when it is gone from a `gateway` that is still
    there. `stops`: the gateway does not start without what is gone.
    """

    copy: Parsed
    sections: tuple[str, ...]
    mode: str | None = None
    stops: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What is gone, the way people call it."""
        return (*(("gateway.mode",) if self.mode is not None else ()), *self.sections)


def loss_of(snapshot: Snapshot, openclaw: OpenClaw) -> Loss | None:
    """Find what openclaw.json has lost; None when nothing is, or when it may be what somebody wants."""
    current = openclaw.settings.value if openclaw.settings else None
    if not isinstance(current, dict):
        return None
    copies = list(_usable_copies(snapshot, openclaw))
    return _lost_mode(snapshot, current, copies) or _lost_at_once(snapshot, openclaw, current, copies)


def _usable_copies(snapshot: Snapshot, openclaw: OpenClaw) -> Iterator[Parsed]:
    """The copies that could be restored from, the newest first; of those of one moment OpenClaw's own order counts."""
    era = snapshot.installation.era
    found = [copy for copy in openclaw.copies if isinstance(copy, Parsed)]
    for copy in sorted(found, key=lambda copy: -copy.identity.mtime_ns):
        value = copy.document.value
        if isinstance(value, dict) and INCLUDE not in value:
            plain: Json = {name: child for name, child in value.items() if name != "meta"}
            if is_whole_config(plain, era):
                yield copy


def _is_of_this_kind(value: Json, era: Era) -> bool:
    """From 2026.8.1 on sections have other members: what is valid on one side may not be on the other."""
    version = Version.parse(text_of(object_at(value, "meta").get("lastTouchedVersion")) or "")
    return version is None or (era_of(version) is Era.E) == (era in {Era.E, Era.NEWER})


def _lost_mode(snapshot: Snapshot, current: Json, copies: list[Parsed]) -> Loss | None:
    if _mode(current) is not None:
        return None
    for copy in copies:
        mode = _mode(copy.document.value)
        if mode is not None:
            recent = _is_recent(snapshot, copy)
            gone = [name for name in _gone(copy.document.value, current) if recent or name == "gateway"]
            if not _is_of_this_kind(copy.document.value, snapshot.installation.era):
                gone = []  # the word itself means the same on every version
            return Loss(copy, tuple(gone), None if "gateway" in gone else mode, stops=True)
    return None


def _lost_at_once(snapshot: Snapshot, openclaw: OpenClaw, current: Json, copies: list[Parsed]) -> Loss | None:
    newer = current
    for copy in copies:
        value = copy.document.value
        kind = _is_of_this_kind(value, snapshot.installation.era)
        if not kind or not _is_recent(snapshot, copy) or _was_set_up_since(current, value):
            return None
        missing = _gone(value, current)
        gone = tuple(name for name in _gone(value, newer) if name in missing)
        if _is_too_much(snapshot, openclaw, current, value, gone):
            return Loss(copy, gone)
        if any(copy is known for known in openclaw.known_good):
            return None  # what came after it, one step at a time, is what its owner wants
        newer = value
    return None


def _is_too_much(snapshot: Snapshot, openclaw: OpenClaw, current: Json, earlier: Json, gone: tuple[str, ...]) -> bool:
    if not _MAIN.intersection(gone):
        return False
    if len(gone) > 1:
        return True
    rest = weight({name: child for name, child in object_at(earlier).items() if name not in gone})
    if weight(current) * 2 >= weight(earlier):
        return False
    needed = "agents" in gone or ("models" in gone and _is_needed(snapshot, openclaw, earlier))
    return needed or weight(current) * 2 < rest


def _is_needed(snapshot: Snapshot, openclaw: OpenClaw, earlier: Json) -> bool:
    """Tell whether something still refers to a provider that went with the section."""
    version = snapshot.installation.version
    names = {name.strip().lower() for name in object_at(earlier, "models", "providers")}
    routes = () if version is None else routes_of(openclaw, version)
    return any(route.prefix.lower() in names for route in routes)


def _gone(earlier: Json, current: Json) -> list[str]:
    before, now = object_at(earlier), object_at(current)
    return [name for name in _SECTIONS if has_content(before.get(name)) and not has_content(now.get(name))]


def _mode(value: Json) -> str | None:
    mode = object_at(value, "gateway").get("mode")
    return mode if isinstance(mode, str) and mode.strip() else None


def _is_recent(snapshot: Snapshot, copy: Parsed) -> bool:
    return snapshot.now - copy.identity.mtime_ns / 1e9 < _MAX_AGE_SECONDS


def _was_set_up_since(current: Json, earlier: Json) -> bool:
    """OpenClaw's own setup was run after the copy was made: it starts with a small file, and that is meant."""
    ran = object_at(current, "wizard").get("lastRunAt")
    return ran is not None and ran != object_at(earlier, "wizard").get("lastRunAt")


def can_be_restored(value: Json) -> bool:
    """A section that names files to include may name some that are gone, and then nothing of the file is read."""
    return not mentions(value, INCLUDE)
