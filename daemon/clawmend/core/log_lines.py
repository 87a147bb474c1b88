"""One line of OpenClaw's log as a value, whichever version wrote it.

A line is a JSON object whose members "0", "1", "2" are the arguments of the logging call: what it is bound to (JSON
in a string, `{"subsystem": "agent/embedded"}`), text, and from 2026.3.11 on objects; then `_meta` and `time`. Lines
without a subsystem are what OpenClaw printed; among them are the answers of the model, so that they prove nothing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

import orjson

from clawmend.core.document import Json
from clawmend.core.frozen import dataclass

LONGEST_LINE = 2**18  # bytes; OpenClaw's own lines are below 10 KB
_MOST_TEXT = 4096
_ARGUMENTS = "0123"
# Ids that no two runs share. What a client made up ("k1") may be that of another home too.
_RUN = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_NAMED_RUN = re.compile(r"\b(?:runId|sessionId|traceId)=(\S{16,128})")
_RUN_MEMBERS = ("runId", "sessionId", "session_id", "traceId")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was read. `time` is in seconds since the epoch, `level` in capitals as written ("WARN").

    `text` are its words, `fields` the members of the objects beside them, `runs` the ids by which it belongs to
    other lines. `subsystem` is None for what was merely printed.
    """

    time: float
    level: str
    subsystem: str | None
    text: str
    fields: Mapping[str, Json] = field(default_factory=dict, repr=False)
    runs: frozenset[str] = frozenset()

    def word(self, name: str) -> str | None:
        """A field that is a plain word or sentence; None when it is missing, empty or anything else."""
        value = self.fields.get(name)
        return value[:_MOST_TEXT] if isinstance(value, str) and value else None


def parse_line(line: str | bytes) -> Line | None:
    """Read one line; None for what is no line of OpenClaw's."""
    record = _record(line)
    if not isinstance(record, dict):
        return None
    meta = record.get("_meta")
    meta = meta if isinstance(meta, dict) else {}
    time = _time(record.get("time")) or _time(meta.get("date"))
    level = meta.get("logLevelName")
    if time is None or not isinstance(level, str):
        return None
    subsystem, texts, fields = _arguments(record)
    text = " ".join(texts)[:_MOST_TEXT]
    return Line(time, level, subsystem, text, fields, _runs(record, text, fields))


def _record(line: str | bytes) -> Json:
    try:
        value: Json = orjson.loads(line)
    except ValueError:
        return _record_with_half_characters(line)
    return value


def _record_with_half_characters(line: str | bytes) -> Json:
    r"""OpenClaw cuts long text at 16 bits, which can leave half a character (`\ud83d`) that orjson refuses."""
    text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
    if "\\ud" not in text.lower():
        return None
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def _arguments(record: Mapping[str, Json]) -> tuple[str | None, list[str], dict[str, Json]]:
    subsystem: str | None = None
    texts: list[str] = []
    fields: dict[str, Json] = {}
    for position in _ARGUMENTS:
        value = record.get(position)
        if isinstance(value, dict):
            fields.update(value)
        elif isinstance(value, str):
            bound = _binding(value) if position == "0" else None
            if bound is None:
                texts.append(value)
            else:
                subsystem = bound
    return subsystem, texts, fields


def _binding(text: str) -> str | None:
    """The subsystem or module in `{"subsystem":"agent/embedded"}`."""
    if not text.startswith('{"') or len(text) > _MOST_TEXT:
        return None
    try:
        bound = orjson.loads(text)
    except ValueError:
        return None
    name = bound.get("subsystem", bound.get("module"))
    return name if isinstance(name, str) else None


def _time(value: object) -> float | None:
    """Seconds since the epoch for `2026-11-23T17:27:39.195+00:00`; None for anything without an offset."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None else None


def line_time(line: bytes) -> float | None:
    """When a line was written, without asking what it says."""
    parsed = parse_line(line)
    return parsed.time if parsed else None


def _runs(record: Mapping[str, Json], text: str, fields: Mapping[str, Json]) -> frozenset[str]:
    values = [holder.get(name) for holder in (record, fields) for name in _RUN_MEMBERS]
    names = [value for value in values if isinstance(value, str) and len(value) <= 128]
    names += _NAMED_RUN.findall(text)
    return frozenset(found.group() for name in names if (found := _RUN.search(name)))
