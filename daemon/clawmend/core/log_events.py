"""From a line of the gateway's log to an event: refusals, reloads, and what OpenClaw itself said about them.

A failed turn is told by up to ten lines. The one that says most becomes the event, the others are dropped: of the
request the end of the run ("embedded run agent end"), of what fails before it the error of the session's queue
("lane task error"). What OpenClaw merely printed proves nothing, for it prints the model's answers too; of it only
sentences about openclaw.json count, and only those that are no answer (WARN, ERROR).
"""

import re
from collections.abc import Callable
from functools import lru_cache

from clawmend.core.evidence import Event, Kind
from clawmend.core.failures import classify, quota_span
from clawmend.core.log_homes import stated_home
from clawmend.core.log_lines import Line, parse_line
from clawmend.core.secret import Masker, Secret

EVENT_MARKS = (  # a line with none of these is no event
    b"run agent end",
    b"run timeout: ",
    b"lane task error: ",
    b"failure state updated",
    b"config hot reload applied",
    b"config change applied",
    b"config change requires",
    b"hot mode ignoring",
    b"config reload disabled",
    b"config hot-reload disabled",
    b"config reload failed",
    b"config hot reload failed",
    b"config restart failed",
    b"restart skipped",
    b"; restarting",
    b"(invalid config)",
    b"Config auto-restored",
    b"Config observe anomaly",
    b"Config invalid",
    b"Invalid config at",
    b"File: ",
    b"legacy credential migration",
    b"ateway failed to start",
    b"ateway start blocked",
    b"ateway already running",
    b"Failed to discover",
)
_LONGEST_TEXT = 200
_MASKED_TEXT = 600
_LONGEST_NAME = 128


def read_line(line: str) -> Event | None:
    """Read one line of the log; None when it tells nothing that a rule asks for."""
    parsed = parse_line(line)
    return event_of(parsed) if parsed else None


def event_of(line: Line) -> Event | None:
    """As read_line, for a line that was parsed."""
    subsystem = line.subsystem or ""
    reader = _SUBSYSTEMS.get(subsystem)
    event = reader(line) if reader else None
    return event or _of_any_subsystem(line)


def _event(
    line: Line,
    kind: Kind,
    text: str,
    *,
    provider: str | None = None,
    model: str | None = None,
    profile: str | None = None,
    until: float | None = None,
) -> Event:
    names = (_name(provider), _name(model), _name(profile))
    span = quota_span(text) if kind is Kind.QUOTA else None
    return Event(line.time, kind, *names, _name(stated_home(line), 1024), short_line(text), span, until, line.runs)


_RUN_END = re.compile(
    r"embedded run agent end: runId=(?P<run>\S+) isError=true (?:model=(?P<model>\S+) provider=(?P<provider>\S+) )?"
    r"error=(?P<error>.*?)(?: rawError=(?P<raw>.*))?",
    re.DOTALL,
)
_RUN_TIMEOUT = re.compile(r"embedded run timeout: runId=(?!probe-)\S+ .*", re.DOTALL)


def _of_run(line: Line) -> Event | None:
    """The end of a request: as text up to 2026.3.8, as an object from 2026.3.11 on."""
    if line.word("event") == "auth_profile_failure_state_updated":
        return _of_cooldown(line)
    if line.word("event") == "embedded_run_agent_end":
        run, words = line.word("runId") or "", line.word("rawErrorPreview") or line.word("error") or ""
        provider, model, reason = line.word("provider"), line.word("model"), line.word("failoverReason")
        if line.fields.get("isError") is not True:
            return None
        if line.word("providerRuntimeFailureKind") == "auth_refresh":
            return _event(line, Kind.OAUTH_REFRESH, words, provider=provider, model=model)
        own = line.word("error") or ""
        kind = Kind.CONNECTION if classify(own) is Kind.CONNECTION else classify(words, reason)
    elif found := _RUN_END.fullmatch(line.text):
        run, words, provider, model = found["run"], found["raw"] or found["error"], found["provider"], found["model"]
        kind = classify(words)
    elif _RUN_TIMEOUT.fullmatch(line.text):
        return _event(line, Kind.TIMEOUT, line.text)
    else:
        return None
    if kind is None or run.startswith("probe-"):  # a probe tries keys that nothing else uses
        return None
    return _event(line, kind, words, provider=provider, model=model or _quoted_model(words))


def _quoted_model(words: str) -> str | None:
    found = re.search(r"(?i)\bmodel ['\"`]([^'\"`]+)['\"`]", words)
    return found[1] if found else None


def _of_cooldown(line: Line) -> Event:
    """OpenClaw puts a credential aside: 30 s after a refusal, 10 min when the plan is used up."""
    ends = [line.fields.get(name) for name in ("disabledUntil", "cooldownUntil")]
    moments = [end / 1000 for end in ends if isinstance(end, int | float) and 0 < end < 1e14]
    text = f"{line.word('windowType') or 'cooldown'}: {line.word('reason') or 'unknown'}"
    provider, profile = line.word("provider"), line.word("profileId")
    return _event(line, Kind.COOLDOWN, text, provider=provider, profile=profile, until=max(moments, default=None))


_LANE = re.compile(
    r'lane task error: lane=session:(?!probe-).*? durationMs=\d+ error="(?:\w*Error: )*(.*?)"?', re.DOTALL
)
_BEFORE_REQUEST = {
    Kind.OAUTH_REFRESH: re.compile(r"OAuth token refresh failed for (?P<provider>[^\s:]+)"),
    Kind.NO_KEY: re.compile(
        r'No (?:API key found for provider "(?P<provider>[^"]+)"|credentials found for profile "(?P<profile>[^"]+)")'
    ),
    Kind.UNKNOWN_MODEL: re.compile(r'Unknown model: (?:(?P<provider>[^\s/"]+)/)?(?P<model>[^\s"]+)'),
}


