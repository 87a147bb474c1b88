"""What may go from the store: by age, number and size, and what never may.

Kept for ever: the first content that was seen of every path, the newest known good ones of every path, whatever is
unfinished, and the last repair of every home, which plain `undo` takes back. The newest checkpoints stay whatever
their age says: a clock that jumps must not empty the store.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field

from clawmend.core.frozen import dataclass
from clawmend.core.state import Identity
from clawmend.system.records import Checkpoint, Kind

_ALWAYS = 20
# So many of the contents that a path has had are found without reading everything that was ever kept.
NEWEST = 8


@dataclass(frozen=True, slots=True)
class Policy:
    """How long and how much is kept: days, checkpoints, megabytes of content, and known good contents per path."""

    days: float = 90.0
    checkpoints: int = 200
    megabytes: float = 256.0
    good: int = 3


@dataclass(frozen=True, slots=True)
class Surplus:
    """What may go: checkpoints, and the blobs (name to bytes) that nothing else needs."""

    checkpoints: tuple[Checkpoint, ...] = ()
    blobs: Mapping[str, int] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """How much space this frees."""
        return sum(self.blobs.values())


def surplus(checkpoints: Iterable[Checkpoint], sizes: Mapping[str, int], now: float, policy: Policy) -> Surplus:
    """Choose what may go. `sizes` are the blobs there are; those that no checkpoint names go too."""
    known = tuple(checkpoints)
    protected = _protected(known, policy)
    keep = dict.fromkeys(protected)
    used = {name for checkpoint in protected for name in checkpoint.blobs}
    total = sum(sizes.get(name, 0) for name in used)
    others = [one for one in sorted(known, key=lambda one: one.made, reverse=True) if one not in keep]
    for checkpoint in others:
        new = checkpoint.blobs - used
        size = sum(sizes.get(name, 0) for name in new)
        old = now - checkpoint.made > policy.days * 86_400
        full = len(keep) >= policy.checkpoints or total + size > policy.megabytes * 2**20
        if checkpoint.kind is Kind.GOOD or old or full:
            continue
        keep[checkpoint] = None
        used |= new
        total += size
    return Surplus(
        tuple(one for one in known if one not in keep),
        {name: size for name, size in sizes.items() if name not in used},
    )


def good_checkpoints(checkpoints: Iterable[Checkpoint], path: str) -> tuple[Checkpoint, ...]:
    """The known good contents of a path, newest first: in the journal's order, whatever the clock said."""
    found = [
        one
        for one in checkpoints
        if one.kind is Kind.GOOD and one.done and any(entry.path == path for entry in one.entries)
    ]
    return tuple(reversed(found))


def newest_contents(checkpoints: Iterable[Checkpoint], path: str) -> list[tuple[Identity, str]]:
    """Each content of a path once, with what the file was then, the newest first."""
    found: dict[str, Identity] = {}
    for one in reversed(tuple(checkpoints)):
        for entry in one.entries:
            if entry.path == path and entry.before is not None and entry.identity is not None:
                found.setdefault(entry.before, entry.identity)
    return [(identity, sha256) for sha256, identity in found.items()]


def in_use(checkpoints: Iterable[Checkpoint]) -> frozenset[str]:
    """The ids of those that a repair may ask for: known good ones, the newest of every path and home, the very newest.

    Of a path that is the newest checkpoint of each of the `NEWEST` contents that it has had last. The number grows with
    the files that were ever repaired, and not with the repairs.
    """
    known = tuple(checkpoints)
    contents: dict[str, set[str]] = {}
    last: set[str] = set()
    found = {one.id for one in known[-_ALWAYS:]}
    for one in reversed(known):
        if one.kind is Kind.GOOD and one.done:
            found.add(one.id)
        if one.kind is Kind.REPAIR and not one.undone and one.home not in last:
            last.add(one.home)
            found.add(one.id)
        for entry in one.entries:
            had = contents.setdefault(entry.path, set())
            if entry.before is not None and entry.before not in had and len(had) < NEWEST:
                had.add(entry.before)
                found.add(one.id)
    return frozenset(found)


def _protected(known: tuple[Checkpoint, ...], policy: Policy) -> tuple[Checkpoint, ...]:
    first: dict[str, Checkpoint] = {}
    good: dict[str, int] = {}
    last: dict[str, Checkpoint] = {}
    kept: dict[Checkpoint, None] = {}
    for checkpoint in known:  # the journal's order: the oldest first, whatever the clock said
        for entry in checkpoint.entries:
            if entry.before is not None:
                first.setdefault(entry.path, checkpoint)
        if checkpoint.kind is Kind.REPAIR and not checkpoint.undone:
            last[checkpoint.home] = checkpoint
        if not checkpoint.done and not checkpoint.undone and checkpoint.kind is not Kind.GOOD:
            kept[checkpoint] = None
    for checkpoint in reversed(known):
        path = checkpoint.entries[0].path if checkpoint.entries else ""
        if checkpoint.kind is Kind.GOOD and checkpoint.done and good.setdefault(path, 0) < policy.good:
            good[path] += 1
            kept[checkpoint] = None
    made = [one for one in known if one.kind is not Kind.GOOD]
    return tuple(dict.fromkeys((*first.values(), *last.values(), *kept, *made[-_ALWAYS:])))
