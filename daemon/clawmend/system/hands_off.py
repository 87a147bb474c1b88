"""Who is at work on OpenClaw's files right now: its own commands that write them, and installations of it.

What is looked at are the command lines of this user's processes. A gateway, an editor with such a file name, and the
commands that clawmend runs itself are none of that kind. Every version hides its words soon after its start: then the
command line is `openclaw-doctor`, and for the two seconds before that only `openclaw`, which may be anything (seen with
2026.3.2, 7.1 and 9.6).
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_COMMANDS = frozenset({"update", "doctor", "onboard", "configure", "setup", "migrate", "reset", "uninstall"})
_ENTRIES = frozenset({"openclaw", "openclaw.mjs", "openclaw.js"})
_BUILT = re.compile(r"/(?:openclaw|dist)/(?:dist/)?(?:index|entry)\.m?js$")
_RUNNERS = frozenset({"node", "nodejs", "bun", "deno", "node.exe"})
_INSTALLERS = frozenset({"npm", "pnpm", "bun", "yarn", "npm-cli.js", "pnpm.cjs", "pnpm.mjs", "yarn.js"})
_VERBS = frozenset({"install", "i", "add", "update", "upgrade", "up", "ci", "uninstall", "remove", "rm"})
_PACKAGE = re.compile(r"(?:.*[/@])?openclaw(?:-\d[\w.-]*)?(?:@[^/]*)?(?:\.tgz)?")
_WITH_VALUE = frozenset({"--profile", "--log-level", "--prefix", "--container"})


@dataclass(frozen=True, slots=True)
class AtWork:
    """A process that writes what we would write; `doing` is a clause for people."""

    pid: int
    doing: str


def who_is_at_work(uid: int) -> AtWork | None:
    """Find a process of this user that updates, migrates or sets up OpenClaw; what may not be seen does not count."""
    import psutil  # noqa: PLC0415 - 20 ms that only a home with something to repair is worth

    for process in psutil.process_iter(["uids", "cmdline"]):
        uids = process.info["uids"]
        if uids is None or uids.real != uid:
            continue
        doing = doing_of(process.info["cmdline"] or ())
        if doing is not None and not _is_ours(process):
            return AtWork(process.pid, doing)
    return None


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
