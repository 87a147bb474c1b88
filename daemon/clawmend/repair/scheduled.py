"""Which models the cron jobs of a state folder name, wherever its version keeps them.

Both places are read: jobs that a newer OpenClaw has taken over may be left in the file, and those of a newer one in
the database. Only a database that is there is opened. What cannot be read names nothing, as with sessions.
"""

import json
import os

from clawmend.core.cron import models_in_jobs
from clawmend.core.document import Json, Syntax
from clawmend.core.snapshot import Database, Settings
from clawmend.core.state import Found, object_at, value_of
from clawmend.system.files import Files
from clawmend.system.homes import StateFolder
from clawmend.system.loading import judge
from clawmend.system.machine import Place

_MAX_BYTES = 4 * 2**20


def state_database(folder: StateFolder) -> str:
    """Where OpenClaw keeps what all agents share, from 2026.6.1 on."""
    return os.path.join(folder.directory, "state", "openclaw.sqlite")


def cron_models(
    folder: StateFolder, settings: Settings | None, shared: Database | None, place: Place, files: Files
) -> tuple[str, ...]:
    """The models that cron jobs name. `shared` is the state database, where it was read already."""
    path = state_database(folder)
    if shared is None and files.identity(path) is not None:
        from clawmend.system.database import read_store  # noqa: PLC0415 - SQLite is loaded where it is needed

        shared = read_store(path)
    found = set(shared.cron_models if shared else ())
    for store in _stores(folder, settings, place):
        contents = files.read(store, _MAX_BYTES)
        if isinstance(contents, Found) and (b"model" in contents.data or b"fallbacks" in contents.data):
            found |= models_in_jobs(_value(contents))
    return tuple(sorted(found))


def _stores(folder: StateFolder, settings: Settings | None, place: Place) -> tuple[str, ...]:
    """The usual file, and the one that `cron.store` names."""
    usual = os.path.join(folder.directory, "cron", "jobs.json")
    named = object_at(settings.value if settings else None, "cron").get("store")
    text = named.strip() if isinstance(named, str) else ""
    other = os.path.normpath(place.home + text[1:] if text.startswith("~/") else text)
    return tuple(dict.fromkeys([usual, *([other] if os.path.isabs(other) else [])]))


def _value(found: Found) -> Json:
    """OpenClaw writes it as JSON, and reads JSON5."""
    try:
        value: Json = json.loads(found.data)
    except (ValueError, RecursionError):
        return value_of(judge(found, Syntax.JSON5))
    return value
