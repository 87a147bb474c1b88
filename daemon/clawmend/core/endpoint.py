"""Judging a base URL that means the Coding Plan, whichever tool it is written for."""

import re
from enum import Enum

from clawmend.core.address import meant_host_of
from clawmend.core.frozen import dataclass
from clawmend.core.key_shapes import looks_like_general_key, looks_like_plan_key
from clawmend.core.plan_data import PlanKnowledge

_SCHEME = "https://"
_READ_AS_SCHEME = re.compile(r"https:/*", re.IGNORECASE)  # `https:/host` is `https://host` for every URL parser


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a URL (the end of a sentence that begins with it), and the right one, None where unknown."""

    problem: str
    right: str | None


def flaw_of(plan: PlanKnowledge, url: str, speaker: str, paths: tuple[str, ...]) -> Flaw | None:
    """Judge a URL that leads to the plan's host, or to one a slip away from it; None when it is right or not ours.

    `paths` are those that work, the right one first, `speaker` is who needs it ("@ai-sdk/anthropic"). Without a path
    only scheme and host are judged. Whoever has a port, a query or a password of their own knows what they do.
    """
    text = url.strip()
    meant = meant_host_of(text)
    host = meant if plan.is_plan_endpoint(f"{_SCHEME}{meant}") else plan.nearest_plan_host(meant)
    if not meant or host is None:
        return None
    start = text.lower().find(meant)
    authority, slash, rest = text[start:].partition("/")
    if any(mark in text for mark in "?#@") or authority.lower() not in {meant, f"{meant}:443"}:
        return None
    path = f"{slash}{rest}".rstrip("/")
    problems = []
    if url != url.rstrip():
        problems.append("has a space at its end")
    if _READ_AS_SCHEME.fullmatch(text[:start]) is None:
        problems.append(f"does not begin with {_SCHEME}")
    if meant != host:
        problems.append(f"misspells the host {host}")
    if paths and path not in paths:
        problems.append(f"has the path {path or '/'} where {speaker} needs {paths[0]}")
        path = paths[0]
    if not problems:
        return None
    return Flaw(" and ".join(problems), f"{_SCHEME}{host}{path}" if paths else None)


REMEDIES_FOR_GENERAL_KEY = (
    "copy your plan's key, which begins with sk-sp-, from the Coding Plan page of Model Studio in its place",
    "if you have no plan: use the general endpoint of your region",
)
"""What a person can do about a general key on the plan's endpoint: nobody else has the right one."""


class Pair(Enum):
    """How a key and an endpoint of Model Studio go together, as far as their shapes tell."""

    FITS = "fits, or nobody can tell"
    PLAN_KEY_ELSEWHERE = "a key of the plan's shape on a general endpoint"
    GENERAL_KEY_HERE = "a general key on the plan's endpoint"


def pair_of(plan: PlanKnowledge, url: str, key: str) -> Pair:
    """Judge a pair. Keys of the Token Plan look like the plan's own and have other hosts: there nothing is said."""
    if plan.is_general_endpoint(url) and looks_like_plan_key(key):
        return Pair.PLAN_KEY_ELSEWHERE
    if plan.is_plan_endpoint(url) and looks_like_general_key(key):
        return Pair.GENERAL_KEY_HERE
    return Pair.FITS
