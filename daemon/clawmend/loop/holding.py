"""What the watcher leaves alone although it could repair it: what keeps coming back, and what somebody is editing."""

import os
from collections.abc import Collection, Mapping
from dataclasses import field
from itertools import islice

from clawmend.core.belonging import owner_of
from clawmend.core.contested import Contest, contests, reason
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import Finding, LogOut
from clawmend.core.frozen import dataclass
from clawmend.core.printable import printable
from clawmend.core.snapshot import Snapshot
from clawmend.loop.editing import Saves, open_in_editor, swap_folders
from clawmend.repair.looking import Diagnosis
from clawmend.system.history import History
from clawmend.system.machine import Place
from clawmend.system.writers import open_for_writing, who_wrote

_MOST_RECEIPTS = 500
# What wakes nobody: a file is closed that was not written, or a trace goes that an editor keeps in a folder of its own.
_NEXT_TRY, _NEXT_LOOK = 10.0, 15.0


@dataclass(frozen=True, slots=True)
class Held:
    """Reasons by fingerprint, what is contested with who wrote it back, and when it is worth looking again."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    contested: Mapping[str, tuple[Contest, str]] = field(default_factory=dict)
    until: float | None = None


def held_back(diagnosis: Diagnosis, history: History, saves: Saves, place: Place, now: float) -> Held:
    """Decide for every finding of a look that has a fix. `now` is in seconds since the epoch."""
    snapshot = diagnosis.snapshot
    reasons: dict[str, str] = {}
    contested: dict[str, tuple[Contest, str]] = {}
    moments: list[float] = []
    known = _contests(history, snapshot.home, now)
    swaps = swap_folders(place.home, place.environment)
    for finding in diagnosis.findings:
        if finding.fix is None:
            continue
        name = finding.fingerprint(snapshot.home)
        contest = known if isinstance(known, str) else known.get(name)
        if isinstance(contest, str):
            reasons[name] = contest
        elif contest is not None:
            who = _writer(snapshot, finding)
            contested[name] = (contest, who)
            reasons[name] = reason(contest, who)
        else:
            used = _in_use(finding, saves, swaps, now)
            if used is not None:
                reasons[name] = used[0]
                moments.append(used[1])
    return Held(reasons, contested, min(moments, default=None))


def _contests(history: History, home: str, now: float) -> Mapping[str, Contest] | str:
    """What is contested; a reason to hold everything where nobody can tell."""
    name = printable(home)
    try:
        ours = (one for one in history.newest_first() if one.home == name)
        return contests(islice(ours, _MOST_RECEIPTS), now)
    except ClawmendError as error:
        return f"nobody can tell whether it was repaired before: {error}"


def _in_use(finding: Finding, saves: Saves, swaps: Collection[str], now: float) -> tuple[str, float] | None:
    """Why a file that somebody is at work on is left alone, and until when; None for one that nobody is."""
    paths = {edit.path for edit in finding.fix.edits if not isinstance(edit, LogOut)} if finding.fix else set()
    real = {os.path.realpath(path) for path in paths}
    writers = open_for_writing(real)
    if writers:
        return f"the file is being written ({next(iter(writers.values()))}); it is left alone", now + _NEXT_TRY
    if any(open_in_editor(path, now, swaps) for path in paths):
        return "somebody is editing the file; it is left alone as long as it is open in an editor", now + _NEXT_LOOK
    moments = [moment for path in real if (moment := saves.until(path, now)) is not None]
    if moments:
        return "somebody is editing the file; it is left alone until it has been quiet for a minute", max(moments)
    return None


def _writer(snapshot: Snapshot, finding: Finding) -> str:
    owner = owner_of(snapshot, finding.path)
    return who_wrote(finding.path, owner.directory if owner is not None else None)
