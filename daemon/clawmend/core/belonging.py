"""Where a path belongs: which state folder's it is, and what a snapshot has seen there."""

from collections.abc import Iterator

from clawmend.core.snapshot import OpenClaw, Snapshot
from clawmend.core.state import FileState


def owner_of(snapshot: Snapshot, path: str) -> OpenClaw | None:
    """The state folder whose files a path belongs to."""
    for openclaw in snapshot.openclaws:
        folders = (openclaw.directory, *(agent.directory for agent in openclaw.agents))
        named = {openclaw.config.path, *(state.path for state in (*openclaw.includes, *openclaw.oauth_sources))}
        if path in named or any(path.startswith(folder.rstrip("/") + "/") for folder in folders):
            return openclaw
    return None


def state_of(snapshot: Snapshot, path: str) -> FileState | None:
    """Find the state of a file in a snapshot."""
    return next((state for state in _states(snapshot) if state.path == path), None)


def _states(snapshot: Snapshot) -> Iterator[FileState]:
    if snapshot.claude is not None:
        yield snapshot.claude
    for claude in snapshot.claudes:
        yield from (claude.config, claude.settings)
    yield from snapshot.neighbours.files
    for openclaw in snapshot.openclaws:
        yield openclaw.config
        for agent in openclaw.agents:
            yield from (agent.models, agent.profiles, agent.legacy_auth, agent.auth_state)
        yield from (*openclaw.includes, *openclaw.oauth_sources)
        yield from (file.state for file in openclaw.exposed if file.state is not None)
