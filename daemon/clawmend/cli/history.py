"""`clawmend history`: what was found and done, newest first, and how long each fault lasted."""

import re
import time
from itertools import islice, takewhile
from typing import Any

import click

from clawmend.cli.app import Command, Group, Settings, answer
from clawmend.cli.report import SCHEMA
from clawmend.core.durations import seconds_in, span
from clawmend.core.errors import ClawmendError
from clawmend.core.incidents import Incident, incidents
from clawmend.core.printable import printable
from clawmend.core.receipt import Fault, Receipt, receipt_json
from clawmend.system.history import History
from clawmend.system.machine import RealClock

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FORMATS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")
_STYLES = {"repaired": "ok", "rolled-back": "error", "failed": "error", "needs-you": "warning", "stale": "warning"}
_WHO = {"watch": "watcher", "repair": "repair", "undo": "undo"}


def _since(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    """A span before now, or a day or a moment in local time, in seconds since the epoch."""
    if value is None:
        return None
    before = seconds_in(value)
    if before is not None:
        return RealClock().now() - before
    for form in _FORMATS if _DAY.match(value) else ():
        try:
            return time.mktime(time.strptime(value, form))
        except (ValueError, OverflowError):
            continue
    raise click.BadParameter(f"{value!r} is neither a span like 2h or 3d nor a date like 2026-11-28")


@click.group(cls=Group, invoke_without_command=True)
@click.option("--since", metavar="WHEN", callback=_since, help="Only since then: 2h, 3d, or 2026-11-28.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many receipts.")
@click.pass_context
def history(context: click.Context, since: float | None, limit: int) -> None:
    """List what was found and done, newest first."""
    if context.invoked_subcommand is not None:
        return
    settings: Settings = context.obj
    home, now = printable(settings.place().home), RealClock().now()
    receipts = tuple(islice(_of_home(settings, home, since), limit))
    told = incidents(reversed(receipts))
    if settings.json:
        document = {
            "schema": SCHEMA,
            "home": home,
            "receipts": [receipt_json(one) for one in receipts],
            "incidents": [_incident_json(one, now) for one in reversed(told)],
        }
        answer(document)
        return
    _show(settings, receipts, told, now)


@history.command("show", cls=Command)
@click.argument("receipt")
@click.pass_obj
def show_command(settings: Settings, receipt: str) -> None:
    """Show one receipt whole, with what it changed. RECEIPT is its id or a checkpoint's, or the start of one."""
    home = printable(settings.place().home)
    found = [one for one in _of_home(settings, home, None) if _is_named(one, receipt)]
    if len(found) != 1:
        problem = "no receipt" if not found else "more than one receipt"
        raise ClawmendError(f"{problem} begins with {receipt!r}", "list them with: clawmend history")
    if settings.json:
        answer({"schema": SCHEMA, "receipt": receipt_json(found[0])})
        return
    screen = settings.screen()
    _show_receipt(screen, found[0], ())
    for deed in found[0].deeds:
        screen.line()
        screen.line(f"{deed.action} {deed.path}  ({', '.join(deed.rules) or 'as it was'})", "ok")
        if deed.diff:
            screen.code(deed.diff)


def _of_home(settings: Settings, home: str, since: float | None) -> Any:
    ours = (one for one in History(settings.place().state).newest_first() if one.home == home)
    return ours if since is None else takewhile(lambda one: one.time >= since, ours)


def _is_named(receipt: Receipt, name: str) -> bool:
    return receipt.id.startswith(name) or (receipt.checkpoint or "").startswith(name)


def _incident_json(incident: Incident, now: float) -> dict[str, Any]:
    fault = incident.fault
    return {
        "fingerprint": fault.fingerprint,
        "rule": fault.rule,
        "name": fault.name,
        "severity": fault.severity,
        "path": fault.path,
        "summary": fault.summary,
        "held": fault.held,
        "began": incident.began,
        "ended": incident.ended,
        "seconds": round(incident.lasted(now), 3),
        "end": incident.end.value,
        "repairs": incident.repairs,
        "rolled_back": incident.rolled_back,
        "restarts": incident.restarts,
        "checkpoint": incident.checkpoint,
        "receipts": list(incident.receipts),
        "writers": list(incident.writers),
    }


def _show(settings: Settings, receipts: tuple[Receipt, ...], told: tuple[Incident, ...], now: float) -> None:
    screen = settings.screen()
    if not receipts:
        screen.line("Nothing has happened yet that would be worth a line.")
    for number, receipt in enumerate(receipts):
        if number:
            screen.line()
        _show_receipt(screen, receipt, told)
    lasting = [one for one in told if one.ended is None]
    if lasting:
        screen.line()
        screen.line("Still open:", "warning")
        for one in lasting:
            screen.line(f"{one.fault.rule} {one.fault.path}, for {span(one.lasted(now))}", indent=4)


def _show_receipt(screen: Any, receipt: Receipt, told: tuple[Incident, ...]) -> None:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(receipt.time))
    who = _WHO.get(receipt.by, receipt.by)
    screen.line(f"{when}  {who}: {receipt.verdict} ({span(receipt.seconds)})", _STYLES.get(receipt.verdict, ""))
    for fault in receipt.mended:
        screen.line(f"{fault.rule} {fault.name} {fault.path}", indent=4)
        screen.pair("what", fault.summary, indent=8)
        screen.pair("end", _end(fault, receipt, told), indent=8)
    mended = {fault.fingerprint for fault in receipt.mended}
    for fault in receipt.left:
        if fault.fingerprint in mended:
            continue
        screen.line(f"{fault.rule} {fault.name} {fault.path}", indent=4)
        screen.pair("what", fault.summary, indent=8)
        screen.pair("left", fault.held or "only told; see clawmend check", indent=8)
    for place in receipt.blind:
        screen.line(f"could not look: {place}", indent=4)
    if receipt.restart:
        screen.line(f"gateway restart {receipt.restart}: {receipt.proof}", indent=4)
    for writer in receipt.writers:
        screen.line(f"written by {writer}", indent=4)
    if receipt.note:
        screen.line(receipt.note, indent=4)
    screen.line(f"receipt {receipt.id}", "dim", indent=4)
    if receipt.checkpoint:
        screen.line(f"undo: clawmend undo {receipt.checkpoint}", "dim", indent=4)


def _end(fault: Fault, receipt: Receipt, told: tuple[Incident, ...]) -> str:
    for incident in told:
        if incident.fault.fingerprint == fault.fingerprint and receipt.id in incident.receipts:
            lasted = incident.lasted(receipt.time)
            return f"repaired after {span(lasted)}" if lasted >= 1 else "repaired at once"
    return "repaired"
