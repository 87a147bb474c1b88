"""Making a whole document of a text that is nearly that, without losing anything of what it means.

Comments and trailing commas go, UTF-16 becomes UTF-8. The result is only given out when it is strict JSON and means
exactly what the text means to a reader of JSON5. A text that goes on behind its end (NULs after a power cut, a bracket
too many, the rest of a longer version that was there before) begins with a whole document. Anything else needs an
earlier copy, or a person.
"""

import codecs
import re

from clawmend.core.document import Document, LimitError, MalformedError, Syntax
from clawmend.core.frozen import dataclass
from clawmend.core.values import is_same

_TOKEN = re.compile(
    r"""(?xs)
      (?P<text>"(?:[^"\\]|\\.)*+")
    | (?P<line>^[ \t]*+(?://[^\r\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)[ \t]*+(?:\r?\n|\Z))     # with a line of its own
    | (?P<comment>[ \t]*+(?://[^\r\n]*+|/\*(?:[^*]|\*(?!/))*+\*/))
    | (?P<comma>,(?=(?:\s|//[^\r\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+[}\]]))
    """,
    re.MULTILINE,
)
_NOTHING = frozenset("\0 \t\r\n,]}")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def mended(data: bytes) -> tuple[bytes, str] | None:
    """Return the strict JSON object that bytes mean, and what had to be done; None when nobody can be sure."""
    done = []
    if data.startswith(_WIDE):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            return None
        done.append("as UTF-8 instead of UTF-16")
    else:
        text = data.decode("utf-8", "surrogateescape")
    try:
        meant = Document.parse(text, Syntax.JSON5)
        kinds: set[str] = set()
        plain = _TOKEN.sub(lambda found: _without(found, kinds), text)
        strict = Document.parse(plain, Syntax.JSON_BOM)
    except (MalformedError, LimitError):
        return None
    proven = is_same(strict.value, meant.value) and meant.duplicates == strict.duplicates
    if not isinstance(strict.value, dict) or not proven:
        return None
    if kinds & {"line", "comment"}:
        done.append("without its comments")
    if "comma" in kinds:
        done.append("without its trailing comma")
    return (strict.encode(), " and ".join(done)) if done else None


def _without(found: re.Match[str], kinds: set[str]) -> str:
    kind = str(found.lastgroup)
    if kind == "text":
        return found.group()
    kinds.add(kind)
    return ""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The whole document that a text begins with. `rest_is_empty`: nothing but NULs, space, commas and brackets follow.

    `is_longer`: it is at least as long as what follows, so that it is no stray bracket that has ended it early.
    """

    document: Document
    rest_is_empty: bool
    is_longer: bool


def beginning_of(data: bytes, syntax: Syntax) -> Beginning | None:
    """The object that bytes begin with when they go on behind its end; None when there is none, or nothing follows."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        Document.parse(text, syntax)
    except MalformedError as error:
        end = error.offset
    except LimitError:
        return None
    else:
        return None
    try:
        document = Document.parse(text[:end], syntax)
    except (MalformedError, LimitError):
        return None
    if not isinstance(document.value, dict):
        return None
    rest = text[end:]
    return Beginning(document, _NOTHING.issuperset(rest), len(document.text) >= len(rest))
