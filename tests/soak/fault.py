"""A fault of a soak: how it is made, and how one sees without clawmend's help that it is no more."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clawmend.core.document import Document
from clawmend.core.syntax import MalformedError, Syntax
from e2e.home import write_private
from soak.homes import SoakHome
from soak.plan import Expect


@dataclass(frozen=True, slots=True)
class Injected:
    """One fault that was made. `made` are the bytes that are wrong, None where there are none of them.

    `tidy` is what the person does when all is over; `extra` are files that come and go with it.
    """

    path: Path
    made: bytes | None
    is_repaired: Callable[[], bool]
    tidy: Callable[[], None] | None = None
    extra: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """A home, and what makes this time unlike any other in it."""

    home: SoakHome
    number: int
    chance: random.Random = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the catalogue. `by_hand`: the person undoes it, instead of having clawmend repair it.

    `also` are rules that find the same in another place. `saves` is the file that a person saves for it, `restarts`:
    its repair may restart the gateway, `rebuilt`: the gateway may mend it first.
    """

    name: str
    rule: str
    homes: tuple[str, ...]
    inject: Callable[[Where], Injected]
    expect: Expect = Expect.REPAIRED
    repeats: bool = False
    weight: int = 2
    by_hand: bool = False
    saves: str = ""
    also: tuple[str, ...] = ()
    restarts: bool = False
    rebuilt: bool = False


_COMMENT = re.compile(r"(?<!:)//[^\n]*|/\*.*?\*/", re.DOTALL)


def comments_of(data: bytes) -> list[str]:
    """The comments of a file, in order. Nothing in a soak has them inside a text."""
    return [comment.strip() for comment in _COMMENT.findall(data.decode("utf-8", "replace"))]


def meaning(path: Path) -> Any:
    """What a file says, None for one that says nothing."""
    try:
        return meaning_of(path.read_bytes())
    except FileNotFoundError:
        return None


def meaning_of(data: bytes) -> Any:
    try:
        return Document.parse(data, Syntax.JSON5).value
    except MalformedError:
        return None


def says_the_same(path: Path, good: bytes) -> bool:
    """Whether a file says what it said, with the comments that it had."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return False
    return data == good or (meaning_of(data) == meaning_of(good) is not None and comments_of(data) == comments_of(good))


def put(path: Path, data: bytes, chance: random.Random) -> None:
    """Write a file as one program or the other does: in its place, or beside it and renamed."""
    if chance.random() < 0.5:
        write_private(path, data)
        return
    new = path.with_name(path.name + ".new")
    write_private(new, data)
    new.replace(path)
