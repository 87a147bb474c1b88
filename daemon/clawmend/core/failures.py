"""What a failed turn means, read from the words of the provider and of OpenClaw.

The words differ per version: up to 2026.3.8 the log holds OpenClaw's own sentence only, later also the provider's
(`rawErrorPreview`) and a reason (`failoverReason`). Where both are there the provider's words decide: OpenClaw calls
a used-up plan "billing" and a dead host "timeout". Source: captured logs of 2026.3.2 and 2026.9.6, and the list of
error messages of the Coding Plan.
"""

import re

from clawmend.core.evidence import Kind

_STATUS = re.compile(r"(?:HTTP )?([1-5]\d\d)\b")
_SPAN = re.compile(r"(?i)\b(hour|day|week|month) allocated quota exceeded")
_MODEL = re.compile(
    r"""(?xi)
      \bmodel(?:[ ]id)?(?:[ :]+['"`]?[^\s'"`]{1,128}['"`]?)?[ ]+
        (?:is[ ]not[ ]supported|does(?:[ ]not|n't)[ ]exist|not[ ]exist|(?:is[ ]|was[ ])?not[ ]found)
    | \bmodel_not_found\b | \b(?:no[ ]such|unknown|unsupported)[ ]model\b
    """
)
_KEY = re.compile(
    r"""(?xi)
      \b(?:incorrect|invalid|wrong|expired|unknown)\b[^.]{0,40}\b(?:api[ _-]?key|(?:access|auth|api|bearer)[ ]token)\b
    | \bapi[ _-]?key\b[^.]{0,40}\b(?:not[ ]valid|invalid|incorrect|expired|revoked|disabled)\b
    | \b(?:invalid_api_key|invalidapikey|authentication_error)\b
    """
)
_BEGINNINGS = (  # OpenClaw's own sentences, which no status goes before
    ("OAuth token refresh failed", Kind.OAUTH_REFRESH),
    ("No API key found for provider", Kind.NO_KEY),
    ("No credentials found for profile", Kind.NO_KEY),
    ("Unknown model: ", Kind.UNKNOWN_MODEL),
    ("The selected model was not found by the provider", Kind.NOT_FOUND),
)
_WORDS = (
    (re.compile(r"(?i)only available for coding agents"), Kind.AGENTS_ONLY),
    (re.compile(r"(?i)range of (?:input length|max_tokens) should be|\bdata_inspection_failed\b"), Kind.FORMAT),
)
_WEAK_WORDS = (
    (re.compile(r"(?i)\b(?:billing error|insufficient (?:balance|quota)|insufficient_quota|arrearage)\b"), Kind.QUOTA),
    (re.compile(r"(?i)\brate[ _-]limit|\ballocated quota exceeded|\btoo many requests"), Kind.RATE_LIMIT),
    (re.compile(r"(?i)\bconnection (?:error|refused|reset)|\bfetch failed|\bDNS lookup"), Kind.CONNECTION),
    (re.compile(r"\b(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN)\b"), Kind.CONNECTION),
    (re.compile(r"(?i)\btimed out\b|\btimeout\b|\bETIMEDOUT\b"), Kind.TIMEOUT),
)
_STATUSES = {
    "401": Kind.AUTH,
    "402": Kind.QUOTA,
    "403": Kind.FORBIDDEN,
    "404": Kind.NOT_FOUND,
    "408": Kind.TIMEOUT,
    "413": Kind.FORMAT,
    "429": Kind.RATE_LIMIT,
}
_REASONS = {
    "auth": Kind.AUTH,
    "auth_permanent": Kind.AUTH,
    "model_not_found": Kind.MODEL_REFUSED,
    "rate_limit": Kind.RATE_LIMIT,
    "billing": Kind.QUOTA,
    "timeout": Kind.TIMEOUT,
    "format": Kind.FORMAT,
}


def classify(words: str, reason: str | None = None) -> Kind | None:
    """Say what a refusal means; None for one that no rule asks about (a provider that is down, an abort).

    `words` begin with the HTTP status where there is one ("401 invalid access token"); `reason` is OpenClaw's own
    opinion (`failoverReason`), which counts only where neither status nor words say anything.
    """
    words = words.strip()
    status = _STATUS.match(words)
    code = status.group(1) if status else None
    by_words = _by_strong_words(words, code)
    if by_words is not None:
        return by_words
    if code is not None:
        if code == "429" and reason == "billing":
            return Kind.QUOTA
        return _STATUSES.get(code) or (_REASONS.get(reason or "") if code == "400" else None)
    for pattern, kind in _WEAK_WORDS:
        if pattern.search(words):
            return kind
    return _REASONS.get(reason or "")


def _by_strong_words(words: str, code: str | None) -> Kind | None:
    for beginning, kind in _BEGINNINGS:
        if words.startswith(beginning):
            return kind
    if quota_span(words) is not None:
        return Kind.QUOTA
    for pattern, kind in _WORDS:
        if pattern.search(words):
            return kind
    if code in {None, "400", "404"} and _MODEL.search(words):
        return Kind.MODEL_REFUSED
    if code in {None, "400", "403"} and _KEY.search(words):
        return Kind.AUTH
    return None


def quota_span(words: str) -> str | None:
    """The span of a plan that is used up: "hour", "day", "week" or "month"."""
    found = _SPAN.search(words)
    return found.group(1).lower() if found else None
