"""Secrets have no text: what is shown of one is its prefix, its length and four digits that tell two apart.

`sk-sp-…(35 chars, 9f2c)`: the digits come from a keyed hash, so that they cannot be used to test guesses elsewhere.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

from clawmend.core.document import Json

_PREFIX = re.compile(r"(?:sk-sp-|sk-ant-|sk-or-|sk-proj-|sk-|ms-|ghp_|gho_|github_pat_|xox[a-z]-|AIza|AKIA|LTAI|eyJ)")

# Shapes of keys that are recognised anywhere, also in comments and in text that does not parse.
_SHAPE = re.compile(
    r"""(?x)
      (?<![A-Za-z0-9_-])(?:sk-|ms-|ghp_|gho_|github_pat_|glpat-|xox[a-z]-|AIza|AKIA|LTAI|ya29\.|pk-|rk-)[A-Za-z0-9_.\-]{6,}
    | (?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+){0,2}
    | (?i:bearer)\s+[A-Za-z0-9_.~+/=\-]{8,}
    | (?<=//)[^/\s:@"']+:[^/\s@"']+(?=@)
    | (?<![A-Za-z0-9_+\-])(?=[A-Za-z0-9_+\-]*[0-9])(?=[A-Za-z0-9_+\-]*[A-Za-z])[A-Za-z0-9_+\-]{40,}={0,2}
    """
)

# A member whose name says that its value is a secret, in text that may be broken: it runs to its quote or line end.
_NAMED = re.compile(
    r"""(?xi)
    (?P<name>["']?[\w$.-]*(?:api_?key|secret|token|password|passwd|passphrase|credential|authorization|cookie|private_?key
      |refresh|access|(?<![a-z])key)[\w$.-]*["']?\s*[:=]\s*)
    (?P<quote>["'])(?P<value>(?:\\.|(?!(?P=quote))[^\\\r\n])*)
    """
)
_SENSITIVE_NAME = re.compile(
    r"(?i)(?:api_?key|secret|token|password|passwd|passphrase|authorization|cookie|private_?key)|^(?:key|access|refresh)$"
)
_HARMLESS_NAME = re.compile(
    r"(?i)^(?:max_?tokens|.*tokens|token_?budget|.*key_?name|authorization_?(?:url|endpoint)|token_?(?:url|endpoint))$"
)
# Values under a sensitive name that are words of the format, not keys.
_HARMLESS_VALUE = re.compile(r"(?i)^(?:|api_key|token|oauth|password|none|true|false|\$\{[A-Z_][A-Z0-9_]*\})$")


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A credential's text, which neither `str` nor `repr` gives away. `reveal` is for comparing and nothing else."""

    _text: str

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({len(self._text)} chars)"

    def __str__(self) -> str:
        return f"…({len(self._text)} chars)"


class Masker:
    """Replaces every secret it knows, and everything that looks like one, in text meant for people.

    `key` (bytes) keys the hash behind the four digits. Secrets are learnt from parsed documents by the names of
    their members, so that they are found in any other text too.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, None] = {}

    def show(self, secret: Secret | str) -> str:
        """Mask one secret: `sk-sp-…(35 chars, 9f2c)`."""
        text = secret.reveal() if isinstance(secret, Secret) else secret
        found = _PREFIX.match(text)
        prefix = found.group() if found and len(text) >= 2 * len(found.group()) else ""
        data = text.encode("utf-8", "surrogatepass")
        digits = hmac.new(self._key, data, hashlib.sha256).hexdigest()[:4]
        return f"{prefix}…({len(text)} chars, {digits})"

    def learn(self, value: Json, *, sensitive: bool = False) -> None:
        """Remember every string in `value` that stands under a name for secrets."""
        stack: list[tuple[Json, bool]] = [(value, sensitive)]
        while stack:
            node, hot = stack.pop()
            if isinstance(node, dict):
                for name, child in node.items():
                    stack.append((child, (is_sensitive(name) or hot) and not _is_reference(child)))
            elif isinstance(node, list):
                stack.extend((child, hot) for child in node)
            elif hot and isinstance(node, str) and len(node) >= 4 and not _HARMLESS_VALUE.match(node):
                self._known[node] = None

    def clean(self, text: str) -> str:
        """Return `text` with every known or recognisable secret masked."""
        text = _NAMED.sub(self._mask_named, text)
        for secret in sorted(self._known, key=len, reverse=True):
            if secret in text:
                text = text.replace(secret, self.show(secret))
        return _SHAPE.sub(lambda found: self.show(found.group()), text)

    def _mask_named(self, found: re.Match[str]) -> str:
        value = found.group("value")
        name = found.group("name").rstrip(" \t:=").strip("\"'")
        if _HARMLESS_VALUE.match(value) or _HARMLESS_NAME.match(name) or not is_sensitive(name) or "…(" in value:
            return found.group()
        return f"{found.group('name')}{found.group('quote')}{self.show(value)}"


def _is_reference(value: Json) -> bool:
    """Tell whether an object says where a secret is kept (`{source, provider, id}`) instead of holding one."""
    return isinstance(value, dict) and {"source", "id"} <= value.keys()


def is_sensitive(name: str) -> bool:
    """Tell whether a member of this name holds a secret."""
    return bool(_SENSITIVE_NAME.search(name)) and not _HARMLESS_NAME.match(name)
