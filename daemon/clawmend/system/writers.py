"""Who wrote a file: whoever has it open for writing, or what OpenClaw says of itself beside it. A hint, no proof."""

import calendar
import os
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

import orjson

from clawmend.system.homes import CONFIG_NAMES

_LONGEST_TAIL = 2**16
_NEAR_SECONDS = 5.0
_WRITE = "config.write"
_NOT_WRITTEN = ("failed", "rejected")


def who_wrote(path: str, state_folder: str | None) -> str:
    """Say who wrote a file last, in a few words; empty where nothing tells."""
    try:
        modified = os.stat(path).st_mtime
    except OSError:
        return ""
    real = os.path.realpath(path)
    return (
        open_for_writing({real}).get(real, "")
        or _said_in_the_audit(path, state_folder, modified)
        or _said_in_it(path, modified)
    )


def open_for_writing(paths: Collection[str]) -> Mapping[str, str]:
    """Which of these files another process holds open for writing, and who; nothing where nobody tells (Linux only).

    The paths have to be real ones. Processes of other users tell only root.
    """
    found: dict[str, str] = {}
    for pid in _processes() if paths else ():
        folder = f"/proc/{pid}/fd"
        with suppress(OSError):
            for name in os.listdir(folder):
                path = os.readlink(f"{folder}/{name}")
                if path in paths and path not in found and _for_writing(pid, name):
                    found[path] = f"process {pid} ({_name(pid)}) has it open for writing"
    return found


def _processes() -> list[str]:
    with suppress(OSError):
        return [name for name in os.listdir("/proc") if name.isdigit() and name != str(os.getpid())]
    return []


def _for_writing(pid: str, descriptor: str) -> bool:
    with open(f"/proc/{pid}/fdinfo/{descriptor}", encoding="ascii") as file:
        for line in file:
            if line.startswith("flags:"):
                return int(line.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY
    return False


def _name(pid: str) -> str:
    with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
        return file.read().strip()


def _said_in_the_audit(path: str, state_folder: str | None, modified: float) -> str:
    """The last line of OpenClaw's own list of its writes of the config, when it is of that moment (2026.2.17 on)."""
    if state_folder is None:
        return ""
    try:
        with open(os.path.join(state_folder, "logs", "config-audit.jsonl"), "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST_TAIL))
            last: Any = orjson.loads(file.read().rstrip(b"\n").rpartition(b"\n")[2])
    except (OSError, ValueError):
        return ""
    if not isinstance(last, dict) or abs(_moment(last.get("ts")) - modified) > _NEAR_SECONDS:
        return ""
    # It also says who came upon a change (`config.observe`), and who could not write.
    if last.get("event", _WRITE) != _WRITE or last.get("result") in _NOT_WRITTEN:
        return ""
    if not _is_the_config(path, last.get("configPath"), state_folder):
        return ""
    words = last.get("argv")
    command = " ".join(str(word) for word in words[1:3]) if isinstance(words, list) else ""
    return f"OpenClaw wrote it (process {last.get('pid')}{f', {os.path.basename(command)}' if command else ''})"


def _is_the_config(path: str, named: object, state_folder: str) -> bool:
    configs = [named] if isinstance(named, str) else [os.path.join(state_folder, name) for name in CONFIG_NAMES]
    try:
        return os.path.realpath(path) in map(os.path.realpath, configs)
    except ValueError:  # no path that a system could have
        return False


def _said_in_it(path: str, modified: float) -> str:
    """The mark that OpenClaw leaves in openclaw.json when it writes it."""
    try:
        with open(path, "rb") as file:
            value: Any = orjson.loads(file.read(2**20))
    except (OSError, ValueError):
        return ""
    meta = value.get("meta") if isinstance(value, dict) else None
    if not isinstance(meta, dict) or abs(_moment(meta.get("lastTouchedAt")) - modified) > _NEAR_SECONDS:
        return ""
    return f"OpenClaw {meta.get('lastTouchedVersion', '')} wrote it".replace("  ", " ")


def _moment(text: object) -> float:
    """Seconds since the epoch of a moment in UTC as JavaScript writes it; minus infinity for anything else."""
    if not isinstance(text, str):
        return float("-inf")
    try:
        return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
    except (ValueError, OverflowError):
        return float("-inf")
