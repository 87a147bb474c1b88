"""JSON with comments, the way Qwen Code reads it: comments are blanked, and the rest must be strict JSON."""

import re

from clawmend.core.document import Document, LimitError, MalformedError, Syntax

_COMMENT = re.compile(r'"(?:\\.|[^"\\])*+"|//[^\r\n]*+|/\*.*?\*/', re.DOTALL)
_SHOWN = re.compile(r"[^\r\n]")


def without_comments(text: str) -> str:
    """Blank every comment outside of strings; whatever is left stands where it stood."""

    def blank(found: re.Match[str]) -> str:
        piece = found.group()
        return piece if piece.startswith('"') else _SHOWN.sub(" ", piece)

    return _COMMENT.sub(blank, text)


def problem_of(text: str) -> str | None:
    """Say why a text is no JSON with comments (a trailing comma, an unquoted key); None when it is."""
    try:
        Document.parse(without_comments(text), Syntax.JSON_BOM)
    except (MalformedError, LimitError) as error:
        return str(error) if isinstance(error, MalformedError) else error.reason
    return None
