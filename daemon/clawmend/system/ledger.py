"""The ledger of checkpoints: a journal that stays short, because the archive beside it keeps what is settled.

    manifest.jsonl       what a repair has to know: what is unfinished, what is known good, the newest of every file
    manifest.old.jsonl   everything up to the last time that the journal was shortened, in its order

A repair reads and verifies the journal several times, and after years of repairs it would do little else. All of it
goes into the archive durably before anything leaves the journal. What stays in the journal, marked as archived, is in
both, where it says the same: it keeps its place among the others, from which alone one can tell what a file was first.
It is written there once more when it leaves: the archive may have been damaged meanwhile, or taken away. A crash in
between leaves all of it in both. Only whoever holds our lock may shorten it.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from clawmend.system.durable import TEMPORARY_MARK, changing, write_beside
from clawmend.system.folding import fold
from clawmend.system.journal import CHECK, Journal, Lines, sealed
from clawmend.system.retention import in_use

_LONGEST = 2**18  # bytes, some 250 repairs
_ARCHIVED = "archived"


class Ledger:
    """The two files in the folder of the store."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.path = os.path.join(folder, "manifest.jsonl")
        self.archive = os.path.join(folder, "manifest.old.jsonl")

    def append(self, record: dict[str, Any]) -> None:
        """Write one record durably; OSError as the system says it."""
        Journal(self.path).append(record)

    def recent(self) -> Lines:
        """Read the journal without its archive; BackupError when it is there and cannot be read."""
        return Journal(self.path).read()

    def read(self) -> Lines:
        """Read everything; the numbers of damaged lines are then of both files."""
        recent = self.recent()  # before the archive: what moves meanwhile is then in both, and not in neither
        older = Journal(self.archive).read()
        records, damaged = (*older.records, *recent.records), (*older.damaged, *recent.damaged)
        return Lines(records, damaged, older.newer + recent.newer)

    def damage(self) -> tuple[str, ...]:
        """One sentence per line whose bytes have changed since it was written."""
        return tuple(
            f"line {number} of {path} is damaged"
            for path in (self.archive, self.path)
            for number in Journal(path).read().damaged
        )

    def turn_over(self) -> None:
        """Archive a journal that is long, and leave what is in use in it; OSError as the system says it.

        Not while anything is unfinished or cannot be understood, and not for little.
        """
        if not os.path.exists(self.path) or os.stat(self.path).st_size < _LONGEST:
            return
        lines = self.recent()
        known, strange = fold(lines)
        if strange or lines.damaged or lines.newer or any(not one.done and not one.undone for one in known):
            return
        names = in_use(known)
        stays = [record for record in lines.records if _name_in(record) in names]
        if len(stays) * 2 > len(lines.records):
            return
        moved = [one for one in lines.records if _ARCHIVED not in one or _name_in(one) not in names]
        with self._rewritten(self.path, ({**record, _ARCHIVED: True} for record in stays)):
            Journal(self.archive).append(*map(_plain, moved))

    def forget_pruned(self) -> None:
        """Shorten the archive when most of it is of checkpoints that were pruned; OSError as the system says it."""
        older = Journal(self.archive).read()
        if older.damaged or older.newer:
            return
        alive = {one.id for one in fold(self.read())[0]}
        kept = [record for record in older.records if _name_in(record) in alive]
        if len(kept) * 2 < len(older.records):
            with self._rewritten(self.archive, kept):
                pass

    def sweep(self) -> None:
        """Remove what a crash has left half written. Only for whoever holds our lock."""
        with suppress(FileNotFoundError), os.scandir(self._folder) as entries:
            for entry in entries:
                if TEMPORARY_MARK in entry.name:
                    os.unlink(entry.path)

    @contextmanager
    def _rewritten(self, path: str, records: Iterable[dict[str, Any]]) -> Iterator[None]:
        """Put a new file there after what is done inside, for which there is room: it is written before."""
        temporary = write_beside(path, b"".join(sealed(_unsealed(record)) for record in records))
        try:
            with changing(self._folder):
                yield
                os.replace(temporary, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            raise


def _unsealed(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != CHECK}


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in {CHECK, _ARCHIVED}}


def _name_in(record: dict[str, Any]) -> str | None:
    """Which checkpoint a record tells of; None where it tells of several, or of none that we know of."""
    checkpoint = record.get("checkpoint")
    name = checkpoint.get("id") if isinstance(checkpoint, dict) else record.get("id")
    return name if isinstance(name, str) else None
