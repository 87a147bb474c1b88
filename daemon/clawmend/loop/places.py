"""Which folders are watched, and which names in them matter: few folders, none of them with all that is below it.

Sessions, workspaces, caches and logs are nobody's business here; a new agent, profile or program shows by a name in
the folder above it. SQLite stores change with every turn, so they wake nobody and no sweep compares them: they are
read when there is another reason to look, at the latest when the engine's longest rest is over.
"""

import os
import stat
from collections.abc import Iterable, Mapping

from clawmend.core.frozen import dataclass
from clawmend.core.snapshot import Snapshot
from clawmend.loop.editing import trace_prefixes, usual_traces
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
    """What matters in one folder: these names, and those that begin with one of these texts.

    `targets` are what links elsewhere lead to: a change of them is one of the link, by whose name they are judged.
    """

    names: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    everything: bool = False
    targets: frozenset[str] = frozenset()

    def covers(self, name: str) -> bool:
        """Tell whether a change of this name is worth a look."""
        return name in self.targets or self.holds(name)

    def holds(self, name: str) -> bool:
        """Tell whether a file of this name is looked at as one of this folder."""
        return self.everything or name in self.names or (bool(self.prefixes) and name.startswith(self.prefixes))

    def __or__(self, other: "Interest") -> "Interest":
        return Interest(
            self.names | other.names,
            tuple(dict.fromkeys((*self.prefixes, *other.prefixes))),
            self.everything or other.everything,
            self.targets | other.targets,
        )


Places = Mapping[str, Interest]


def places_of(place: Place, files: Files, last: Snapshot | None = None) -> Places:
    """The folders of a home that are there, with what matters in each. `last` is what the last look came upon."""
    found = _Gathered()
    found.add(place.home, Interest(_IN_HOME, (".openclaw-",)))
    for folder in filter(None, (place.home, place.environment.get("CLAUDE_CONFIG_DIR", ""))):
        found.add(folder, _edited(".claude.json", ".config.json"), (".claude.json", ".config.json"))
    for folder, names in _BESIDE.items():
        found.add(os.path.join(place.home, folder), Interest(names), names)
    for state in state_folders(place.home, place.environment, files):
        name = os.path.basename(state.config)
        config = _edited(name, ".env") | Interest(prefixes=(f"{name}.",))
        found.add(os.path.dirname(state.config), config, (name, ".env"))
        found.add(state.directory, Interest(frozenset({".env", "agents", "credentials", "state"})), (".env",))
        found.add(os.path.join(state.directory, "credentials"), Interest(frozenset({"oauth.json"})), ("oauth.json",))
        agents = os.path.join(state.directory, "agents")
        found.add(agents, Interest(everything=True))
        for agent in files.names(agents):
            found.add(os.path.join(agents, agent), _AGENTS)
            found.add(os.path.join(agents, agent, "agent"), _AGENT, _AGENT_FILES)
    beside = (
        *claude_paths(place.home, place.environment, files),
        *watched_paths(place.home, place.environment),
    )
    for path in (*beside, *_included(last)):
        folder, name = os.path.split(path)
        found.add(folder, _edited(name), (name,))
    for folder in _elsewhere(last):
        found.add(folder, _AGENT, _AGENT_FILES)
    return found.all()


class _Gathered:
    """Folders as they are added. 2,000 agents have twice as many, at every turn: nothing is asked for twice."""

    def __init__(self) -> None:
        self._places: dict[str, Interest] = {}
        self._targets: dict[str, list[str]] = {}
        self._real: dict[str, str | None] = {}
        self._resolved = RealPaths()

    def add(self, folder: str, interest: Interest, files: Iterable[str] = ()) -> None:
        """What matters in a folder, if it is there; where the files of these names are links, their targets matter."""
        if folder not in self._real:
            self._real[folder] = self._resolved.of(folder) if os.path.isdir(folder) else None
        real = self._real[folder]
        before = self._places.get(real) if real is not None else None
        if real is None or before is interest:
            return
        self._places[real] = interest if before is None else before | interest
        for name in files:
            path = f"{real}/{name}"
            target = self._resolved.target_of(path) if os.path.islink(path) else None
            if target is not None:
                self._targets.setdefault(os.path.dirname(target), []).append(os.path.basename(target))

    def all(self) -> Places:
        """All of them, with the targets of links: those of 2,000 agents may lie in one folder."""
        for folder, targets in self._targets.items():
            self.add(folder, _aimed_at(targets))
        return self._places


def _edited(*names: str) -> Interest:
    """Files that people open in editors: when the editor is closed, it is time to look."""
    return Interest(frozenset(names), trace_prefixes(*names))


_AGENTS = Interest(frozenset({"agent"}))
_AGENT = _edited(*_AGENT_FILES)


def _aimed_at(targets: Iterable[str]) -> Interest:
    """Targets of links. Their folder may hold anything, and very much of it: it is asked for names, never listed."""
    return Interest(usual_traces(*targets), targets=frozenset(targets))


def files_in(places: Places) -> Mapping[str, str]:
    """The files that matter and are there, for whoever has to look for himself whether they have changed.

    Each with its real path: that of its target where it is a link to a file, else its own.
    """
    found: dict[str, str] = {}
    resolved = RealPaths()
    for folder, interest in places.items():
        for name, is_link in _names(folder, interest):
            path = os.path.join(folder, name)
            found[path] = (resolved.target_of(path) if is_link else None) or path
    return found


def _names(folder: str, interest: Interest) -> Iterable[tuple[str, bool]]:
    """The names that are there, each with whether it is a symbolic link."""
    if not interest.everything and not interest.prefixes:
        return [(name, is_link) for name in interest.names if (is_link := _is_link(folder, name)) is not None]
    try:
        with os.scandir(folder) as entries:
            return [(entry.name, entry.is_symlink()) for entry in entries if interest.holds(entry.name)]
    except OSError:
        return ()


def _is_link(folder: str, name: str) -> bool | None:
    """None for what is not there."""
    try:
        return stat.S_ISLNK(os.lstat(os.path.join(folder, name)).st_mode)
    except OSError:
        return None


def _included(last: Snapshot | None) -> Iterable[str]:
    """Files that lie where only the config says."""
    return (path for one in last.openclaws if one.settings for path in one.settings.included) if last else ()


def _elsewhere(last: Snapshot | None) -> Iterable[str]:
    """Agents' folders, which may lie where only the config says."""
    return (agent.directory for one in last.openclaws for agent in one.agents) if last else ()
