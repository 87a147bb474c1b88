"""Whether a process is still the one that it was: its number may belong to another by now."""

import os
from enum import Enum

_SAME_SECONDS = 1.5  # the boot time, from which a start is counted, is known to a second


class Life(Enum):
    """How a process is. HALTED is one that Ctrl-Z, SIGSTOP or a debugger holds."""

    ALIVE = "alive"
    HALTED = "halted"
    GONE = "gone"


def start_of_process(pid: int) -> float | None:
    """When a process started, in seconds since the epoch; None when there is none of that number."""
    import psutil  # noqa: PLC0415 - loaded only where there is a process to ask about

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def command_of(pid: int) -> tuple[str, ...]:
    """The words of a process's command line; none when there is none of that number, or it is not for us to see."""
    import psutil  # noqa: PLC0415 - as above

    try:
        return tuple(psutil.Process(pid).cmdline())
    except (psutil.Error, OSError):
        return ()


def is_watcher(pid: int) -> bool:
    """Tell whether a process is a watcher, by its command line; see `is_trusted` for whose it is."""
    words = command_of(pid)
    return "watch" in words and any("clawmend" in word for word in words)


def is_trusted(pid: int) -> bool:
    """Tell whether a process is this user's or root's: anybody can give theirs any command line."""
    import psutil  # noqa: PLC0415 - as above

    try:
        return psutil.Process(pid).uids().effective in {0, os.geteuid()}
    except (psutil.Error, OSError):
        return False


def life_of(pid: int, started: float) -> Life:
    """Tell how the process is that had this number and started then."""
    import psutil  # noqa: PLC0415 - as above

    found = start_of_process(pid)
    if found is None or abs(found - started) >= _SAME_SECONDS:
        return Life.GONE
    try:
        status = psutil.Process(pid).status()
    except psutil.Error:
        return Life.GONE
    if status in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}:
        return Life.GONE
    return Life.HALTED if status in {psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP} else Life.ALIVE
