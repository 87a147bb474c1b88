"""Telling cheaply whether a file has changed in anything that is judged.

Gateways rewrite auth-profiles.json at every turn (when a key was last used), Claude Code rewrites .claude.json all the
time (histories, counters). So the status of a file is compared first, then a digest of what is judged in it.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from clawmend.system.durable import TEMPORARY_MARK

Status = tuple[int, int, int, int, int]
_ABSENT: Status = (0, 0, 0, 0, 0)
_LONGEST = 8 * 2**20
# Members that say when and how often a credential was used, and nothing that decides anything.
_USE = frozenset({"usageStats", "lastGood"})
_CLAUDE = frozenset({".claude.json", ".config.json"})
_CLAUDE_MEMBERS = ("hasCompletedOnboarding", "env", "primaryApiKey", "customApiKeyResponses", "oauthAccount")


class Signatures:
    """What the files looked like at the last look."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Status, bytes]] = {}

    def take(self, paths: Iterable[str]) -> frozenset[str]:
        """Remember the files as they are now; the paths of those that are not what they were."""
        wanted = {path for path in paths if TEMPORARY_MARK not in path}
        changed = set(self._known) - wanted
        for path in changed:
            del self._known[path]
        for path in wanted:
            known = self._known.get(path)
            status = _status(path)
            if known is not None and known[0] == status:
                continue
            digest = _digest(path, status)
            self._known[path] = (status, digest)
            if known is None or known[1] != digest:
                changed.add(path)
        return frozenset(changed)

    def take_over(self, written: Mapping[str, bytes | None]) -> None:
        """Remember what we have written (None: removed) without a word; what is there instead of it is news."""
        for path, data in written.items():
            if path in self._known:
                status = _status(path)
                ours = b"" if data is None else _digest_of(path, status, data)
                if _digest(path, status) == ours:
                    self._known[path] = (status, ours)


def _status(path: str) -> Status:
    try:
        found = os.stat(path)
    except OSError:
        return _ABSENT
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode, found.st_uid)


def _digest(path: str, status: Status) -> bytes:
    """A digest of what is judged in a file; mode and owner always are."""
    if status == _ABSENT:
        return b""
    if not stat.S_ISREG(status[3]):
        return _rights(status)  # a pipe is not even opened: who writes into it waits for another reader
    if status[1] > _LONGEST:
        return b"%d %d %d %d %d" % status
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            data = file.read(_LONGEST)
    except OSError:
        return _rights(status)
    return _digest_of(path, status, data)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _rights(status: Status) -> bytes:
    return b"%d %d " % status[3:]


def _digest_of(path: str, status: Status, data: bytes) -> bytes:
    return _rights(status) + hashlib.sha256(_judged(os.path.basename(path), data)).digest()


def _judged(name: str, data: bytes) -> bytes:
    if name not in _CLAUDE and name != "auth-profiles.json":
        return data
    try:
        value: Any = orjson.loads(data)
    except ValueError:
        return data
    if not isinstance(value, dict):
        return data
    kept = _of_claude(value) if name in _CLAUDE else {key: value[key] for key in value if key not in _USE}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)


def _of_claude(value: Mapping[str, Any]) -> dict[str, Any]:
    """What the rules judge, and how much there is of the rest: a wiped file has next to nothing of it."""
    kept = {name: value[name] for name in _CLAUDE_MEMBERS if name in value}
    for name in ("projects", "mcpServers"):
        part = value.get(name)
        kept[name] = sorted(part) if isinstance(part, dict) else None
    return {**kept, "members": len(value)}
