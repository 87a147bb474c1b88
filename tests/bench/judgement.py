"""What became of a home: two trees, before and after, compared. Nothing in here knows which tool was at work.

A file of the user's is harmed when comments, keys, values, its mode or a login are gone that did not belong to the
fault. What a tool adds (a backup, a note of its own in the configuration) is counted and is no harm.
"""

import dataclasses
import json
import re
import sqlite3
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import json5

from support.trees import Tree

_SECRETS = frozenset({"apiKey", "key", "token", "access", "refresh"})
_CACHES = ("/models.json",)  # OpenClaw's own, made anew from openclaw.json: nothing of the user's is in it
_THEIRS = (".openclaw", ".claude")
_COPY = re.compile(r"\.(bak|backup|last-good|rejected|clobbered|corrupted|migrated|retired|pre-)|/backups?/")
_TEXT = re.compile(r"""(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<comment>//[^\n]*|/\*.*?\*/)""", re.DOTALL)


@dataclasses.dataclass(frozen=True, slots=True)
class Judgement:
    """What a tool did to a home. Lists name files, or places in them as "file#/pointer"."""

    cured: bool
    was_well: bool
    comments_lost: int = 0
    modes_changed: tuple[str, ...] = ()
    keys_lost: tuple[str, ...] = ()
    values_changed: tuple[str, ...] = ()
    logins_lost: int = 0
    stale_spread: tuple[str, ...] = ()
    files_removed: tuple[str, ...] = ()
    files_changed: tuple[str, ...] = ()
    files_added: tuple[str, ...] = ()

    @property
    def harms(self) -> list[str]:
        """What was harmed, in words."""
        found = [
            (self.comments_lost, f"{self.comments_lost} comments lost"),
            (self.modes_changed, ", ".join(self.modes_changed)),
            (self.keys_lost, f"{len(self.keys_lost)} keys lost"),
            (self.values_changed, f"{len(self.values_changed)} other values changed"),
            (self.logins_lost, f"{self.logins_lost} logins lost"),
            (self.stale_spread, "stale key copied into " + ", ".join(_short(path) for path in self.stale_spread)),
            (self.files_removed, f"{len(self.files_removed)} files removed"),
        ]
        return [words for is_there, words in found if is_there]

    @property
    def verdict(self) -> str:
        """One word for the table."""
        if self.harms:
            return "repaired with harm" if self.cured and not self.was_well else "harmed"
        if self.was_well:
            return "changed" if self.files_changed or self.files_added else "untouched"
        return "repaired" if self.cured else "left"

    def as_data(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "harms": self.harms, "verdict": self.verdict}


def judge(
    before: Tree,
    after: Tree,
    *,
    cured: bool,
    was_well: bool,
    fault: Collection[str] = (),
    good: Mapping[str, str] | None = None,
    stale: Collection[str] = (),
) -> Judgement:
    """Compare two trees; `fault`, `good` and `stale` are those of a scene."""
    changed = [name for name in before if name in after and before[name].content != after[name].content]
    comments, lost, other = 0, [], []
    for name in changed:
        origin = (good or {}).get(name, name)
        was, now = before[origin].content or b"", after[name].content or b""
        if name in fault and origin == name:
            continue
        if not name.endswith(".json") or name.endswith(_CACHES):
            continue
        comments += max(0, comments_in(was) - comments_in(now))
        values, values_now = places(parse(was)), places(parse(now))
        mine = {place for place in values if not _belongs(f"{name}#{place}", fault)}
        lost += [f"{name}#{place}" for place in sorted(mine) if place not in values_now]
        other += [f"{name}#{p}" for p in sorted(mine) if p in values_now and values[p] != values_now[p]]
    return Judgement(
        cured,
        was_well,
        comments,
        tuple(_mode(before, after, name) for name in before if name in after and _mode(before, after, name)),
        tuple(lost),
        tuple(other),
        len(_logins(before, before, stale, fault) - _logins(after, before, stale, fault)),
        tuple(sorted(_holders(after, stale) - _holders(before, stale))),
        tuple(name for name in before if name not in after and name not in fault),
        tuple(changed),
        tuple(name for name in after if name not in before and name.startswith(_THEIRS) and after[name].kind == "file"),
    )


