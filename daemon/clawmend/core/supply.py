"""What an agent has to sign in with at a provider, and what might serve it that nobody can see from here.

A rule that says "there is no key" has to know every place a key can come from. Where one of them cannot be read, or
is another program's, it says nothing: a false alarm is worse than a fault that is missed.
"""

from collections.abc import Iterator

from clawmend.core.behaviour import Store, behaviour_of
from clawmend.core.catalogue import KNOWN_PROVIDERS, SELF_EXPLAINED, variables_of
from clawmend.core.credentials import MAIN, holders_of
from clawmend.core.document import Json
from clawmend.core.evidence import Kind
from clawmend.core.frozen import dataclass
from clawmend.core.misspellings import misspelling_of
from clawmend.core.precedence import Source, sources_of
from clawmend.core.providers import configured_providers, is_marker, is_real_key, normalise, text_of
from clawmend.core.secret import Secret
from clawmend.core.settings import is_open
from clawmend.core.snapshot import Agent, OpenClaw
from clawmend.core.state import Absent, Malformed, Parsed, object_at, value_of
from clawmend.core.uses import Use
from clawmend.core.version import Version

MISSPELT = "a stored profile is written in a way that OpenClaw passes over"  # OC206 speaks of it

# Other programs' logins on this machine serve these (Claude Code, Codex, Qwen Code, Gemini CLI, gh, ...).
_LOGINS = frozenset(
    """
    anthropic chutes claude-cli codex copilot-proxy github-copilot google google-antigravity google-gemini-cli minimax
    minimax-portal openai openai-codex qwen qwen-cli qwen-oauth qwen-portal xai
    """.split()  # noqa: SIM905 - a list of names reads better without quotes
)


@dataclass(frozen=True, slots=True)
class Supply:
    """The credential that wins for one use, or None, and why there may be another one all the same, or None."""

    use: Use
    winner: Source | None
    doubt: str | None = None


def supply_of(openclaw: OpenClaw, use: Use, version: Version, now: float) -> Supply:
    """Find what serves a use of a provider."""
    sources = sources_of(openclaw, use.agent, use.provider, version, now)
    winner = next((source for source in sources if source.wins), None)
    return Supply(use, winner, next(_doubts(openclaw, use, version), None))


def _doubts(openclaw: OpenClaw, use: Use, version: Version) -> Iterator[str]:
    yield from _of_the_entry(openclaw, use, version)
    holders = holders_of(openclaw, use.agent, version)
    if any(holder.problem for holder in holders):
        yield "a store of credentials cannot be read"
    entries = [entry for holder in holders for entry in holder.profiles.values()]
    if any(_may_hold(entry, use.provider, version) for entry in entries):
        yield "a stored profile may hold a key that is kept elsewhere"
    main = [agent for agent in openclaw.agents if agent.id == MAIN]
    if any(_imports(openclaw, agent, use.provider, version) for agent in (use.agent, *main)):
        yield "an older store of credentials is still to be imported"
    if _may_be_served(openclaw, use, version) and not _is_reported(openclaw, use):
        yield "a plugin, a login or a variable may serve it"
    elif any(_is_misspelt(entry, use.provider, version) for entry in entries):
        yield MISSPELT


def _may_be_served(openclaw: OpenClaw, use: Use, version: Version) -> bool:
    """Tell whether OpenClaw knows a provider by itself and may find a key where clawmend cannot look."""
    if use.provider not in KNOWN_PROVIDERS and not variables_of(use.provider):
        return False
    behaviour = behaviour_of(version)
    if behaviour is not None and behaviour.fixed_aliases and not variables_of(use.provider):
        return use.provider in _LOGINS  # before there were plugins for it, the name was nobody's
    return use.provider in _LOGINS or not openclaw.environment_complete


def _of_the_entry(openclaw: OpenClaw, use: Use, version: Version) -> Iterator[str]:
    if use.provider in SELF_EXPLAINED:
        yield "a service of this machine needs no key"
    settings = openclaw.settings.value if openclaw.settings else None
    for name, provider in configured_providers(openclaw).items():
        if normalise(name, version) != use.provider:
            continue
        if provider.auth not in {None, "api-key"}:
            yield f"it signs in by {provider.auth}"
        if object_at(settings, "models", "providers", name).keys() & {"headers", "request", "authHeader"}:
            yield "its own headers may sign it in"
        if provider.key is not None and is_marker(provider.key):
            yield "a marker stands for a login or a reference"
    if use.provider in {plugin.lower() for plugin in object_at(settings, "plugins", "entries")}:
        yield "a plugin serves it"


def _is_misspelt(entry: Json, provider: str, version: Version) -> bool:
    written = text_of(entry.get("provider")) if isinstance(entry, dict) else None
    same = written is not None and normalise(written, version) == provider
    return same and isinstance(entry, dict) and misspelling_of(entry, version) is not None


def _may_hold(entry: Json, provider: str, version: Version) -> bool:
    """Tell whether a stored entry may serve a provider though its key is not there to be read."""
    written = text_of(entry.get("provider")) if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or written is None or normalise(written, version) != provider:
        return False
    key = entry.get("key", entry.get("apiKey"))
    blank = isinstance(key, str) and not key.strip() and entry.keys().isdisjoint({"keyRef", "token", "tokenRef"})
    return not blank and misspelling_of(entry, version) is None


def _imports(openclaw: OpenClaw, agent: Agent, provider: str, version: Version) -> bool:
    """Tell whether OpenClaw would still take a credential for a provider out of an older store."""
    behaviour = behaviour_of(version)
    if behaviour is None:
        return False
    if behaviour.store is Store.SHARED_DATABASE:  # OC204's business: no turn comes as far as a missing key
        return any(not isinstance(state, Absent) for state in (agent.profiles, agent.legacy_auth))
    found: set[str] = set()
    live = behaviour.store is Store.FILE and isinstance(agent.profiles, Absent | Malformed)
    if live and isinstance(agent.legacy_auth, Parsed):
        legacy = value_of(agent.legacy_auth)
        found.update(legacy if isinstance(legacy, dict) else ())
    for state in openclaw.oauth_sources:
        logins = value_of(state)
        found.update(logins if isinstance(logins, dict) else ())
    return provider in {normalise(name, version) for name in found}


def _is_reported(openclaw: OpenClaw, use: Use) -> bool:
    """Tell whether the gateway's log says, since openclaw.json was changed, that there is no key."""
    return bool(openclaw.evidence.of(Kind.NO_KEY, use.provider, changed_at(openclaw)))


def changed_at(openclaw: OpenClaw) -> float:
    """When openclaw.json was changed, in seconds since the epoch."""
    config = openclaw.config
    return config.identity.mtime_ns / 1e9 if isinstance(config, Parsed) else 0.0


def is_shadowed(winner: Source, key: Secret | None) -> bool:
    """Tell whether a stored credential wins over another key in openclaw.json: OC201 speaks of it."""
    if winner.kind != "profile" or winner.secret is None or key is None:
        return False
    if is_open(key.reveal()) or not is_real_key(key):
        return False
    return winner.secret.reveal().strip() != key.reveal().strip()
