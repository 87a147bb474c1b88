"""What a key looks like: hints about where it comes from, never proof.

Source: the Coding Plan FAQ (`sk-sp-xxx` of the plan, `sk-xxx` general, `ms-xxx` of ModelScope). Alibaba's Token Plan
gives out `sk-sp-` keys too, so the prefix alone does not tell which plan a key belongs to; the host does.
"""

import re

PLAN_KEY_PREFIX = "sk-sp-"
GENERAL_KEY_PREFIX = "sk-"
MODELSCOPE_PREFIX = "ms-"

# Other vendors' keys (sk-ant-, sk-or-, sk-proj-) have a second part behind a dash; a general key has none.
_PLAN = re.compile(r"sk-sp-[A-Za-z0-9._-]{8,}")
_GENERAL = re.compile(r"sk-[A-Za-z0-9]{16,}")
_MODELSCOPE = re.compile(r"ms-[A-Za-z0-9-]{8,}")
_TOKEN = re.compile(r"(?<![A-Za-z0-9_.-])(?:sk-[A-Za-z0-9._-]{8,}|ms-[A-Za-z0-9-]{8,})")


def looks_like_plan_key(text: str) -> bool:
    """Tell whether this has the shape of a Coding Plan key, which a Token Plan key has as well."""
    return _PLAN.fullmatch(text.strip()) is not None


def looks_like_general_key(text: str) -> bool:
    """Tell whether this has the shape of a pay-as-you-go Model Studio key; some other vendors' keys have it too."""
    return _GENERAL.fullmatch(text.strip()) is not None


def looks_like_modelscope_token(text: str) -> bool:
    """Tell whether this has the shape of a ModelScope token, which Model Studio does not accept."""
    return _MODELSCOPE.fullmatch(text.strip()) is not None


def tokens_in(text: str) -> tuple[str, ...]:
    """Find what has the shape of a key of Alibaba's anywhere in a text; each once, in order."""
    return tuple(dict.fromkeys(found.group().rstrip(".") for found in _TOKEN.finditer(text)))
