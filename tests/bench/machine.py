"""The machine that a figure is of."""

import os
import platform
import time
from pathlib import Path
from typing import Any

import psutil

from bench.sandbox import CACHE

STAYS = ("cpu", "cores", "kernel", "python", "file_system")
"""What two runs on one machine have in common."""


def describe() -> dict[str, Any]:
    """What a reader needs to know of it to compare it with their own."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "file_system": _file_system(str(CACHE)),
        "load_before": [round(value, 2) for value in os.getloadavg()],
    }


def _cpu() -> str:
    """The processor by the name that its maker gave it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _file_system(path: str) -> str:
    """The kind of file system that holds a path."""
    parts = [part for part in psutil.disk_partitions(all=True) if path.startswith(part.mountpoint)]
    return max(parts, key=lambda part: len(part.mountpoint)).fstype if parts else "unknown"
