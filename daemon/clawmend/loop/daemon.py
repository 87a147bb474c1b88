"""The watcher as a process: it wakes, looks, does its chores, tells how it is, and ends when it is told to."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from clawmend.core.configuration import Configuration
from clawmend.core.errors import BackupError, BusyError, ClawmendError
from clawmend.core.frozen import dataclass
from clawmend.core.notices import backup_trouble, digest
from clawmend.core.printable import printable
from clawmend.core.version import Version
from clawmend.loop.engine import Engine, Turn
from clawmend.loop.heart import Heart
from clawmend.loop.jobs import PULSE_SECONDS, Chore, Chores, Jobs
from clawmend.loop.journal import Log
from clawmend.loop.measuring import Metrics
from clawmend.loop.places import places_of
from clawmend.loop.posting import Post
from clawmend.loop.reloading import reloaded
from clawmend.loop.status import LONGEST_SILENCE, Status, write_status
from clawmend.loop.stopping import StoppableClock
from clawmend.loop.telling import (
    first_status,
    log_turn,
    notices_for,
    settings_line,
    summary,
    told_of,
    with_memory,
    with_turn,
    with_watches,
)
from clawmend.loop.wakes import Reason, Wake, Wakes
from clawmend.loop.watching import Watching
from clawmend.repair.known_good import promote
from clawmend.repair.recovery import recover_if_needed
from clawmend.repair.tools import Tools
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.footprint import give_back_memory
from clawmend.system.retention import Policy, surplus
from clawmend.system.sdnotify import Notifier

LONGEST_DEBOUNCE = 10.0
_JUMP_SECONDS = 5.0
_DAY = 86_400.0
_MOST_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Parts:
    """What a watcher is made of. `read` reads config.toml anew (ClawmendError when it cannot be read at all)."""

    tools: Tools
    clock: StoppableClock
    log: Log
    notifier: Notifier
    post: Post
    watch: Callable[[Callable[[str], None]], Watching]
    read: Callable[[], Configuration]
    version: Version | None = None


class Daemon:
    """One watcher of one home. `run` returns when it was told to end."""

    def __init__(self, parts: Parts, configuration: Configuration) -> None:
        self._parts, self._configuration = parts, configuration
        self._tools, self._clock, self._log = parts.tools, parts.clock, parts.log
        operation = configuration.operation
        self.wakes = Wakes(parts.clock, debounce=operation.debounce, longest=LONGEST_DEBOUNCE)
        self._chores = Chores()
        self._jobs = Jobs(self._ring, sweep=operation.sweep, digest=configuration.notify.digest)
        self._heart = Heart(parts.clock, parts.notifier)
        self._watching = parts.watch(self.wakes.changed)
        version = None if parts.version is None else str(parts.version)
        self._engine = Engine(parts.tools, version, self._watching, parts.log)
        self._metrics = Metrics(parts.tools.place, parts.clock, self._engine.seen)
        self._store = CheckpointStore(parts.tools.place.state)
        self._again_at: float | None = None
        self._is_ready = False
        self._drift = self._measured_drift()
        now = self._clock.now()
        self._status = first_status(parts.tools.place.home, operation, self._engine.history, now)
        self._written: Status | None = None

    def reload(self) -> None:
        """Have the settings read again (SIGHUP)."""
        self.wakes.ring(Reason.SETTINGS)

    def wake(self) -> None:
        """Stop waiting: the clock says that we are to end."""
        self.wakes.close()

    def run(self) -> None:
        """Watch until told to end."""
        self._heart.work()
        self._jobs.start()
        self.wakes.ring(Reason.START)
        try:
            while not self._clock.is_stopping:
                if self._heart.take_pulse():
                    self._chores.add(Chore.PULSE)
                self._chores_due()
                wake = self.wakes.take()
                if wake is None:
                    self._heart.rest(self.wakes.wait)
                    continue
                self._heart.work()
                looks = self._engine.looks
                self._turn(wake)
                if self._engine.looks != looks:
                    give_back_memory()
        finally:
            self._heart.end()
            self._parts.notifier.stopping()
            self._jobs.close()
            self._watching.close()
            self._parts.post.close()
            self._metrics.close()
            self._say(replace(self._status, stopped=self._clock.now()))

    def _turn(self, wake: Wake) -> None:
        """One turn. Whatever goes wrong in it is told, and the watcher goes on."""
        now = self._clock.now()
        status = replace(self._status, errors=())
        try:
            status = self._begin(wake, status, now)
            for one in recover_if_needed(self._tools, self._store):
                self._log.note(f"put right what was cut off: {one.checkpoint.id}")
            turn = self._engine.turn(wake, self._configuration)
            status = with_turn(status, turn, self._log.masker, now)
            log_turn(self._log, turn)
            if turn.outcome is not None or turn.again_at is not None:
                self._again_at = turn.again_at
            self._tell(turn, now)
            seen = turn.outcome.seen if turn.outcome is not None else None
            if seen is not None and not (turn.outcome and turn.outcome.changes):
                promote(self._tools, self._store, seen)
        except BusyError as error:
            self._again_at = now + PULSE_SECONDS
            self._log.detail(str(error))
        except ClawmendError as error:
            status = self._with_error(status, str(error), error)
            if isinstance(error, BackupError):
                notice = backup_trouble(printable(self._tools.place.home), self._log.masker.clean(str(error)), now)
                with suppress(ClawmendError):  # the outbox is on the same disk; the status says it in any case
                    self._parts.post.put([notice], self._configuration.notify, now)
        except Exception as error:  # noqa: BLE001 - a bug of ours ends one turn, not the watcher
            status = self._with_error(status, f"a bug of clawmend: {type(error).__name__}", error)
        self._status = self._with_surroundings(status, now)
        self._measure()
        self._say(self._status)
        if not self._is_ready:
            self._be_ready()

    def _begin(self, wake: Wake, status: Status, now: float) -> Status:
        """What comes before the look. We are up when we watch: the first repair may wait for minutes."""
        if Reason.SETTINGS in wake.reasons:
            self._is_ready = False
            status = self._reload(status)
        if Reason.START in wake.reasons:
            self._watching.arm(places_of(self._tools.place, self._tools.files))
            self._prove()
        if not self._is_ready:
            self._status = status = self._with_surroundings(status, now)
            self._say(status)
            self._be_ready()
        return status

    def _be_ready(self) -> None:
        self._is_ready = True
        self._parts.notifier.ready(summary(self._status))

    def _measure(self) -> None:
        try:
            self._metrics.tell(self._configuration.metrics, len(self._status.contested))
        except ClawmendError as error:
            self._status = self._with_error(self._status, str(error), error)
        except Exception as error:  # noqa: BLE001 - figures never end a watcher
            self._status = self._with_error(self._status, f"a bug of clawmend: {type(error).__name__}", error)

    def _tell(self, turn: Turn, now: float) -> None:
        """Put what is news into the outbox; where nobody is told, the history need not be read for it."""
        if self._configuration.notify.targets:
            self._parts.post.put(notices_for(self._engine.history, turn), self._configuration.notify, now)

    def _chores_due(self) -> None:
        for chore in self._chores.take():
            if chore is not Chore.PULSE:
                self._heart.work()
            try:
                self._do(chore)
            except BusyError as error:
                self._log.detail(str(error))
            except ClawmendError as error:
                self._status = self._with_error(self._status, str(error), error)
            except Exception as error:  # noqa: BLE001 - as in a turn
                self._status = self._with_error(self._status, f"a bug of clawmend: {type(error).__name__}", error)

    def _do(self, chore: Chore) -> None:
        now = self._clock.now()
        match chore:
            case Chore.PULSE:
                self._pulse(now)
            case Chore.SWEEP | Chore.POLL:
                self.wakes.ring(Reason.SWEEP)
            case Chore.PROVE:
                self._prove()
            case Chore.RETENTION:
                self._prune(now)
            case Chore.DIGEST:
                home = printable(self._tools.place.home)
                last = self._engine.history.last(home)
                notice = digest(home, told_of(self._engine.history, last), now - _DAY, now) if last else None
                self._parts.post.put([notice] if notice else [], self._configuration.notify, now)

    def _pulse(self, now: float) -> None:
        drift = self._measured_drift()
        if abs(drift - self._drift) > _JUMP_SECONDS:
            self._log.note("the machine slept, or its clock was set: everything is looked at")
            self._jobs.plan_anew()
            self.wakes.ring(Reason.WOKEN)
        self._drift = drift
        if self._again_at is not None and now >= self._again_at:
            self._again_at = None
            self.wakes.ring(Reason.AGAIN)
        self._parts.post.send(self._configuration.notify, now, self._clock.monotonic())

    def _ring(self, chore: Chore) -> None:
        """From the timetable's thread."""
        self._chores.add(chore)
        self.wakes.nudge()

    def _prove(self) -> None:
        heard = self._watching.prove()
        self._jobs.poll(bool(self._watching.problem))
        if not heard:
            self._log.caution(self._watching.problem)

    def _prune(self, now: float) -> None:
        if self._store.strange():
            return
        with self._tools.exclusive():
            found = surplus(self._store.all(), self._store.sizes(), now, Policy())
            self._store.prune((one.id for one in found.checkpoints), found.blobs)

    def _reload(self, status: Status) -> Status:
        self._parts.notifier.reloading(self._clock)
        try:
            read: Configuration | ClawmendError = self._parts.read()
        except ClawmendError as error:
            read = error
        found = reloaded(self._configuration, read)
        self._configuration = found.holds
        operation = found.holds.operation
        self.wakes.debounce = operation.debounce
        self._jobs.change(sweep=operation.sweep, digest=found.holds.notify.digest)
        self._log.change(operation.log_level, operation.log_format)
        if found.summary:
            self._log.caution(found.summary)
        else:
            self._log.note(f"settings read: {settings_line(found.holds)}")
        return replace(status, mode=operation.mode.value, sweep=operation.sweep, settings=found.summary)

    def _with_error(self, status: Status, text: str, error: Exception) -> Status:
        self._log.failure(text, error)
        told = f"{time.strftime('%H:%M:%S', time.localtime(self._clock.now()))} {self._log.masker.clean(text)}"
        return replace(status, errors=(*status.errors, told)[-_MOST_ERRORS:])

    def _with_surroundings(self, status: Status, now: float) -> Status:
        self._jobs.poll(bool(self._watching.problem))
        last = self._engine.last.snapshot if self._engine.last else None
        places = places_of(self._tools.place, self._tools.files, last)
        status = with_watches(status, places, self._watching.proven(), self._watching.problem)
        return with_memory(status, self._tools.memory.read(), now)

    def _say(self, status: Status) -> None:
        """Write the status file when it says something new, or has not been written for a minute."""
        now = self._clock.now()
        before = self._written
        if (
            before is not None
            and replace(status, written=before.written, awake=before.awake) == before
            and now - before.written < LONGEST_SILENCE
        ):
            return
        self._written = replace(status, written=now, awake=self._clock.monotonic())
        try:
            write_status(self._tools.place.state, self._written)
        except ClawmendError as error:
            self._log.detail(str(error))
        self._parts.notifier.status(summary(self._status))

    def _measured_drift(self) -> float:
        return self._clock.now() - self._clock.monotonic()
