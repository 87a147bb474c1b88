"""Handing notices over: into the outbox here, out of it by a process of its own that may take its time."""

import os
import subprocess
import sys
from collections.abc import Iterable

from clawmend.core.notices import Notice
from clawmend.core.notify_options import NotifyOptions
from clawmend.core.outbox import due
from clawmend.system.outbox import Outbox

_LONGEST_SENDING = 300.0


class Post:
    """The outbox of a state folder, and at most one sender at a time. `command` starts a sender."""

    def __init__(self, state: str, command: tuple[str, ...]) -> None:
        self._outbox = Outbox(state)
        self._command = command
        self._sender: subprocess.Popen[bytes] | None = None
        self._until = 0.0
        self._waits = True  # what an earlier run has left is looked for once

    def put(self, notices: Iterable[Notice], options: NotifyOptions, now: float) -> None:
        """Take notices in; ClawmendError when they cannot be kept."""
        marks = tuple(target.mark for target in options.targets)
        if marks and self._outbox.put(notices, marks, options.events, now):
            self._waits = True

    def send(self, options: NotifyOptions, now: float, monotonic: float) -> None:
        """Start a sender if something is due and none is at it; ClawmendError when the outbox cannot be read."""
        if self._sender is not None:
            if self._sender.poll() is None and monotonic < self._until:
                return
            self._end()
        if not self._waits or not options.targets:
            return
        waiting = self._outbox.open_ones(now)
        self._waits = bool(waiting)
        if any(due(waiting, target.mark, now) for target in options.targets):
            self._sender = subprocess.Popen(  # noqa: S603 - our own command, started as we were
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._until = monotonic + _LONGEST_SENDING

    def close(self) -> None:
        """End a sender that is at it; what it has not sent is tried again."""
        if self._sender is not None:
            self._end()

    def _end(self) -> None:
        if self._sender is not None and self._sender.poll() is None:
            self._sender.kill()
            self._sender.wait()
        self._sender = None


def sender_command(state: str, config: str | None) -> tuple[str, ...]:
    """The command line of a sender for a state folder and a config.toml."""
    words = (sys.executable, "-m", "clawmend", "--state-dir", state)
    return (*words, *(("--config", os.path.abspath(config)) if config else ()), "notify", "send", "-q")
