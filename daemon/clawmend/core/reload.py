"""What a running gateway does with a change on disk: nothing, take it over, restart itself, or write it back.

The gateway watches openclaw.json alone. It compares what it holds with what is there now, member by member, and takes
each over or restarts (`config-reload-plan` in the packages; the members are data in core/behaviour.py). models.json
is read at each turn; auth-profiles.json is held in memory and written back at the next use, so that it may only be
edited while no gateway writes it, or right before a restart with no turn in between. Source: facts on OpenClaw.
"""

from collections.abc import Iterable
from enum import Enum
from typing import assert_never

from clawmend.core.behaviour import Behaviour, Legacy, Store, behaviour_of
from clawmend.core.belonging import owner_of, state_of
from clawmend.core.document import Document, Json
from clawmend.core.evidence import Kind
from clawmend.core.finding import (
    Edit,
    LogOut,
    Need,
    RemoveFile,
    RemoveKey,
    RenameKey,
    Restart,
    RestoreFile,
    SetKey,
    SetMode,
    TakeOver,
)
from clawmend.core.plan import Change
from clawmend.core.pointer import Pointer
from clawmend.core.snapshot import GatewayRunning, OpenClaw, Snapshot
from clawmend.core.state import Malformed, Parsed, object_at
from clawmend.core.syntax import MalformedError
from clawmend.core.values import is_alike

_STORE, _OLD_STORE = "auth-profiles.json", "auth.json"


class Effect(Enum):
    """What becomes of a change while a gateway runs; the later, the more it costs."""

    NOTHING = "nothing"  # it is read at the next turn, or never
    HOT_RELOAD = "hot reload"  # the gateway takes it over, and says so in its log
    RESTARTS_ITSELF = "restarts itself"  # no second restart from us, but a proof
    RESTART = "restart"  # it does not notice: somebody has to restart it
    GATEWAY_STOPPED = "gateway stopped"  # it would write back what it holds


def need_of(effect: Effect) -> Need:
    """How a plan counts it: each kind of restart has to be possible before anything is written."""
    match effect:
        case Effect.NOTHING:
            return Need.NOTHING
        case Effect.HOT_RELOAD:
            return Need.HOT_RELOAD
        case Effect.RESTARTS_ITSELF | Effect.RESTART | Effect.GATEWAY_STOPPED:
            return Need.RESTART
        case _:
            assert_never(effect)


def strongest(effects: Iterable[Effect]) -> Effect:
    """The effect that several changes have together."""
    return max(effects, key=list(Effect).index, default=Effect.NOTHING)


def reload_mode(settings: Json, behaviour: Behaviour) -> str:
    """`gateway.reload.mode` as this version understands it."""
    mode = object_at(settings, "gateway", "reload").get("mode")
    return mode if isinstance(mode, str) and mode in behaviour.reload_modes else behaviour.reload_modes[0]


def changed_members(before: Json, after: Json, above: Pointer = (), *, parts: bool = False) -> tuple[Pointer, ...]:
    """The members in which two documents differ, as OpenClaw finds them: into objects, and lists as a whole.

    `parts`: of an object that comes or goes, each of its own members counts.
    """
    if is_alike(before, after):
        return ()
    known = [value for value in (before, after) if isinstance(value, dict)]
    if len(known) < (1 if parts and len(above) == 1 else 2):
        return () if _is_same(before, after) else (above,)
    old, new = (value if isinstance(value, dict) else {} for value in (before, after))
    found: list[Pointer] = []
    for name in dict.fromkeys((*old, *new)):
        place = (*above, name)
        comes_or_goes = parts and not above and isinstance(old.get(name, new.get(name)), dict)
        if comes_or_goes or (name in old and name in new):
            found += changed_members(old.get(name), new.get(name), place, parts=parts)
        else:
            found.append(place)
    return tuple(found)


def effect_of_members(behaviour: Behaviour | None, mode: str, members: Iterable[Pointer]) -> Effect:
    """What a running gateway does when these members of openclaw.json change; of an unknown version, the worst."""
    found = tuple(members)
    if not found:
        return Effect.NOTHING
    if behaviour is None or mode == "off":
        return Effect.RESTART
    if mode == "restart":
        return Effect.RESTARTS_ITSELF
    if all(_is_hot(behaviour, member) for member in found):
        return Effect.HOT_RELOAD
    return Effect.RESTART if mode == "hot" else Effect.RESTARTS_ITSELF


def effect_of_change(snapshot: Snapshot, change: Change) -> Effect:
    """What a running gateway does when this file changes as planned."""
    openclaw = owner_of(snapshot, change.path)
    if openclaw is None or change.after == change.before.data:
        return Effect.NOTHING
    if change.path not in _config_files(openclaw):
        return _of_other_file(snapshot, openclaw, change.path)
    before = change.before.document.value if isinstance(change.before, Parsed) else None
    if isinstance(change.before, Malformed) or is_refused(openclaw):
        # The gateway holds an earlier one, which nobody can compare with.
        return Effect.NOTHING if _mode(snapshot, openclaw) == "off" else Effect.HOT_RELOAD
    syntax = change.before.document.syntax
    try:
        after = Document.parse(change.after or b"", syntax).value
    except MalformedError:
        return Effect.NOTHING  # it is refused, and what the gateway holds stays
    behaviour = behaviour_of(snapshot.installation.version)
    parts = behaviour is not None and behaviour.refines_reload
    return _of_members(snapshot, openclaw, change.path, changed_members(before, after, parts=parts))


