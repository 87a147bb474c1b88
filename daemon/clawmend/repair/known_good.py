"""Known good: contents that were proven to work are kept, so that there is something better to restore than a `.bak`.

openclaw.json and the credential files are proven by a gateway that was started from them, has run for two minutes and
is ready; `.claude.json` by being whole. A file with a finding of severity error, a redacted copy and a skeleton are
never kept. The same content is kept once, and no more than one content of a file in six hours.
"""

from collections.abc import Iterator
from dataclasses import replace

from clawmend.core.belonging import owner_of
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import Severity
from clawmend.core.snapshot import GatewayRunning, OpenClaw
from clawmend.core.state import FileState, Parsed
from clawmend.core.wholeness import is_whole_claude, is_whole_config, is_whole_profiles, richness
from clawmend.repair.looking import Diagnosis
from clawmend.repair.tools import Tools
from clawmend.system.blobs import digest
from clawmend.system.checkpoints import CheckpointStore, FileChange
from clawmend.system.records import Kind
from clawmend.system.retention import Policy, good_checkpoints, surplus

READY_SECONDS = 120.0
# A gateway writes openclaw.json itself while it starts (its token, `meta`).
_STARTING_SECONDS = 30.0
_SPACING_SECONDS = 6 * 3600.0
# So long a file that has lost most of what it held is not believed; after that it is what its owner wants.
_DOUBT_SECONDS = 7 * 86_400.0
_MAX_BYTES = 8 * 2**20


def promote(tools: Tools, store: CheckpointStore, diagnosis: Diagnosis) -> tuple[str, ...]:
    """Keep what is proven good now; the paths that were kept. ClawmendError when the store cannot be written."""
    candidates = [state for state in _proven(tools, diagnosis) if len(state.data) <= _MAX_BYTES]
    if not candidates or not (wanted := _news(tools, store, candidates)):
        return ()
    store.prepare()
    with tools.exclusive():
        for state in wanted:
            identity = replace(state.identity, attributes=tools.files.attributes(state.path))
            change = FileChange(state.path, state.data, state.data, identity)
            made = store.register(Kind.GOOD, tools.place.home, tools.clock.now(), [change], reason="proven good")
            store.finish(made)
        _drop_surplus(tools, store)
    return tuple(state.path for state in wanted)


def _news(tools: Tools, store: CheckpointStore, candidates: list[Parsed]) -> list[Parsed]:
    """Those that are not kept yet, not so soon after the one before, and have not lost most of what that one held."""
    known = store.recent()
    news = []
    for state in candidates:
        newest = good_checkpoints(known, state.path)[:1]
        if newest:
            before = str(newest[0].entries[0].before)
            age = tools.clock.now() - newest[0].made
            doubtful = 0 <= age < _DOUBT_SECONDS and _has_shrunk(store, before, state)
            if before == digest(state.data) or 0 <= age < _SPACING_SECONDS or doubtful:
                continue
        news.append(state)
    return news


def _proven(tools: Tools, diagnosis: Diagnosis) -> Iterator[Parsed]:
    snapshot = diagnosis.snapshot
    broken = [one.path for one in diagnosis.findings if one.severity is Severity.ERROR]
    broken += [blind.path for blind in diagnosis.blind]
    owners = [owner_of(snapshot, path) for path in broken]
    for openclaw in snapshot.openclaws:
        if openclaw in owners or not _is_proven_by_gateway(tools, openclaw, diagnosis):
            continue
        config = openclaw.config
        if isinstance(config, Parsed) and is_whole_config(config.document.value, snapshot.installation.era):
            yield config
        for agent in openclaw.agents:
            profiles = agent.profiles
            if (
                isinstance(profiles, Parsed)
                and is_whole_profiles(profiles.document.value)
                and _was_there_at_start(profiles, openclaw)
            ):
                yield profiles
    for claude in snapshot.claudes:
        config = claude.config
        if isinstance(config, Parsed) and config.path not in broken and is_whole_claude(config.document.value):
            yield config


def _is_proven_by_gateway(tools: Tools, openclaw: OpenClaw, diagnosis: Diagnosis) -> bool:
    """A gateway that was started from this very file has been up for two minutes and is ready."""
    gateway = openclaw.gateway
    if not isinstance(gateway, GatewayRunning) or diagnosis.snapshot.now - gateway.started < READY_SECONDS:
        return False
    if not _was_there_at_start(openclaw.config, openclaw):
        return False
    return tools.gateway.is_ready(gateway, diagnosis.snapshot.installation)


def _was_there_at_start(state: FileState, openclaw: OpenClaw) -> bool:
    """Tell whether the gateway was started from this content; it may have refused what was written since."""
    if not isinstance(state, Parsed) or not isinstance(openclaw.gateway, GatewayRunning):
        return False
    return state.identity.mtime_ns / 1e9 <= openclaw.gateway.started + _STARTING_SECONDS


def _has_shrunk(store: CheckpointStore, before: str, state: Parsed) -> bool:
    """A file that has lost most of what it held is no progress: it may have been wiped."""
    from clawmend.core.document import Document, MalformedError  # noqa: PLC0415 - only a changed file is compared

    try:
        earlier = Document.parse(store.blob(before), state.document.syntax).value
    except (ClawmendError, MalformedError):
        return False
    return richness(state.document.value) * 2 < richness(earlier)


def _drop_surplus(tools: Tools, store: CheckpointStore) -> None:
    """Forget known good contents beyond the newest few; checkpoints of repairs go when a person or the watcher prunes.

    Which contents nobody needs, only all that was ever kept can tell: that is read when there is something to forget.
    """
    everything = Policy(days=float("inf"), checkpoints=2**31, megabytes=float("inf"))
    if not surplus(store.recent(), {}, tools.clock.now(), everything).checkpoints or store.strange():
        return
    known = store.all()
    found = surplus(known, store.sizes(), tools.clock.now(), everything)
    if found.checkpoints:
        store.prune((one.id for one in found.checkpoints), found.blobs)
