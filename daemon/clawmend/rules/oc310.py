"""Sections of openclaw.json are gone that an earlier copy has.

What it checks
    openclaw.json against the copies that clawmend and OpenClaw keep (`.last-good`, `.bak`, `.bak.1` to `.bak.4`):
    whether `gateway.mode` is gone, whether two or more sections went at once (gateway, models, agents or channels
    among them), or most of the content together with models, agents or channels. One section alone is somebody's
    edit, and so is what the setup of OpenClaw left; a section that an included file holds is there.

Why it matters
    Without `gateway.mode` the gateway does not start ("existing config is missing gateway.mode", "Gateway start
    blocked"). Without the others it forgets its models, agents or channels without a word. What still refers to a
    lost section is reported by its own rule, and comes right with it.

The fix and its safety
    Writes back the members that are gone, as they stand in the copy, and nothing else: what openclaw.json holds stays
    as it is. `meta` comes along only from a copy of the same version, for without it OpenClaw may put its own copy
    over the file. Sections that include other files are only named. It may be what somebody wants, so clawmend asks.

References
    openclaw#71477 (config corrupted on a crash); facts of 2026.1.29 to 2026.9.6: getGatewayStartGuardErrors.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import behaviour_of
from clawmend.core.document import Json
from clawmend.core.era import MEASURED
from clawmend.core.finding import Confidence, Edit, Finding, Fix, Report, Rule, Safety, SetKey, Severity
from clawmend.core.loss import Loss, can_be_restored, loss_of
from clawmend.core.origin import origin_of
from clawmend.core.reload import need_of_edits
from clawmend.core.snapshot import GatewayRunning, OpenClaw, Snapshot
from clawmend.core.state import Parsed, object_at
from clawmend.core.version import Version


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for openclaw in snapshot.openclaws:
        config = openclaw.config
        if not isinstance(config, Parsed) or openclaw.settings is None or openclaw.settings.problem:
            continue
        loss = loss_of(snapshot, openclaw)
        if loss is not None and not (loss.stops and _started_from(openclaw, config)):
            yield _finding(snapshot, openclaw, loss)


def _started_from(openclaw: OpenClaw, config: Parsed) -> bool:
    """The gateway was started from this very file, so it does not need what is gone."""
    gateway = openclaw.gateway
    return isinstance(gateway, GatewayRunning) and gateway.started > config.identity.mtime_ns / 1e9


def _finding(snapshot: Snapshot, openclaw: OpenClaw, loss: Loss) -> Finding:
    path = openclaw.config.path
    edits = _edits(snapshot, openclaw, loss)
    summary = f"openclaw.json has lost {' and '.join(loss.names)}, which {snapshot.display(loss.copy.path)} still has"
    if loss.stops:
        summary += "; the gateway does not start without gateway.mode"
    command = f"clawmend repair --only {RULE.id} --yes"
    by_hand = [name for name in loss.sections if not can_be_restored(object_at(loss.copy.document.value).get(name))]
    told = tuple(f"{name} includes other files; copy it by hand" for name in by_hand)
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.ERROR if loss.stops else Severity.WARNING,
        safety=Safety.ASK if edits else Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=path,
        pointer=("gateway", "mode") if loss.mode is not None else (loss.sections[0],),
        summary=summary,
        cause="\0".join(loss.names),
        advice=((command, *told) if edits else told),
        fix=Fix(edits, need_of_edits(snapshot, edits)) if edits else None,
        hold=None if snapshot.installation.era in MEASURED else snapshot.installation.why_hands_off(),
    )


def _edits(snapshot: Snapshot, openclaw: OpenClaw, loss: Loss) -> tuple[Edit, ...]:
    path, value = openclaw.config.path, object_at(loss.copy.document.value)
    edits: list[Edit] = []
    if loss.mode is not None:
        origin = origin_of(openclaw, ("gateway",))
        place = (path, ("gateway",)) if origin is None else (origin.path, origin.pointer)
        edits.append(SetKey(place[0], (*place[1], "mode"), loss.mode))
    edits += [SetKey(path, (name,), value[name]) for name in loss.sections if can_be_restored(value[name])]
    if edits and "meta" not in object_at(openclaw.settings.value if openclaw.settings else None):
        edits += [SetKey(path, ("meta",), value["meta"])] if _is_same_version(snapshot, value.get("meta")) else []
    return tuple(edits)


def _is_same_version(snapshot: Snapshot, meta: Json) -> bool:
    """`meta` of another version may hold members that this one does not know."""
    written = meta.get("lastTouchedVersion") if isinstance(meta, dict) else None
    version = snapshot.installation.version
    if version is None or not isinstance(written, str) or Version.parse(written) != version:
        return False
    behaviour = behaviour_of(version)
    return behaviour is not None and (behaviour.touched_at or "lastTouchedAt" not in object_at(meta))


RULE = Rule(
    id="OC310",
    name="clobbered-config",
    severity=Severity.ERROR,
    safety=Safety.ASK,
    eras=MEASURED,
    check=_check,
    documentation=__doc__,
)
