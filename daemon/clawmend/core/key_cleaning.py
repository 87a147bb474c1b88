"""What OpenClaw makes of a key in openclaw.json before it sends it: normalizeSecretInput, version by version."""

import re
from typing import assert_never

from clawmend.core.behaviour import Cleaning

_LINES = re.compile("[\r\n\u2028\u2029]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]+")
_WIDE = re.compile("[\u0100-\U0010ffff]+")
# What JavaScript's trim() takes away at both ends.
_BLANK = " \t\n\v\f\r\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"


def as_sent(text: str, cleaning: Cleaning) -> str:
    """Return a configured key as this version sends it; empty when it counts as no key."""
    match cleaning:
        case Cleaning.ENDS:
            kept = text
        case Cleaning.LINES:
            kept = _LINES.sub("", text)
        case Cleaning.WIDE:
            kept = _WIDE.sub("", _LINES.sub("", text))
        case Cleaning.CONTROLS:
            kept = _CONTROLS.sub("", _WIDE.sub("", _LINES.sub("", text)))
        case _:
            assert_never(cleaning)
    return kept.strip(_BLANK)
