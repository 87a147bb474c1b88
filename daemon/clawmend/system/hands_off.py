"""Who is at work on OpenClaw's files right now: its own commands that write them, and installations of it.

What is looked at are the command lines of this user's processes. A gateway, an editor with such a file name, and the
commands that clawmend runs itself are none of that kind. Every version hides its words soon after its start: then the
command line is `openclaw-doctor`, and for the two or three seconds before that only `openclaw`, which may become
anything (seen with 2026.3.2, 7.1 and 9.6).
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from clawmend.core.frozen import dataclass

_COMMANDS = frozenset({"update", "doctor", "onboard", "configure", "setup", "migrate", "reset", "uninstall"})
_ENTRIES = frozenset({"openclaw", "openclaw.mjs", "openclaw.js"})
_BUILT = re.compile(r"/(?:openclaw|dist)/(?:dist/)?(?:index|entry)\.m?js$")
_RUNNERS = frozenset({"node", "nodejs", "bun", "deno", "node.exe"})
_INSTALLERS = frozenset({"npm", "pnpm", "bun", "yarn", "npm-cli.js", "pnpm.cjs", "pnpm.mjs", "yarn.js"})
_VERBS = frozenset({"install", "i", "add", "update", "upgrade", "up", "ci", "uninstall", "remove", "rm"})
_PACKAGE = re.compile(r"(?:.*[/@])?openclaw(?:-\d[\w.-]*)?(?:@[^/]*)?(?:\.tgz)?")
_WITH_VALUE = frozenset({"--profile", "--log-level", "--prefix", "--container"})

UNNAMED_SECONDS = 8.0
"""How long it takes until a command of OpenClaw shows its name, on a slow machine."""


@dataclass(frozen=True, slots=True)
class AtWork:
    """A process that writes what we would write; `doing` is a clause for people.

    `unnamed`: it has begun a moment ago and does not show yet what it is going to do.
    """

    pid: int
    doing: str
    unnamed: bool = False


def who_is_at_work(home: str, now: float) -> AtWork | None:
    """Find a process of a home's user that updates, migrates or sets up the OpenClaw of this home, and of no other.

    What may not be seen does not count; one of which only the home is unknown does. One that does not show yet what it
    does is named when there is no other. `now` is in seconds since the epoch.
    """
    import psutil  # noqa: PLC0415 - 20 ms that only a home with something to repair is worth

    user, unnamed = _owner(home), None
    for process in psutil.process_iter(["uids", "cmdline"]):
        uids = process.info["uids"]
        if uids is None or uids.real != user:
            continue
        words = [word for word in process.info["cmdline"] or () if word]
        doing = doing_of(words)
        if doing is not None and not _is_ours(process) and _is_for(process, home):
            return AtWork(process.pid, doing)
        if words == ["openclaw"] and _is_new(process, now) and not _is_ours(process) and _is_for(process, home):
            unnamed = AtWork(process.pid, "a command of openclaw has just begun", unnamed=True)
    return unnamed


def _is_new(process: Any, now: float) -> bool:
    """Whether it may still take a name of its own: it is young, and what it has started has none either."""
    import psutil  # noqa: PLC0415 - as above

    try:
        if now - process.create_time() > UNNAMED_SECONDS:
            return False
        return not any("".join(child.cmdline()).startswith("openclaw-") for child in process.children())
    except psutil.Error:
        return False


def _owner(home: str) -> int:
    """Whose processes matter: root may look after somebody else's home."""
    try:
        return os.stat(home).st_uid
    except OSError:
        return os.getuid()


def _is_for(process: Any, home: str) -> bool:
    """Whether it works on this home: one user may have several, each with an OpenClaw of its own."""
    import psutil  # noqa: PLC0415 - as above

    try:
        environment = process.environ()
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
    named = environment.get("OPENCLAW_STATE_DIR") or environment.get("OPENCLAW_HOME") or environment.get("HOME")
    return not named or PurePath(os.path.realpath(named)).is_relative_to(os.path.realpath(home))


def _is_ours(process: Any) -> bool:
    """Whether clawmend has started it, or what has started it."""
    import psutil  # noqa: PLC0415 - as above

    try:
        return any(parent.pid == os.getpid() for parent in process.parents())
    except psutil.Error:
        return True  # it has ended meanwhile


def doing_of(words: Sequence[str]) -> str | None:
    """What a command line does to OpenClaw's files, as a clause; None when it does nothing to them."""
    words = list(_without_runner(_split(words)))
    if not words:
        return None
    name = os.path.basename(words[0])
    rest = list(_plain(words[1:]))
    if name in _ENTRIES or _BUILT.search(words[0]):
        return _of_openclaw(rest, words)
    if name in _INSTALLERS and rest and rest[0] in _VERBS:
        inside = any(_PACKAGE.fullmatch(word) for word in rest[1:])
        return f"{name.partition('-')[0].partition('.')[0]} {rest[0]} of openclaw runs" if inside else None
    return None


def _of_openclaw(rest: list[str], words: list[str]) -> str | None:
    if not rest or rest[0] not in _COMMANDS:
        return None
    if rest[0] == "update" and rest[1:2] == ["status"]:
        return None
    if rest[0] == "doctor" and {"--help", "-h"} & set(words):
        return None
    return f"openclaw {rest[0]} runs"


def _split(words: Sequence[str]) -> Sequence[str]:
    """OpenClaw gives its processes a title, `openclaw-doctor`, in the place of their words."""
    if len([word for word in words if word]) == 1 and re.match(r"openclaw[ -]", words[0]):
        name, _, rest = words[0].replace("-", " ", 1).partition(" ")
        return [name, *rest.split()]
    return [word for word in words if word]


def _without_runner(words: Sequence[str]) -> Iterator[str]:
    """The command line from the program on: without the interpreter and its options."""
    place = 0
    if words and os.path.basename(words[0]) in _RUNNERS and not _is_bun_command(words):
        place = 1
        while place < len(words) and words[place].startswith("-"):
            place += 2 if words[place] in {"-r", "--require", "--import", "--loader"} else 1
    yield from words[place:]


def _is_bun_command(words: Sequence[str]) -> bool:
    return os.path.basename(words[0]) == "bun" and len(words) > 1 and words[1] in _VERBS


def _plain(words: Sequence[str]) -> Iterator[str]:
    """The words that are no options, nor values of options that OpenClaw takes before its command."""
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in _WITH_VALUE:
            skip = True
        elif not word.startswith("-"):
            yield word
