"""What the gateway's log proves, as values: refusals, reloads, and what OpenClaw itself said about them."""

import hashlib
from enum import Enum

from clawmend.core.frozen import dataclass


class Kind(Enum):
    """What an event in the gateway's log tells; the value is what `check --json` prints."""

    AUTH = "auth"  # the key was refused: 401, or 403 with words about the key
    FORBIDDEN = "forbidden"  # 403 that does not speak of the key: a region, a model, a firewall
    OAUTH_REFRESH = "oauth-refresh"  # a login could not be renewed
    NO_KEY = "no-key"  # OpenClaw found no key or no credentials, and asked nobody
    UNKNOWN_MODEL = "unknown-model"  # OpenClaw does not know the model, and asked nobody
    MODEL_REFUSED = "model-refused"  # the provider does not have the model
    NOT_FOUND = "not-found"  # 404 without words about a model: the path of the base URL
    RATE_LIMIT = "rate-limit"  # too many requests; up to 2026.3.8 also a plan that is used up
    QUOTA = "quota"  # the plan is used up, see `span`; or there is no money
    TIMEOUT = "timeout"  # up to 2026.3.8 also a host that does not answer at all
    CONNECTION = "connection"  # no such host, nobody listens, the connection broke
    FORMAT = "format"  # the request was refused for what is in it: too long, too many tokens
    AGENTS_ONLY = "agents-only"  # the Coding Plan refuses what is no coding tool
    INVALID_CONFIG = "invalid-config"  # openclaw.json was refused; a running gateway keeps what it has
    CONFIG_RESTORED = "config-restored"  # OpenClaw put an earlier openclaw.json back
    CONFIG_ANOMALY = "config-anomaly"  # OpenClaw found openclaw.json smaller than it was and left it
    START_FAILED = "start-failed"  # the gateway did not start, for what the text says
    MIGRATION_REQUIRED = "migration-required"  # old credential files keep turns or the gateway from starting
    DISCOVERY = "discovery"  # "Failed to discover Alibaba Cloud models", which harms nobody
    RELOADED = "reloaded"  # a changed openclaw.json is in effect; no failure
    RESTART_NEEDED = "restart-needed"  # the gateway is about to restart itself for a changed openclaw.json
    NOT_TAKEN = "not-taken"  # a changed openclaw.json is valid, and the gateway does not take it over
    RESTARTING = "restarting"  # the gateway restarts, perhaps within its process; no failure
    COOLDOWN = "cooldown"  # OpenClaw does not use a credential until a moment, see `until` and `profile`


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `time` and `until` are in seconds since the epoch.

    `profile` is a credential's id or its mark (see profile_mark); `home` the state folder that the line names, as it
    names it (`~/.openclaw`, `/srv/openclaw`); `text` at most 200 characters, without control characters and keys.
    `span` is that of a plan that is used up ("hour", "week", "month"); `until` ends a cooldown; `runs` are the ids of
    the run it belongs to.
    """

    time: float
    kind: Kind
    provider: str | None
    model: str | None
    profile: str | None
    home: str | None
    text: str
    span: str | None = None
    until: float | None = None
    runs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The events of one state folder in the order of their time.

    `since` is the oldest moment that is covered (seconds since the epoch): what happened before it may have been
    written too, but was not read whole. `complete` is False when something after it was not written, or may be this
    folder's or another's. `problem` is one sentence when a log is there and could not be read, else None.
    """

    events: tuple[Event, ...]
    since: float
    problem: str | None
    complete: bool

    def of(self, kind: Kind, provider: str | None = None, since: float = 0.0) -> tuple[Event, ...]:
        """The events of a kind after a moment; of one provider, when it is named."""
        return tuple(
            event
            for event in self.events
            if event.kind is kind and event.time > since and (provider is None or _is(event.provider, provider))
        )

    def refused(self, provider: str, since: float) -> tuple[Event, ...]:
        """How often the provider refused a key after a moment. Up to 2026.3.8 no refusal names its provider."""
        return self.of(Kind.AUTH, provider, since)

    def covers(self, moment: float) -> bool:
        """Whether silence is proof: everything since that moment was written here and was read."""
        return self.problem is None and self.complete and self.since <= moment


NOTHING = Evidence((), float("inf"), None, complete=True)


def _is(one: str | None, other: str) -> bool:
    return one is not None and one.strip().lower() == other.strip().lower()


def profile_mark(profile: str) -> str:
    """How the log writes a credential's id: `bailian:default`, or `inline-api-key:bailian` for openclaw.json's key."""
    return f"sha256:{hashlib.sha256(profile.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
