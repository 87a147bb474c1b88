"""Faults in the model caches of agents: main's own, and those of agents that come and go with the fault."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from e2e.home import KEY, OLD_KEY, write_private
from soak.fault import Fault, Injected, Where, meaning, put
from soak.homes import DESK, NEW, OLD, URL

_MODELS = [{"id": "qwen3.5-plus", "name": "qwen3.5-plus"}]
_ENTRY = {"baseUrl": URL, "apiKey": KEY, "api": "openai-completions", "models": _MODELS}
Wrong = Callable[[Where], bytes]


def in_an_agent(wrong: Wrong, where: Where, *, pinned: str = "") -> Injected:
    """A new agent whose cache is wrong; when all is over the person removes the agent."""
    agent = where.home.agents / f"a{where.number}"
    path = agent / "agent" / "models.json"
    if pinned:
        session = {"sessionId": "s1", "providerOverride": pinned.format(n=where.number), "modelOverride": "gone"}
        write_private(agent / "sessions" / "sessions.json", json.dumps({f"agent:{agent.name}:main": session}))
    made = wrong(where)
    if where.chance.random() < 0.5:  # it was in order before, and the agent was known
        write_private(path, _text({"bailian": _ENTRY}))
    put(path, made, where.chance)
    return Injected(path, made, partial(is_in_order, path), partial(shutil.rmtree, agent, ignore_errors=True), (agent,))


def in_main(wrong: Wrong, where: Where) -> Injected:
    """Main's cache as it is, with another URL; a gateway at work may write it anew before anybody else does."""
    path = where.home.models
    made = wrong(where)
    put(path, made, where.chance)
    return Injected(path, made, partial(is_in_order, path))


def is_in_order(path: Path) -> bool:
    """Whether a cache is not there, or sends what it has where openclaw.json sends it."""
    if not path.exists():
        return True
    value = meaning(path)
    entries = value.get("providers") if isinstance(value, dict) else None
    return isinstance(entries, dict) and all(
        name == "bailian" and isinstance(entry, dict) and entry.get("baseUrl") == URL for name, entry in entries.items()
    )


def stale(where: Where) -> bytes:
    return _text({"bailian": _ENTRY | {"baseUrl": f"http://127.0.0.1:9/old{where.number}/v1"}})


def truncated(where: Where) -> bytes:
    whole = _text({"bailian": _ENTRY})
    return whole[: where.chance.randrange(len(whole) - 2)]


def listed(_where: Where) -> bytes:
    return b"[]"


def null_entry(where: Where) -> bytes:
    return _text({"bailian": _ENTRY, f"lost{where.number}": None})


def leftover(where: Where) -> bytes:
    return _text({"bailian": _ENTRY, f"lost{where.number}": _ENTRY | {"baseUrl": "http://127.0.0.1:9/v1"}})


def stale_key(where: Where) -> bytes:
    return _text({f"lost{where.number}": _ENTRY | {"apiKey": OLD_KEY}})


def _text(providers: dict[str, Any]) -> bytes:
    return json.dumps({"providers": providers}, indent=2).encode()


FAULTS = (
    Fault("stale-main", "OC101", (OLD,), partial(in_main, stale), weight=3, rebuilt=True),
    Fault("stale-agent", "OC101", (OLD, DESK), partial(in_an_agent, stale)),
    Fault("leftover", "OC102", (OLD, DESK), partial(in_an_agent, leftover, pinned="lost{n}")),
    Fault("stale-key", "OC103", (NEW,), partial(in_an_agent, stale_key), weight=8),
    Fault("cache-torn", "OC104", (OLD, DESK), partial(in_an_agent, truncated)),
    Fault("cache-list", "OC104", (OLD, DESK), partial(in_an_agent, listed)),
    Fault("cache-null", "OC104", (OLD, DESK), partial(in_an_agent, null_entry)),
)
