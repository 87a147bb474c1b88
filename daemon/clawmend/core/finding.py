"""What a rule reports: findings whose fix is data. Nothing here acts."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import field
from enum import Enum

from clawmend.core.document import Json
from clawmend.core.era import Era
from clawmend.core.frozen import dataclass
from clawmend.core.pointer import Pointer, format_pointer
from clawmend.core.snapshot import Snapshot


class Severity(Enum):
    """How bad it is. error: it fails until this is fixed; warning: stale or risky; info: inert here."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Safety(Enum):
    """Who may apply the fix. safe: clawmend by itself; ask: a person says so first; advise: never clawmend."""

    SAFE = "safe"
    ASK = "ask"
    ADVISE = "advise"


class Confidence(Enum):
    """How sure the rule is that the state is what the finding says."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Need(Enum):
    """What the running gateway needs before an edit takes effect."""

    NOTHING = "nothing"
    HOT_RELOAD = "hot reload"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class SetKey:
    """Set one member of a document, creating the objects above it."""

    path: str
    pointer: Pointer
    value: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class RemoveKey:
    """Remove one member of a document."""

    path: str
    pointer: Pointer


@dataclass(frozen=True, slots=True)
class RenameKey:
    """Give one member of a document another name; its value, its place and its comments stay."""

    path: str
    pointer: Pointer
    name: str


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """Remove a file that its owner rebuilds by itself."""

    path: str


@dataclass(frozen=True, slots=True)
class RestoreFile:
    """Replace a file by the bytes of a verified copy; `source` names the copy for people."""

    path: str
    source: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetMode:
    """Give a file other permission bits and nothing else; its content and its times stay."""

    path: str
    mode: int


@dataclass(frozen=True, slots=True)
class LogOut:
    """Have OpenClaw itself remove a stored credential from its database; clawmend never writes there.

    `path` is the database, `agent` whose credential it is, `stored` the entry as it stands there: it is kept in the
    checkpoint, so that `undo` can have OpenClaw store the key again.
    """

    path: str
    agent: str
    profile: str
    stored: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Have OpenClaw itself take the credentials of its retired files over into its databases.

    `path` is the first of an agent's retired files. OpenClaw does it for a whole state folder at once, and puts the
    files aside: all of them are kept in the checkpoint.
    """

    path: str
    agent: str


@dataclass(frozen=True, slots=True)
class Restart:
    """Start or restart the gateway that reads the openclaw.json at `path`, within the budget; no file is touched.

    `reset_failed`: the service manager has given it up, and has to be told first that what it gave up for is gone.
    """

    path: str
    reset_failed: bool = False


Edit = SetKey | RemoveKey | RenameKey | RemoveFile | RestoreFile | SetMode | LogOut | TakeOver | Restart


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits as data, and what the gateway needs for them to take effect."""

    edits: tuple[Edit, ...]
    need: Need = Need.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault, in one sentence with both sides in it.

    `path` is absolute, `pointer` the member it is about or None, `cause` the facts that make it this fault and no
    other (it feeds the fingerprint and must hold no secret), `advice` commands or sentences for the person,
    `hold` the reason why the fix may not be applied here even though it exists.
    """

    rule: str
    name: str
    severity: Severity
    safety: Safety
    confidence: Confidence
    path: str
    summary: str
    pointer: Pointer | None = None
    cause: str = ""
    evidence: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    fix: Fix | None = None
    hold: str | None = None

    def fingerprint(self, home: str) -> str:
        """Return 16 hex digits that stay the same while the fault stays the same, wherever the home lies."""
        where = self.path.removeprefix(home)
        pointer = "" if self.pointer is None else format_pointer(self.pointer)
        facts = f"{self.rule}\0{where}\0{pointer}\0{self.cause}"
        return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class CouldNotLook:
    """A rule could not judge: never shown as fine."""

    rule: str
    path: str
    problem: str
    remedy: str = ""


Report = Finding | CouldNotLook


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `check` decides from a snapshot. `eras` are those in which its fix may be applied; None means any.

    `documentation` is the docstring of its module, from which `explain` and the tables are made.
    """

    id: str
    name: str
    severity: Severity
    safety: Safety
    eras: frozenset[Era] | None
    check: Callable[[Snapshot], Iterable[Report]]
    documentation: str

    @property
    def title(self) -> str:
        """The first line of the documentation, without its full stop."""
        return self.documentation.strip().partition("\n")[0].rstrip(".")
