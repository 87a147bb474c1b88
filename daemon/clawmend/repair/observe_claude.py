"""Looking at Claude Code: its files, once, and its earlier copies only where the file gives a reason."""

import os
from collections.abc import Iterator
from dataclasses import replace

from clawmend.core.claude_code import ClaudeCode, ClaudeProcess, relevant
from clawmend.core.claude_setup import URL, has_credentials, winner
from clawmend.core.document import Syntax
from clawmend.core.errors import ClawmendError
from clawmend.core.state import FileState, Found, Malformed, Parsed, object_at
from clawmend.core.wholeness import is_whole_claude
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.claude_files import DIRECTORY, ClaudeHome, claude_homes, claude_processes, copies_of, may_log_in
from clawmend.system.files import Files
from clawmend.system.loading import judge, load_settled
from clawmend.system.machine import Clock, Place
from clawmend.system.retention import NEWEST

# 2.1.330 writes a file that was torn under it anew within six seconds, from memory.
_PAUSES = (0.2, 1.0, 3.0)
_MAX_COPY_BYTES = 16 * 2**20
_FEW_STARTS, _FEW_ENTRIES = 50, 5


def observe_claude(place: Place, files: Files, clock: Clock, uid: int) -> tuple[ClaudeCode, ...]:
    """Look at every configuration in use, ours first; nothing where Claude Code has no file."""
    running: tuple[tuple[ClaudeProcess, str], ...] = ()
    homes = claude_homes(place.home, place.environment, (), files)
    if any(files.identity(path) is not None for one in homes for path in (one.directory, one.config)):
        running = claude_processes(place.home, uid)
        others = [{DIRECTORY: directory} for process, directory in running if process.environment is not None]
        homes = claude_homes(place.home, place.environment, others, files)
    found = (_observe(one, homes[0] is one, running, place, files, clock) for one in homes)
    return tuple(claude for claude in found if claude.states)


def _observe(
    one: ClaudeHome,
    is_first: bool,
    running: tuple[tuple[ClaudeProcess, str], ...],
    place: Place,
    files: Files,
    clock: Clock,
) -> ClaudeCode:
    config = load_settled(files, one.config, Syntax.JSON_BOM, clock, _PAUSES)
    settings = load_settled(files, one.settings, Syntax.JSON_BOM, clock)
    own = os.path.join(place.home, ".claude")
    unknown = tuple(process for process, _ in running if process.environment is None)
    processes = tuple(
        process
        for process, directory in running
        if process.environment is not None and os.path.realpath(directory or own) == os.path.realpath(one.directory)
    )
    environment = relevant(place.environment) if is_first else {}
    folder = files.identity(one.directory)
    claude = ClaudeCode(
        directory=one.directory,
        config=config,
        settings=settings,
        copies=tuple(_copies(one, place, files)) if _wants_copies(config) else (),
        processes=(*processes, *unknown),
        environment=environment,
        status=files.identity(one.config),
        is_folder=files.is_directory(one.config),
        owner=None if folder is None else folder.uid,
    )
    if winner(claude, URL) is not None and not has_credentials(claude):
        return replace(claude, may_log_in=may_log_in(place.home, one, files))
    return claude


def _wants_copies(config: FileState) -> bool:
    """Tell whether the file is broken, or so new or so small that it may have been begun anew."""
    if isinstance(config, Malformed):
        return True
    if not isinstance(config, Parsed):
        return False
    value = config.document.value
    if not is_whole_claude(value):
        return True
    starts = object_at(value).get("numStartups")
    entries = len(object_at(value, "projects")) + len(object_at(value, "mcpServers"))
    return not isinstance(starts, int) or starts < _FEW_STARTS or entries < _FEW_ENTRIES


def _copies(one: ClaudeHome, place: Place, files: Files) -> Iterator[Parsed]:
    """Every copy that parses, Claude Code's own and ours, the newest first."""
    aged: list[tuple[float, Found]] = []
    for path, made in copies_of(one, files):
        found = files.read(path, _MAX_COPY_BYTES)
        if isinstance(found, Found):
            aged.append((made, found))
    try:
        aged += [
            (found.identity.mtime_ns / 1e9, found) for found in CheckpointStore(place.state).kept(one.config, NEWEST)
        ]
    except ClawmendError:
        aged += []  # backups of ours that may not be read make nobody blind; `backups verify` says it
    for _, found in sorted(aged, key=lambda item: -item[0]):
        state = judge(found, Syntax.JSON_BOM)
        if isinstance(state, Parsed):
            yield state
