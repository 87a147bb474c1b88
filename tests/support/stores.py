"""OpenClaw's SQLite stores as a test makes them and as OpenClaw would change them."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

_SHARED = ("config_machine_state", "state_key", "value_json", "authProfiles.store")
_OWN = ("auth_profile_store", "store_key", "store_json", "primary")
Profiles = dict[str, Any]


def key_entry(key: str, provider: str = "bailian") -> Profiles:
    return {"type": "api_key", "provider": provider, "key": key}


def make_store(path: Path, profiles: Profiles, *, shared: bool = True) -> None:
    """Make a database with these profiles: the shared one, or an agent's own."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    table, key, value, row = _SHARED if shared else _OWN
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"CREATE TABLE {table} ({key} TEXT PRIMARY KEY, {value} TEXT)")
        if shared:
            database.execute(f"INSERT INTO {table} VALUES ('auth.sharedStore', ?)", ('{"location":"state-db"}',))  # noqa: S608
        text = json.dumps({"version": 1, "profiles": profiles})
        database.execute(f"INSERT INTO {table} VALUES (?, ?)", (row, text))  # noqa: S608 - names from above
    path.chmod(0o600)


def add_profiles(path: Path, profiles: Profiles, *, shared: bool) -> None:
    """Have these profiles in a database, which is made where there is none."""
    if path.exists():
        change_store(path, lambda found: found.update(profiles))
    else:
        make_store(path, profiles, shared=shared)


def profiles_in(path: Path | str) -> Profiles:
    """The profiles that a database holds now."""
    with _changing(path) as profiles:
        return dict(profiles)


def change_store(path: Path | str, work: Callable[[Profiles], object]) -> None:
    """Let somebody change the profiles."""
    with _changing(path) as profiles:
        work(profiles)


@contextmanager
def _changing(path: Path | str) -> Iterator[Profiles]:
    with closing(sqlite3.connect(path)) as database, database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        table, key, value, row = _SHARED if _SHARED[0] in names else _OWN
        (text,) = database.execute(f"SELECT {value} FROM {table} WHERE {key} = ?", (row,)).fetchone()  # noqa: S608
        store = json.loads(text)
        yield store["profiles"]
        now = json.dumps(store, separators=(",", ":"))
        if json.loads(text) != store:
            database.execute(f"UPDATE {table} SET {value} = ? WHERE {key} = ?", (now, row))  # noqa: S608
