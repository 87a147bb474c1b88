"""What a stranger may see of somebody's file: its structure, with what rules look at, and nothing that is personal.

A bug report is read by people whom its writer does not know. So of each file only the members that decide where
requests go are shown, every secret in them masked; of the others one learns that they are there, and how large.
"""

from collections.abc import Mapping

from clawmend.core.document import Json
from clawmend.core.secret import Masker

# Members that are shown, by the name of the file; the members below them are shown as well.
SHOWN: Mapping[str, frozenset[str]] = {
    "openclaw.json": frozenset(
        {"$include", "agents", "auth", "env", "gateway", "meta", "models", "plugins", "secrets"}
    ),
    "models.json": frozenset({"providers"}),
    ".claude.json": frozenset({"env", "hasCompletedOnboarding", "installMethod", "lastOnboardingVersion"}),
}
_DEEPEST = 12
_MOST_ITEMS = 40
_LONGEST_TEXT = 200
# Under these names every value is somebody's own: only that it is there is told, whatever it looks like.
_OWN = frozenset({"env", "headers", "vars"})


def head_of(value: Json, name: str, masker: Masker) -> Json:
    """The head of a file of this name; `masker` has learnt the secrets that are in it."""
    if not isinstance(value, dict):
        return _outline(value)
    shown = SHOWN.get(name, frozenset())
    return {
        masker.clean(member): _shown(member, child, masker, 1) if member in shown else _outline(child)
        for member, child in value.items()
    }


def _shown(name: str, value: Json, masker: Masker, depth: int) -> Json:
    """A member as it is shown, `depth` levels below the top."""
    if isinstance(value, str):
        text = masker.member(name, value)
        return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
    if depth >= _DEEPEST and isinstance(value, dict | list):
        return _outline(value)
    if isinstance(value, dict):
        own = name.lower() in _OWN
        found: dict[str, Json] = {}
        for member, child in list(value.items())[:_MOST_ITEMS]:
            private = own and isinstance(child, str) and not masker.is_setting(member, child)
            found[masker.clean(member)] = _outline(child) if private else _shown(member, child, masker, depth + 1)
        if len(value) > _MOST_ITEMS:
            found["…"] = f"and {len(value) - _MOST_ITEMS} more"
        return found
    if isinstance(value, list):
        rest = [f"and {len(value) - _MOST_ITEMS} more"] if len(value) > _MOST_ITEMS else []
        return [*(_shown(name, child, masker, depth + 1) for child in value[:_MOST_ITEMS]), *rest]
    return value


def _outline(value: Json) -> Json:
    """What is told of a value that is not shown."""
    if isinstance(value, dict):
        return f"… (an object of {len(value)})"
    if isinstance(value, list):
        return f"… (a list of {len(value)})"
    if isinstance(value, str):
        return f"… (a text of {len(value)})"
    return "… (a number)" if isinstance(value, int | float) and not isinstance(value, bool) else value
