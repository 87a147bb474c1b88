"""Why nothing may be touched for now: maintenance mode, or OpenClaw at work on its own files."""

from dataclasses import replace

from clawmend.core.frozen import dataclass
from clawmend.core.plan import Held
from clawmend.core.verdict import Verdict
from clawmend.repair.budgeting import findings_of
from clawmend.repair.moments import pause_words
from clawmend.repair.outcome import Outcome, outcome_of
from clawmend.repair.planning import Options, Proposal
from clawmend.repair.tools import Tools
from clawmend.system.hands_off import UNNAMED_SECONDS

_LOOK_AGAIN, _PAUSE = 30.0, 0.25


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why it waits, in one clause, and when it is worth looking again (seconds since the epoch); None: when told."""

    reason: str
    until: float | None


def why_waiting(tools: Tools, options: Options) -> Waiting | None:
    """Say why nothing may be touched now; None when nothing speaks against it."""
    now = tools.clock.now()
    pause = tools.memory.read().pause_at(now)
    if pause is not None and not options.even_if_paused:
        return Waiting(
            f"{pause_words(pause, now)}; to repair all the same: clawmend repair --even-if-paused", pause.until
        )
    somebody = tools.at_work()
    deadline = tools.clock.monotonic() + UNNAMED_SECONDS
    while somebody is not None and somebody.unnamed and tools.clock.monotonic() < deadline:
        tools.clock.sleep(_PAUSE)
        somebody = tools.at_work()
    if somebody is None or somebody.unnamed:
        return None
    return Waiting(
        f"{somebody.doing} (process {somebody.pid}); nothing is touched until it has ended", now + _LOOK_AGAIN
    )


def hands_off(proposal: Proposal, waiting: Waiting, seconds: float) -> Outcome:
    """The outcome in which everything that would have been done is held for that reason."""
    held = tuple(Held(finding, waiting.reason) for finding in findings_of(proposal))
    outcome = outcome_of(Verdict.NEEDS_YOU, proposal, seconds, note=waiting.reason)
    return replace(outcome, held=(*proposal.held, *held), look_again_at=waiting.until)
