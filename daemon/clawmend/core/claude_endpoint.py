"""Whether a base URL that Claude Code has leads to the Coding Plan the way the plan wants it.

A slash at the end and spaces around it are harmless. `/v1` and `/apps/anthropic/v1` end in `/v1/v1/messages`, the FAQ's
404; without a scheme no request is sent at all. Source: facts on Claude Code; seen with 2.1.330 and 2.1.59.
"""

from dataclasses import dataclass

from clawmend.core.address import meant_host_of
from clawmend.core.plan_data import PlanKnowledge
from clawmend.core.plan_kinds import Tool

_SCHEME = "https://"


@dataclass(frozen=True, slots=True)
class WrongUrl:
    """What is wrong with a URL, and the right one."""

    problem: str
    right: str


def means_plan(plan: PlanKnowledge, url: str) -> bool:
    """Tell whether a URL is meant for the Coding Plan, spelled rightly or nearly."""
    return _host(plan, url) is not None


def _host(plan: PlanKnowledge, url: str) -> str | None:
    meant = meant_host_of(url)
    if not meant:
        return None
    return meant if plan.is_plan_endpoint(f"{_SCHEME}{meant}") else plan.nearest_plan_host(meant)


def judge_url(plan: PlanKnowledge, url: str) -> WrongUrl | None:
    """Judge a URL; None when it is right, or somebody's own, which nobody here may judge."""
    text, meant, host = url.strip(), meant_host_of(url), _host(plan, url)
    if host is None:
        return None
    start = text.lower().find(meant)
    authority, slash, rest = text[start:].partition("/")
    if any(mark in text for mark in "?#@$") or authority.lower() not in {meant, f"{meant}:443"}:
        return None  # a port, a query, a password or a variable of somebody's own
    path, paths = f"{slash}{rest}".rstrip("/"), plan.paths_for(None, Tool.CLAUDE_CODE)
    problems = []
    if text[:start].lower() != _SCHEME:
        problems.append(f"does not begin with {_SCHEME}")
    if meant != host:
        problems.append(f"misspells the host {host}")
    if paths and path not in paths:
        problems.append(f"has the path {path or '/'} where Claude Code needs {paths[0]}")
    if not problems or not paths:
        return None
    return WrongUrl(" and ".join(problems), f"{_SCHEME}{host}{paths[0]}")


def judge_host(plan: PlanKnowledge, url: str) -> WrongUrl | None:
    """Judge a URL that goes with a key of the plan: the general API of the vendor does not take that."""
    region = plan.region_of(url)
    right = plan.right_url(None, region, Tool.CLAUDE_CODE) if region is not None else None
    if not plan.is_general_endpoint(url) or right is None:
        return None
    return WrongUrl("leads to the general API, and the key is one of the plan", right)
