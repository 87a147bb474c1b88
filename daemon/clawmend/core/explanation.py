"""One error message or question of users, with what it means and what can be done about it."""

from clawmend.core.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What clawmend has to say about a text.

    `patterns` are phrases as in phrases.py, `checks` the ids of the rules of the catalogue that look for its causes
    (a release need not have all of them), `what_you_can_do` commands or sentences, `source` where this is from.
    """

    id: str
    patterns: tuple[str, ...]
    title: str
    meaning: str
    checks: tuple[str, ...]
    what_you_can_do: tuple[str, ...]
    source: str
