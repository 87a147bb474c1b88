"""What people and programs do all day and is no fault: clawmend has to find nothing in it, and to change nothing."""

import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from e2e.gateway import Gateway
from e2e.home import KEY, write_private
from soak.fault import Where, put
from soak.homes import DESK, NEW, OLD, URL

EVERYWHERE = (OLD, NEW, DESK)
_FIRST_LINE = re.compile(r"^// .*$", re.MULTILINE)
_PROVIDER_PLACE = "/* Coding Plan, international */"
_PROVIDER = (
    '"mine": { "baseUrl": "http://127.0.0.1:9/v1", "apiKey": "local", "api": "openai-completions", '
    '"models": [{ "id": "small", "name": "small" }] }, // at home\n      '
)
_AGENT_PLACE = '"agents": {\n'
_AGENTS = {
    OLD: '    "list": [{ "id": "main", "default": true }, { "id": "helper" }], // who helps\n',
    NEW: '    "ownership": "explicit", "entries": { "main": {}, "helper": {} }, // who helps\n',
    DESK: '    "list": [{ "id": "main", "default": true }, { "id": "helper" }], // who helps\n',
}


@dataclass(frozen=True, slots=True)
class Noise:
    """Something harmless; a gateway is given where the home has one. It says what it did, where that is of interest."""

    name: str
    homes: tuple[str, ...]
    make: Callable[[Where, Gateway | None], str]
    weight: int = 2
    saves: str = ""


def edit_a_comment(where: Where, _gateway: Gateway | None) -> str:
    text = where.home.config.read_text()
    assert text.startswith("// "), text[:40]
    put(
        where.home.config, _FIRST_LINE.sub(f"// my OpenClaw, seen {where.number} times", text, 1).encode(), where.chance
    )
    return ""


def rewrite(where: Where, _gateway: Gateway | None) -> str:
    """Write the same bytes once more."""
    home = where.home
    there = [path for path in (home.config, home.opencode, home.claude) if path.exists()]
    path = where.chance.choice(there)
    put(path, path.read_bytes(), where.chance)
    return path.name


def touch(where: Where, _gateway: Gateway | None) -> str:
    home = where.home
    for path in (home.config, home.opencode, home.claude):
        if path.exists():
            os.utime(path)
    return ""


def add_or_remove(text: str, place: str, *, before: str = "", behind: str = "") -> str:
    """Add something before or behind a place in a text; remove it where it is there."""
    added = before + place + behind
    if added in text:
        return text.replace(added, place)
    assert text.count(place) == 1, place
    return text.replace(place, added)


def another_provider(where: Where, _gateway: Gateway | None) -> str:
    text = add_or_remove(where.home.config.read_text(), _PROVIDER_PLACE, before=_PROVIDER)
    put(where.home.config, text.encode(), where.chance)
    return "added" if _PROVIDER in text else "removed"


def another_agent(where: Where, _gateway: Gateway | None) -> str:
    agents = _AGENTS[where.home.name]
    text = add_or_remove(where.home.config.read_text(), _AGENT_PLACE, behind=agents)
    put(where.home.config, text.encode(), where.chance)
    return "added" if agents in text else "removed"


def traffic(where: Where, _gateway: Gateway | None) -> str:
    """Sessions and a workspace are written into, faster than anybody looks."""
    home = where.home
    folders = [home.state / "workspace" / "busy", home.agents / "main" / "sessions"]
    for number in range(300):
        write_private(folders[number % 2] / f"busy{number % 20}.jsonl", json.dumps({"n": number}) + "\n")
    return ""


def turn(where: Where, gateway: Gateway | None) -> str:
    """The gateway takes a turn; once in a while it has to write its cache anew for it."""
    if gateway is None:
        return ""
    if where.chance.random() < 0.5:
        where.home.models.unlink(missing_ok=True)
    check_turn(gateway)
    return ""


def check_turn(gateway: Gateway) -> None:
    """A turn that reaches the plan at the right place with the right key. AssertionError with what was seen."""
    taken = gateway.turn()
    routes = [(url, key == KEY) for url, key in taken.routes]
    assert taken.worked, f"a turn failed: {taken.reply[:200]!r}, {routes}"
    assert set(routes) == {(f"{URL}/chat/completions", True)}, f"a turn went astray: {routes}"


def claude_server(where: Where, _gateway: Gateway | None) -> str:
    """Claude Code itself adds an MCP server, or removes it."""
    home = where.home
    there = "added" in json.loads(home.claude.read_bytes())["mcpServers"]
    words = ("remove", "added") if there else ("add", "--scope", "user", "added", "--", "/bin/echo", "added")
    ended = home.command("claude", "mcp", *words)
    assert ended.returncode == 0, f"claude mcp {words[0]} ended with {ended.returncode}: {ended.stderr[-300:]}"
    return words[0]


def claude_starts(where: Where, _gateway: Gateway | None) -> str:
    began = time.monotonic()
    ended = where.home.command("claude", "-p", "hi")
    assert "STUB-OK" in ended.stdout, f"claude -p: {ended.stdout[-200:]!r} {ended.stderr[-200:]!r}"
    return f"{time.monotonic() - began:.1f} s"


NOISE = (
    Noise("comment", EVERYWHERE, edit_a_comment, saves="config"),
    Noise("rewrite", EVERYWHERE, rewrite),
    Noise("touch", EVERYWHERE, touch, weight=1),
    Noise("provider", EVERYWHERE, another_provider, saves="config"),
    Noise("agent", EVERYWHERE, another_agent, saves="config"),
    Noise("traffic", EVERYWHERE, traffic),
    Noise("turn", (OLD, NEW), turn, weight=5),
    Noise("claude-server", (DESK,), claude_server, weight=3),
    Noise("claude-starts", (DESK,), claude_starts, weight=1),
)