def members_of_change(snapshot: Snapshot, change: Change) -> tuple[Pointer, ...]:
    """The members of openclaw.json that a change touches; none where that cannot be told."""
    openclaw = owner_of(snapshot, change.path)
    if openclaw is None or change.path not in _config_files(openclaw) or not isinstance(change.before, Parsed):
        return ()
    try:
        after = Document.parse(change.after or b"", change.before.document.syntax).value
    except MalformedError:
        return ()
    return changed_members(change.before.document.value, after)


def need_of_edits(snapshot: Snapshot, edits: Iterable[Edit]) -> Need:
    """What a running gateway needs to take over the edits of a fix: the one place where rules get it from."""
    return need_of(strongest(_of_edit(snapshot, edit) for edit in edits))


def _of_edit(snapshot: Snapshot, edit: Edit) -> Effect:
    openclaw = owner_of(snapshot, edit.path)
    if openclaw is None:
        return Effect.NOTHING
    match edit:
        case RenameKey(path=path, pointer=pointer, name=name):
            both = (RemoveKey(path, pointer), SetKey(path, (*pointer[:-1], name), None))
            return strongest(_of_edit(snapshot, one) for one in both)
        case SetKey(path=path, pointer=pointer) | RemoveKey(path=path, pointer=pointer):
            if path not in _config_files(openclaw):
                return _of_other_file(snapshot, openclaw, path)
            state = state_of(snapshot, path)
            if isinstance(state, Malformed) or is_refused(openclaw):
                return Effect.HOT_RELOAD
            held = state.document.get(pointer) if isinstance(state, Parsed) else None
            value = edit.value if isinstance(edit, SetKey) else None
            return _of_members(snapshot, openclaw, path, _parts(snapshot, pointer, held, value))
        case RestoreFile(path=path) | RemoveFile(path=path):
            if path in _config_files(openclaw):
                return Effect.HOT_RELOAD
            return _of_other_file(snapshot, openclaw, path)
        case SetMode() | LogOut():
            return Effect.NOTHING  # `models auth logout` needs no restart
        case Restart() | TakeOver():
            return Effect.RESTART
        case _:
            assert_never(edit)


def _parts(snapshot: Snapshot, pointer: Pointer, held: Json, value: Json) -> tuple[Pointer, ...]:
    """What the gateway compares of a member that is set or removed: itself, or each of its own members."""
    behaviour = behaviour_of(snapshot.installation.version)
    parts = [one for one in (held, value) if isinstance(one, dict)]
    if behaviour is None or not behaviour.refines_reload or len(pointer) != 1 or not parts:
        return (pointer,)
    return tuple((*pointer, name) for name in dict.fromkeys(name for part in parts for name in part))


def _of_members(snapshot: Snapshot, openclaw: OpenClaw, path: str, members: Iterable[Pointer]) -> Effect:
    behaviour = behaviour_of(snapshot.installation.version)
    mode, found = _mode(snapshot, openclaw), tuple(members)
    if path == openclaw.config.path or not found:
        return effect_of_members(behaviour, mode, found)
    # Which members of openclaw.json an included file holds is not looked up: whatever comes is waited for.
    watched = behaviour is not None and behaviour.watches_includes and mode != "off"
    return Effect.HOT_RELOAD if watched else Effect.RESTART


def _of_other_file(snapshot: Snapshot, openclaw: OpenClaw, path: str) -> Effect:
    behaviour = behaviour_of(snapshot.installation.version)
    agents = openclaw.agents if path.rpartition("/")[2] in {_STORE, _OLD_STORE} else ()
    stores = {agent.profiles.path for agent in agents}
    if path not in stores | {agent.legacy_auth.path for agent in agents}:
        return Effect.NOTHING
    if behaviour is None:
        return Effect.RESTART
    if behaviour.store is Store.FILE:
        return Effect.GATEWAY_STOPPED if path in stores else Effect.NOTHING
    return Effect.NOTHING if behaviour.legacy is Legacy.IGNORED else Effect.RESTART


def is_refused(openclaw: OpenClaw) -> bool:
    """Tell whether the gateway runs on an earlier openclaw.json because it refused the one that is there."""
    if not isinstance(openclaw.gateway, GatewayRunning):
        return False
    said = [event for event in openclaw.evidence.events if event.time > openclaw.gateway.started]
    said = [event for event in said if event.kind in {Kind.INVALID_CONFIG, Kind.RELOADED}]
    return bool(said) and said[-1].kind is Kind.INVALID_CONFIG


def _mode(snapshot: Snapshot, openclaw: OpenClaw) -> str:
    behaviour = behaviour_of(snapshot.installation.version)
    settings = openclaw.settings.value if openclaw.settings else None
    return "hybrid" if behaviour is None else reload_mode(settings, behaviour)


def _config_files(openclaw: OpenClaw) -> frozenset[str]:
    return frozenset({openclaw.config.path, *(state.path for state in openclaw.includes)})


def _is_hot(behaviour: Behaviour, member: Pointer) -> bool:
    """The longest name that leads to a member decides."""
    names = [str(part) for part in member]
    for length in range(len(names), 0, -1):
        name = ".".join(names[:length])
        if name in behaviour.cold:
            return False
        if name in behaviour.hot:
            return True
    return False


def _is_same(one: Json, other: Json) -> bool:
    """JSON's equality: true is not 1, and 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[name], other[name]) for name in one)
    return one == other
