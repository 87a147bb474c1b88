"""What the journal remembers of a checkpoint, and its form in JSON."""

import base64
import os
from dataclasses import asdict
from enum import Enum
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from clawmend.core.frozen import dataclass
from clawmend.core.state import Identity


class Kind(Enum):
    """What made a checkpoint; the value is what `backups list --json` prints."""

    REPAIR = "repair"
    UNDO = "undo"
    GOOD = "good"  # a file that was proven good: nothing was changed
    FOUND = "found"  # what somebody wrote while a repair was cut off


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a checkpoint. `before` and `after` are SHA-256 digests, None where the file is absent.

    `identity` is what it was before. `mode` are the permission bits that it was given, None where it kept its own; such
    a file is as it was when its content and its mode are. `rewritten` is what a command of OpenClaw made of the file
    before clawmend put that into the file's own writing, which is `after`; None where nothing of that kind happened.
    """

    path: str
    before: str | None
    after: str | None
    identity: Identity | None
    rules: tuple[str, ...] = ()
    mode: int | None = None
    rewritten: str | None = None

    @property
    def mode_before(self) -> int | None:
        """The permission bits that count for the way back; None where they were left alone."""
        return self.identity.mode if self.mode is not None and self.identity is not None else None

    def is_as_before(self, sha256: str | None, mode: int | None) -> bool:
        """Tell whether a file with this content and this mode (both None: an absent one) is what it was."""
        return sha256 == self.before and (self.mode_before is None or mode == self.mode_before)

    def is_as_after(self, sha256: str | None, mode: int | None) -> bool:
        """Tell whether such a file is what it was made."""
        return sha256 == self.after and (self.mode_before is None or mode == self.mode)

    def is_known(self, sha256: str | None, mode: int | None) -> bool:
        """Tell whether such a file is what it was, what it was made, or something in between that is ours too."""
        modes = {self.mode_before, self.mode}
        known = {self.before, self.after} | ({self.rewritten} if self.rewritten is not None else set())
        return sha256 in known and (self.mode_before is None or mode in modes)

    def is_before_the_last_write(self, sha256: str | None, mode: int | None) -> bool:
        """Tell whether such a file is what our last write of it began with."""
        return self.is_as_before(sha256, mode) if self.rewritten is None else sha256 == self.rewritten

    @property
    def is_changed(self) -> bool:
        """Whether it was made anything else than it was."""
        return self.before != self.after or self.mode not in {None, self.mode_before}


@dataclass(frozen=True, slots=True)
class Taken:
    """A stored credential that OpenClaw was asked to remove, or to replace.

    `path` is the database, `stored` the SHA-256 digest of the entry as JSON, which is kept like the bytes of a file.
    """

    path: str
    agent: str
    profile: str
    stored: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What one repair, or one undo, changed.

    `made` is in seconds since the epoch, `reason` names the faults, `undoes` the checkpoint that an undo put back,
    `in_place` the paths that had to be written in place. `applied`: every file was written; `done`: and it was proved.
    `commands` are the credentials that OpenClaw was asked to remove after that; whether it did, its store tells.
    `taken_over`: it was asked to take what is in some of the files over into its databases.
    """

    id: str
    made: float
    kind: Kind
    home: str
    entries: tuple[Entry, ...]
    reason: str = ""
    needs_restart: bool = False
    undoes: str | None = None
    in_place: frozenset[str] = frozenset()
    applied: bool = False
    done: bool = False
    undone: bool = False
    commands: tuple[Taken, ...] = ()
    taken_over: bool = False

    @property
    def can_be_undone(self) -> bool:
        """Whether it changed anything; else it only keeps a content."""
        return self.kind in {Kind.REPAIR, Kind.UNDO}

    @property
    def blobs(self) -> frozenset[str]:
        """The digests of the bytes that this checkpoint needs."""
        of_files = (
            sha256
            for entry in self.entries
            for sha256 in (entry.before, entry.rewritten, entry.after if entry.path in self.in_place else None)
            if sha256 is not None
        )
        return frozenset((*of_files, *(taken.stored for taken in self.commands)))


def quoted(path: str) -> str:
    """Write a path as text: file names may hold any bytes, JSON may not."""
    return quote(os.fsencode(path))


def unquoted(text: str) -> str:
    """Read a path back."""
    return os.fsdecode(unquote_to_bytes(text))


def as_json(checkpoint: Checkpoint) -> dict[str, Any]:
    """The record of a checkpoint that begins."""
    return {
        "id": checkpoint.id,
        "made": checkpoint.made,
        "kind": checkpoint.kind.value,
        "home": quoted(checkpoint.home),
        "entries": [entry_json(entry) for entry in checkpoint.entries],
        "reason": checkpoint.reason,
        "needs_restart": checkpoint.needs_restart,
        "undoes": checkpoint.undoes,
    }


def from_json(record: dict[str, Any]) -> Checkpoint:
    """Read a record; ValueError, KeyError, TypeError or AttributeError when it is none. Unknown members are ignored."""
    return Checkpoint(
        id=str(record["id"]),
        made=float(record["made"]),
        kind=Kind(record["kind"]),
        home=unquoted(record["home"]),
        entries=tuple(entry_from(entry) for entry in record["entries"]),
        reason=str(record.get("reason") or ""),
        needs_restart=bool(record.get("needs_restart")),
        undoes=record.get("undoes"),
    )


def taken_json(taken: Taken) -> dict[str, Any]:
    """The record of a credential that is about to be removed."""
    return asdict(taken) | {"path": quoted(taken.path), "rules": list(taken.rules)}


def taken_from(record: dict[str, Any]) -> Taken:
    """Read it back; errors as for `from_json`."""
    names = {name: str(record[name]) for name in ("agent", "profile", "stored")}
    return Taken(path=unquoted(record["path"]), rules=tuple(record.get("rules", ())), **names)


def entry_json(entry: Entry) -> dict[str, Any]:
    """The record of one file."""
    return {
        "path": quoted(entry.path),
        "before": entry.before,
        "after": entry.after,
        "identity": _identity_json(entry.identity) if entry.identity else None,
        "rules": list(entry.rules),
        "mode": entry.mode,
    }


def _identity_json(identity: Identity) -> dict[str, Any]:
    attributes = [[name, base64.b64encode(value).decode()] for name, value in identity.attributes]
    return asdict(identity) | {"attributes": attributes}


def entry_from(record: dict[str, Any]) -> Entry:
    """Read it back; errors as for `from_json`."""
    return Entry(
        unquoted(record["path"]),
        record["before"],
        record["after"],
        _identity(record["identity"]) if record["identity"] else None,
        tuple(record["rules"]),
        None if record.get("mode") is None else int(record["mode"]),
    )


_NUMBERS = ("device", "inode", "mode", "uid", "gid", "size", "mtime_ns")


def _identity(record: dict[str, Any]) -> Identity:
    attributes = tuple((str(name), base64.b64decode(value)) for name, value in record.get("attributes", ()))
    numbers = {name: int(record[name]) for name in _NUMBERS}
    return Identity(**numbers, links=int(record.get("links", 1)), attributes=attributes)