def comments_in(content: bytes) -> int:
    """How many comments a JSON5 text has."""
    return sum(match["comment"] is not None for match in _TEXT.finditer(content.decode("utf-8", "replace")))


def parse(content: bytes) -> Any:
    """The value of a JSON or JSON5 text, by parsers that are not ours, or None when it has none."""
    text = content.decode("utf-8-sig", "replace")
    try:
        return json.loads(text)
    except ValueError:
        try:
            return json5.loads(text)
        except Exception:  # noqa: BLE001  the library raises several kinds for what it cannot read
            return None


def parsed(tree: Tree, path: str) -> Any:
    """The value of a file of a tree; an empty object when there is none."""
    node = tree.get(path)
    found = None if node is None or node.content is None else parse(node.content)
    return {} if found is None else found


def places(value: Any, at: str = "") -> dict[str, Any]:
    """Every member of a value by its pointer; objects and lists stand for their being there only."""
    found: dict[str, Any] = {}
    if isinstance(value, dict):
        for name, member in value.items():
            found |= {f"{at}/{name}": type(member).__name__, **places(member, f"{at}/{name}")}
    elif isinstance(value, list):
        for number, member in enumerate(value):
            found |= places(member, f"{at}/{number}")
    else:
        found[at] = value
    return found


def secrets_in_databases(tree: Tree, secrets: Collection[str]) -> set[str]:
    """Those of these secrets that a row of a SQLite database of the tree holds."""
    return {secret for path in tree if path.endswith(".sqlite") for secret in secrets if secret in _rows(tree, path)}


def _rows(tree: Tree, path: str) -> str:
    """Every text in a database, with what its journal has and the file itself has not yet."""
    with tempfile.TemporaryDirectory() as folder:
        for end in ("", "-wal"):
            node = tree.get(path + end)
            if node is not None and node.content is not None:
                (Path(folder) / f"db{end}").write_bytes(node.content)
        with closing(sqlite3.connect(f"{folder}/db")) as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = (row for name in names for row in database.execute(f'SELECT * FROM "{name}"'))  # noqa: S608
            return "\n".join(str(cell) for row in rows for cell in row)


def _belongs(place: str, fault: Collection[str]) -> bool:
    return any(place == part or place.startswith(f"{part}/") for part in fault if "#" in part)


def _mode(before: Tree, after: Tree, name: str) -> str:
    was, now = before[name].mode, after[name].mode
    return "" if was == now else f"{_short(name)} {was:o} to {now:o}"


def _short(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _live(tree: Tree) -> Iterator[tuple[str, str]]:
    """The text of every file that is no copy of another."""
    for path, node in tree.items():
        if node.kind != "file" or _COPY.search(path):
            continue
        if path.endswith(".sqlite"):
            yield path, _rows(tree, path)
        elif ".sqlite-" not in path:
            yield path, (node.content or b"").decode("utf-8", "replace")


def _logins(tree: Tree, before: Tree, stale: Collection[str], fault: Collection[str]) -> set[str]:
    """The secrets of the user's files before, as far as a live file of this tree has them."""
    known = {
        value
        for path in before
        if path.endswith(".json")
        for place, value in places(parsed(before, path)).items()
        if isinstance(value, str) and place.rsplit("/", 1)[-1] in _SECRETS and value not in stale
        if not _belongs(f"{path}#{place}", fault)
    }
    texts = [text for _, text in _live(tree)]
    return {secret for secret in known if any(secret in text for text in texts)}


def _holders(tree: Tree, stale: Collection[str]) -> set[str]:
    """The live files with a stale key in them."""
    return {path for path, text in _live(tree) for secret in stale if secret in text}
