"""A person at work on a file is left alone: their editor's traces, or several saves within a minute."""

import os
from collections.abc import Collection, Iterable, Mapping

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


def usual_traces(*files: str) -> frozenset[str]:
    """The names of the traces that are left where one editor has a file open: few enough to ask for each of them."""
    return frozenset(text for file in files for text in (f".{file}.swp", f".{file}.kate-swp", f".#{file}", f"#{file}#"))


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


def swap_folders(home: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Where Neovim keeps the traces of all files by itself (until 0.8 below the data), and Vim where people tell it."""
    bases = []
    for variable, usual in (("XDG_STATE_HOME", ".local/state"), ("XDG_DATA_HOME", ".local/share")):
        named = environment.get(variable, "")
        bases.append(named if os.path.isabs(named) else os.path.join(home, usual))
    return (*(os.path.join(base, "nvim", "swap") for base in bases), os.path.join(home, ".vim", "swap"))


def open_in_editor(path: str, now: float, swaps: Collection[str] = ()) -> bool:
    """Tell whether an editor has a file open, by its traces (`now` in seconds since the epoch).

    They are beside the file or, where it is a link, beside its target; or in one of the folders `swaps`, in which Vim
    and Neovim name them by the whole path: `%home%ana%.openclaw%openclaw.json.swp`.
    """
    folder, file = os.path.split(path)
    real = os.path.realpath(path)
    beside = {(os.path.realpath(folder), file), os.path.split(real)}
    if any(_has_fresh(where, name, now) for where, name in beside):
        return True
    whole = real.replace("/", "%")
    return any(_has_fresh(where, whole, now, dot=".") for where in swaps)


def _has_fresh(folder: str, file: str, now: float, dot: str = "") -> bool:
    """Tell whether a folder holds a trace of the last day; `dot` is what its name lacks there to be one."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if is_trace(f"{dot}{entry.name}", file)]
    except OSError:
        return False
    for entry in found:
        try:
            if now - entry.stat(follow_symlinks=False).st_mtime < TRACE_SECONDS:
                return True
        except OSError:
            continue
    return False
