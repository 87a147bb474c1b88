"""Which folders are watched, and which names in them matter: few folders, none of them with all that is below it.

Sessions, workspaces, caches and logs are nobody's business here; a new agent, profile or program shows by a name in
the folder above it. SQLite stores change with every turn, so they wake nobody and no sweep compares them: they are
read when there is another reason to look, at the latest when the engine's longest rest is over.
"""

import os
from collections.abc import Iterable, Mapping

from clawmend.core.frozen import dataclass
from clawmend.core.snapshot import Snapshot
from clawmend.loop.editing import trace_prefixes
from clawmend.system.claude_files import claude_paths
from clawmend.system.files import Files
from clawmend.system.homes import LEGACY_FOLDERS, state_folders
from clawmend.system.machine import Place
from clawmend.system.neighbour_homes import watched_paths
from clawmend.system.real_paths import RealPaths

_AGENT_FILES = frozenset({"models.json", "auth-profiles.json", "auth.json"})
_IN_HOME = frozenset({".openclaw", ".claude", ".qwen", ".minimax", ".config", *LEGACY_FOLDERS})
# Programs beside OpenClaw, by the folder in the home that holds their files.
_BESIDE: Mapping[str, frozenset[str]] = {
    ".claude": frozenset({"settings.json", ".config.json"}),
    ".qwen": frozenset({"settings.json", ".env", "oauth_creds.json"}),
    ".minimax": frozenset({"oauth_creds.json"}),
    ".config": frozenset({"opencode"}),
    ".config/opencode": frozenset({"opencode.json", "opencode.jsonc"}),
}


@dataclass(frozen=True, slots=True)
class Interest:
    """What matters in one folder: these names, and those that begin with one of these texts."""

    names: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    everything: bool = False

    def covers(self, name: str) -> bool:
        """Tell whether a change of this name is worth a look."""
        return self.everything or name in self.names or (bool(self.prefixes) and name.startswith(self.prefixes))

    def __or__(self, other: "Interest") -> "Interest":
        return Interest(
            self.names | other.names,
            tuple(dict.fromkeys((*self.prefixes, *other.prefixes))),
            self.everything or other.everything,
        )


Places = Mapping[str, Interest]


def places_of(place: Place, files: Files, last: Snapshot | None = None) -> Places:
    """The folders of a home that are there, with what matters in each. `last` is what the last look came upon."""
    found: dict[str, Interest] = {}
    resolved = RealPaths()

    def add(folder: str, interest: Interest) -> None:
        if os.path.isdir(folder):
            real = resolved.of(folder)
            found[real] = found.get(real, Interest()) | interest

    add(place.home, Interest(_IN_HOME, (".openclaw-",)))
    for folder in filter(None, (place.home, place.environment.get("CLAUDE_CONFIG_DIR", ""))):
        add(folder, _edited(".claude.json", ".config.json"))
    for folder, names in _BESIDE.items():
        add(os.path.join(place.home, folder), Interest(names))
    for state in state_folders(place.home, place.environment, files):
        name = os.path.basename(state.config)
        add(os.path.dirname(state.config), _edited(name, ".env") | Interest(prefixes=(f"{name}.",)))
        add(state.directory, Interest(frozenset({".env", "agents", "credentials", "state"})))
        add(os.path.join(state.directory, "credentials"), Interest(frozenset({"oauth.json"})))
        agents = os.path.join(state.directory, "agents")
        add(agents, Interest(everything=True))
        for agent in files.names(agents):
            add(os.path.join(agents, agent), Interest(frozenset({"agent"})))
            add(os.path.join(agents, agent, "agent"), _edited(*_AGENT_FILES))
    beside = (
        *claude_paths(place.home, place.environment, files),
        *watched_paths(place.home, place.environment),
    )
    for path in (*beside, *_seen(last)):
        add(os.path.dirname(path), _edited(os.path.basename(path)))
    return found


def _edited(*names: str) -> Interest:
    """Files that people open in editors: when the editor is closed, it is time to look."""
    return Interest(frozenset(names), trace_prefixes(*names))


def files_in(places: Places) -> tuple[str, ...]:
    """The files that matter and are there, for whoever has to look for himself whether they have changed."""
    return tuple(sorted(os.path.join(folder, name) for folder in places for name in _names(folder, places[folder])))


def _names(folder: str, interest: Interest) -> Iterable[str]:
    if not interest.everything and not interest.prefixes:
        return [name for name in interest.names if os.path.lexists(os.path.join(folder, name))]
    try:
        return [name for name in os.listdir(folder) if interest.covers(name)]
    except OSError:
        return ()


def _seen(last: Snapshot | None) -> Iterable[str]:
    """Files that lie where only their owner says: includes, agents' folders elsewhere."""
    if last is None:
        return ()
    includes = (path for one in last.openclaws if one.settings for path in one.settings.included)
    agents = (state.path for one in last.openclaws for agent in one.agents for state in (agent.models, agent.profiles))
    return (*includes, *agents)
