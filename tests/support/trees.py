"""Whole folders as values: what lies where, with which mode, age and bytes."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from support.clock import NOW

FILE_MODE, FOLDER_MODE = 0o600, 0o700
HOUR = 3600.0
_SQL = ".sqlite.sql"


@dataclass(frozen=True, slots=True)
class Node:
    """One name in a tree. `content` are a file's bytes or a link's target; only files have a time that counts."""

    kind: str
    mode: int
    content: bytes | None = None
    mtime_ns: int | None = None


Tree = dict[str, Node]


def read_tree(root: Path) -> Tree:
    """Read everything under a folder."""
    found: Tree = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            found[path.relative_to(root).as_posix()] = _node(path)
    return found


def without_times(tree: Tree) -> Tree:
    """The same tree, without saying when its files were written."""
    return {name: Node(node.kind, node.mode, node.content) for name, node in tree.items()}


def _node(path: Path) -> Node:
    status = path.lstat()
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return Node("link", 0, os.fsencode(os.readlink(path)))
    if stat.S_ISDIR(status.st_mode):
        return Node("folder", mode)
    return Node("file", mode, path.read_bytes(), status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Look:
    """What git does not keep of a tree: modes, ages in seconds before NOW, links, empty folders."""

    modes: Mapping[str, int]
    ages: Mapping[str, float]
    links: Mapping[str, str]
    folders: tuple[str, ...] = ()


PLAIN = Look({}, {}, {})


def lay_down(source: Path, home: Path, look: Look = PLAIN) -> None:
    """Copy a tree; `X.sqlite.sql` becomes the database `X.sqlite`, everything is private and an hour old."""
    files = {path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*") if path.is_file()}
    lay_down_files(files, home, look)


def lay_down_files(files: Mapping[str, bytes], home: Path, look: Look = PLAIN) -> None:
    """As `lay_down`, from bytes by relative path."""
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(look.modes.get(".", 0o755))  # most homes are open, and what is in them is private
    for folder in look.folders:
        (home / folder).mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        target = home / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(_SQL):
            _make_database(target.with_suffix(""), data.decode())
        else:
            target.write_bytes(data)
    for name, target_name in look.links.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).symlink_to(target_name)
    _make_private(home, look)


def _make_database(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(script)
        database.commit()


def _make_private(home: Path, look: Look) -> None:
    for name, node in read_tree(home).items():
        path = home / name
        if node.kind == "file":
            stamp = NOW - look.ages.get(name, HOUR)
            os.utime(path, (stamp, stamp))
        if node.kind != "link":
            path.chmod(look.modes.get(name, FILE_MODE if node.kind == "file" else FOLDER_MODE))


def fresh(path: Path) -> Path:
    """Return a path at which nothing is left of an earlier round."""
    if path.exists():
        shutil.rmtree(path)
    return path
