"""The other tools on this machine that send requests to the Coding Plan, as they are on disk: OpenCode and Qwen Code.

A tool without a file of its own is not there for us, installed or not: nothing of it can be wrong.
"""

from collections.abc import Iterator

from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.secret import Secret
from clawmend.core.state import FileState, value_of

Release = tuple[int, int, int]  # 1.2.16 as (1, 2, 16)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a tool finds in its environment; `path` is the `.env` that holds it, None for the shell's."""

    name: str
    secret: Secret
    path: str | None


@dataclass(frozen=True, slots=True)
class OpenCode:
    """OpenCode's settings that hold in every project, the weakest first (a later file wins member by member).

    `auth` is its auth.json, with keys by provider. `variables` are those that `{env:NAME}` may name, as far as we know
    them; `version` and `command` are None where they cannot be told without running it.
    """

    files: tuple[FileState, ...]
    auth: FileState
    variables: tuple[Variable, ...] = ()
    version: Release | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class QwenCode:
    """Qwen Code's settings.json, and `previous`, the copy of it that an interrupted save leaves behind.

    `variables` are those of the shell and of its `.env` files, the strongest first.
    """

    settings: FileState
    previous: FileState
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The tools found; None for one without files."""

    opencode: OpenCode | None = None
    qwen: QwenCode | None = None

    @property
    def files(self) -> tuple[FileState, ...]:
        """Every file of theirs that was read."""
        found: list[FileState] = []
        if self.opencode is not None:
            found += [*self.opencode.files, self.opencode.auth]
        if self.qwen is not None:
            found += [self.qwen.settings, self.qwen.previous]
        return tuple(found)

    @property
    def secrets(self) -> Iterator[Json]:
        """Documents in which secrets stand under names that give them away, for whoever masks them."""
        yield from map(value_of, self.files)
        for tool in (self.opencode, self.qwen):
            if tool is not None:
                yield {variable.name: variable.secret.reveal() for variable in tool.variables}


NOBODY = Neighbours()
