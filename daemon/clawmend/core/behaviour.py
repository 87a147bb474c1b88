"""What each version of OpenClaw does, as data: the one table that rules, gateway and installation look things up in.

A row says what holds from a version on, until the next row of its kind. `source` names the function or event in
OpenClaw by which the boundary was found; "run" means that the effect was seen on a real OpenClaw, "read" that only the
packages on both sides of the boundary were compared. Where the exact first version is not known, the row begins where
the newer behaviour is certain, or right after the last version without it if clawmend then says less; `source` names
both versions. Source of all rows: facts on eras (2026.1.29 to 2026.9.6).
"""

from enum import Enum
from functools import cache
from typing import Any

from clawmend.core import reload_members as hot
from clawmend.core.era import NEWEST_MEASURED, OLDEST_MEASURED
from clawmend.core.frozen import dataclass
from clawmend.core.version import Version


class Store(Enum):
    """Where the live credentials are."""

    FILE = "agents/<id>/agent/auth-profiles.json"
    AGENT_DATABASE = "agents/<id>/agent/openclaw-agent.sqlite"
    SHARED_DATABASE = "state/openclaw.sqlite and agents/<id>/agent/openclaw-agent.sqlite"


class Cache(Enum):
    """What a URL in models.json that differs from openclaw.json does."""

    CORRECTED = "rewritten from openclaw.json"
    WINS = "wins over openclaw.json"
    INERT = "openclaw.json wins"
    UNWRITTEN = "openclaw.json wins, and the file is not written any more"


class Legacy(Enum):
    """What auth-profiles.json and auth.json mean."""

    LIVE = "auth-profiles.json is the live store"
    IGNORED = "ignored without a word"
    FAILS_TURNS = "beside an empty store every turn fails"
    STOPS_GATEWAY = "beside an empty store the gateway refuses to start"


class Lock(Enum):
    """What the lock of auth-profiles.json is."""

    FOLDER = "a folder (proper-lockfile)"
    FILE = "a file with pid and createdAt"
    NONE = "none: the file is not the store"


class Probe(Enum):
    """How the gateway is asked whether it is ready."""

    NONE = "nothing on HTTP tells"
    POST_HEALTHZ = "POST /healthz -> 405 with Allow"
    READYZ = "GET /readyz"
    READYZ_TWICE = "GET /readyz, twice, more than 10 s apart"


class Cleaning(Enum):
    """What OpenClaw drops from a key in openclaw.json before it sends it; each drops what the one above it drops."""

    ENDS = "white space at both ends"
    LINES = "line breaks"
    WIDE = "characters above U+00FF"
    CONTROLS = "control characters"


class Unset(Enum):
    """What one `${NAME}` without a value does."""

    VOIDS_CONFIG = "the whole openclaw.json is invalid, wherever it stands"
    STOPS_GATEWAY = "the gateway does not start when it is a provider's key; elsewhere the text stays as it is"
    STOPS_PROVIDER = "that provider does not answer; elsewhere the text stays as it is"


class Revert(Enum):
    """When OpenClaw puts .bak over an openclaw.json that lost `meta`, `gateway.mode` or half of its bytes."""

    NEVER = "never"
    AT_START = "at gateway start"
    ON_READ = "on any read"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What holds for one version.

    `cooldowns` is where they are kept; `allow_list` and `agents` are the members of openclaw.json that restrict the
    models and hold the agents' own settings; `hot` are the members of openclaw.json that a running gateway takes over
    without a restart (dotted, each with all below it), `cold` those below them for which it restarts all the same; what
    neither names restarts it. `reload_modes` are the values of `gateway.reload.mode`, the first of them where nothing
    is said; `watches_includes`: a change of a file that openclaw.json includes is noticed; `refines_reload`: of a
    member that comes or goes as a whole, each part is judged; `trims_url`: spaces around a baseUrl do no harm;
    `thinking_formats` are the values of `compat.thinkingFormat` with which the gateway starts, empty where there is no
    such member; `thinks` tells whether the plan's documentation promises thinking; `restart_signal`: SIGUSR1 restarts a
    gateway that nobody manages; `restart_command`: so does `openclaw gateway restart`; `safe_restart`: that command has
    `--safe`, which lets turns finish; `same_process`: the restart keeps the pid, so the uptime is the proof.
    `cli_logins` are the providers whose login is copied from another program's file, `oauth_file` tells whether an
    agent without a store takes its logins from `credentials/oauth.json`, `dead_login_blocks` whether one that cannot be
    renewed keeps the key of openclaw.json from being asked, and `blocking_files` are the names of the retired files
    whose mere presence beside an empty store stops OpenClaw working. `cleaning` is what is dropped from a configured
    key; `old_spellings`: a stored profile may say `mode` and `apiKey` for `type` and `key`; `keyless_local`: a server
    on this machine needs no key; `bare_variable`: `$NAME` names a variable too.
    """

    store: Store
    cache: Cache
    legacy: Legacy
    lock: Lock
    probe: Probe
    revert: Revert
    cleaning: Cleaning
    unset: Unset
    cooldowns: str
    allow_list: tuple[str, ...]
    agents: tuple[str, ...]
    hot: frozenset[str]
    cold: frozenset[str]
    reload_modes: tuple[str, ...]
    watches_includes: bool
    refines_reload: bool
    trims_url: bool
    thinking_formats: frozenset[str]
    thinks: bool
    auth_modes: frozenset[str]
    auth_members: frozenset[str]
    fixed_aliases: bool
    auth_word: bool
    strict_cache: bool
    null_is_fatal: bool
    validates: bool
    logout: bool
    restart_signal: bool
    restart_command: bool
    safe_restart: bool
    same_process: bool
    touched_at: bool
    copies_keys: bool
    cli_logins: frozenset[str]
    oauth_file: bool
    dead_login_blocks: bool
    blocking_files: frozenset[str]
    old_spellings: bool
    keyless_local: bool
    bare_variable: bool
    backup_ring: tuple[str, ...]
    deletes_foreign_backups: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One boundary: from `first` on, `fields` hold."""

    first: Version
    fields: dict[str, Any]
    source: str
    how: str


