"""Where a path belongs: which state folder's it is, and what a snapshot has seen there."""

from collections.abc import Iterator

from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import FileState


def owner_of(snapshot: Snapshot, path: str) -> OpenClaw | None:
    """The state folder whose files a path belongs to."""
    for openclaw in snapshot.openclaws:
        if _is_below(path, openclaw.directory) or path == openclaw.config.path:
            return openclaw
        if any(path == state.path for state in (*openclaw.includes, *openclaw.oauth_sources)):
            return openclaw
        if any(_is_below(path, agent.directory) for agent in openclaw.agents):  # the last: there may be thousands
            return openclaw
    return None


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder) and path.startswith(folder.rstrip("/") + "/")


def state_of(snapshot: Snapshot, path: str) -> FileState | None:
    """Find the state of a file in a snapshot."""
    return next((state for state in _states(snapshot, path) if state.path == path), None)


def _states(snapshot: Snapshot, path: str) -> Iterator[FileState]:
    """Every state that may be that of a path; of agents, which may be thousands, those in whose folder it lies."""
    if snapshot.claude is not None:
        yield snapshot.claude
    for claude in snapshot.claudes:
        yield from (claude.config, claude.settings)
    yield from snapshot.neighbours.files
    for openclaw in snapshot.openclaws:
        yield openclaw.config
        for agent in (one for one in openclaw.agents if path.startswith(one.directory)):
            yield from (agent.models, agent.profiles, agent.legacy_auth, agent.auth_state)
        yield from (*openclaw.includes, *openclaw.oauth_sources)
        yield from (file.state for file in openclaw.exposed if file.state is not None)
