"""One turn of the watcher: the same cycle whatever woke it. State decides; finding nothing new costs very little."""

import os
from collections.abc import Mapping
from dataclasses import field, replace

from clawmend.core.configuration import Configuration
from clawmend.core.finding import Severity
from clawmend.core.frozen import dataclass
from clawmend.core.gateway import Condition
from clawmend.core.operation import WatchMode
from clawmend.core.plan import Held
from clawmend.core.receipt import Receipt
from clawmend.core.verdict import Verdict
from clawmend.loop.editing import Saves
from clawmend.loop.holding import Held as HeldBack
from clawmend.loop.holding import held_back
from clawmend.loop.journal import Log
from clawmend.loop.places import files_in, places_of
from clawmend.loop.quiet import quiet_until
from clawmend.loop.wakes import Reason, Wake
from clawmend.loop.watching import Watching
from clawmend.repair.cycle import repair
from clawmend.repair.looking import Diagnosis
from clawmend.repair.masking import masker_for
from clawmend.repair.outcome import Outcome
from clawmend.repair.planning import Options, look
from clawmend.repair.recording import record
from clawmend.repair.tools import Tools
from clawmend.system.history import History
from clawmend.system.machine import mask_key
from clawmend.system.signatures import Signatures
from clawmend.system.writers import open_for_writing

# However quiet it is: what no file shows (a log, a gateway, a store of SQLite) is looked at this often.
LONGEST_REST = 300.0
# A file that somebody is writing is not judged: the look is put off, for so long at most.
LONGEST_WRITING = 30.0
_NEXT_TRY = 2.0
_SETTLED = frozenset({Condition.READY, Condition.ABSENT, Condition.STOPPED})


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn came to. `outcome` is None when nobody looked; `again_at` is when to look again.

    `receipt` is what was new in it.
    """

    outcome: Outcome | None = None
    held: HeldBack = field(default_factory=HeldBack)
    receipt: Receipt | None = None
    again_at: float | None = None


class Engine:
    """Looks at one home and repairs it, turn by turn. Only one thread may turn it."""

    def __init__(self, tools: Tools, version: str | None, watching: Watching, log: Log) -> None:
        self._tools, self._version, self._watching, self._log = tools, version, watching, log
        self.history = History(tools.place.state)
        self._signatures = Signatures()
        self._saves = Saves()
        self._files: Mapping[str, str] = {}
        self._last: Outcome | None = None
        self._looked = float("-inf")
        self._is_owed = False
        self._put_off: float | None = None
        self.looks = 0

    @property
    def last(self) -> Outcome | None:
        """What the last look came to."""
        return self._last

    def seen(self) -> Diagnosis | None:
        """What the last look found."""
        return self._last.seen if self._last is not None else None

    def turn(self, wake: Wake, configuration: Configuration) -> Turn:
        """Look if there is a reason to, and repair what may be repaired. ClawmendError when it cannot be done."""
        now = self._tools.clock.now()
        places = places_of(self._tools.place, self._tools.files, self._last.snapshot if self._last else None)
        rearmed = self._watching.arm(places)
        self._files = files_in(places)
        changed = self._signatures.take(self._files)
        if not (wake.is_full or changed or self._is_owed or (rearmed and self._last) or self._is_due(wake, now)):
            return Turn()
        self._is_owed = True  # until it has come to an end: what goes wrong must not swallow what was noticed
        if self._last is not None:
            self._saves.note(changed, now, self._files)
        if self._is_being_written(now):
            return Turn(again_at=now + _NEXT_TRY)
        turn = self._look(configuration, now)
        self._put_off, self._is_owed = None, False
        return turn

    def _is_being_written(self, now: float) -> bool:
        """Whether somebody writes one of the files just now, and has not done so for too long already."""
        if self._put_off is not None and not 0 <= now - self._put_off < LONGEST_WRITING:
            return False
        found = open_for_writing(frozenset(self._files.values()))
        for path, who in found.items():
            self._log.detail(f"{path} is being written, and looked at later: {who}")
        if found and self._put_off is None:
            self._put_off = now
        return bool(found)

    def _is_due(self, wake: Wake, now: float) -> bool:
        """Whether it is time to look although no file has changed: a change that wakes us without one is no reason."""
        if self._last is None:
            return True
        if Reason.SWEEP not in wake.reasons:
            return False
        if now - self._looked >= LONGEST_REST or now < self._looked:
            return True
        healths = [openclaw.health for openclaw in self._last.snapshot.openclaws]
        if any(health.condition not in _SETTLED for health in healths):
            return True
        if any(health.pid is not None and not _is_alive(health.pid) for health in healths):
            return True
        return any(finding.severity is not Severity.INFO for finding in self._last.findings)

    def _look(self, configuration: Configuration, now: float) -> Turn:
        tools, policy = self._tools, configuration.policy
        options = Options(version=self._version, policy=policy)
        diagnosis = look(tools, options)
        self.looks += 1
        self._looked = now
        self._log.masker = masker_for(diagnosis.snapshot, mask_key())
        held = HeldBack()
        if any(finding.severity is not Severity.INFO for finding in diagnosis.findings):
            held = held_back(diagnosis, self.history, self._saves, tools.place, now)
        if configuration.operation.mode is WatchMode.REPORT:
            outcome = _only_told(diagnosis, "the watcher only reports; to repair: clawmend repair")
        elif not any(finding.severity is not Severity.INFO for finding in diagnosis.findings):
            outcome = _only_told(diagnosis, "")
        else:
            outcome = self._repair(configuration, options, held, now)
        self._last = outcome
        return self._told(outcome, held, now)

    def _repair(self, configuration: Configuration, options: Options, held: HeldBack, now: float) -> Outcome:
        quiet = quiet_until(configuration.operation.quiet_hours, now)
        withheld = f"quiet hours, in which no gateway is restarted, last until {quiet.words}" if quiet else None
        outcome = repair(self._tools, replace(options, holds=held.reasons, withheld=withheld), dry_run=False)
        self._take_over({os.path.realpath(change.path): change.after for change in outcome.changes})
        if quiet is not None:
            moments = [moment for moment in (outcome.look_again_at, quiet.until) if moment is not None]
            outcome = replace(outcome, look_again_at=min(moments))
        return outcome

    def _take_over(self, written: Mapping[str, bytes | None]) -> None:
        """What we have written is no news, by whichever of its paths the files are looked at."""
        ours = ((path, real if real in written else path) for path, real in self._files.items())
        self._signatures.take_over({path: written[real] for path, real in ours if real in written})

    def _told(self, outcome: Outcome, held: HeldBack, now: float) -> Turn:
        writers = tuple(dict.fromkeys(who for _, who in held.contested.values() if who))
        receipt, problem = record(self.history, outcome, by="watch", now=now, writers=writers)
        if problem:
            self._log.caution(problem)
        moments = [moment for moment in (outcome.look_again_at, held.until) if moment is not None]
        return Turn(outcome, held, receipt, min(moments, default=None))


def _only_told(diagnosis: Diagnosis, reason: str) -> Outcome:
    """The outcome of a look after which nothing is done."""
    matters = [finding for finding in diagnosis.findings if finding.severity is not Severity.INFO]
    verdict = Verdict.NEEDS_YOU if matters else Verdict.HEALTHY
    held = tuple(Held(finding, reason) for finding in matters if reason and finding.fix is not None)
    return Outcome(
        verdict=verdict,
        snapshot=diagnosis.snapshot,
        held=held,
        findings=diagnosis.findings,
        blind=diagnosis.blind,
        seen=diagnosis,
    )


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is another user's, and there
    return True
