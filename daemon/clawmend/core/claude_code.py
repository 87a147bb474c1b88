"""The nouns of Claude Code: where it keeps its state, what is in it, and which of its processes run."""

from collections.abc import Mapping
from dataclasses import field

from clawmend.core.frozen import dataclass
from clawmend.core.state import Absent, FileState, Identity, Malformed, Parsed

# The variables of an environment that are kept: those that decide where requests go, and with which key.
VARIABLES = ("ANTHROPIC_", "CLAUDE_CODE_USE_", "CLAUDE_CODE_OAUTH_TOKEN")


@dataclass(frozen=True, slots=True)
class ClaudeProcess:
    """A Claude Code that runs; `environment` are its VARIABLES, None when they may not be read."""

    pid: int
    environment: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ClaudeCode:
    """One configuration of Claude Code.

    `directory` is its folder (`~/.claude`, or CLAUDE_CONFIG_DIR), `config` the file with the onboarding flag,
    `settings` the settings.json. `copies` are the earlier copies of `config` that parse, Claude Code's own and ours,
    newest first; they are read only when `config` gives a reason to. `processes` are those that use this configuration,
    `environment` the VARIABLES of our own environment, which is the person's shell when a person runs clawmend.
    `status` is what the file system says of `config`, `is_folder` that a folder lies there. `may_log_in`: there is a
    login, or a start file of a shell that names a key; nobody can tell then that there is none. `owner` is the number
    of the user to whom `directory` belongs, None without one.
    """

    directory: str
    config: FileState
    settings: FileState
    copies: tuple[Parsed, ...] = ()
    processes: tuple[ClaudeProcess, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    status: Identity | None = None
    is_folder: bool = False
    may_log_in: bool = False
    owner: int | None = None

    @property
    def runs(self) -> bool:
        """Tell whether a Claude Code runs that may hold this configuration in memory."""
        return bool(self.processes)

    @property
    def broken(self) -> Malformed | None:
        """The file with the flag as something that is no object; None when it is one, or cannot be read."""
        match self.config:
            case Malformed() as state:
                return state
            case Parsed(path=path, identity=identity, data=data, document=document) if not isinstance(
                document.value, dict
            ):
                return Malformed(path, identity, data, "it is not an object")
            case _:
                return None

    @property
    def states(self) -> tuple[FileState, ...]:
        """Its files that are there."""
        return tuple(state for state in (self.config, self.settings) if not isinstance(state, Absent))


def relevant(environment: Mapping[str, str]) -> dict[str, str]:
    """The VARIABLES of an environment."""
    return {name: text for name, text in environment.items() if name.startswith(VARIABLES)}
