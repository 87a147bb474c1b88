"""Secrets have no text: what is shown of one is its prefix, its length and four digits that tell two apart.

`sk-sp-…(35 chars, 9f2c)`: the digits come from a keyed hash, so that they cannot be used to test guesses elsewhere.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from functools import lru_cache

from clawmend.core.frozen import dataclass
from clawmend.core.syntax import Json

_PREFIX = re.compile(r"(?:sk-sp-|sk-ant-|sk-or-|sk-proj-|sk-|ms-|ghp_|gho_|github_pat_|xox[a-z]-|AIza|AKIA|LTAI|eyJ)")

# Shapes of keys that are recognised anywhere, also in comments and in text that does not parse.
_SHAPE = re.compile(
    r"""(?x)
      (?<![A-Za-z0-9_-])(?:sk-|ms-|ghp_|gho_|github_pat_|glpat-|xox[a-z]-|AIza|AKIA|LTAI|ya29\.|pk-|rk-)[A-Za-z0-9_.\-]{6,}
    | (?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+){0,2}
    | (?i:bearer)\s+[A-Za-z0-9_.~+/=\-]{8,}
    | (?<=//)[^/\s:@"']+:[^/\s@"']+(?=@)
    | (?<![A-Za-z0-9_-])(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{32,}(?![A-Za-z0-9_-])
    | (?<![A-Za-z0-9_+\-])(?=[A-Za-z0-9_+\-]*[0-9])(?=[A-Za-z0-9_+\-]*[A-Za-z])[A-Za-z0-9_+\-]{40,}={0,2}
    """
)

# Where text, which may be broken, names a member and opens its value; the value runs to its quote or line end.
_MEMBER = re.compile(r"""(?<![\w$.-])(?P<name>[\w$.-]++)["']?\s*+[:=]\s*+(?P<quote>["'])""")
_VALUE = {
    '"': re.compile(r"""(?:\\.|[^"\\\r\n])*+"""),
    "'": re.compile(r"""(?:\\.|[^'\\\r\n])*+"""),
}
_QUERY = re.compile(r"""(?P<start>[?&#](?P<name>[\w.-]++)=)(?P<value>[^&#\s"'`<>\\]++)""")
_SENSITIVE_NAME = re.compile(
    r"""(?x)
      (?i:api[-_]?key|secret|token|password|passwd|passphrase|authorization|cookie|private[-_]?key)
    | ^(?i:key|access|refresh|auth|pass|pwd)$
    | (?:[_.-](?i:key|pat|pass|pwd|auth)|(?<=[a-z0-9])(?:Key|KEY|Pat|PAT|Pass|PASS|Pwd|PWD|Auth|AUTH))$
    """
)
_HARMLESS_NAME = re.compile(
    r"""(?xi)^(?:
      max_?tokens | .*tokens | token_?budget | .*key[-_]?name | env_?key
    | authorization_?(?:url|endpoint) | token_?(?:url|endpoint)
    | (?:.*[._-])?(?:default)?session[-_]?key | (?:main|public|sort|cache|primary)[-_]?key
    )$"""
)
# Values under a sensitive name that are words of the format, not keys.
_HARMLESS_VALUE = re.compile(
    r"(?i)^(?:|api[-_]key|aws-sdk|token|oauth|password|none|true|false|(?:bearer\s+)?\$\{[A-Z_][A-Z0-9_]*\})$"
)
_AUTH = re.compile(r"(?i)auth$")
# Variables and headers that hold no secret: by what they are called, and by what they look like.
_SETTING_NAME = re.compile(
    r"(?i)(?:model|model_name|url|uri|host|region|version|beta|accept|content-type|user-agent|referer|title|locale|tz)$"
)
_SETTING_VALUE = re.compile(r"[/~-]|[A-Za-z][A-Za-z0-9+.-]*://|[A-Za-z]{1,19}$|[a-z]+/[A-Za-z.+-]+(?:[;,]|$)")
_WORD = re.compile(r"[a-z]{1,19}$")  # what is longer is no word of a language
_LEAST = 8  # what is shorter may be part of other words, and is masked only where it stands


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
        self._placed: set[tuple[str, str]] = set()

    def show(self, secret: Secret | str) -> str:
        """Mask one secret: `sk-sp-…(35 chars, 9f2c)`."""
        text = secret.reveal() if isinstance(secret, Secret) else secret
        found = _PREFIX.match(text)
        prefix = found.group() if found and len(text) >= 2 * len(found.group()) else ""
        data = text.encode("utf-8", "surrogatepass")
        digits = hmac.new(self._key, data, hashlib.sha256).hexdigest()[:4]
        return f"{prefix}…({len(text)} chars, {digits})"

    def learn(self, value: Json, *, sensitive: bool = False) -> None:
        """Remember every string in `value` that stands under a name for secrets, or is a header or a variable.

        What is short or an everyday word is remembered with its place: replaced everywhere, it would garble the text.
        """
        stack: list[tuple[Json, bool, bool, str]] = [(value, sensitive, False, "")]
        while stack:
            node, hot, setting, name = stack.pop()
            if isinstance(node, dict):
                for member, child in node.items():
                    inside = _holds_settings(member, setting) if isinstance(child, dict) else setting
                    stack.append((child, _is_hot(member, child, hot), inside, member))
            elif isinstance(node, list):
                stack.extend((child, hot, setting, name) for child in node)
            elif isinstance(node, str) and (hot or (setting and _is_secret_setting(name, node))):
                self._remember(name, node)

    def _remember(self, name: str, text: str) -> None:
        if _HARMLESS_VALUE.match(text):
            return
        if len(text) < _LEAST or _WORD.match(text):
            self._placed.add((name, text))
        else:
            self._known[text] = None

    def forget(self, names: Iterable[str]) -> None:
        """Show what is no secret wherever it stands: the id of a stored profile, which may stand in `apiKey`."""
        for name in names:
            self._known.pop(name, None)

    def clean(self, text: str) -> str:
        """Return `text` with every known or recognisable secret masked."""
        text = _QUERY.sub(self._mask_query, self._mask_members(text))
        for secret in sorted(self._known, key=len, reverse=True):
            if secret in text:
                text = text.replace(secret, self.show(secret))
        return _SHAPE.sub(lambda found: self.show(found.group()), text)

    def member(self, name: str, value: str) -> str:
        """Mask the text of a member whose name is known: whole when the name is one for secrets, else what is in it."""
        return self.show(value) if self._is_secret(name, value) else self.clean(value)

    def is_setting(self, name: str, value: str) -> bool:
        """Tell whether a variable or header surely holds no secret: its name says so, or its value is a plain word."""
        named = bool(_SETTING_NAME.search(name)) and not is_sensitive(name)
        return named or bool(_HARMLESS_VALUE.match(value))

    def _mask_members(self, text: str) -> str:
        pieces, end = [], 0
        for found in _MEMBER.finditer(text):
            value = _VALUE[found["quote"]].match(text, found.end())
            if value is None or found.start() < end or not self._is_secret(found["name"], value.group()):
                continue
            pieces += [text[end : found.end()], self.show(value.group())]
            end = value.end()
        return "".join([*pieces, text[end:]])

    def _mask_query(self, found: re.Match[str]) -> str:
        secret = self._is_secret(found["name"], found["value"])
        return found["start"] + self.show(found["value"]) if secret else found.group()

    def _is_secret(self, name: str, value: str) -> bool:
        if _HARMLESS_VALUE.match(value) or "…(" in value:
            return False
        return is_sensitive(name) or (name, value) in self._placed


def _is_hot(name: str, value: Json, hot: bool) -> bool:
    if _is_reference(value):
        return False
    return hot or (is_sensitive(name) and not (isinstance(value, dict) and _AUTH.search(name)))


def _holds_settings(name: str, inside: bool) -> bool:
    return name == "env" or name.lower().endswith("headers") or (inside and name == "vars")


def _is_secret_setting(name: str, value: str) -> bool:
    return len(value) >= _LEAST and not _SETTING_NAME.search(name) and not _SETTING_VALUE.match(value)


def _is_reference(value: Json) -> bool:
    """Tell whether an object says where a secret is kept (`{source, provider, id}`) instead of holding one."""
    return isinstance(value, dict) and {"source", "id"} <= value.keys()


@lru_cache(maxsize=1024)
def is_sensitive(name: str) -> bool:
    """Tell whether a member of this name holds a secret."""
    return bool(_SENSITIVE_NAME.search(name)) and not _HARMLESS_NAME.match(name)
