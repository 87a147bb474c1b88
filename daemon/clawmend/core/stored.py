"""One credential as OpenClaw stores it: `{"type": "api_key", "provider": ..., "key": ...}`, a token, or an OAuth login.

What OpenClaw's own commands can store again is a key or a token in clear text. They store nothing else: an OAuth login
comes from its provider, and a reference says where a key is kept.
"""

from clawmend.core.document import Json
from clawmend.core.values import is_same


def key_in(entry: Json) -> str | None:
    """The key or the token in clear text, as OpenClaw would store it; None when the entry holds none."""
    if not isinstance(entry, dict):
        return None
    name = {"api_key": "key", "token": "token"}.get(str(entry.get("type")))
    key = entry.get(name) if name else None
    if not isinstance(key, str) or not key.strip() or f"{name}Ref" in entry:
        return None
    return key.strip()


def provider_in(entry: Json) -> str:
    """The provider whose credential it is; empty when the entry does not say."""
    provider = entry.get("provider") if isinstance(entry, dict) else None
    return provider if isinstance(provider, str) else ""


def expiry_in(entry: Json) -> float | None:
    """When a token ends, in seconds since the epoch; None when it does not."""
    expires = entry.get("expires") if isinstance(entry, dict) else None
    return expires / 1000 if isinstance(expires, int | float) and expires > 0 else None


def is_equal(one: Json, other: Json) -> bool:
    """Tell whether two entries are the same credential: the same key, or else the same in everything."""
    key = key_in(one)
    return key == key_in(other) if key is not None else is_same(one, other)


def why_not_again(entry: Json, now: float) -> str | None:
    """Say why OpenClaw's commands cannot store this entry again; None when they can."""
    if key_in(entry) is None or not provider_in(entry):
        kind = entry.get("type") if isinstance(entry, dict) else None
        what = "an OAuth login" if kind == "oauth" else "a credential of this kind"
        return f"OpenClaw has no command that stores {what} again"
    ends = expiry_in(entry)
    return "it has expired since" if ends is not None and ends <= now else None
