"""Files with keys in them can be read by others, or belong to somebody else.

What it checks
    openclaw.json and its copies, what it includes, auth-profiles.json, auth.json, models.json, `credentials/*.json`,
    `.env` and the databases: whether their group or everybody may read or write them, and may come that far through
    every folder above. A group that is the user's own counts as the user. And whether one belongs to somebody else
    than the home and the state folder do, as `sudo openclaw` leaves it.

Why it matters
    Every user of the machine, and every service on it, can read the keys and use them. A private file that belongs to
    root cannot be read by an OpenClaw that runs as the user. Behind a folder that is closed to others, open files do
    no harm and are only mentioned.

The fix and its safety
    Gives these files the mode 0600, that they are readable by their owner only; content, times and folders stay.
    Another program may be meant to read them, so clawmend asks. Databases are in use and other people's files are not
    ours: for those it names the command.

References
    OpenClaw creates all of these with mode 0600; `openclaw security audit` warns of the same.
"""

from collections.abc import Iterator

from clawmend.core.finding import Confidence, Finding, Fix, Report, Rule, Safety, SetMode, Severity
from clawmend.core.snapshot import Exposed, OpenClaw, Snapshot

_PRIVATE = 0o600
_FOR_ALL = 0o004


def _check(snapshot: Snapshot) -> Iterator[Report]:
    for openclaw in snapshot.openclaws:
        yield from _check_folder(snapshot, openclaw)


def _check_folder(snapshot: Snapshot, openclaw: OpenClaw) -> Iterator[Report]:
    own = [file for file in openclaw.exposed if not file.foreign]
    open_files = [file for file in own if file.reachable]
    replaceable = [file for file in open_files if file.state is not None]
    in_use = [file for file in open_files if file.state is None]
    closed = [file for file in own if not file.reachable]
    foreign = [file for file in openclaw.exposed if file.foreign]
    if replaceable:
        yield _readable(snapshot, replaceable)
    if in_use:
        yield _in_use(snapshot, in_use)
    if foreign:
        yield _foreign(snapshot, openclaw, foreign)
    if closed:
        yield _closed(snapshot, closed)


def _readable(snapshot: Snapshot, exposed: list[Exposed]) -> Finding:
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING,
        safety=Safety.ASK,
        confidence=Confidence.CERTAIN,
        path=exposed[0].path,
        summary=f"{_subject(snapshot, exposed)} can be read by other users of this machine",
        cause=_cause(snapshot, exposed),
        evidence=_modes(snapshot, exposed),
        advice=(f"clawmend repair --only {RULE.id} --yes",),
        fix=Fix(tuple(SetMode(file.path, _PRIVATE) for file in exposed)),
    )


def _in_use(snapshot: Snapshot, exposed: list[Exposed]) -> Finding:
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING,
        safety=Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=exposed[0].path,
        summary=f"{_subject(snapshot, exposed)} can be read by other users of this machine, and is in use",
        cause=_cause(snapshot, exposed),
        evidence=_modes(snapshot, exposed),
        advice=tuple(f"chmod 600 {snapshot.display(file.path)}" for file in exposed),
    )


def _is_shut(openclaw: OpenClaw, file: Exposed) -> bool:
    """An OpenClaw that runs as the home's user needs this file and cannot read it. The copies it does not need."""
    return not file.mode & _FOR_ALL and not file.path.startswith(f"{openclaw.config.path}.")


def _foreign(snapshot: Snapshot, openclaw: OpenClaw, foreign: list[Exposed]) -> Finding:
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.WARNING if any(_is_shut(openclaw, file) for file in foreign) else Severity.INFO,
        safety=Safety.ADVISE,
        confidence=Confidence.LIKELY,
        path=foreign[0].path,
        summary=f"{_subject(snapshot, foreign)} belongs to user {foreign[0].uid}, the home to user {snapshot.owner}",
        cause="owner\0" + _cause(snapshot, foreign),
        evidence=_modes(snapshot, foreign),
        advice=tuple(f"sudo chown {snapshot.owner} {snapshot.display(file.path)}" for file in foreign),
    )


def _closed(snapshot: Snapshot, exposed: list[Exposed]) -> Finding:
    return Finding(
        rule=RULE.id,
        name=RULE.name,
        severity=Severity.INFO,
        safety=Safety.ADVISE,
        confidence=Confidence.CERTAIN,
        path=exposed[0].path,
        summary=f"{_subject(snapshot, exposed)} is open to others, but nobody else can come that far",
        cause=_cause(snapshot, exposed),
        evidence=_modes(snapshot, exposed),
    )


def _subject(snapshot: Snapshot, files: list[Exposed]) -> str:
    name = snapshot.display(files[0].path)
    return name if len(files) == 1 else f"{name} (and {len(files) - 1} more)"


def _modes(snapshot: Snapshot, files: list[Exposed]) -> tuple[str, ...]:
    return tuple(f"{snapshot.display(file.path)} has mode {file.mode:04o}" for file in files)


def _cause(snapshot: Snapshot, files: list[Exposed]) -> str:
    return "\0".join(snapshot.display(file.path) for file in files)


RULE = Rule(
    id="OC313",
    name="exposed-secrets",
    severity=Severity.WARNING,
    safety=Safety.ASK,
    eras=None,
    check=_check,
    documentation=__doc__,
)
