"""Everything that can be explained, and finding it by what people paste."""

from collections import Counter
from functools import cache

from clawmend.core.explained_openclaw import OPENCLAW
from clawmend.core.explained_plan import PLAN
from clawmend.core.explained_requests import REQUESTS
from clawmend.core.explained_tools import TOOLS
from clawmend.core.explanation import Explanation
from clawmend.core.phrases import Paste, Phrase, words_of

EXPLANATIONS: tuple[Explanation, ...] = (*REQUESTS, *TOOLS, *OPENCLAW, *PLAN)


def explain(text: str) -> tuple[Explanation, ...]:
    """Find what is known about a pasted text, in the order in which it occurs there.

    A text that is nothing but the larger part of a known phrase, or is cut off in one, counts too.
    """
    paste = Paste.of(text)
    found: list[tuple[int, Explanation]] = []
    for explanation in EXPLANATIONS:
        places = [place for phrase in _phrases(explanation) if (place := phrase.find(paste)) is not None]
        if places:
            found.append((min(places), explanation))
    if not found:
        return tuple(one for one in EXPLANATIONS if any(phrase.is_cut_off_in(paste) for phrase in _phrases(one)))
    return tuple(explanation for _place, explanation in sorted(found, key=lambda one: one[0]))


def nearest(text: str, limit: int = 3) -> tuple[Explanation, ...]:
    """Find the explanations that share the most telling words with a text, for one that matches none."""
    known = _vocabulary()
    words = set(words_of(text))
    common = Counter(word for vocabulary in known for word in vocabulary)
    scores = [sum(1 / common[word] for word in words & vocabulary) for vocabulary in known]
    ranked = sorted(zip(scores, EXPLANATIONS, strict=True), key=lambda one: -one[0])
    return tuple(explanation for score, explanation in ranked[:limit] if score >= _LEAST)


_LEAST = 0.3  # one word that three explanations share at most, or several commoner ones


@cache
def _phrases(explanation: Explanation) -> tuple[Phrase, ...]:
    return tuple(Phrase(pattern) for pattern in explanation.patterns)


@cache
def _vocabulary() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(words_of(" ".join((one.title, *one.patterns)))) for one in EXPLANATIONS)
