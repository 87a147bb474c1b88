"""Words that stand where a key belongs and are none.

A placeholder says itself that somebody has to put a key there, or that one was cut out: `YOUR_API_KEY`, `sk-sp-xxx`,
`***`, `__OPENCLAW_REDACTED__`. A dummy is what people give a server that wants no key (`none`, `x`, `ollama`): it is
wrong only where a key is wanted. Source: the Coding Plan FAQ, OpenClaw's own redaction, the samples of local servers.
"""

import re

from clawmend.core.key_shapes import tokens_in

_FILL_IN = re.compile(
    r"""(?x)
      (?:sk-(?:sp-|proj-|ant-|or-)?)?your(?:[-_\ ].*|(?:api)?[-_\ ]?(?:key|token).*)?   # YOUR_API_KEY, sk-your-key
    | (?:insert|paste|enter|put|replace)[-_\ ](?:with[-_\ ])?(?:me|here|it|your|my|the|api|key)(?:[-_\ ].*)?
    | [a-z_\ -]*key[-_\ ](?:goes[-_\ ])?here                                            # api_key_here
    | <[a-z0-9_.:\ -]*> | \[[a-z_\ -]*\] | \{\{[a-z0-9_.\ -]*\}\}                       # <API_KEY>, [redacted]
    | __openclaw_redacted__ | redacted
    """
)
_CUT_OUT = re.compile(r"\*{3}|[•●…]|\.{3}")  # a key copied from where it was shown with its middle hidden
_LETTERS_X = re.compile(r"sk-(?:sp-|proj-|ant-|or-)?x{3,}[-_x]*")
_DUMMIES = frozenset(
    """
    api_key api-key apikey key token secret password none null undefined nil false n/a na empty test dummy fake
    placeholder changeme change_me change-me todo tbd local ollama lm-studio lmstudio vllm no-key nokey no_key
    not-needed notneeded not_needed unused sk-no-key-required sk-dummy sk-test sk-none - _
    """.split()  # noqa: SIM905 - a list of words reads better without quotes
)


def _bare(text: str) -> str:
    return text.strip().strip("\"'`").strip().lower()


def is_placeholder(text: str) -> bool:
    """Tell whether a text is unmistakably no key, wherever it stands."""
    bare = _bare(text)
    if _CUT_OUT.search(bare):
        return True
    # A real key may stand in the brackets of the sample that it was pasted into: then OC206 speaks.
    inside = tokens_in(bare) if bare[:1] in {"<", "["} else ()
    return _FILL_IN.fullmatch(bare) is not None and all(is_stand_in(token) for token in inside)


def is_stand_in(text: str) -> bool:
    """Tell whether a text is a placeholder, or a sample of a key (`sk-sp-xxx`), which a server without keys may get."""
    return is_placeholder(text) or _LETTERS_X.fullmatch(_bare(text)) is not None


def is_dummy(text: str) -> bool:
    """Tell whether a text is what people give a server that wants no key."""
    bare = _bare(text)
    return bare in _DUMMIES or (bool(bare) and set(bare) <= {"x"})
