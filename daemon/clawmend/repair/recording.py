"""Recording: a receipt of every cycle that is worth a line in the history, with every secret masked."""

import secrets
import time

from clawmend.core.diff import masked_diff, mode_change
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import Finding, Severity
from clawmend.core.plan import Change, Command
from clawmend.core.printable import home_paths, one_line, printable, shown_path
from clawmend.core.receipt import STARTED, UNDO, Deed, Fault, Receipt
from clawmend.core.secret import Masker
from clawmend.core.snapshot import Snapshot
from clawmend.core.wanted import WantedRestart
from clawmend.repair.cycle import Outcome
from clawmend.repair.masking import masker_for
from clawmend.repair.undo import Undone
from clawmend.system.history import History
from clawmend.system.machine import mask_key
from clawmend.system.taking_over import line_of

_LONGEST_DIFF = 8_000


def record(
    history: History,
    outcome: Outcome,
    *,
    by: str,
    now: float,
    writers: tuple[str, ...] = (),
    masker: Masker | None = None,
) -> tuple[Receipt | None, str]:
    """Keep a receipt of a cycle; none when it says the same as the last one of this home.

    `masker` knows the secrets of what the cycle has seen, where somebody has one at hand. The second value is one
    sentence when it could not be kept, else empty: nothing else depends on the history.
    """
    receipt = receipt_for(outcome, by=by, now=now, writers=writers, masker=masker)
    try:
        last = history.last(receipt.home)
        if last is None and not (receipt.changed_something or receipt.left or receipt.blind or receipt.restart):
            return None, ""  # a home in order, looked at for the first time
        if last is not None and receipt.says_the_same_as(last):
            return None, ""
        history.append(receipt)
    except ClawmendError as error:
        return None, str(error)
    return receipt, ""


def record_undo(history: History, undone: Undone, home: str, *, now: float) -> str:
    """Keep a receipt of an undo; one sentence when it cannot be kept, else empty."""
    try:
        history.append(
            Receipt(
                id=_id(now),
                time=now,
                by=UNDO,
                home=printable(home),
                version=None,
                verdict="undone",
                seconds=0.0,
                checkpoint=undone.made,
                deeds=tuple(Deed(shown_path(home, one.entry.path), "restore", ()) for one in undone.restored),
                note=f"undid {undone.checkpoint.id}",
                undoes=undone.checkpoint.id,
            )
        )
    except ClawmendError as error:
        return str(error)
    return ""


def receipt_for(
    outcome: Outcome, *, by: str, now: float, writers: tuple[str, ...] = (), masker: Masker | None = None
) -> Receipt:
    """The receipt of a cycle, masked and with paths as people write them."""
    snapshot = outcome.snapshot
    masker = masker or masker_for(snapshot, mask_key())
    reasons = {item.finding.fingerprint(snapshot.home): item.reason for item in outcome.held}
    started = outcome.restarts if outcome.restart.done else ()
    mended = [
        *(one for change in outcome.changes for one in change.findings),
        *(command.finding for command in outcome.commands),
        *(wanted.finding for wanted in started),
    ]
    left = [one for one in outcome.findings if one.severity is not Severity.INFO]
    version = snapshot.installation.version
    restart = outcome.restart
    return Receipt(
        id=_id(now),
        time=now,
        by=by,
        home=printable(snapshot.home),
        version=str(version) if version else None,
        verdict=outcome.verdict.value,
        seconds=round(outcome.seconds, 3),
        checkpoint=outcome.checkpoint,
        deeds=(
            *(_deed(change, snapshot, masker) for change in outcome.changes),
            *(_command(command, snapshot) for command in outcome.commands),
            *(_started(wanted, snapshot) for wanted in started),
        ),
        mended=tuple(_fault(one, snapshot, masker) for one in mended),
        left=tuple(_fault(one, snapshot, masker, reasons.get(one.fingerprint(snapshot.home), "")) for one in left),
        blind=tuple(f"{shown_path(snapshot.home, one.path)} {one.problem}" for one in outcome.blind),
        restart=("done" if restart.done else "waiting") if restart.needed else "",
        proof=home_paths(snapshot, masker.clean(restart.proof or restart.reason)) if restart.needed else "",
        note=home_paths(snapshot, masker.clean(outcome.note)),
        writers=tuple(home_paths(snapshot, masker.clean(one)) for one in writers),
    )


def _deed(change: Change, snapshot: Snapshot, masker: Masker) -> Deed:
    before = change.before.identity.mode
    mode = mode_change(before, before if change.mode is None else change.mode)
    content = printable(masked_diff(change.before.data, change.after, masker))
    diff = "\n".join(filter(None, (mode, content)))
    return Deed(shown_path(snapshot.home, change.path), change.action.value, change.rules, diff[:_LONGEST_DIFF])


def _command(command: Command, snapshot: Snapshot) -> Deed:
    line = one_line(line_of(command.edit))
    return Deed(shown_path(snapshot.home, command.edit.path), "command", command.rules, line)


def _started(wanted: WantedRestart, snapshot: Snapshot) -> Deed:
    """A gateway that only had to be started; its path is the openclaw.json that it runs on."""
    return Deed(shown_path(snapshot.home, wanted.finding.path), STARTED, (wanted.finding.rule,))


def _fault(finding: Finding, snapshot: Snapshot, masker: Masker, held: str = "") -> Fault:
    return Fault(
        fingerprint=finding.fingerprint(snapshot.home),
        rule=finding.rule,
        name=finding.name,
        severity=finding.severity.value,
        path=shown_path(snapshot.home, finding.path),
        summary=home_paths(snapshot, masker.clean(finding.summary)),
        held=home_paths(snapshot, masker.clean(held)),
    )


def _id(now: float) -> str:
    """When it was, in UTC, and four digits that tell two of one second apart."""
    return f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}-{secrets.token_hex(3)}"
