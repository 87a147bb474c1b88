"""What the gateway's log tells: stands in until the reader is merged."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What happened."""

    AUTH = "auth"
    OAUTH_REFRESH = "oauth-refresh"
    NO_KEY = "no-key"
    UNKNOWN_MODEL = "unknown-model"
    MODEL_REFUSED = "model-refused"
    NOT_FOUND = "not-found"
    RATE_LIMIT = "rate-limit"
    QUOTA = "quota"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    FORMAT = "format"
    INVALID_CONFIG = "invalid-config"
    CONFIG_RESTORED = "config-restored"
    MIGRATION_REQUIRED = "migration-required"
    DISCOVERY = "discovery"
    RELOADED = "reloaded"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log."""

    time: float
    kind: Kind
    provider: str | None
    model: str | None
    profile: str | None
    home: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known."""

    events: tuple[Event, ...]
    since: float
    problem: str | None
    complete: bool

    def of(self, kind: Kind, provider: str | None = None, since: float = 0.0) -> tuple[Event, ...]:
        """The events of a kind, of a provider, since a moment."""
        return tuple(
            event
            for event in self.events
            if event.kind is kind and event.time >= since and (provider is None or event.provider == provider)
        )

    def refused(self, provider: str, since: float) -> tuple[Event, ...]:
        """The refusals of a provider's key since a moment."""
        return self.of(Kind.AUTH, provider, since)


NO_EVIDENCE = Evidence((), 0.0, None, False)
