"""Our own store of what files were before we changed them: content-addressed blobs and an append-only manifest.

    checkpoints/manifest.jsonl   one JSON object a line: begin, done, undone; only ever appended to   0600
    checkpoints/blobs/<sha256>   the bytes of a file, verified by their name whenever they are read    0400

A checkpoint is registered, blobs first, before the first byte of a repair is written. It holds the state of each
file before and what the repair made of it, so that `undo` can tell whether somebody has changed the file since.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import orjson

from clawmend.core.errors import ClawmendError
from clawmend.core.state import Identity
from clawmend.system.durable import adopt, changing, sync_write, write_all

_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a checkpoint. `before` and `after` are SHA-256 digests, None where the file is absent."""

    path: str
    before: str | None
    after: str | None
    identity: Identity | None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What one repair, or one undo, changed. `made` is in seconds since the epoch, `kind` "repair" or "undo"."""

    id: str
    made: float
    kind: str
    home: str
    entries: tuple[Entry, ...]
    needs_restart: bool = False
    done: bool = False
    undone: bool = False


class CheckpointStore:
    """The store in a state folder. Folders are 0700, nothing in it is ever changed in place."""

    def __init__(self, state: str) -> None:
        self._root = os.path.join(state, "checkpoints")
        self._blobs = os.path.join(self._root, "blobs")
        self._manifest = os.path.join(self._root, "manifest.jsonl")

    def prepare(self) -> None:
        """Create the folders; ClawmendError when the state folder cannot be written: no way back, no repair."""
        try:
            private_folder(self._blobs)
            probe = os.path.join(self._root, f".probe-{secrets.token_hex(4)}")
            sync_write(probe, b"")
            os.unlink(probe)
        except OSError as error:
            raise ClawmendError(
                f"cannot write backups in {self._root}: {error.strerror or 'unknown error'}; nothing was changed",
                "free the folder or name another one with --state-dir",
            ) from error

    def register(
        self,
        kind: str,
        home: str,
        made: float,
        files: Iterable[tuple[str, bytes | None, bytes | None, Identity | None, tuple[str, ...]]],
        *,
        needs_restart: bool = False,
    ) -> Checkpoint:
        """Store (path, bytes before, bytes after, identity, rules) durably and return the checkpoint, not yet done."""
        try:
            entries = tuple(
                Entry(path, self._keep(before), digest(after), identity, rules)
                for path, before, after, identity, rules in files
            )
            stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(made))
            checkpoint = Checkpoint(f"{stamp}-{secrets.token_hex(3)}", made, kind, home, entries, needs_restart)
            self._append({"event": "begin", "checkpoint": _as_json(checkpoint)})
        except OSError as error:
            raise ClawmendError(
                f"cannot write a backup in {self._root}: {error.strerror or 'unknown error'}; nothing was changed",
                "free some space or name another folder with --state-dir",
            ) from error
        return checkpoint

    def finish(self, checkpoint: Checkpoint) -> None:
        """Note that everything the checkpoint announces was done."""
        self._note("done", checkpoint)

    def mark_undone(self, checkpoint: Checkpoint) -> None:
        """Note that the files are again what they were before the checkpoint."""
        self._note("undone", checkpoint)

    def all(self) -> tuple[Checkpoint, ...]:
        """Read the manifest, oldest first; a line cut short by a crash is passed over."""
        found: dict[str, Checkpoint] = {}
        for line in self._lines():
            with suppress(ValueError, KeyError, TypeError, AttributeError):
                record = orjson.loads(line)
                if record["event"] == "begin":
                    checkpoint = _from_json(record["checkpoint"])
                    found[checkpoint.id] = checkpoint
                elif record["event"] == "done":
                    found[record["id"]] = replace(found[record["id"]], done=True)
                elif record["event"] == "undone":
                    found[record["id"]] = replace(found[record["id"]], undone=True)
        return tuple(found.values())

    def named(self, name: str) -> Checkpoint:
        """Find a checkpoint by its id or the start of it; ClawmendError when there is none or there are several."""
        matches = [checkpoint for checkpoint in self.all() if checkpoint.id.startswith(name)]
        if len(matches) != 1:
            problem = "no checkpoint" if not matches else "more than one checkpoint"
            raise ClawmendError(f"{problem} begins with {name!r}", "list them with: clawmend backups list")
        return matches[0]

    def blob(self, sha256: str) -> bytes:
        """Return stored bytes, verified; ClawmendError when they are missing or not what they were."""
        path = os.path.join(self._blobs, sha256)
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise ClawmendError(f"the backup {path} cannot be read: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ClawmendError(f"the backup {path} is damaged: its content does not match its name")
        return data

    def damage(self) -> tuple[str, ...]:
        """Verify every blob that any checkpoint names; return one sentence per problem."""
        problems = []
        wanted = {entry.before for checkpoint in self.all() for entry in checkpoint.entries if entry.before}
        for sha256 in sorted(wanted):
            try:
                self.blob(sha256)
            except ClawmendError as error:
                problems.append(error.message)
        return tuple(problems)

    def _keep(self, data: bytes | None) -> str | None:
        if data is None:
            return None
        sha256 = digest(data)
        try:
            self.blob(str(sha256))
        except ClawmendError:  # not there yet, or damaged: what it should hold is at hand
            sync_write(os.path.join(self._blobs, str(sha256)), data, 0o400)
        return sha256

    def _note(self, event: str, checkpoint: Checkpoint) -> None:
        try:
            self._append({"event": event, "id": checkpoint.id})
        except OSError as error:
            raise ClawmendError(
                f"cannot note in {self._manifest} that {checkpoint.id} is {event}: {error.strerror or 'unknown error'}",
                "free some space and see: clawmend backups list",
            ) from error

    def _append(self, record: dict[str, Any]) -> None:
        line = orjson.dumps({"schema": _SCHEMA, **record}) + b"\n"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        with changing(self._root):
            descriptor = os.open(self._manifest, flags, 0o600)
            try:
                adopt(descriptor, self._root)
                if _ends_torn(self._manifest):
                    line = b"\n" + line
                write_all(descriptor, line)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _lines(self) -> list[bytes]:
        try:
            with open(self._manifest, "rb") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ClawmendError(f"cannot read the backups in {self._root}: {error.strerror}") from error


def private_folder(path: str) -> None:
    """Create a folder of ours with its parents; the last one, and those created on the way, are 0700."""
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        private_folder(parent)  # makedirs would give its mode to the last folder only
    if not os.path.isdir(path):
        with suppress(FileExistsError):
            os.mkdir(path, 0o700)
            adopt(path, parent)


def digest(data: bytes | None) -> str | None:
    """The SHA-256 of some bytes in hex; None for an absent file."""
    return None if data is None else hashlib.sha256(data).hexdigest()


def _ends_torn(path: str) -> bool:
    with open(path, "rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _as_json(checkpoint: Checkpoint) -> dict[str, Any]:
    """File names may hold any bytes, JSON may not: they are stored percent-encoded."""
    record = asdict(checkpoint)
    record["home"] = quote(os.fsencode(record["home"]))
    for entry in record["entries"]:
        entry["path"] = quote(os.fsencode(entry["path"]))
    return record


def _from_json(record: dict[str, Any]) -> Checkpoint:
    entries = tuple(
        Entry(
            _path(entry["path"]),
            entry["before"],
            entry["after"],
            Identity(**entry["identity"]) if entry["identity"] else None,
            tuple(entry["rules"]),
        )
        for entry in record["entries"]
    )
    return Checkpoint(
        record["id"],
        record["made"],
        record["kind"],
        _path(record["home"]),
        entries,
        bool(record.get("needs_restart")),
    )


def _path(text: str) -> str:
    return os.fsdecode(unquote_to_bytes(text))