def _of_lane(line: Line) -> Event | None:
    """What failed before any request; the lane `main` repeats what the session's lane says."""
    found = _LANE.fullmatch(line.text)
    if found is None:
        return None
    words = found[1]
    if _MIGRATION in words:
        return _event(line, Kind.MIGRATION_REQUIRED, words)
    kind = classify(words)
    pattern = _BEFORE_REQUEST.get(kind) if kind else None
    parts = pattern.match(words) if pattern else None
    if kind is None or parts is None:
        return None
    named = parts.groupdict()
    profile, model = named.get("profile"), named.get("model")
    provider = named.get("provider") or (profile.partition(":")[0] if profile else None)
    return _event(line, kind, words, provider=provider, model=model.rstrip(".,") if model else None, profile=profile)


_MIGRATION = "requires legacy credential migration"
_RELOAD = (
    (re.compile(r"config (?:hot reload applied|change applied) \("), Kind.RELOADED),
    (re.compile(r"config reload skipped \(invalid config\)"), Kind.INVALID_CONFIG),
    (re.compile(r"config change requires gateway restart \("), Kind.RESTART_NEEDED),
    (re.compile(r"config reload requires gateway restart; hot mode ignoring \("), Kind.NOT_TAKEN),
    (re.compile(r"config reload disabled \(gateway\.reload\.mode=off\)"), Kind.NOT_TAKEN),
    (re.compile(r"config hot-reload disabled: watcher failed"), Kind.NOT_TAKEN),
    (re.compile(r"config (?:hot reload|reload|restart) failed\b"), Kind.NOT_TAKEN),
    (
        re.compile(r"(?:no SIGUSR1 listener found|gateway restart recovery handler unavailable); restart skipped"),
        Kind.NOT_TAKEN,
    ),
)
_RESTARTING = re.compile(r"received SIG[A-Z0-9]+; restarting")


def _of_reload(line: Line) -> Event | None:
    return next((_event(line, kind, line.text) for pattern, kind in _RELOAD if pattern.match(line.text)), None)


def _of_gateway(line: Line) -> Event | None:
    return _event(line, Kind.RESTARTING, line.text) if _RESTARTING.match(line.text) else None


_SAID = (  # by any subsystem or none, but never as an answer of the model
    (re.compile(r"Config auto-restored from "), Kind.CONFIG_RESTORED),
    (re.compile(r"Config observe anomaly: "), Kind.CONFIG_ANOMALY),
    (
        re.compile(
            r"(?:Gateway failed to start: )?(?:Error: )?"
            r"(?:File: |Config invalid(?: at|:) |Invalid config at )[~/]\S.*?\.json(?:[.:\s\\]|$)"
        ),
        Kind.INVALID_CONFIG,
    ),
    (re.compile(rf"(?:Gateway failed to start: )?Auth profile store .*{_MIGRATION}"), Kind.MIGRATION_REQUIRED),
    (
        re.compile(r"(?i:Gateway (?:failed to start: |start blocked: |already running under \w+; waiting ))"),
        Kind.START_FAILED,
    ),
    (re.compile(r"(?:\[[\w/.-]+\] )?Failed to discover Alibaba Cloud models"), Kind.DISCOVERY),
)


def _of_any_subsystem(line: Line) -> Event | None:
    if line.level not in {"WARN", "ERROR", "FATAL"}:
        return None
    kind = next((kind for pattern, kind in _SAID if pattern.match(line.text)), None)
    text = line.text.removeprefix("File: ")  # one of six lines: "Config invalid", "File: ...", "Problem:", ...
    return _event(line, kind, line.text if text == line.text else f"Config invalid: {text}") if kind else None


_SUBSYSTEMS: dict[str, Callable[[Line], Event | None]] = {
    "agent/embedded": _of_run,
    "diagnostic": _of_lane,
    "gateway": _of_gateway,
    "gateway/reload": _of_reload,
}


class _Blind(Masker):
    """Masks without the digits that tell two keys apart: nothing here knows the key that would make them safe."""

    def show(self, secret: Secret | str) -> str:
        text = secret.reveal() if isinstance(secret, Secret) else secret
        return f"…({len(text)} chars)"


_MASKER = _Blind(b"")
_ECHOED_KEY = re.compile(r"""(?i)(key(?: provided)?\s*[:=]\s*["'`]?)(?=[^\s"'`]*[\d*])[^\s"'`]{6,}""")


@lru_cache(maxsize=128)  # a turn is tried again up to twelve times, with the same words
def short_line(text: str) -> str:
    """One short line that may be shown: keys masked first, so that no half of one is left."""
    text = text.replace("Unrecognized key", "Unrecognized member")  # its name follows, which is no key to be masked
    printable = "".join(character if character.isprintable() else " " for character in text[:_MASKED_TEXT])
    if len(text) > _MASKED_TEXT:
        printable = printable.rpartition(" ")[0]
    masked = _ECHOED_KEY.sub(r"\1…", _MASKER.clean(" ".join(printable.split())))
    return masked if len(masked) <= _LONGEST_TEXT else f"{masked[: _LONGEST_TEXT - 1]}…"


def _name(text: str | None, longest: int = _LONGEST_NAME) -> str | None:
    """A name of the log, unless nobody could have given it."""
    return text if text and text.isprintable() and len(text) <= longest else None
