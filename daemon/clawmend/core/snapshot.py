"""Everything a rule may look at, read once."""

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, tzinfo

from clawmend.core.claude_code import ClaudeCode
from clawmend.core.document import Json
from clawmend.core.era import Installation
from clawmend.core.evidence import NOTHING, Evidence
from clawmend.core.frozen import dataclass
from clawmend.core.gateway import NO_GATEWAY, GatewayHealth
from clawmend.core.neighbours import NOBODY, Neighbours
from clawmend.core.plan_data import CODING_PLAN, PlanKnowledge
from clawmend.core.printable import display
from clawmend.core.secret import Secret
from clawmend.core.state import FileState, Parsed, Unreadable, object_at

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settings:
    """openclaw.json as OpenClaw understands it: `$include` merged, `${NAME}` filled in where the name is known.

    `problem` is one sentence when a part could not be resolved; `value` is then what could be read.
    `included` are the paths of the files merged in.
    """

    value: Json = field(repr=False)  # keys and tokens stand in it
    problem: str | None = None
    included: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credential:
    """One stored credential. `key` is None where there is none in clear text (OAuth, references)."""

    profile: str
    provider: str
    kind: str
    key: Secret | None


@dataclass(frozen=True, slots=True)
class Database:
    """A SQLite store, read without touching it. `problem` says why it could not be read, else None.

    `store` and `state` are what auth-profiles.json and auth-state.json were in the JSON eras: `{"profiles": {...}}`
    and `{"order": {...}, "usageStats": {...}}`, None where there is no such row. `location` is where the shared store
    says that it lies ("state-db"), None in a database that says nothing about it. `pins` are the models that sessions
    in it are pinned to ("provider/model"), `cron_models` those that its cron jobs name, as they are written there.
    """

    path: str
    store: Json = field(default=None, repr=False)
    state: Json = field(default=None, repr=False)
    location: str | None = None
    app_version: str | None = None
    problem: str | None = None
    pins: tuple[str, ...] = ()
    cron_models: tuple[str, ...] = ()

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """The credentials in it; what is no profile is passed over, as OpenClaw does."""
        found = []
        for name, entry in object_at(self.store, "profiles").items():
            if isinstance(entry, dict) and isinstance(entry.get("provider"), str):
                key = entry.get("key") or entry.get("token")
                kind = str(entry.get("type") or "")
                secret = Secret(key) if isinstance(key, str) else None
                found.append(Credential(name, str(entry["provider"]), kind, secret))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Exposed:
    """A file that may hold secrets and that its group or others may read, or that belongs to somebody else.

    `mode` are its permission bits; `reachable`: somebody may really come to it, through every folder above it.
    `foreign`: it belongs neither to the home's user nor to whoever the state folder belongs to. `state` is its content,
    None where the file is not ours to replace (a database in use).
    """

    path: str
    mode: int
    uid: int
    reachable: bool
    state: FileState | None = None
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent's folder and the files in it that decide where its requests go and with which key."""

    id: str
    directory: str
    models: FileState
    profiles: FileState
    legacy_auth: FileState
    auth_state: FileState
    store: Database | None = None


@dataclass(frozen=True, slots=True)
class GatewayAbsent:
    """No gateway process was found for this state folder. `service` is the unit or label that could start one."""

    service: str | None = None
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class GatewayRunning:
    """A gateway process of this state folder.

    `started` is its start time in seconds since the epoch; `manager` is "systemd", "launchd" or None when nobody
    but a shell started it; `service` the unit or label; `environment` its own, or None when it may not be read.
    `folder` is where it works, whose `.env` it reads as well; None where nobody may know.
    """

    pid: int
    started: float
    port: int | None
    manager: str | None = None
    service: str | None = None
    environment: Environment | None = field(default=None, repr=False)
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class GatewayUnknown:
    """Something listens on the gateway's port and cannot be told apart from a gateway of this state folder."""

    problem: str


GatewayState = GatewayAbsent | GatewayRunning | GatewayUnknown


@dataclass(frozen=True, slots=True)
class OpenClaw:
    """One state folder of OpenClaw (`~/.openclaw`, a profile's, or where the environment points).

    `copies` are the earlier copies of openclaw.json, OpenClaw's own and ours; they are read only when openclaw.json
    gives a reason to (see repair/observe.py). `known_good` are those of them that clawmend kept when they were proven.
    `clobbered` are the newest of those that OpenClaw put aside, newest first. `includes` are the files that
    openclaw.json includes, `oauth_sources` the files of other programs from which OpenClaw makes profiles.
    `pinned_models` are the references that sessions hold, `cron_models` those of cron jobs, enabled or not: they are in
    use, and never edited. `exposed` are the files with secrets that others may read, `evidence` is what the gateway's
    log tells of this folder.
    `environment` is what the gateway resolves `${NAME}` from; names that it lacks are unknown, not empty, unless
    `environment_complete`. `unreadable` are the folders of it that may not be listed: what is in them was not looked
    at. `health` is how its gateway is, and why it is down.
    """

    directory: str
    profile: str | None
    config: FileState
    settings: Settings | None
    agents: tuple[Agent, ...]
    copies: tuple[FileState, ...] = ()
    gateway: GatewayState = field(default_factory=GatewayAbsent)
    environment: Environment = field(default_factory=dict, repr=False)
    environment_complete: bool = False
    pinned_models: tuple[str, ...] = ()
    cron_models: tuple[str, ...] = ()
    shared_store: Database | None = None
    known_good: tuple[Parsed, ...] = ()
    clobbered: tuple[FileState, ...] = ()
    includes: tuple[FileState, ...] = ()
    oauth_sources: tuple[FileState, ...] = ()
    exposed: tuple[Exposed, ...] = ()
    evidence: Evidence = NOTHING
    read_only: bool = False
    unreadable: tuple[Unreadable, ...] = ()
    health: GatewayHealth = NO_GATEWAY


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at a home. `now` is in seconds since the epoch; `claude` is the file Claude Code uses, or None.

    `plan` is what is known of the Coding Plan, `owner` the number of the user whose home this is, `neighbours` are the
    other tools that send requests to the plan, `claudes` the configurations of Claude Code that are in use. `zone` is
    that of the clock on the wall, for moments that are told.
    """

    home: str
    now: float
    installation: Installation
    openclaws: tuple[OpenClaw, ...]
    claude: FileState | None = None
    plan: PlanKnowledge = CODING_PLAN
    owner: int = 0
    neighbours: Neighbours = NOBODY
    claudes: tuple[ClaudeCode, ...] = ()
    zone: tzinfo = UTC

    def display(self, path: str) -> str:
        """Write a path the way people read it: `~/.openclaw/openclaw.json`."""
        return display(self.home, path)
