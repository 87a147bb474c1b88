"""What is wrong with a table of config.toml, as sentences that begin with the key."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from clawmend.core.frozen import dataclass

Keys = tuple[str, ...]
Table = Mapping[str, Any]

_LARGEST = 10**9


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that is wrong: the key path, and the rest of a sentence that begins with it."""

    keys: Keys
    text: str


def table_at(parent: Table, keys: Keys, misfits: list[Misfit]) -> Table:
    """The table under the last of the keys; an empty one where there is none, or something else."""
    value = parent.get(keys[-1], {})
    if isinstance(value, dict):
        return value
    misfits.append(Misfit(keys, f"is {shown(value)}, and has to be a table"))
    return {}


def unknown_keys(keys: Keys, table: Table, known: tuple[str, ...]) -> Iterator[Misfit]:
    """Every key of a table that is none of the known ones."""
    for key in table:
        if key not in known:
            close = get_close_matches(key[:80], known, n=1)
            near = f"did you mean {close[0]}?" if close else f"there are only: {', '.join(known)}"
            yield Misfit((*keys, key), f"is unknown; {near}")


def shown(value: object) -> str:
    """A value as TOML would have it, not too long of it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value[:60]}…"' if len(value) > 60 else f'"{value}"'
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a table"
    if isinstance(value, int) and abs(value) > _LARGEST:
        return "a very large number"
    return str(value)
