"""Lines of OpenClaw's log: captured ones with what is expected of them, and ones made for a test."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from support.cases import CASES
from support.clock import NOW

_FOLDER = CASES / "_logs"
RUN = "de65ba8b-5675-4bbe-9306-c8e2ae17128b"
OTHER_RUN = "0b8f6c1e-1111-4222-8333-444455556666"


@dataclass(frozen=True, slots=True)
class Captured:
    """The lines of one captured log, and the events: kind, provider, model, profile, home, span, text."""

    version: str
    name: str
    lines: tuple[str, ...]
    expected: list[list[str | None]]


def all_logs() -> list[Captured]:
    """Read every captured log with what is expected of it."""
    expected = json.loads((_FOLDER / "expected.json").read_text("utf-8"))
    found = []
    for version, logs in expected.items():
        lines = json.loads((_FOLDER / f"openclaw-{version}.json").read_text("utf-8"))
        assert lines.keys() == logs.keys()
        found += [Captured(version, name, tuple(lines[name]), events) for name, events in logs.items()]
    return found


def stamp(time: float) -> str:
    """A moment as the log writes it."""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")


def line(
    *arguments: str | dict[str, Any],
    subsystem: str | None = None,
    level: str = "WARN",
    time: float = NOW - 60,
    **more: str,
) -> str:
    """One line as 2026.9.6 writes it."""
    bound = [json.dumps({"subsystem": subsystem}, separators=(",", ":"))] if subsystem else []
    said = {str(position): argument for position, argument in enumerate([*bound, *arguments])}
    meta = {"name": "openclaw", "logLevelName": level, "path": {"filePath": "/home/else/.openclaw/lib/dist/log.js"}}
    record = {**said, "_meta": meta, "time": stamp(time), "hostname": "vm", **more}
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def refusal(time: float = NOW - 60, *, run: str = RUN, provider: str = "bailian", **more: object) -> str:
    """The end of a run whose key was refused."""
    fields = {
        "event": "embedded_run_agent_end",
        "runId": run,
        "isError": True,
        "error": "Authentication failed (provider returned HTTP 401).",
        "failoverReason": "auth",
        "model": "qwen3.5-plus",
        "provider": provider,
        "rawErrorPreview": "401 Incorrect API key provided.",
        **more,
    }
    return line(fields, "embedded run agent end", subsystem="agent/embedded", time=time)


def cooldown(time: float = NOW - 59, *, run: str = RUN, profile: str = "sha256:c065cc3d1b5b", **more: object) -> str:
    """A credential is put aside after a refusal."""
    fields = {
        "event": "auth_profile_failure_state_updated",
        "runId": run,
        "profileId": profile,
        "provider": "bailian",
        "reason": "auth",
        "windowType": "cooldown",
        "cooldownUntil": (time + 30) * 1000,
        **more,
    }
    return line(fields, "auth profile failure state updated", subsystem="agent/embedded", time=time)


def lane_error(words: str, lane: str = "session:agent:main:main", time: float = NOW - 60) -> str:
    """What failed before any request, as 2026.3.2 writes it."""
    text = f'lane task error: lane={lane} durationMs=44 error="{words}"'
    return line(text, subsystem="diagnostic", level="ERROR", time=time)
