"""What one log file told so far. Each look reads only what was appended, and parses only what may matter."""

import re
from collections import deque
from typing import TypeVar

from clawmend.core.attribution import Log
from clawmend.core.evidence import Event
from clawmend.core.log_events import EVENT_MARKS, event_of
from clawmend.core.log_homes import MARKS, mentions, stated_home
from clawmend.core.log_lines import line_time, parse_line
from clawmend.system.log_file import Tail

_MOST_EVENTS = 1000
_MOST_NAMES = 4096
_KEPT = 2 * 86400.0  # seconds; the log of a day is deleted when it is a day old
_META = b',"_meta":{'
_CAP = b"log file size cap reached; suppressing writes"  # up to 2026.5
_OVERFLOW = b"file log queue overflow; dropped "  # 2026.9
_MARK = re.compile(b"|".join(map(re.escape, (*EVENT_MARKS, *MARKS, _CAP, _OVERFLOW))))

_Value = TypeVar("_Value")


class LogReader:
    """Reads one log file.

    `since` is the time of the oldest line from which on all was read (seconds since the epoch), None before there was
    any.
    """

    def __init__(self, path: str, owner: int) -> None:
        self.since: float | None = None
        self._capped: int | None = None
        self._tail = Tail(path, owner)
        self._events: deque[Event] = deque()
        self._stated: dict[str, frozenset[str]] = {}
        self._mentioned: dict[str, float] = {}
        self._now = 0.0

    @property
    def problem(self) -> str | None:
        """One sentence when the file is there and could not be read."""
        return f"{self._tail.path} {self._tail.problem}" if self._tail.problem else None

    @property
    def complete(self) -> bool:
        """Whether nothing is missing after `since`: a line too long to read, or what OpenClaw no longer writes."""
        return self._capped != self._tail.file and not self._tail.gap

    @property
    def lost(self) -> bool:
        """Whether the file was deleted, emptied or replaced: then some lines may count twice, or not at all."""
        return self._tail.lost

    @property
    def whole(self) -> bool:
        """Whether `since` is the begin of the file, so that an older file ends where this one begins."""
        return self._tail.whole

    def look(self, now: float) -> Log:
        """Read on, and return all that is known of the last two days. `now` is in seconds since the epoch."""
        self._now = now
        for line in self._tail.lines():
            self._take(line.strip(b"\0\r"))
        oldest = now - _KEPT
        if self.since is not None:
            self.since = max(self.since, oldest)
        while self._events and self._events[0].time < oldest:
            self._events.popleft()
        mentioned = frozenset(home for home, time in self._mentioned.items() if time >= oldest)
        return Log(tuple(self._events), dict(self._stated), mentioned)

    def _take(self, line: bytes) -> None:
        if self._capped not in {None, self._tail.file}:  # it writes again, into another file
            self._capped, self._tail.gap = None, True
        if self._tail.gap:
            self._begin_at(line)
        said = line.partition(_META)[0]  # what follows says where in the program it was said
        if _MARK.search(said) is None:
            return
        if _CAP in said:
            self._capped = self._tail.file
        elif _OVERFLOW in said:
            self._tail.gap = True
        self._read(line, mentions(said.decode("utf-8", "replace")))

    def _begin_at(self, line: bytes) -> None:
        time = line_time(line)
        if time is not None:
            self.since, self._tail.gap = time, False

    def _read(self, line: bytes, mentioned: frozenset[str]) -> None:
        parsed = parse_line(line)
        for name in mentioned:
            _keep(self._mentioned, name, min(parsed.time, self._now) if parsed else self._now)
        if parsed is None:
            return
        event = event_of(parsed)
        stated = stated_home(parsed) if event is None else event.home
        if event is not None:
            self._keep_event(event)
        if stated is not None:
            for run in parsed.runs:
                _keep(self._stated, run, self._stated.get(run, frozenset()) | {stated})

    def _keep_event(self, event: Event) -> None:
        self._events.append(event)
        if len(self._events) > _MOST_EVENTS:
            self._events.popleft()
            self.since = self._events[0].time


def _keep(known: dict[str, _Value], name: str, value: _Value) -> None:
    known.pop(name, None)
    known[name] = value
    if len(known) > _MOST_NAMES:
        del known[next(iter(known))]
