"""Our own store of what files were before we changed them: an append-only journal and the blobs it names.

    checkpoints/manifest.jsonl   begin, in-place, applied, commands, rewritten, done, undone, redone, pruned   0600
    checkpoints/blobs/<sha256>   the bytes of a file, verified by their name whenever they are read       0400

After a while all of it is in an archive too, and what is settled only there (see ledger.py). A repair needs no archive.

A checkpoint is registered, blobs first, before the first byte of a repair is written, and it is not done before the
last one is: whatever a crash leaves in between, `repair/recovery.py` finds here what to do about it.
"""

import json
import os
import secrets
import shlex
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from clawmend.core.errors import BackupError, ClawmendError
from clawmend.core.finding import LogOut
from clawmend.core.state import Found, Identity
from clawmend.system.blobs import Blobs, digest
from clawmend.system.durable import private_folder
from clawmend.system.folding import fold
from clawmend.system.journal import Lines
from clawmend.system.ledger import Ledger
from clawmend.system.records import Checkpoint, Entry, Kind, Taken, as_json, entry_json, quoted, taken_json
from clawmend.system.retention import good_checkpoints, newest_contents
from clawmend.system.sentences import elsewhere, is_full


class FileChange(NamedTuple):
    """One file of a checkpoint that is registered: its bytes before and after, None where it is absent.

    `identity` is what it was before, `mode` the permission bits that it is given, None where it keeps its own.
    """

    path: str
    before: bytes | None
    after: bytes | None
    identity: Identity | None
    rules: tuple[str, ...] = ()
    mode: int | None = None


