"""Credentials that OpenClaw does not use until a moment, as it wrote that down itself.

`usageStats[id]` holds `cooldownUntil` (half a minute and more after a refusal) and `disabledUntil` (10 minutes and more
after what it takes for an unpaid bill), both in milliseconds. From 2026.8.1 on the key of openclaw.json is there too,
as `inline-api-key:<provider>`. Where it lies differs per version: Behaviour.cooldowns. `lastUsed` is set by success
alone (markAuthProfileUsed); some providers are never put aside (isAuthCooldownBypassedForProvider), and a cooldown
with a `cooldownModel` holds for that model only. Read in 2026.3.2, 2026.5.7 and 2026.9.6.
"""

from collections.abc import Iterator, Mapping

from clawmend.core.behaviour import behaviour_of
from clawmend.core.credentials import Holder, holders_of
from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.providers import configured_providers, normalise, text_of
from clawmend.core.snapshot import OpenClaw
from clawmend.core.state import object_at
from clawmend.core.version import Version

INLINE = "inline-api-key:"
_AUTH_STATE = "auth-state.json"
_NEVER_ASIDE = frozenset({"openrouter", "kilocode"})
_LONGEST = 1e14  # milliseconds; what is later than that is no moment


@dataclass(frozen=True, slots=True)
class Rest:
    """A credential that is not used until `until` (seconds since the epoch).

    `provider` is in the form in which providers are compared, `path` where it is written down; `disabled` tells a
    credential that was put aside for longer from a mere cooldown, `reason` is OpenClaw's word for why, or None. `model`
    is the only model for which it holds, or None.
    """

    credential: str
    provider: str
    until: float
    disabled: bool
    reason: str | None
    path: str
    model: str | None = None


def resting(openclaw: OpenClaw, version: Version, now: float) -> tuple[Rest, ...]:
    """Every credential that is put aside now, the longest first; one that is no longer there is not among them."""
    found: dict[tuple[str, str], Rest] = {}
    for credential, provider, holder, usage in _used(openclaw, version):
        cooled, disabled = _seconds(usage.get("cooldownUntil")), _seconds(usage.get("disabledUntil"))
        if max(cooled, disabled) > now and provider not in _NEVER_ASIDE:
            aside = disabled > now
            reason = _word(usage.get("disabledReason" if aside else "cooldownReason"))
            model = None if aside else text_of(usage.get("cooldownModel"))
            rest = Rest(credential, provider, max(cooled, disabled), aside, reason, holder.path, model)
            found.setdefault((holder.path, credential), rest)
    return tuple(sorted(found.values(), key=lambda rest: -rest.until))


def used_since(openclaw: OpenClaw, provider: str, moment: float, version: Version) -> bool:
    """Whether OpenClaw has written that a credential of this provider answered after a moment."""
    return any(
        owner == provider and _seconds(usage.get("lastUsed")) > moment
        for _credential, owner, _holder, usage in _used(openclaw, version)
    )


def _used(openclaw: OpenClaw, version: Version) -> Iterator[tuple[str, str, Holder, Mapping[str, Json]]]:
    """Each credential with its provider, where it is counted and what is counted."""
    behaviour = behaviour_of(version)
    place = 1 if behaviour is not None and behaviour.cooldowns == _AUTH_STATE else 0
    for agent in openclaw.agents:
        holders = holders_of(openclaw, agent, version)
        profiles = {name: entry for holder in reversed(holders) for name, entry in holder.profiles.items()}
        for holder in holders:
            stats = object_at(holder.states[place], "usageStats")
            for credential in stats:
                provider = _provider(credential, profiles, openclaw, version)
                if provider is not None:
                    yield credential, provider, holder, object_at(stats, credential)


def _provider(credential: str, profiles: dict[str, Json], openclaw: OpenClaw, version: Version) -> str | None:
    if credential.startswith(INLINE):
        named = normalise(credential.removeprefix(INLINE), version)
        return named if named in {normalise(name, version) for name in configured_providers(openclaw)} else None
    written = text_of(object_at(profiles, credential).get("provider"))
    return normalise(written, version) if written else None


def _seconds(value: Json) -> float:
    """Milliseconds as seconds; 0 for what is no moment."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value / 1000 if is_number and 0 < value < _LONGEST else 0.0  # type: ignore[operator]


def _word(value: Json) -> str | None:
    return value if isinstance(value, str) and len(value) <= 40 and value.replace("_", "").isalnum() else None
