"""Which state folders a log line names: the log is one for all gateways and command lines of a user.

Two questions, two answers. What a line *states* of itself ("Auth store: ...", `storePath`) says whose line it is.
What it merely *mentions*, be it in a model's answer, says only that there may be another state folder on this machine.
"""

import re
from functools import lru_cache

from clawmend.core.log_lines import Line

MARKS = (  # a line with none of these names no state folder
    b"/.openclaw",
    b"/.clawdbot",
    b"/.mol",
    b"/agents/",
    b"openclaw.json",
    b"bot.json",
    b"/state/openclaw",
)
_LONGEST_PATH = 1024

_BELOW = re.compile(
    r"""(?x)
      (?P<agents>.+)/agents/[^/]+/(?:agent|sessions)(?:/.*)?
    | (?P<config>.+)/(?:openclaw|clawdbot|moltbot|moldbot)\.json(?:\.[\w.-]*)?
    | (?P<state>.+)/state/openclaw\.sqlite
    | (?P<dotted>(?:.*?/)\.(?:openclaw|clawdbot|moltbot|moldbot)(?:-[A-Za-z0-9][A-Za-z0-9_-]*)?)(?:/.*)?
    """
)
_BOUNDARY = re.compile(r"""[\s"'`()\[\]{}<>=,;:|\\*]+""")
_INVALID = re.compile(
    r"\A(?:Gateway failed to start: )?(?:Error: )?(?:Config invalid(?: at|:)|Invalid config at|File:) "
    r"(?P<path>.+?\.json)(?:[.:\s\\]|$)"
)
_STATED = (  # a word that is quickly looked for, and the sentence that it stands in
    ("Auth store: ", re.compile(r"\bAuth store: (?P<path>.+?) \(agentDir: ")),
    ("Auth profile store ", re.compile(r"\bAuth profile store (?P<path>.+?) requires ")),
    ("Config observe", re.compile(r"Config observe anomaly: (?P<path>.+?) \(")),
    ("Config auto-", re.compile(r"Config auto-restored from [\w-]+: (?P<path>.+?) \(")),
    ("onfig invalid", _INVALID),
    ("nvalid config at", _INVALID),
    ("File: ", _INVALID),
)
_MEMBERS = (  # subsystems that speak of their own files in these members, and of nobody else's
    ("session-sqlite", ("storePath",)),
    ("sqlite/", ("database",)),
    ("state/", ("path",)),
    ("agent/", ("sessionFile", "agentDir")),
)


@lru_cache(maxsize=512)  # the same few paths, over and over
def home_of(path: str) -> str | None:
    """The state folder that a path of OpenClaw's lies in; None when its names say nothing of the kind."""
    found = _BELOW.fullmatch(path) if len(path) <= _LONGEST_PATH else None
    if found is None:
        return None
    name = next(group for group in found.groups() if group)
    return name.rstrip("/") or None


def mentions(text: str) -> frozenset[str]:
    """Every state folder that a text mentions: absolute, below `~`, or the end of a path with a space in it."""
    words = (word for word in _BOUNDARY.split(text) if "/" in word)
    return frozenset(home for word in words if (home := _mentioned(word.rstrip("."))))


def _mentioned(word: str) -> str | None:
    if word.startswith(("//", "$", "./", "../")):
        return None  # an address, a variable, or a path from nobody knows where
    home = home_of(word)
    if home is None or home.startswith(("/", "~/")):
        return home
    return home if "/." in home else None


def stated_home(line: Line) -> str | None:
    """The state folder that a line states to be its own."""
    for word, sentence in _STATED:
        found = sentence.search(line.text) if word in line.text else None
        if found is not None:
            return home_of(found["path"]) or found["path"].rpartition("/")[0] or None
    for subsystem, members in _MEMBERS:
        if line.subsystem is not None and line.subsystem.startswith(subsystem):
            return next((home for name in members if (home := home_of(line.word(name) or ""))), None)
    return None


def is_named(folder: frozenset[str], name: str) -> bool:
    """Whether a name as the log writes it means this folder, of which `folder` are all the absolute paths."""
    if name.startswith("/"):
        return name in folder
    endings = (name[1:],) if name.startswith("~/") else (f"/{name}", f" {name}")
    return any(path.endswith(endings) for path in folder)