def _row(first: str, source: str, how: str, **fields: Any) -> Row:
    month, patch = first.split(".")
    return Row(Version(2026, int(month), int(patch)), fields, source, how)


_MODES = frozenset({"api_key", "oauth", "token"})
_MEMBERS = frozenset({"provider", "mode", "email"})
_WITHOUT_QWEN = frozenset({"openai", "openrouter", "deepseek", "zai"})
_LEGACY = frozenset({"auth-profiles.json", "auth.json"})
_RING = (".bak", ".bak.1", ".bak.2", ".bak.3", ".bak.4")

TABLE: tuple[Row, ...] = (
    _row("1.29", "loadAuthProfileStoreForAgent", "run", store=Store.FILE, legacy=Legacy.LIVE),
    _row("6.5", "readPersistedAuthProfileStoreRaw", "run", store=Store.AGENT_DATABASE, legacy=Legacy.IGNORED),
    _row("8.1", "AuthProfileMigrationRequiredError", "run", store=Store.SHARED_DATABASE, legacy=Legacy.FAILS_TURNS),
    _row("9.6", "assertAuthProfileMigrationCandidates", "run", legacy=Legacy.STOPS_GATEWAY),
    _row("1.29", "ensureOpenClawModelsJson: {...existing, ...config}", "run", cache=Cache.CORRECTED),
    _row("2.26", "mergeWithExistingProviderSecrets", "run", cache=Cache.WINS),
    _row("3.3", "applyConfiguredProviderOverrides (3.3 to 3.6 were never published)", "run", cache=Cache.INERT),
    _row("8.1", "prepared-model-runtime", "run", cache=Cache.UNWRITTEN),
    _row("1.29", "pi-coding-agent ModelRegistry", "run", strict_cache=True, null_is_fatal=True),
    _row("3.8", "2026.5.7 rebuilds it before reading", "run", null_is_fatal=False),
    _row("6.5", "OpenClaw's own registry", "read", strict_cache=False),
    _row("1.29", "proper-lockfile", "read", lock=Lock.FOLDER),
    _row("2.17", "acquireFileLock", "run", lock=Lock.FILE),
    _row("6.5", "readPersistedAuthProfileStoreRaw", "run", lock=Lock.NONE),
    _row("1.29", "usageStats", "read", cooldowns="auth-profiles.json"),
    _row("4.7", "auth-state.json", "run", cooldowns="auth-state.json"),
    _row("6.5", "auth_profile_state", "run", cooldowns="openclaw-agent.sqlite"),
    _row("1.29", '["/healthz","live"] absent', "read", probe=Probe.NONE),
    _row("3.1", "GATEWAY_PROBE_STATUS_BY_PATH", "run", probe=Probe.POST_HEALTHZ),
    _row("3.3", "createReadinessChecker (3.3 to 3.6 were never published)", "run", probe=Probe.READYZ),
    _row("8.1", "AuthProfileMigrationRequiredError after /healthz 200", "run", probe=Probe.READYZ_TWICE),
    _row("1.29", "no restartGatewayProcessWithFreshPid", "read", restart_signal=False, same_process=True),
    _row("2.17", "restartGatewayProcessWithFreshPid", "run", restart_signal=True, same_process=False),
    _row("5.18", "unmanaged: use in-process restart", "run", same_process=True),
    _row("1.29", 'result "not-loaded"', "run", restart_command=False),
    _row("6.36", "SIGUSR1 opens the Node inspector (2026.9.6)", "run", restart_signal=False),
    _row("7.1", "restart signal sent to unmanaged process", "run", restart_command=True),
    _row("1.29", "no requestSafeGatewayRestart", "read", safe_restart=False),
    _row("9.1", "requestSafeGatewayRestart (there from 5.4 on; run on 2026.9.6)", "run", safe_restart=True),
    _row("1.29", "runServiceRestart", "run", validates=False),
    _row("3.2", "Validate the current config", "run", validates=True),
    _row("1.29", "no persistClobberedConfigSnapshot on read", "read", revert=Revert.NEVER),
    _row("4.22", "isRecoverableConfigReadSuspiciousReason", "run", revert=Revert.ON_READ),
    _row("5.3", "5.7 and 6.5 kept the file", "run", revert=Revert.NEVER),
    _row("6.9", "recoverGuardedGatewayRunConfig", "run", revert=Revert.AT_START),
    _row("8.1", "maybeRecoverSuspiciousConfigReadSync in loadConfig", "run", revert=Revert.ON_READ),
    _row("1.29", "zod-schema AgentsSchema", "read", allow_list=("agents", "defaults", "models"), agents=("list",)),
    _row(
        "8.1",
        "legacy-config-migrations.runtime.models",
        "run",
        allow_list=("agents", "defaults", "modelPolicy", "allow"),
        agents=("entries", "list"),
    ),
    _row("1.29", "BASE_RELOAD_RULES", "read", hot=hot.HOT_1_29, cold=frozenset()),
    _row("2.26", "BASE_RELOAD_RULES (run on 2026.3.2)", "run", hot=hot.HOT_2_26),
    _row("4.29", "BASE_RELOAD_RULES (absent in 3.7)", "read", hot=hot.HOT_4_29, cold=hot.COLD_4_29),
    _row("5.7", "BASE_RELOAD_RULES", "read", hot=hot.HOT_5_7, cold=hot.COLD_5_7),
    _row("6.5", "BASE_RELOAD_RULES", "read", hot=hot.HOT_6_5),
    _row("8.1", "BASE_RELOAD_RULES (absent in 7.1, in 8.2)", "read", hot=hot.HOT_8_1, cold=hot.COLD_8_1),
    _row("9.2", "DEFAULT_RELOAD_POLICIES (run on 2026.9.6)", "run", hot=hot.HOT_9_2, cold=hot.COLD_9_2),
    _row("1.29", "resolveGatewayReloadSettings", "run", reload_modes=("hybrid", "off", "restart", "hot")),
    _row("8.1", "zod-schema reload", "read", reload_modes=("hybrid", "off")),
    _row("1.29", "chokidar.watch(opts.watchPath)", "read", watches_includes=False),
    _row("8.2", "acceptWatchedPaths (absent in 7.1)", "read", watches_includes=True),
    _row("1.29", "diffConfigPaths: a member that comes or goes is one change", "read", refines_reload=False),
    _row("9.2", "diffGatewayReloadPaths: refinementPrefixes (absent in 9.1)", "run", refines_reload=True),
    _row("1.29", "a space at the end -> /v1%20/ (2026.3.2)", "run", trims_url=False),
    _row("4.2", "resolveProviderRequestConfig: normalizeBaseUrl (run on 2026.5.7)", "run", trims_url=True),
    _row("1.29", "Coding Plan FAQ: versions before 2026.3.2 may not support it", "read", thinks=False),
    _row("3.2", "Coding Plan FAQ; enable_thinking in pi-ai", "read", thinks=True),
    _row("1.29", "no compat.thinkingFormat in the schema", "read", thinking_formats=frozenset()),
    _row("2.17", "zod-schema compat.thinkingFormat", "read", thinking_formats=frozenset({"openai", "zai", "qwen"})),
    _row("4.26", "the schema refuses qwen (2026.4.26 to 2026.5.7)", "run", thinking_formats=_WITHOUT_QWEN),
    _row("5.12", "the schema has qwen again", "read", thinking_formats=_WITHOUT_QWEN | {"qwen", "qwen-chat-template"}),
    _row("1.29", "zod-schema auth.profiles", "run", auth_modes=_MODES, auth_members=_MEMBERS),
    _row("3.8", "zod-schema auth.profiles", "read", auth_members=_MEMBERS | {"displayName"}),
    _row("5.8", "zod-schema auth.profiles", "run", auth_modes=_MODES | {"aws-sdk"}),
    _row("1.29", "normalizeProviderId", "run", fixed_aliases=True),
    _row("3.8", "parseModelRef", "run", fixed_aliases=False),
    _row("1.29", "resolveApiKeyForProvider", "run", auth_word=False),
    _row("3.8", 'auth: "api-key" (seen on 2026.4.29)', "run", auth_word=True),
    _row("1.29", "getCustomProviderApiKey: trim()", "read", cleaning=Cleaning.ENDS),
    _row("1.30", "normalizeSecretInput (absent in 1.29, present in 2.12)", "run", cleaning=Cleaning.LINES),
    _row("3.3", "latin1Only (3.3 to 3.6 were never published)", "run", cleaning=Cleaning.WIDE),
    _row("6.6", "normalizeSecretInput (absent in 6.5, present in 7.1)", "run", cleaning=Cleaning.CONTROLS),
    _row("1.29", "coerceAuthStore", "read", old_spellings=False),
    _row("2.26", "normalizeRawCredentialEntry", "read", old_spellings=True),
    _row("1.29", "resolveApiKeyForProvider", "run", keyless_local=False),
    _row("3.8", "resolveSyntheticLocalProviderAuth (absent in 3.7, present in 3.13)", "run", keyless_local=True),
    _row("1.29", "no ENV_SECRET_SHORTHAND_RE", "read", bare_variable=False),
    _row("5.8", "ENV_SECRET_SHORTHAND_RE (absent in 5.7, present in 6.5)", "read", bare_variable=True),
    _row("1.29", "MissingEnvVarError", "run", unset=Unset.VOIDS_CONFIG),
    _row("3.3", "resolveConfigEnvVars: onMissing (3.3 to 3.6 were never published)", "run", unset=Unset.STOPS_GATEWAY),
    _row("8.1", "SECRETS_OWNER_UNAVAILABLE (absent in 7.1, present in 8.2)", "run", unset=Unset.STOPS_PROVIDER),
    _row("1.29", "zod-schema meta", "run", touched_at=True),
    _row("8.1", "meta: Unrecognized key: lastTouchedAt", "run", touched_at=False),
    _row("1.29", "no maybeMigrateModelCatalogCredentials", "read", copies_keys=False, logout=False),
    _row("8.1", "maybeMigrateModelCatalogCredentials; auth.command(logout)", "run", copies_keys=True, logout=True),
    _row(
        "1.29",
        "syncExternalCliCredentials (run on 2026.3.2); loadAuthProfileStoreForAgent: mergeOAuthFileIntoStore",
        "run",
        cli_logins=frozenset({"qwen-portal", "minimax-portal"}),
        oauth_file=True,
        blocking_files=frozenset(),
    ),
    _row("3.28", "openclaw#52709 takes qwen-portal-auth out", "read", cli_logins=frozenset({"minimax-portal"})),
    _row("1.29", "No credentials found for profile (2026.3.2, 2026.5.7)", "run", dead_login_blocks=True),
    _row("6.5", "the turn used openclaw.json's key (2026.7.1, 2026.9.6)", "run", dead_login_blocks=False),
    _row("8.1", "no mergeOAuthFileIntoStore", "read", oauth_file=False),
    _row("8.1", "AuthProfileMigrationRequiredError", "run", blocking_files=_LEGACY),
    _row("9.6", "resolveLegacyAuthProfileSourceCandidates", "run", blocking_files=_LEGACY | {"oauth.json"}),
    _row("1.29", "rotateConfigBackups", "read", backup_ring=_RING, deletes_foreign_backups=False),
    _row("3.2", "cleanOrphanBackups", "run", deletes_foreign_backups=True),
    _row("4.20", "promoteConfigSnapshotToLastKnownGood", "run", backup_ring=(".last-good", *_RING)),
    _row("8.1", "no cleanOrphanBackups", "read", deletes_foreign_backups=False),
)


@cache
def behaviour_of(version: Version | None) -> Behaviour | None:
    """Return what holds for a version; None for one that was not measured: nobody knows what it does."""
    if version is None or not OLDEST_MEASURED <= version <= NEWEST_MEASURED:
        return None
    fields: dict[str, Any] = {}
    for row in sorted((row for row in TABLE if row.first <= version), key=lambda row: row.first):
        fields |= row.fields
    return Behaviour(**fields)  # a test proves that every field is set and of its type


def sources_of(field: str) -> tuple[Row, ...]:
    """The rows that settle one field, oldest first."""
    return tuple(sorted((row for row in TABLE if field in row.fields), key=lambda row: row.first))
