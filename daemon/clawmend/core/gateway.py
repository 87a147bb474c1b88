"""The gateway as a value: what it is doing, why it is down, and the plain facts from which that is decided.

A process, an open port or a 200 prove nothing: a gateway says 200 while it is about to die, a slow machine needs
minutes to start one, and a unit that systemd has given up says nothing at all. Source: facts on OpenClaw, "Gateway".
"""

from enum import Enum

from clawmend.core.frozen import dataclass


class Condition(Enum):
    """What the gateway of one state folder is doing; the value is what `status --json` prints."""

    READY = "ready"
    STARTING = "starting"  # minutes on a slow machine: never to be killed
    DRAINING = "draining"  # it finishes its turns and ends, or starts anew
    ALIVE_NOT_READY = "alive-not-ready"
    REFUSING_CONFIG = "refusing-config"  # it ends at each start, for what openclaw.json says
    CRASH_LOOPING = "crash-looping"
    START_LIMIT = "start-limit"  # the service manager has given up until `reset-failed`
    EXIT_78 = "exit-78"  # a configuration error, after which systemd does not try again
    PORT_TAKEN = "port-taken"  # by somebody else
    FAILED = "failed"  # it ended with an error, and nobody starts it again
    STOPPED = "stopped"  # on purpose: a person or a manager has stopped it, or it was never started
    ABSENT = "absent"  # no service, no process
    UNKNOWN = "unknown"  # this user may not see it


DOWN = frozenset(
    {
        Condition.REFUSING_CONFIG,
        Condition.CRASH_LOOPING,
        Condition.START_LIMIT,
        Condition.EXIT_78,
        Condition.PORT_TAKEN,
        Condition.FAILED,
    }
)
"""Where somebody wants the gateway to run, and it does not."""


class Cause(Enum):
    """Why a gateway ended at its start; the value is said after "because"."""

    CONFIG = "openclaw.json is not valid"
    UNCONFIGURED = "openclaw.json does not set gateway.mode"
    LEGACY_CREDENTIALS = "old credential files have to be migrated first"
    PORT = "another process holds its port"
    ALREADY_RUNNING = "another gateway of this state folder runs"
    MISSING_MODULE = "a part of OpenClaw's own program is missing"
    NO_PROGRAM = "the program that its service names cannot be run"
    MEMORY = "the machine had no memory left"
    OTHER = "of what its log says"


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds the gateway's port and is no gateway of this state folder; what may not be seen is None."""

    pid: int | None
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayHealth:
    """One look at the gateway of one state folder.

    `why` is one sentence without a full stop. Moments (`started`, `since`) are in seconds since the epoch, `uptime` in
    seconds. `version` is the one that *runs*, which may not be the one that is installed. `manager` is "systemd",
    "launchd", another supervisor ("pm2", "container"), "foreground" where a shell started it, None where nothing runs
    and no service is installed; `unit` the unit or label. `exit_status` is that of the last end (128 + n for a
    signal), `restarts` how often the service manager started it anew by itself, None where nobody counts. `lines` are
    the last words of its own log that matter, without keys. `cause` is why it ended, `member` the member of
    openclaw.json that it names, `holder` who has its port, `failing` what it says is not ready, `system` whether its
    unit is the machine's and not the user's.
    """

    condition: Condition
    why: str
    pid: int | None = None
    started: float | None = None
    boot_id: str | None = None
    port: int | None = None
    uptime: float | None = None
    version: str | None = None
    manager: str | None = None
    unit: str | None = None
    exit_status: int | None = None
    restarts: int | None = None
    lines: tuple[str, ...] = ()
    since: float | None = None
    cause: Cause | None = None
    member: str | None = None
    holder: Holder | None = None
    failing: tuple[str, ...] = ()
    system: bool = False

    @property
    def is_down(self) -> bool:
        """Whether somebody wants it to run, and it does not."""
        return self.condition in DOWN


NO_GATEWAY = GatewayHealth(condition=Condition.ABSENT, why="no service is installed and no gateway runs")


class ServiceState(Enum):
    """What a service manager says of a service, whichever manager it is."""

    RUNNING = "running"
    BEGINNING = "beginning"  # systemd: activating
    WAITING = "waiting"  # it ended, and is started again in a moment
    ENDING = "ending"
    STOPPED = "stopped"
    FAILED = "failed"
    UNLOADED = "unloaded"  # there is a file, and the manager has not read it
    UNASKED = "unasked"  # there is a file, and no manager answers


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts:
    """What the service manager answered. `result` is systemd's word ("success", "exit-code", "start-limit-hit").

    `exit_status` is that of the last end, 128 + n for a signal; None while the first run lasts. `entered`, `left`,
    `started` and `ended` are when it came into its state, when it was last no longer active, and when its process last
    began and ended, in seconds since the epoch. `limit` is how many starts its unit allows before systemd gives up.
    """

    manager: str
    unit: str
    state: ServiceState
    result: str = "success"
    exit_status: int | None = None
    restarts: int | None = None
    pid: int | None = None
    entered: float | None = None
    left: float | None = None
    started: float | None = None
    ended: float | None = None
    limit: int | None = None
    system: bool = False  # a unit of the machine, not of the user


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFacts:
    """A gateway process of this state folder, however it was started."""

    pid: int
    started: float
    manager: str
    unit: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a gateway answered over HTTP. `ready` is None where nothing on HTTP tells it."""

    ready: bool | None
    failing: tuple[str, ...] = ()
    uptime: float | None = None
    boot_id: str | None = None
    version: str | None = None
    starting: bool = False
    draining: bool = False


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a gateway said when it did not start. `time` is in seconds since the epoch, `text` holds no key."""

    time: float
    cause: Cause
    text: str
    member: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that decides how a gateway is. `now` is in seconds since the epoch.

    `answer` is None where nobody answered, `hidden` one sentence when there is something that this user may not see,
    `complaints` are in the order of their time, `changed` is when openclaw.json was last changed.
    """

    now: float
    port: int
    service: ServiceFacts | None = None
    process: ProcessFacts | None = None
    answer: Answer | None = None
    holder: Holder | None = None
    hidden: str | None = None
    complaints: tuple[Complaint, ...] = ()
    changed: float | None = None
