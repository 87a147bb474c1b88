"""What only OpenClaw may do, in order: first it takes retired credentials over, then it removes what has to go."""

from dataclasses import replace

from clawmend.core.finding import TakeOver
from clawmend.core.plan import Command
from clawmend.core.snapshot import Snapshot
from clawmend.repair.apply import Applied
from clawmend.repair.commands import Asked, ask_openclaw
from clawmend.repair.taking_over import take_over
from clawmend.repair.tools import Tools

__all__ = ["Asked", "ask"]


def ask(tools: Tools, snapshot: Snapshot, applied: Applied, commands: tuple[Command, ...], *, may_stop: bool) -> Asked:
    """Run every command of a plan; errors as for its parts. `may_stop`: a gateway may be stopped for it."""
    taking = [one for one in commands if isinstance(one.edit, TakeOver)]
    taken = take_over(tools, snapshot, applied, taking, may_stop=may_stop)
    rest = tuple(one for one in commands if one not in taking)
    asked = ask_openclaw(tools, snapshot, taken.applied, rest)
    return replace(asked, done=(*taken.done, *asked.done), held=(*taken.held, *asked.held))
