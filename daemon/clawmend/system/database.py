"""OpenClaw's SQLite stores, read without touching them: never written, never locked, nothing created beside them.

Opening a WAL database beside a live gateway may create `-wal` and `-shm` files, and `immutable=1` ignores the WAL in
which a fresh install keeps everything. So a database that has a WAL is copied with it into a folder of our own and
read there; one without is read where it lies, as one that cannot change. What did not change since it was read last is
not read again. Source: facts on OpenClaw, "Credentials".
"""

import json
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from urllib.parse import quote

from clawmend.core.cron import model_names, models_of_job
from clawmend.core.document import Json
from clawmend.core.providers import pin_of
from clawmend.core.snapshot import Database
from clawmend.core.state import object_at

_MAX_BYTES = 512 * 2**20
_TRIES = 3
_SUFFIXES = ("", "-wal", "-shm", "-journal")

_CRON_COLUMNS = ("job_json", "payload_model", "payload_fallbacks_json")

# Of a database, its WAL and its journal: device, inode, size in bytes, time of the last change in nanoseconds.
_Signature = tuple[tuple[int, int, int, int, int] | None, ...]


def read_store(path: str) -> Database | None:
    """Read the credentials, their state and the app version out of a store; None when there is no such file."""
    problem = "cannot be read"
    for _ in range(_TRIES):
        try:
            signature = _signature(path)
            if signature[0] is None:
                return None
            found = _read(path, signature)
            if not _lies_still(signature) or _signature(path) == signature:
                return found
            problem = "keeps changing"
        except OSError as error:
            problem = error.strerror or "cannot be read"
        except sqlite3.Error:
            problem = "is not a readable SQLite database"
    return Database(path, problem=problem)


def has_table(path: str, table: str) -> bool:
    """Tell whether a store has a table, or cannot be read and so may have it."""
    try:
        with _opened(path, _signature(path)) as database:
            return _has_table(database, table)
    except (OSError, sqlite3.Error):
        return True


def _signature(path: str) -> _Signature:
    return _stamp(path), _stamp(f"{path}-wal"), _stamp(f"{path}-journal")


def _stamp(path: str) -> tuple[int, int, int, int, int] | None:
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _lies_still(signature: _Signature) -> bool:
    """Tell whether all there is of a database is in its one file, which then is read where it lies."""
    return all(beside is None or beside[2] == 0 for beside in signature[1:])


@lru_cache(maxsize=128)
def _read(path: str, signature: _Signature) -> Database:
    with _opened(path, signature) as database:
        store, state, location = (
            _json(_text(database, "config_machine_state", "state_key", "value_json", key))
            for key in ("authProfiles.store", "authProfiles.state", "auth.sharedStore")
        )
        if store is None:
            store = _json(_text(database, "auth_profile_store", "store_key", "store_json", "primary"))
        if state is None:
            state = _json(_text(database, "auth_profile_state", "state_key", "state_json", "primary"))
        version = _text(database, "schema_meta", "meta_key", "app_version", "primary")
        place = str(object_at(location).get("location") or "") or None
        pins, cron_models = _pins(database), _cron_models(database)
        return Database(path, store, state, place, version, pins=pins, cron_models=cron_models)


@contextmanager
def _opened(path: str, signature: _Signature) -> Iterator[sqlite3.Connection]:
    if _lies_still(signature):
        os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))  # SQLite does not say why it may not read a file
        with closing(sqlite3.connect(f"file:{quote(os.fsencode(path))}?immutable=1", uri=True)) as database:
            yield database
        return
    with tempfile.TemporaryDirectory(prefix="clawmend-") as folder, closing(_open_copy(path, folder)) as database:
        yield database


def _open_copy(path: str, folder: str) -> sqlite3.Connection:
    total = 0
    for suffix in _SUFFIXES:
        source = path + suffix
        if os.path.isfile(source):
            total += os.path.getsize(source)
            if total > _MAX_BYTES:
                raise OSError(0, f"is larger than {_MAX_BYTES // 2**20} MB")
            shutil.copyfile(source, os.path.join(folder, "store.sqlite" + suffix))
    return sqlite3.connect(os.path.join(folder, "store.sqlite"))


def _pins(database: sqlite3.Connection) -> tuple[str, ...]:
    """The models that sessions are pinned to, from 2026.8.1 on (seen on 2026.9.6: session_nodes.entry_json)."""
    if not _has_table(database, "session_nodes"):
        return ()
    query = "SELECT entry_json FROM session_nodes WHERE instr(entry_json, 'modelOverride')"
    entries = (_json(str(row[0])) for row in database.execute(query))
    return tuple(sorted(set(filter(None, map(pin_of, entries)))))


def _cron_models(database: sqlite3.Connection) -> tuple[str, ...]:
    """The models that cron jobs name, from 2026.6.1 on; core/cron.py says which version has which columns."""
    there = {str(row[1]) for row in database.execute("PRAGMA table_info(cron_jobs)")}
    if not there & set(_CRON_COLUMNS):
        return ()
    columns = ", ".join(f"CAST({name} AS BLOB)" if name in there else "NULL" for name in _CRON_COLUMNS)
    found: set[str] = set()
    for row in database.execute(f"SELECT {columns} FROM cron_jobs"):  # noqa: S608 - the names are written above
        job, model, fallbacks = (None if value is None else value.decode("utf-8", "replace") for value in row)
        found |= models_of_job(_json(job)) | model_names(model, _json(fallbacks))
    return tuple(sorted(found))


def _has_table(database: sqlite3.Connection, table: str) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return database.execute(query, (table,)).fetchone() is not None


def _text(database: sqlite3.Connection, table: str, key: str, value: str, name: str) -> str | None:
    """The text of one row of a table; None when there is no such row or no such table."""
    if not _has_table(database, table):
        return None
    query = f"SELECT {value} FROM {table} WHERE {key} = ?"  # noqa: S608 - the names are written above
    row = database.execute(query, (name,)).fetchone()
    return str(row[0]) if row is not None and row[0] is not None else None


def _json(text: str | None) -> Json:
    try:
        value: Json = json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return None
    return value
