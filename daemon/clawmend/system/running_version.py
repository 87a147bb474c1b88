"""Which OpenClaw a process runs, where it does not say so: the package that its open files lie in.

A gateway hides its arguments behind the title "openclaw-gateway", but what it has loaded stays mapped. A package that
was replaced since the process began is not what runs, so that its version is then not known.
"""

import json
import os
import re
from collections.abc import Iterator

_PACKAGES = ("openclaw", "clawdbot", "moltbot")
_INSIDE = re.compile(r"(?P<root>/.*?/node_modules)/")
_MOST_MAPS = 2**21


def running_version(pid: int, started: float, words: tuple[str, ...] = ()) -> str | None:
    """Find the version that a process runs. `started` is in seconds since the epoch, `words` its arguments."""
    seen: set[str] = set()
    for path in (*words, *_mapped(pid)):
        found = _INSIDE.match(path)
        root = found["root"] if found else None
        if root is None or root in seen:
            continue
        seen.add(root)
        for name in _PACKAGES:
            version = _version_in(os.path.join(root, name, "package.json"), started)
            if version is not None:
                return version
    return None


def _mapped(pid: int) -> Iterator[str]:
    """The files that a process has mapped into its memory; none where they may not be seen."""
    try:
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
            text = file.read(_MOST_MAPS)
    except OSError:
        return
    for line in text.splitlines():
        words = line.split(maxsplit=5)
        if len(words) == 6 and words[5].startswith("/"):
            yield words[5]


def _version_in(path: str, started: float) -> str | None:
    try:
        if max(os.stat(path).st_mtime, os.stat(path).st_ctime) > started:
            return None
        with open(path, "rb") as file:
            package = json.load(file)
    except (OSError, ValueError, RecursionError):
        return None
    version = package.get("version") if isinstance(package, dict) else None
    return version if isinstance(version, str) else None
