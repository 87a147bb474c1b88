"""Putting what a turn came to into words: the status file, the log, and the notices for the outbox."""

import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from clawmend import __version__
from clawmend.core.configuration import Configuration
from clawmend.core.contested import WATCH
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import Severity
from clawmend.core.gateway import Condition
from clawmend.core.gateway_words import sentence
from clawmend.core.incidents import Incident, incidents
from clawmend.core.memory import Memory
from clawmend.core.notices import Notice, notices_of
from clawmend.core.operation import Operation
from clawmend.core.printable import display, home_paths, printable, shown_path
from clawmend.core.receipt import Receipt
from clawmend.core.secret import Masker
from clawmend.core.verdict import Verdict
from clawmend.loop.engine import Turn
from clawmend.loop.journal import Log
from clawmend.loop.places import Places
from clawmend.loop.status import Happened, Status, Waiting, Watched
from clawmend.repair.moments import pause_words
from clawmend.repair.outcome import Outcome
from clawmend.system.history import History
from clawmend.system.liveness import start_of_process

_MOST_RECEIPTS = 100
_BUDGET_SECONDS = 3600.0


def first_status(home: str, operation: Operation, history: History, now: float) -> Status:
    """The status of this process before it has looked."""
    return Status(
        pid=os.getpid(),
        started=start_of_process(os.getpid()) or now,
        since=now,
        version=__version__,
        home=home,
        mode=operation.mode.value,
        written=now,
        last_repair=repaired_before(history, home),
        sweep=operation.sweep,
    )


def with_turn(status: Status, turn: Turn, masker: Masker, now: float) -> Status:
    """The status after a turn that has looked."""
    outcome = turn.outcome
    if outcome is None:
        return status
    snapshot = outcome.snapshot

    def text(words: str) -> str:
        return home_paths(snapshot, masker.clean(words))

    contested = frozenset(turn.held.contested)
    reasons = {item.finding.fingerprint(snapshot.home): item.reason for item in outcome.held}
    left = [one for one in outcome.findings if one.severity is not Severity.INFO]
    waiting = [
        (
            one.fingerprint(snapshot.home) in contested,
            Waiting(
                one.rule,
                shown_path(snapshot.home, one.path),
                text(reasons.get(one.fingerprint(snapshot.home)) or one.summary),
            ),
        )
        for one in left
    ]
    healths = [
        (openclaw.directory, openclaw.health)
        for openclaw in snapshot.openclaws
        if openclaw.health.condition is not Condition.ABSENT
    ]
    status = replace(
        status,
        last_look=Happened(now, _found(outcome)),
        held=tuple(one for is_contested, one in waiting if not is_contested),
        contested=tuple(one for is_contested, one in waiting if is_contested),
        gateway=tuple(
            (f"{display(snapshot.home, folder)}: " if len(healths) > 1 else "") + text(sentence(health))
            for folder, health in healths
        ),
        gateway_down=any(health.is_down for _, health in healths),
        errors=tuple(f"{shown_path(snapshot.home, one.path)} {text(one.problem)}" for one in outcome.blind),
    )
    if outcome.changes or outcome.commands or outcome.restarts:
        status = replace(status, last_repair=Happened(now, text(_did(outcome))))
    return status


def with_memory(status: Status, memory: Memory, now: float) -> Status:
    """The status with what is remembered: the restarts of the last hour, and a pause."""
    lately = [one for one in memory.restarts if now - one.time <= _BUDGET_SECONDS]
    ours = sum(one.by.value != "others" for one in lately)
    budget = memory.problem
    if not budget and lately:
        budget = f"{ours} restart{'s' * (ours != 1)} by clawmend and {len(lately) - ours} by others in the last hour"
    pause = memory.pause_at(now)
    return replace(status, budget=budget, paused="" if pause is None else pause_words(pause, now))


def with_watches(status: Status, places: Places, proven: frozenset[str], problem: str) -> Status:
    """The status with the folders that are watched."""
    return replace(
        status,
        watched=tuple(
            Watched(display(status.home, path), path in proven, "" if path in proven else problem)
            for path in sorted(places)
        ),
    )


