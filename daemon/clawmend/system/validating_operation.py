"""From the tables [watch], [gateway] and [log] of config.toml to how the daemon works."""

import math
from enum import Enum
from typing import TypeVar

from clawmend.core.operation import DEFAULT_OPERATION, LogFormat, LogLevel, Operation, QuietHours, WatchMode
from clawmend.system.misfits import Keys, Misfit, Table, shown, table_at, unknown_keys

TABLES = ("watch", "gateway", "log")
_WATCH = ("mode", "debounce", "sweep")
_GATEWAY = ("restart_wait", "quiet_hours")
_LOG = ("format", "level")
# Seconds, least and most. Below the least of a sweep a daemon would never be idle; a missed event waits for the most.
_DEBOUNCE = (0.1, 10.0)
_SWEEP = (10.0, 3600.0)
_WAIT = (0.0, 3600.0)

Choice = TypeVar("Choice", bound=Enum)


def operation_of(tables: Table) -> tuple[Operation, tuple[Misfit, ...]]:
    """Make what the tables describe; what is wrong in them is left at its default and told."""
    misfits: list[Misfit] = []
    watch, gateway, log = (table_at(tables, (name,), misfits) for name in TABLES)
    misfits += unknown_keys(("watch",), watch, _WATCH)
    misfits += unknown_keys(("gateway",), gateway, _GATEWAY)
    misfits += unknown_keys(("log",), log, _LOG)
    default = DEFAULT_OPERATION
    operation = Operation(
        mode=_choice(watch, ("watch", "mode"), default.mode, WatchMode, misfits),
        debounce=_seconds(watch, ("watch", "debounce"), default.debounce, _DEBOUNCE, misfits),
        sweep=_seconds(watch, ("watch", "sweep"), default.sweep, _SWEEP, misfits),
        restart_wait=_seconds(gateway, ("gateway", "restart_wait"), default.restart_wait, _WAIT, misfits),
        quiet_hours=_quiet_hours(gateway, misfits),
        log_format=_choice(log, ("log", "format"), default.log_format, LogFormat, misfits),
        log_level=_choice(log, ("log", "level"), default.log_level, LogLevel, misfits),
    )
    return operation, tuple(misfits)


def _choice(table: Table, keys: Keys, default: Choice, family: type[Choice], misfits: list[Misfit]) -> Choice:
    value = table.get(keys[-1], default.value)
    for member in family:
        if member.value == value:
            return member
    names = ", ".join(f'"{member.value}"' for member in family)
    misfits.append(Misfit(keys, f"is {shown(value)}, and has to be one of {names}"))
    return default


def _seconds(table: Table, keys: Keys, default: float, limits: tuple[float, float], misfits: list[Misfit]) -> float:
    value = table.get(keys[-1], default)
    least, most = limits
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if number and least <= value <= most:
        return float(value)
    misfits.append(Misfit(keys, f"is {shown(value)}, and has to be a number of seconds from {least:g} to {most:g}"))
    return default


def _quiet_hours(table: Table, misfits: list[Misfit]) -> QuietHours | None:
    value = table.get("quiet_hours", "")
    if value == "":
        return None
    found = QuietHours.parse(value) if isinstance(value, str) else None
    if found is None:
        wanted = 'a time of day like "23:00-07:00", or "" for none'
        misfits.append(Misfit(("gateway", "quiet_hours"), f"is {shown(value)}, and has to be {wanted}"))
    return found
