"""From the table [notify] of config.toml to where notices go. An address may hold a token: no misfit ever shows one."""

import re
from typing import Any

from clawmend.core.event import Event
from clawmend.core.notify_options import DEFAULT_EVENTS, NotifyOptions, is_address, targets_of
from clawmend.system.misfits import Misfit, Table, shown, table_at, unknown_keys

NAME = "notify"
_KEYS = ("targets", "desktop", "events", "digest")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def notify_of(tables: Table) -> tuple[NotifyOptions, tuple[Misfit, ...]]:
    """Make what the table describes; what is wrong in it is left out and told."""
    misfits: list[Misfit] = []
    table = table_at(tables, (NAME,), misfits)
    misfits += unknown_keys((NAME,), table, _KEYS)
    desktop = table.get("desktop", False)
    if not isinstance(desktop, bool):
        misfits.append(Misfit((NAME, "desktop"), f"is {shown(desktop)}, and has to be true or false"))
        desktop = False
    digest = _digest(table, misfits)
    events = _events(table, misfits)
    if digest is not None:
        events |= {Event.DIGEST}
    return NotifyOptions(targets_of(_addresses(table, misfits), desktop=desktop), events, digest), tuple(misfits)


def _addresses(table: Table, misfits: list[Misfit]) -> tuple[str, ...]:
    found: list[str] = []
    for number, given in enumerate(_list(table, "targets", misfits), 1):
        if isinstance(given, str) and is_address(given.strip()):
            found.append(given.strip())
        else:
            wanted = 'an address like "ntfy://ntfy.sh/topic"; see the pages of Apprise for each service'
            misfits.append(Misfit((NAME, "targets"), f"has a number {number} that is not {wanted}"))
    return tuple(found)


def _events(table: Table, misfits: list[Misfit]) -> frozenset[Event]:
    if "events" not in table:
        return DEFAULT_EVENTS
    known = {event.value: event for event in Event}
    found: set[Event] = set()
    for given in _list(table, "events", misfits):
        if isinstance(given, str) and given in known:
            found.add(known[given])
        else:
            misfits.append(Misfit((NAME, "events"), f"has {shown(given)}, and there are only: {', '.join(known)}"))
    return frozenset(found)


def _list(table: Table, key: str, misfits: list[Misfit]) -> list[Any]:
    given = table.get(key, [])
    if isinstance(given, list):
        return given
    misfits.append(Misfit((NAME, key), "has to be a list in brackets"))
    return []


def _digest(table: Table, misfits: list[Misfit]) -> int | None:
    given = table.get("digest", "")
    if given == "":
        return None
    found = _TIME.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        wanted = 'a time of day like "09:00", or "" for none'
        misfits.append(Misfit((NAME, "digest"), f"is {shown(given)}, and has to be {wanted}"))
        return None
    return 60 * int(found[1]) + int(found[2])
