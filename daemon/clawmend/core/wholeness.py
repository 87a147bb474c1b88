"""Whether a content is worth keeping as known good, or restoring: it parses, but is it all there?"""

from clawmend.core.document import Json
from clawmend.core.era import Era
from clawmend.core.state import object_at

_SECTIONS = frozenset({"gateway", "models", "agents", "channels", "auth", "plugins", "$include"})
_SENTINEL = "__OPENCLAW_REDACTED__"


def is_whole_config(value: Json, era: Era) -> bool:
    """Tell whether an openclaw.json is an object with settings in it, valid in this era, and holds no redacted secret.

    Sources: openclaw's own last-good logic refuses the sentinel; `meta.lastTouchedAt` is invalid from 2026.8.1 on.
    """
    if not isinstance(value, dict) or not value.keys() & _SECTIONS:
        return False
    if era in {Era.E, Era.NEWER} and "lastTouchedAt" in object_at(value, "meta"):
        return False
    return not _holds(value, _SENTINEL)


def is_whole_profiles(value: Json) -> bool:
    """Tell whether an auth-profiles.json holds credentials, and no redacted one."""
    return bool(object_at(value, "profiles")) and not _holds(value, _SENTINEL)


def is_whole_claude(value: Json) -> bool:
    """Tell whether a .claude.json is no skeleton: onboarding is done, and somebody has worked with it.

    Source: facts on Claude Code: the "reset" skeleton has `numStartups` 0 and spells its defaults out.
    """
    if not isinstance(value, dict) or value.get("hasCompletedOnboarding") is not True:
        return False
    starts = value.get("numStartups")
    started = isinstance(starts, int) and starts > 0
    return started or bool(object_at(value, "projects")) or bool(object_at(value, "mcpServers"))


def richness(value: Json) -> int:
    """How much of a person's own a .claude.json holds: its keys, projects and MCP servers, one point each."""
    if not isinstance(value, dict):
        return 0
    return len(value) + len(object_at(value, "projects")) + len(object_at(value, "mcpServers"))


def has_content(value: Json) -> bool:
    """Tell whether anything is in a value: `{}`, `{"providers": {}}`, `[]` and null hold nothing."""
    return weight(value) > 0


def weight(value: Json) -> int:
    """How much a value holds, in characters of names and values; how it is laid out and commented does not count.

    Objects and lists in which nothing is weigh nothing, with their names.
    """
    total = 0
    stack: list[tuple[Json, int]] = [(value, 0)]
    while stack:
        node, above = stack.pop()
        if isinstance(node, dict):
            stack.extend((child, len(name)) for name, child in node.items())
        elif isinstance(node, list):
            stack.extend((child, 0) for child in node)
        elif node is not None:
            total += above + max(1, len(str(node)))
    return total


def loss_by(copy: bytes, broken: bytes) -> str | None:
    """Say what speaks against putting a copy in place of a broken file: it holds far less. None when nothing does."""
    text = broken.replace(b"\0", b"")  # UTF-16 is twice as long and holds no more
    return "the copy holds less than half of what the broken file holds" if len(copy) * 2 < len(text) else None


def has_members_of(value: Json, other: Json) -> bool:
    """Tell whether every member that another value has, however deep, is there too; what they hold may differ."""
    stack = [(value, other)]
    while stack:
        own, their = stack.pop()
        if not isinstance(their, dict):
            continue
        if not isinstance(own, dict) or not their.keys() <= own.keys():
            return False
        stack.extend((own[name], child) for name, child in their.items())
    return True


def mentions(value: Json, name: str) -> bool:
    """Tell whether a member of this name stands anywhere in a value."""
    stack: list[Json] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if name in node:
                return True
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return False


def _holds(value: Json, text: str) -> bool:
    stack: list[Json] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
        elif node == text:
            return True
    return False
