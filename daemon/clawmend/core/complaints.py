"""Why a gateway did not start, in its own words: from the events of its log and from what it left for a post-mortem.

Recorded from real ones: 2026.3.2 writes `Config invalid`, `File: ...`, `Gateway start blocked: set gateway.mode=local`,
`Gateway failed to start: another gateway instance is already listening on ws://...`; 2026.9.6 `Gateway failed to start:
Invalid config at <path>:`, and it waits for a port that is taken: `gateway already running under systemd; waiting`.
From 2026.4.22 on `logs/stability/*-gateway.startup_failed.json` names the error's code.
"""

import re
from collections.abc import Iterable

from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.frozen import dataclass
from clawmend.core.gateway import Cause, Complaint

_RELOAD = "config reload skipped"
_MEMBER = re.compile(r"\.json:?\s*(?:\\n)?\s*(?:- )?(?P<member><root>|[A-Za-z_$][\w$.\[\]:@/-]*): (?P<what>.*)")
_UNKNOWN_KEY = re.compile(r'Unrecognized (?:key|member)s?: "([\w$.:@/-]{1,64})"')
_CAUSES = (
    (re.compile(r"(?i)gateway\.mode"), Cause.UNCONFIGURED),
    (re.compile(r"(?i)legacy credential migration|AUTH_PROFILE_MIGRATION_REQUIRED"), Cause.LEGACY_CREDENTIALS),
    (re.compile(r"(?i)EADDRINUSE|port \d+ is already in use|address already in use"), Cause.PORT),
    (re.compile(r"(?i)already listening|already running|GatewayLockError"), Cause.ALREADY_RUNNING),
    (re.compile(r"(?i)ERR_MODULE_NOT_FOUND|Cannot find (?:module|package)"), Cause.MISSING_MODULE),
    (re.compile(r"(?i)\bENOMEM\b|heap out of memory"), Cause.MEMORY),
    (re.compile(r"(?i)invalid config|config invalid|INVALID_CONFIG"), Cause.CONFIG),
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a gateway left behind that did not start: the code and the words of its error, without keys."""

    time: float
    code: str | None
    text: str


def complaints_of(evidence: Evidence, bundles: Iterable[Bundle] = ()) -> tuple[Complaint, ...]:
    """Everything that was said about a start that came to nothing, in the order of its time."""
    found = [complaint for event in evidence.events if (complaint := _of_event(event)) is not None]
    found += [
        Complaint(bundle.time, _cause_in(f"{bundle.code or ''} {bundle.text}"), bundle.text, _member(bundle.text))
        for bundle in bundles
    ]
    return tuple(sorted(found, key=lambda complaint: complaint.time))


def _of_event(event: Event) -> Complaint | None:
    match event.kind:
        case Kind.INVALID_CONFIG if not event.text.startswith(_RELOAD):
            return Complaint(event.time, Cause.CONFIG, event.text, _member(event.text))
        case Kind.MIGRATION_REQUIRED:
            return Complaint(event.time, Cause.LEGACY_CREDENTIALS, event.text)
        case Kind.START_FAILED:
            return Complaint(event.time, _cause_in(event.text), event.text, _member(event.text))
        case _:
            return None


def _cause_in(text: str) -> Cause:
    return next((cause for pattern, cause in _CAUSES if pattern.search(text)), Cause.OTHER)


def _member(text: str) -> str | None:
    """The member of openclaw.json that a message names, as `gateway.port`; None when it names none."""
    found = _MEMBER.search(text)
    if found is None:
        return None
    unknown = _UNKNOWN_KEY.search(found["what"])
    parts = [] if found["member"] == "<root>" else [found["member"]]
    parts += [unknown[1]] if unknown else []
    return ".".join(parts) or None
