"""Calling a running watcher from another process: what it goes by has changed, and nobody shall wait for its sweep.

SIGHUP is what it understands: it reads its settings again, and looks whatever the files' signatures say.
"""

import os
import signal

from clawmend.core.errors import ClawmendError
from clawmend.core.operation import WatchMode
from clawmend.loop.status import read_status
from clawmend.system.liveness import Life, is_watcher, life_of


def call_watcher(state: str) -> bool:
    """Have the watcher of a state folder look at once; whether there is one that does, and repairs what it finds.

    SIGHUP ends whoever does not expect it, so it goes only to a process that started when the status file says, and
    whose command line is a watcher's: with two containers on one folder another process can have its number and age.
    """
    try:
        status = read_status(state)
    except ClawmendError:
        return False
    if status is None or status.stopped is not None or status.pid < 1:
        return False
    life = life_of(status.pid, status.started)
    if life is Life.GONE or not is_watcher(status.pid):
        return False
    try:
        os.kill(status.pid, signal.SIGHUP)
    except OSError:
        return False  # it ended this moment, or is another user's
    return life is Life.ALIVE and status.mode == WatchMode.AUTO.value
