"""The gateway that runs has said that it does not take over the openclaw.json on disk.

What it checks
    A running gateway whose log says that a change is valid and not taken over ("config reload disabled", "hot mode
    ignoring", a reload or a restart that failed, a watcher that died), or that it needs a restart which has not come
    for a quarter of an hour. It only counts when the file was last changed right before that line, after the gateway
    was started, and when the log says nothing else of a reload or a restart since.

Why it matters
    The gateway goes on with what it holds: the old key, the old URL, the old model. The file looks right, and nothing
    changes.

The fix and its safety
    A restart, within the budget. Safe where the gateway meant to take the change over and could not. Where
    `gateway.reload.mode` is `off` or `hot`, somebody wants to choose the moment: it is only mentioned, and done when
    asked for by name.

References
    facts on OpenClaw, "Hot reload"; config-reload in the packages of 2026.1.29 to 2026.9.6.
"""

from collections.abc import Iterator

from clawmend.core.era import MEASURED
from clawmend.core.evidence import Event, Kind
from clawmend.core.finding import Confidence, Finding, Fix, Need, Report, Restart, Rule, Safety, Severity
from clawmend.core.snapshot import GatewayRunning, OpenClaw, Snapshot
from clawmend.core.state import Parsed

_ABOUT_IT = frozenset(
    {
        Kind.RELOADED,
        Kind.NOT_TAKEN,
        Kind.RESTART_NEEDED,
        Kind.RESTARTING,
        Kind.INVALID_CONFIG,
        Kind.CONFIG_RESTORED,
    }
)
_CHOSEN = ("config reload disabled", "config reload requires gateway restart; hot mode")
_DEFERRED_SECONDS = 900.0  # 2026.9.6 lets turns end for 300 s, and then drains for 315
_FOLLOWS_SECONDS = 60.0
_SLACK_SECONDS = 2.0


def _check(snapshot: Snapshot) -> Iterator[Report]:
    if snapshot.installation.era not in MEASURED:
        return
    for openclaw in snapshot.openclaws:
        gateway = openclaw.gateway
        if isinstance(gateway, GatewayRunning) and openclaw.settings is not None and not openclaw.settings.problem:
            event = _last_word(openclaw, gateway)
            if event is not None and _is_pending(openclaw, gateway, event, snapshot.now):
                yield _finding(snapshot, openclaw, event)


def _last_word(openclaw: OpenClaw, gateway: GatewayRunning) -> Event | None:
    said = [event for event in openclaw.evidence.events if event.kind in _ABOUT_IT and event.time > gateway.started]
    return said[-1] if said and openclaw.evidence.problem is None else None


def _is_pending(openclaw: OpenClaw, gateway: GatewayRunning, event: Event, now: float) -> bool:
    """Tell whether the last word is about the file as it is, and nothing has come of it."""
    if not isinstance(openclaw.config, Parsed):
        return False
    written = openclaw.config.identity.mtime_ns / 1e9
    if written <= gateway.started or not -_SLACK_SECONDS <= event.time - written <= _FOLLOWS_SECONDS:
        return False
    booted = openclaw.health.uptime
    if booted is not None and now - booted > event.time:
        return False  # it has started anew within its process
    match event.kind:
        case Kind.NOT_TAKEN:
            return True
        case Kind.RESTART_NEEDED:
            return now - event.time > _DEFERRED_SECONDS
        case _:
            return False


def _finding(snapshot: Snapshot, openclaw: OpenClaw, event: Event) -> Finding:
    path = openclaw.config.path
    chosen = event.text.startswith(_CHOSEN)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.INFO if chosen else Severity.WARNING,
        safety=Safety.ASK if chosen else Safety.SAFE,
        confidence=Confidence.CERTAIN,
        path=path,
        summary=(
            f"{snapshot.display(path)} was changed while the gateway ran, and the gateway goes on with what it had: "
            f"its log says {event.text}"
        ),
        cause=event.text,
        evidence=("nothing in its log says that it has taken the change over since, or has restarted",),
        advice=(f"clawmend repair --only {RULE.id} --yes" if chosen else "clawmend repair",),
        fix=Fix((Restart(path),), Need.RESTART),
    )


RULE = Rule(
    id="OC403",
    name="restart-pending",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
