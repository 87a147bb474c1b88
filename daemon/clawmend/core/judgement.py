"""Whether a gateway got worse by a repair, from how it was before and what it says since.

A credential that OpenClaw rests until a moment, and a provider that does not answer, say nothing about a repair: it is
kept, and looked at again. What the log had said already before the repair, it may say once more of what it had read.
"""

import re
from collections.abc import Iterable

from clawmend.core.evidence import Kind
from clawmend.core.frozen import dataclass
from clawmend.core.gateway import Condition
from clawmend.core.pointer import Pointer
from clawmend.core.reload import is_refused
from clawmend.core.snapshot import OpenClaw

LATER = 300.0
"""Seconds after which it is looked at again where the log names no moment."""

_WORSE = {
    Kind.INVALID_CONFIG: "OpenClaw refuses openclaw.json since",
    Kind.CONFIG_RESTORED: "OpenClaw has put an earlier openclaw.json back",
    Kind.MIGRATION_REQUIRED: "OpenClaw asks for a migration since",
}
_OUTAGE = {
    Kind.TIMEOUT: "the provider does not answer in time",
    Kind.CONNECTION: "the provider cannot be reached",
    Kind.RATE_LIMIT: "the provider says that there were too many requests",
    Kind.QUOTA: "the plan is used up",
}


@dataclass(frozen=True, slots=True)
class Worse:
    """It got worse; `reason` is a sentence without a full stop."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody can tell before `until` (seconds since the epoch); `reason` is a sentence without a full stop."""

    until: float
    reason: str


@dataclass(frozen=True, slots=True)
class NoWorse:
    """Nothing speaks against the repair."""


Judgement = Worse | Unclear | NoWorse

_REFUSED_MEMBER = re.compile(r"(?:^config reload skipped \(invalid config\): |, )(<root>|[A-Za-z_$][\w$.\[\]:@/-]*): ")
_ROOT = "<root>"
_PLACE_IN_LIST = re.compile(r"\[(\d+)\]")


def judge(before: OpenClaw, after: OpenClaw, since: float, now: float) -> Judgement:
    """Compare a gateway before a repair that was written at `since` with the same one now."""
    if before.health.condition is Condition.READY and after.health.is_down:
        return Worse(f"the gateway does not run any more: {after.health.why}")
    for kind, reason in _WORSE.items():
        if after.evidence.of(kind, since=since) and not before.evidence.of(kind):
            return Worse(reason)
    rests = [event.until for event in after.evidence.of(Kind.COOLDOWN) if event.until is not None and event.until > now]
    if rests:
        return Unclear(min(rests), "OpenClaw rests a credential, so that no turn can prove the repair yet")
    for kind, reason in _OUTAGE.items():
        if after.evidence.of(kind, since=since):
            return Unclear(now + LATER, f"{reason}, which says nothing about the repair")
    return NoWorse()


def is_refused_as_before(before: OpenClaw, members: Iterable[Pointer], refusal: str) -> bool:
    """Tell whether a gateway refuses openclaw.json for something that a repair has neither made nor meant to mend.

    `before` is how it was before the repair: it refused the file already. `members` are those of openclaw.json that
    were changed; `refusal` is the line of its log, which names those that it minds. What it minded before may be near
    what was changed; what it minds now for the first time has to be of another part of the file.
    """
    changed = [".".join(map(str, member)) for member in members]
    minded = _minded(refusal)
    if not minded or not changed or not is_refused(before):
        return False
    said = before.evidence.of(Kind.INVALID_CONFIG)[-1].text
    if refusal != said and refusal.endswith("…"):
        return False  # what was cut off may be about what was changed
    parts = {one.partition(".")[0] for one in changed}
    new = minded - _minded(said)
    near = any(_meet(one, other) for one in minded for other in changed)
    return not near and not any(one == _ROOT or one.partition(".")[0] in parts for one in new)


def _minded(refusal: str) -> set[str]:
    """The members that a refusal names, as `agents.list.0.model`."""
    return {_PLACE_IN_LIST.sub(r".\1", name) for name in _REFUSED_MEMBER.findall(refusal)}


def _meet(one: str, other: str) -> bool:
    """Tell whether two members are the same, or one is inside the other."""
    shorter, longer = sorted((f"{one}.", f"{other}."), key=len)
    return longer.startswith(shorter)
