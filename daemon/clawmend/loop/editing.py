"""A person at work on a file is left alone: their editor's traces beside it, or several saves within a minute."""

import os
from collections.abc import Iterable, Mapping

QUIET_SECONDS = 60.0
MANY_SAVES = 3
# What programs write all by themselves: many saves of these are no person at work.
_MACHINE_WRITTEN = frozenset({"models.json", "auth-profiles.json", "auth.json", ".claude.json", ".config.json"})
# An editor that was killed leaves its trace for ever; after a day nobody is at work any more.
TRACE_SECONDS = 86_400.0


def is_trace(name: str, file: str) -> bool:
    """Tell whether a name is what an editor leaves beside a file while it is open in it.

    Vim: `.x.swp` and `.x.swo`; Emacs: `.#x` and `#x#`; Kate: `.x.kate-swp`; nano: `.x.swp`. A copy like `x~` stays
    behind after the editor has gone, and says nothing.
    """
    if name in {f".#{file}", f"#{file}#", f".{file}.kate-swp"}:
        return True
    return name.startswith(f".{file}.sw") and len(name) == len(file) + 5


def usual_traces(file: str) -> frozenset[str]:
    """The names of the traces that are left where one editor has the file open: few enough to ask for each of them."""
    return frozenset({f".{file}.swp", f".{file}.kate-swp", f".#{file}", f"#{file}#"})


def trace_prefixes(*files: str) -> tuple[str, ...]:
    """What the names of traces begin with: where an editor is closed, it is time to look again."""
    return tuple(text for file in files for text in (f".{file}.sw", f".{file}.kate-swp", f".#{file}", f"#{file}#"))


class Saves:
    """When files were saved by others, for a minute."""

    def __init__(self) -> None:
        self._times: dict[str, list[float]] = {}

    def note(self, paths: Iterable[str], now: float, real: Mapping[str, str]) -> None:
        """Files have changed in what is judged, and not by us. `real` says what a path really is where it is a link."""
        by_hand = (path for path in paths if os.path.basename(path) not in _MACHINE_WRITTEN)
        for path in {real.get(path, path) for path in by_hand}:
            times = [time for time in self._times.get(path, ()) if now - time < QUIET_SECONDS]
            self._times[path] = [*times, now]

    def until(self, path: str, now: float) -> float | None:
        """When a file (its real path) will have been quiet for a minute; None when it is not saved again and again."""
        times = [time for time in self._times.get(path, ()) if now - time < QUIET_SECONDS]
        return times[-1] + QUIET_SECONDS if len(times) >= MANY_SAVES else None


def open_in_editor(path: str, now: float) -> bool:
    """Tell whether an editor has a file open, by its traces beside it (`now` in seconds since the epoch)."""
    folder, file = os.path.split(path)
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if is_trace(entry.name, file)]
    except OSError:
        return False
    for entry in found:
        try:
            if now - entry.stat(follow_symlinks=False).st_mtime < TRACE_SECONDS:
                return True
        except OSError:
            continue
    return False