class CheckpointStore:
    """The store in a state folder. Folders are 0700, nothing in it is ever changed in place."""

    def __init__(self, state: str) -> None:
        self.root = os.path.join(state, "checkpoints")
        self.blobs = Blobs(os.path.join(self.root, "blobs"))
        self._journal = Ledger(self.root)

    def prepare(self) -> None:
        """Create the folders; BackupError when there would be no way back: nothing may be repaired then."""
        with self._sentence("write backups in"):
            private_folder(self.blobs.folder)
            for folder in (self.root, self.blobs.folder):
                if not os.access(folder, os.W_OK | os.X_OK):
                    raise PermissionError(13, "this user may not write there")
        self.refuse_damage()

    def refuse_damage(self) -> None:
        """BackupError when the journal is damaged: nobody can say any more what was finished and what was not."""
        self._sound_lines()

    def _sound_lines(self) -> Lines:
        lines = self._journal.recent()
        if lines.damaged:
            raise BackupError(
                f"the list of backups {self._journal.path} is damaged in line {lines.damaged[0]}; nothing was changed",
                f"see: clawmend backups verify; to begin a new one: {self.anew}",
            )
        return lines

    @property
    def anew(self) -> str:
        """The command after which a list that is damaged is begun anew."""
        return f"mv {shlex.quote(self.root)} {shlex.quote(f'{self.root}.damaged')}"

    def damaged_lines(self) -> tuple[str, ...]:
        """One sentence per line whose bytes have changed since it was written, in the archive or the journal."""
        return self._journal.damage()

    def register(
        self,
        kind: Kind,
        home: str,
        made: float,
        files: Iterable[FileChange],
        *,
        reason: str = "",
        needs_restart: bool = False,
        undoes: str | None = None,
    ) -> Checkpoint:
        """Store the bytes before durably and return the checkpoint, not yet done; plain tuples do as well."""
        changes = [FileChange(*file) for file in files]
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(made))
        checkpoint = Checkpoint(
            id=f"{stamp}-{secrets.token_hex(3)}",
            made=made,
            kind=kind,
            home=home,
            entries=tuple(map(_entry_of, changes)),
            reason=reason,
            needs_restart=needs_restart,
            undoes=undoes,
        )
        with suppress(OSError):
            self._journal.turn_over()  # a journal that stays long is slow, and no reason not to repair
        with self._sentence("write a backup in"):
            self.blobs.sweep()
            self.blobs.keep(change.before for change in changes if change.before is not None)
            self._journal.append({"event": "begin", "checkpoint": as_json(checkpoint)})
        return checkpoint

    def note_in_place(self, checkpoint: Checkpoint, path: str, after: bytes) -> None:
        """Note that a file is about to be written in place, and keep what it is to become: it may be torn."""
        with self._sentence("write a backup in", f"{path} was not written"):
            self.blobs.keep([after])
            self._journal.append({"event": "in-place", "id": checkpoint.id, "path": quoted(path)})

    def note_commands(
        self,
        checkpoint: Checkpoint,
        commands: Iterable[tuple[LogOut, tuple[str, ...]]],
        files: Iterable[FileChange] = (),
        *,
        taken_over: bool = False,
    ) -> None:
        """Keep the credentials that are about to go, and the files that OpenClaw may write anew as it removes them.

        `taken_over`: what is in the files goes into its databases.
        """
        changes = [FileChange(*file) for file in files]
        kept = [change.before for change in changes if change.before is not None]
        records = []
        for edit, rules in commands:
            data = json.dumps(edit.stored).encode()
            records.append(Taken(edit.path, edit.agent, edit.profile, str(digest(data)), rules))
            kept.append(data)
        with self._sentence("write a backup in"):
            self.blobs.keep(kept)
            self._journal.append(
                {
                    "event": "commands",
                    "id": checkpoint.id,
                    "commands": [taken_json(record) for record in records],
                    "entries": [entry_json(_entry_of(change)) for change in changes],
                    "taken_over": taken_over,
                }
            )

    def note_rewritten(self, checkpoint: Checkpoint, path: str, after: bytes, theirs: bytes | None = None) -> None:
        """Note what becomes of a file that OpenClaw wrote anew; `theirs` is what it made, where that does not stay."""
        with self._sentence("write a backup in", f"{path} was left as it is"):
            self.blobs.keep([theirs] if theirs is not None else [])
            record = {"event": "rewritten", "id": checkpoint.id, "path": quoted(path)}
            self._journal.append(record | {"after": digest(after), "theirs": digest(theirs)})

    def applied(self, checkpoint: Checkpoint) -> None:
        """Note that every file is written; whether it helped is not known yet."""
        self._note("applied", checkpoint.id)

    def finish(self, checkpoint: Checkpoint) -> None:
        """Note that everything the checkpoint announces was done and proved."""
        self._note("done", checkpoint.id)

    def mark_undone(self, checkpoint: Checkpoint) -> None:
        """Note that the files are again what they were before the checkpoint."""
        self._note("undone", checkpoint.id)

    def mark_redone(self, checkpoint: Checkpoint) -> None:
        """Note that the undo of a checkpoint was itself undone: what it did is in force again."""
        self._note("redone", checkpoint.id)

    def rescue(self, home: str, made: float, path: str, data: bytes) -> Checkpoint:
        """Keep what was found lying beside a file and is nobody's any more."""
        change = FileChange(path, data, None, None)
        checkpoint = self.register(Kind.FOUND, home, made, [change], reason="somebody wrote while a repair was cut off")
        self.finish(checkpoint)
        return checkpoint

    def prune(self, checkpoints: Iterable[str], blobs: Iterable[str]) -> None:
        """Forget checkpoints, durably, and then remove blobs that no other one needs."""
        names, contents = list(checkpoints), list(blobs)
        with self._sentence("prune the backups in", "what is still needed is still there"):
            if names:
                self._journal.append({"event": "pruned", "ids": names})
                self._journal.forget_pruned()
            if contents:
                self.blobs.remove(contents)

    def all(self) -> tuple[Checkpoint, ...]:
        """Every checkpoint that was not pruned, oldest first; what cannot be understood is passed over."""
        return fold(self._journal.read())[0]

    def recent(self) -> tuple[Checkpoint, ...]:
        """Those of `all` that a repair may ask for: every one that is known good, and the newest of every file."""
        return fold(self._journal.recent())[0]

    def sizes(self) -> dict[str, int]:
        """The size in bytes of every content that is kept."""
        with self._sentence("look at the backups in"):
            return self.blobs.sizes()

    def strange(self) -> bool:
        """Tell whether there is anything that cannot be understood: then nobody can say which blobs are needed."""
        lines = self._journal.read()
        return bool(lines.newer or lines.damaged or fold(lines)[1])

    def is_of_a_newer(self) -> bool:
        """Tell whether a newer clawmend has written what one has to know to finish or to undo what was cut off."""
        lines = self._journal.recent()
        return bool(lines.newer or fold(lines)[1])

    def unfinished(self) -> tuple[Checkpoint, ...]:
        """What was begun and neither done nor undone: another clawmend is at it, or a crash has cut it off.

        Nothing where a newer clawmend has written, which alone knows; ClawmendError as from `refuse_damage`.
        """
        lines = self._sound_lines()
        checkpoints, strange = fold(lines)
        return () if strange or lines.newer else tuple(one for one in checkpoints if not one.done and not one.undone)

    def named(self, name: str) -> Checkpoint:
        """Find a checkpoint by its id or the start of it; ClawmendError when there is none or there are several.

        What only keeps a content bears the second of the repair beside it, so what can be undone goes before it.
        """
        if not name.strip():  # an unset variable must not mean the only one there is
            raise ClawmendError("the name of a checkpoint is empty", "list them with: clawmend backups list")
        begun = [checkpoint for checkpoint in self.all() if checkpoint.id.startswith(name)]
        matches = [checkpoint for checkpoint in begun if checkpoint.can_be_undone] or begun
        if len(matches) != 1:
            problem = "no checkpoint" if not matches else "more than one checkpoint"
            raise ClawmendError(f"{problem} begins with {name!r}", "list them with: clawmend backups list")
        return matches[0]

    def blob(self, sha256: str) -> bytes:
        """Return stored bytes, verified; ClawmendError when they are missing or not what they were."""
        return self.blobs.read(sha256)

    def known_good(self, path: str) -> Iterator[Found]:
        """The verified known good contents of a file, newest first; a damaged one is passed over."""
        for checkpoint in good_checkpoints(self.recent(), path):
            entry = checkpoint.entries[0]
            if entry.before is None or entry.identity is None:
                continue
            try:
                data = self.blob(entry.before)
            except ClawmendError:
                continue  # `backups verify` tells; what is damaged is no candidate
            yield Found(self.blobs.path(entry.before), entry.identity, data)

    def kept(self, path: str, limit: int) -> Iterator[Found]:
        """What any checkpoint kept of a file, each content once, the newest first.

        No more than `limit` of them, which is at most `retention.NEWEST`.
        """
        for identity, sha256 in newest_contents(self.recent(), path)[:limit]:
            with suppress(ClawmendError):  # `backups verify` tells; what is damaged is no candidate
                yield Found(self.blobs.path(sha256), identity, self.blob(sha256))

    def damage(self) -> tuple[str, ...]:
        """Verify the journal and every blob that any checkpoint names; return one sentence per problem."""
        return (*self.damaged_lines(), *self.blobs.damage({name for one in self.all() for name in one.blobs}))

    def sweep(self) -> None:
        """Remove what a crash has left half written in the store. Only for whoever holds our lock."""
        with self._sentence("tidy up"):
            self.blobs.sweep()
            self._journal.sweep()

    def _note(self, event: str, name: str) -> None:
        try:
            self._journal.append({"event": event, "id": name})
        except OSError as error:
            raise ClawmendError(
                f"cannot note in {self._journal.path} that {name} is {event}: {error.strerror or 'unknown error'}",
                f"{'free some space' if is_full(error) else 'make it writable'} and run: clawmend undo --recover",
            ) from error

    @contextmanager
    def _sentence(self, verb: str, outcome: str = "nothing was changed") -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BackupError(
                f"cannot {verb} {self.root}: {error.strerror or 'unknown error'}; {outcome}",
                elsewhere(error),
            ) from error


def _entry_of(change: FileChange) -> Entry:
    before, after = digest(change.before), digest(change.after)
    return Entry(change.path, before, after, change.identity, change.rules, change.mode)
