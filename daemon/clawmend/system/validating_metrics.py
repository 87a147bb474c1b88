"""From the table [metrics] of config.toml to where the figures go."""

import os

from clawmend.core.metrics_options import MetricsOptions
from clawmend.system.misfits import Misfit, Table, shown, table_at, unknown_keys

NAME = "metrics"
_KEYS = ("file", "port")
_LEAST_PORT, _MOST_PORT = 1024, 65535


def metrics_of(tables: Table) -> tuple[MetricsOptions, tuple[Misfit, ...]]:
    """Make what the table describes; what is wrong in it is left out and told."""
    misfits: list[Misfit] = []
    table = table_at(tables, (NAME,), misfits)
    misfits += unknown_keys((NAME,), table, _KEYS)
    return MetricsOptions(_file(table, misfits), _port(table, misfits)), tuple(misfits)


def _file(table: Table, misfits: list[Misfit]) -> str | None:
    given = table.get("file", False)
    if isinstance(given, bool):
        return "" if given else None
    if isinstance(given, str) and os.path.isabs(os.path.expanduser(given)) and given.endswith(".prom"):
        return os.path.expanduser(given)
    wanted = 'true, false, or a path like "/var/lib/node_exporter/clawmend.prom"'
    misfits.append(Misfit((NAME, "file"), f"is {shown(given)}, and has to be {wanted}"))
    return None


def _port(table: Table, misfits: list[Misfit]) -> int | None:
    given = table.get("port", False)
    if given is False:
        return None
    if type(given) is int and _LEAST_PORT <= given <= _MOST_PORT:
        return given
    wanted = f"a number from {_LEAST_PORT} to {_MOST_PORT}, or false for none"
    misfits.append(Misfit((NAME, "port"), f"is {shown(given)}, and has to be {wanted}"))
    return None
