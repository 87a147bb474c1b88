"""Looking again after a while: an older Claude Code holds `.claude.json` in memory and may write its old state back.

Versions up to 2.1.112 write without waiting for the lock (facts on Claude Code, "How the client writes"), so what was
set under the lock can be lost seconds later. The file is looked at again after 5 and after 60 seconds and repaired
again, three times at most: whoever then still writes it back is not to be fought. The program is never stopped.
"""

from dataclasses import replace

from clawmend.core.errors import ClawmendError
from clawmend.core.frozen import dataclass
from clawmend.core.verdict import Verdict
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.planning import Options, look
from clawmend.repair.tools import Tools

PAUSES = (5.0, 55.0)
MAX_TIMES = 3


@dataclass(frozen=True, slots=True)
class Settled:
    """How it ended: the checkpoints of the repairs that had to be made again, whether it held, what went wrong."""

    repeated: tuple[str, ...] = ()
    held: bool = True
    problem: str = ""


def may_be_written_back(outcome: Outcome) -> bool:
    """Tell whether a repair changed the file that older clients write back."""
    return any(change.path in _held_in_memory(outcome) for change in outcome.changes)


def _held_in_memory(outcome: Outcome) -> frozenset[str]:
    """The files that a Claude Code reads once and writes whole: one for each configuration."""
    return frozenset(claude.config.path for claude in outcome.snapshot.claudes)


def settle(tools: Tools, options: Options, outcome: Outcome) -> Settled:
    """Watch the file of Claude Code after a repair of it, and repair it again when it was written back."""
    paths = _held_in_memory(outcome)
    mended = {rule for change in outcome.changes if change.path in paths for rule in change.rules}
    if not mended:
        return Settled()
    again = replace(options, only=frozenset(mended))
    repeated: list[str] = []
    pauses = list(PAUSES)
    while pauses:
        tools.clock.sleep(pauses.pop(0))
        try:
            back = [one for one in look(tools, again).findings if one.rule in mended and one.path in paths]
            if not back:
                continue
            if len(repeated) == MAX_TIMES:
                return Settled(tuple(repeated), held=False)
            made = repair(tools, again, dry_run=False)
        except ClawmendError as error:
            return Settled(tuple(repeated), held=False, problem=str(error))
        if made.checkpoint is not None:
            repeated.append(made.checkpoint)
        if made.verdict not in {Verdict.REPAIRED, Verdict.NEEDS_YOU, Verdict.HEALTHY}:
            return Settled(tuple(repeated), held=False, problem=made.note)
        pauses = list(PAUSES)
    return Settled(tuple(repeated))
