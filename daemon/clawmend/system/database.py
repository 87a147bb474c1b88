"""OpenClaw's SQLite stores, read from a private copy: never written, never locked, never opened in place.

Opening a WAL database beside a live gateway may create `-wal` and `-shm` files, and `immutable=1` ignores the WAL in
which a fresh install keeps everything. So db, wal and shm are copied into a folder of our own and read there.
Source: facts on OpenClaw, "Credentials".
"""

import json
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing

from clawmend.core.secret import Secret
from clawmend.core.snapshot import Credential, Database

_MAX_BYTES = 512 * 2**20
_TRIES = 3


def read_store(path: str) -> Database | None:
    """Read the credentials and the app version out of a store; None when there is no such file."""
    if not os.path.isfile(path):
        return None
    problem = "cannot be read"
    for _ in range(_TRIES):
        try:
            return _read_copy(path)
        except OSError as error:
            problem = error.strerror or "cannot be read"
        except sqlite3.Error:
            problem = "is not a readable SQLite database"
    return Database(path, problem=problem)


def has_table(path: str, table: str) -> bool:
    """Tell whether a store has a table, or cannot be read and so may have it."""
    try:
        with tempfile.TemporaryDirectory(prefix="clawmend-") as folder, closing(_open_copy(path, folder)) as database:
            return _has_table(database, table)
    except (OSError, sqlite3.Error):
        return True


def _read_copy(path: str) -> Database:
    with tempfile.TemporaryDirectory(prefix="clawmend-") as folder, closing(_open_copy(path, folder)) as database:
        rows: list[str] = []
        if _has_table(database, "auth_profile_store"):
            rows += _texts(database, "SELECT store_json FROM auth_profile_store WHERE store_key = 'primary'")
        if _has_table(database, "config_machine_state"):
            query = "SELECT value_json FROM config_machine_state WHERE state_key = 'authProfiles.store'"
            rows += _texts(database, query)
        versions: list[str] = []
        if _has_table(database, "schema_meta"):
            versions = _texts(database, "SELECT app_version FROM schema_meta WHERE meta_key = 'primary'")
        credentials = [credential for row in rows for credential in parse_profiles(row)]
        return Database(path, tuple(credentials), versions[0] if versions else None)


def _open_copy(path: str, folder: str) -> sqlite3.Connection:
    total = 0
    for suffix in ("", "-wal", "-shm"):
        source = path + suffix
        if os.path.isfile(source):
            total += os.path.getsize(source)
            if total > _MAX_BYTES:
                raise OSError(0, f"is larger than {_MAX_BYTES // 2**20} MB")
            shutil.copyfile(source, os.path.join(folder, "store.sqlite" + suffix))
    return sqlite3.connect(os.path.join(folder, "store.sqlite"))


def _has_table(database: sqlite3.Connection, table: str) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return database.execute(query, (table,)).fetchone() is not None


def _texts(database: sqlite3.Connection, query: str) -> list[str]:
    return [str(row[0]) for row in database.execute(query) if row[0] is not None]


def parse_profiles(text: str) -> tuple[Credential, ...]:
    """Read the profiles out of a store's JSON text; what is no profile is passed over, as OpenClaw does."""
    try:
        store = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    profiles = store.get("profiles") if isinstance(store, dict) else None
    if not isinstance(profiles, dict):
        return ()
    found = []
    for name, entry in profiles.items():
        if isinstance(entry, dict) and isinstance(entry.get("provider"), str):
            key = entry.get("key") or entry.get("token")
            kind = str(entry.get("type") or "")
            found.append(Credential(str(name), entry["provider"], kind, Secret(key) if isinstance(key, str) else None))
    return tuple(found)