def summary(status: Status) -> str:
    """A status in one line, for the service manager."""
    parts = [f"{len(status.watched)} folders watched"]
    if status.last_look is not None:
        parts.append(status.last_look.result)
    if status.contested:
        parts.append(f"{len(status.contested)} contested")
    if status.paused:
        parts.append(status.paused)
    if status.errors:
        parts.append(status.errors[-1])
    return "; ".join(parts)


def log_turn(log: Log, turn: Turn) -> None:
    """Write into the log what was new in a turn."""
    receipt, outcome = turn.receipt, turn.outcome
    if receipt is None or outcome is None:
        return
    for fault in receipt.mended:
        log.note(
            f"{_done(receipt.verdict)}: {fault.summary}",
            rule=fault.rule,
            path=fault.path,
            undo=receipt.checkpoint or "",
        )
    mended = {fault.fingerprint for fault in receipt.mended}
    for fault in receipt.left:
        if fault.fingerprint not in mended:
            say = log.caution if fault.severity == "error" else log.note
            say(f"left: {fault.summary}", rule=fault.rule, path=fault.path, why=fault.held or "only told")
    for place in receipt.blind:
        log.caution(f"could not look: {place}")
    if receipt.restart:
        log.note(f"gateway restart {receipt.restart}: {receipt.proof}")
    if not (receipt.mended or receipt.left or receipt.blind):
        log.note(f"nothing is left to do ({receipt.verdict})")
    if receipt.note:
        log.note(receipt.note)


def repaired_before(history: History, home: str) -> Happened | None:
    """What the watcher last did, by the newest receipts: a restart of ours shall not make it forgotten."""
    undone: set[str] = set()
    name = printable(home)
    try:
        for one in islice(history.newest_first(), _MOST_RECEIPTS):
            if one.undoes:
                if one.checkpoint not in undone:  # an undo can be undone
                    undone.add(one.undoes)
            elif one.by == WATCH and one.home == name and one.deeds:
                rules = dict.fromkeys(rule for deed in one.deeds for rule in deed.rules)
                return Happened(
                    one.time, _deeds(one.verdict, rules, one.checkpoint, is_undone=one.checkpoint in undone)
                )
    except ClawmendError:
        return None  # whoever asks for the history is told why
    return None


def told_of(history: History, receipt: Receipt) -> tuple[Incident, ...]:
    """The incidents up to a receipt and with it."""
    newest = []
    for one in history.newest_first():
        if one.home == receipt.home:
            newest.append(replace(one, deeds=one.deeds if one.id == receipt.id else ()))  # their diffs are long
        if len(newest) == _MOST_RECEIPTS:
            break
    return incidents(reversed(newest))


def notices_for(history: History, turn: Turn) -> tuple[Notice, ...]:
    """The notices of a turn. ClawmendError when the history cannot be read."""
    if turn.receipt is None:
        return ()
    return notices_of(turn.receipt, told_of(history, turn.receipt))


def settings_line(configuration: Configuration) -> str:
    """What holds, in a few words for the log."""
    operation = configuration.operation
    hours = f", no restarts {operation.quiet_hours}" if operation.quiet_hours else ""
    channels = len(configuration.notify.targets)
    return f"mode {operation.mode.value}, sweep {operation.sweep:g} s{hours}, {channels} notification channels"


def _found(outcome: Outcome) -> str:
    count = sum(one.severity is not Severity.INFO for one in outcome.findings)
    if not count:
        return "nothing to do"
    return f"{count} {'thing is' if count == 1 else 'things are'} left"


def _did(outcome: Outcome) -> str:
    return _deeds(outcome.verdict.value, _rules(outcome), outcome.checkpoint, is_undone=False)


def _deeds(verdict: str, rules: Iterable[str], checkpoint: str | None, *, is_undone: bool) -> str:
    undo = f"; undo: clawmend undo {checkpoint}" if checkpoint else ""
    return f"{_done(verdict)} ({', '.join(rules)}){', and undone since' if is_undone else undo}"


def _done(verdict: str) -> str:
    """What became of that which was changed: a verdict is of the whole cycle, also of what is left to a person."""
    return "repaired" if verdict == Verdict.NEEDS_YOU.value else verdict


def _rules(outcome: Outcome) -> Iterable[str]:
    changes = (rule for change in outcome.changes for rule in change.rules)
    commands = (rule for command in outcome.commands for rule in command.rules)
    return dict.fromkeys((*changes, *commands, *(one.finding.rule for one in outcome.restarts)))
