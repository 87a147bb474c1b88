"""Notices: what of a receipt a person is told, in three short lines: what happened, what was changed, what to do.

One fault is one incident and gets one message when it begins and one when it ends; what is repaired at once gets one
in all. Errors are told at once, warnings wait for the daily digest. Nothing here knows how a message is sent.
"""

from collections.abc import Iterable

from clawmend.core.durations import span
from clawmend.core.event import Event
from clawmend.core.frozen import dataclass
from clawmend.core.incidents import End, Incident
from clawmend.core.receipt import ROLLED_BACK, STARTED, Fault, Receipt

GATEWAY_DOWN_RULE = "OC402"
CONTESTED = "contested"  # how the reason begins for which the watcher holds what somebody keeps writing back
_LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Notice:
    """One message. `key` is the same for the same news, so that it is sent once.

    `ends` is the key of the notice whose end this is: it is only worth sending when that one was. `time` is in seconds
    since the epoch.
    """

    key: str
    event: Event
    time: float
    title: str
    lines: tuple[str, ...]
    ends: str | None = None


def notices_of(receipt: Receipt, told: Iterable[Incident]) -> tuple[Notice, ...]:
    """The notices of one receipt; `told` are the incidents up to it and with it."""
    incidents = {one.fault.fingerprint: one for one in told if one.home == receipt.home}
    found: list[Notice] = []
    if receipt.verdict == ROLLED_BACK:
        found.append(_rolled_back(receipt))
    if receipt.mended:
        found.append(_repaired(receipt, incidents))
        found += [_ended(receipt, one, incidents[one.fingerprint]) for one in receipt.mended if _is_down(one)]
    for fault in receipt.left:
        incident = incidents.get(fault.fingerprint)
        if incident is not None and _matters(fault):
            found.append(_begun(receipt, fault, incident))
    for incident in incidents.values():
        if incident.end is End.GONE and incident.receipts[-1] == receipt.id and _matters(incident.fault):
            found.append(_ended(receipt, incident.fault, incident))
    return tuple(found)


def _matters(fault: Fault) -> bool:
    return fault.severity == "error" or fault.held.startswith(CONTESTED)


def backup_trouble(home: str, problem: str, time: float) -> Notice:
    """Backups cannot be written or are damaged: told once for one problem and day, because no repair happens then."""
    return Notice(
        key=f"backup:{home}:{problem}:{int(time // 86_400)}",
        event=Event.BACKUP_TROUBLE,
        time=time,
        title="clawmend cannot keep backups",
        lines=(_line(problem), "Nothing is repaired without a way back.", "see: clawmend backups verify"),
    )


def digest(home: str, told: Iterable[Incident], since: float, now: float) -> Notice | None:
    """What happened since a moment, in three lines; None when nothing did."""
    lately = [one for one in told if one.home == home and (one.ended is None or one.ended >= since)]
    if not lately:
        return None
    repaired = sum(one.end is End.REPAIRED for one in lately)
    gone = sum(one.end is End.GONE for one in lately)
    lasting = [one for one in lately if one.ended is None]
    lines = [f"{repaired} repaired, {gone} over by themselves, {len(lasting)} still there."]
    if lasting:
        rules = ", ".join(dict.fromkeys(one.fault.rule for one in lasting))
        lines.append(_line(f"still there: {rules}; the longest for {span(max(one.lasted(now) for one in lasting))}"))
    lines.append("see: clawmend history")
    return Notice(f"digest:{home}:{int(now // 86_400)}", Event.DIGEST, now, "clawmend: the last day", tuple(lines))


def _rolled_back(receipt: Receipt) -> Notice:
    what = receipt.left[0].summary if receipt.left else "a repair made things worse"
    return Notice(
        key=f"rolled-back:{receipt.home}:{receipt.id}",
        event=Event.ROLLED_BACK,
        time=receipt.time,
        title="clawmend took a repair back",
        lines=(
            _line(what),
            _line(f"every file is what it was: {receipt.note or 'the repair did not help'}"),
            _more(receipt),
        ),
    )


def _repaired(receipt: Receipt, incidents: dict[str, Incident]) -> Notice:
    first, others = receipt.mended[0], len({one.fingerprint for one in receipt.mended}) - 1
    incident = incidents.get(first.fingerprint)
    lasted = incident.lasted(receipt.time) if incident is not None else 0.0
    after = f" after {span(lasted)}" if lasted >= 60 else ""
    files = list(dict.fromkeys(deed.path for deed in receipt.deeds if deed.action != STARTED))
    changed = ", ".join(files[:2]) + (f" and {len(files) - 2} more" if len(files) > 2 else "") or "no file"
    if receipt.restart:
        changed += "; gateway restarted" if receipt.restart == "done" else "; the gateway has yet to be restarted"
    changed += f"; {receipt.note}" if receipt.note else ""
    return Notice(
        key=f"repaired:{receipt.home}:{receipt.id}",
        event=Event.REPAIRED,
        time=receipt.time,
        title=f"clawmend repaired {first.name}{f' and {others} more' if others else ''}{after}",
        lines=(
            _line(first.summary),
            _line(f"changed: {changed}"),
            f"undo: clawmend undo {receipt.checkpoint}" if receipt.checkpoint else _more(receipt),
        ),
    )


def _begun(receipt: Receipt, fault: Fault, incident: Incident) -> Notice:
    event = Event.NEEDS_YOU
    title = f"clawmend needs you: {fault.name}"
    if fault.held.startswith(CONTESTED):
        event, title = Event.CONTESTED, f"clawmend leaves {fault.name} alone: it keeps coming back"
    elif _is_down(fault):
        event, title = Event.GATEWAY_DOWN, "The OpenClaw gateway is down"
    why = fault.held or "this is nothing that clawmend may change"
    return Notice(
        key=_key(event, incident),
        event=event,
        time=receipt.time,
        title=title,
        lines=(
            _line(fault.summary),
            _line(f"not repaired: {why}"),
            f"see: clawmend check, clawmend explain {fault.rule}",
        ),
    )


def _ended(receipt: Receipt, fault: Fault, incident: Incident) -> Notice:
    down = _is_down(fault)
    event, begun = (Event.GATEWAY_BACK, Event.GATEWAY_DOWN) if down else (Event.OVER, Event.NEEDS_YOU)
    begun = Event.CONTESTED if fault.held.startswith(CONTESTED) else begun
    lasted = span(incident.lasted(receipt.time))
    return Notice(
        key=_key(event, incident),
        event=event,
        time=receipt.time,
        title=f"The OpenClaw gateway is back after {lasted}" if down else f"{fault.name} is over after {lasted}",
        lines=(_line(fault.summary), "It is no longer so.", "see: clawmend history"),
        ends=_key(begun, incident),
    )


def _more(receipt: Receipt) -> str:
    return f"see: clawmend history show {receipt.id}"


def _is_down(fault: Fault) -> bool:
    return fault.rule == GATEWAY_DOWN_RULE


def _key(event: Event, incident: Incident) -> str:
    return f"{event.value}:{incident.home}:{incident.fault.fingerprint}:{incident.began:.0f}"


def _line(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= _LONGEST_LINE else f"{one[: _LONGEST_LINE - 1]}…"
