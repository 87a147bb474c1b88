"""Whether a process is still the one that it was: its number may belong to another by now."""

_SAME_SECONDS = 1.5  # the boot time, from which a start is counted, is known to a second


def start_of_process(pid: int) -> float | None:
    """When a process started, in seconds since the epoch; None when there is none of that number."""
    import psutil  # noqa: PLC0415 - loaded only where there is a process to ask about

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def is_alive(pid: int, started: float) -> bool:
    """Tell whether the process that started then still runs."""
    found = start_of_process(pid)
    return found is not None and abs(found - started) < _SAME_SECONDS
