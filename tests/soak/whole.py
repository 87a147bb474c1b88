"""Faults that take a whole file, or what is around it: torn, begun anew, without its flag, readable by everybody."""

import json
import os
import time
from functools import partial
from typing import Any

from e2e.home import OLD_KEY, write_private
from soak.fault import Fault, Injected, Where, meaning, put, says_the_same
from soak.homes import DESK, NEW, OLD
from soak.plan import Expect

FLAG = "hasCompletedOnboarding"
_LONG_AGO = 120.0


def config_torn(where: Where) -> Injected:
    """openclaw.json ends somewhere in it, since two minutes ago; `.bak` is what it was, as OpenClaw keeps it."""
    path = where.home.config
    good = path.read_bytes()
    write_private(path.with_name("openclaw.json.bak"), good)
    made = good[: where.chance.randrange(200, len(good) - 40)]
    new = path.with_name("openclaw.json.new")
    write_private(new, made)
    moment = time.time() - _LONG_AGO
    os.utime(new, (moment, moment))
    new.replace(path)
    return Injected(path, made, lambda: says_the_same(path, good))


def shadow(where: Where) -> Injected:
    """A stored profile with another key than openclaw.json's; the gateway prefers it."""
    path = where.home.profiles
    entry = {"type": "api_key", "provider": "bailian", "key": f"{OLD_KEY[:-4]}{where.number:04d}"}
    made = json.dumps({"version": 1, "profiles": {f"bailian:n{where.number}": entry}}, indent=2).encode()
    put(path, made, where.chance)
    return Injected(path, made, lambda: not (meaning(path) or {}).get("profiles"))


def flag(value: Any, where: Where) -> Injected:
    """Claude Code's flag is gone, or is something else than true."""
    path = where.home.claude
    good = path.read_bytes()
    document = json.loads(good)
    document.pop(FLAG)
    if value is not None:
        document[FLAG] = value
    made = json.dumps(document, indent=2).encode()
    put(path, made, where.chance)
    return Injected(path, made, lambda: says_the_same(path, good))


def claude_torn(where: Where) -> Injected:
    """.claude.json ends somewhere in it; Claude Code has kept a copy, as it does when it saves."""
    path = where.home.claude
    good = path.read_bytes()
    keep_copy(where, good)
    made = good[: where.chance.randrange(10, len(good) - 2)]
    put(path, made, where.chance)
    return Injected(path, made, lambda: says_the_same(path, good))


def claude_wiped(where: Where) -> Injected:
    """Claude Code has begun anew: its starts count from one, and servers and projects are gone."""
    path = where.home.claude
    good = path.read_bytes()
    keep_copy(where, good)
    lost = json.loads(good)
    made = json.dumps({"numStartups": 1, FLAG: True, "mcpServers": {}}, indent=2).encode()
    put(path, made, where.chance)

    def is_repaired() -> bool:
        value = meaning(path)
        return isinstance(value, dict) and all(value.get(name) == lost[name] for name in ("mcpServers", "projects"))

    def tidy() -> None:
        put(path, good, where.chance)

    return Injected(path, made, is_repaired, tidy)


def keep_copy(where: Where, data: bytes) -> None:
    """Keep a copy as Claude Code does: by the millisecond, and no more than five of them."""
    folder = where.home.user / ".claude" / "backups"
    write_private(folder / f".claude.json.backup.{int(time.time() * 1000)}", data)
    for old in sorted(folder.glob(".claude.json.backup.*"))[:-5]:
        old.unlink()


FAULTS = (
    Fault("config-torn", "OC301", (DESK,), config_torn, saves="config"),
    Fault("config-torn", "OC301", (OLD, NEW), config_torn, Expect.ASKED, weight=1, saves="config"),
    Fault("shadow", "OC201", (OLD,), shadow, Expect.ASKED, weight=1, restarts=True),
    Fault("flag-lost", "CC101", (DESK,), partial(flag, None), repeats=True),
    Fault("flag-false", "CC101", (DESK,), partial(flag, False), repeats=True),
    Fault("flag-text", "CC101", (DESK,), partial(flag, "true"), repeats=True),
    Fault("claude-torn", "CC102", (DESK,), claude_torn),
    Fault("claude-wiped", "CC103", (DESK,), claude_wiped, Expect.ASKED, weight=1),
)
