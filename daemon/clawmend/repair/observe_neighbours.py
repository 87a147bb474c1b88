"""Looking at OpenCode and Qwen Code: their files, once, and nothing at all where they have none."""

import os
from collections.abc import Iterator

from clawmend.core.comments import problem_of
from clawmend.core.document import Syntax
from clawmend.core.dotenv import variables_in
from clawmend.core.neighbours import Neighbours, OpenCode, QwenCode, Variable
from clawmend.core.secret import Secret
from clawmend.core.state import Absent, FileState, Found, Malformed, Parsed
from clawmend.system.files import Files
from clawmend.system.loading import load, load_settled
from clawmend.system.machine import Clock, Place
from clawmend.system.neighbour_homes import (
    opencode_files,
    opencode_logins,
    opencode_release,
    qwen_dotenvs,
    qwen_settings,
)

_PAUSES = (0.2, 0.8)
_SAVING_SECONDS = 10.0


def observe_neighbours(place: Place, files: Files, clock: Clock) -> Neighbours:
    """Look at both; a tool without a file of its own is None."""
    return Neighbours(_opencode(place, files, clock), _qwen(place, files, clock))


def _opencode(place: Place, files: Files, clock: Clock) -> OpenCode | None:
    paths = opencode_files(place.home, place.environment)
    states = [load_settled(files, path, Syntax.JSON5, clock) for path in paths]
    states = [state for state in states if not isinstance(state, Absent) and not _is_empty(state)]
    if not states:
        return None
    search = {**place.environment, "PATH": place.environment.get("PATH") or os.environ.get("PATH", "")}
    command, version = opencode_release(place.home, search)
    logins = load(files, opencode_logins(place.home, place.environment), Syntax.JSON)
    return OpenCode(tuple(states), logins, tuple(_shell(place)), version, command)


def _is_empty(state: FileState) -> bool:
    """OpenCode 1.18.33 passes over a file without a byte in it; one with a space is an error for it."""
    return isinstance(state, Malformed) and not state.data


def _qwen(place: Place, files: Files, clock: Clock) -> QwenCode | None:
    path = qwen_settings(place.home, place.environment)
    settings = _settings_of_qwen(path, files, clock)
    previous = _strict(load(files, f"{path}.orig", Syntax.JSON5))
    if isinstance(settings, Absent) and isinstance(previous, Absent):
        return None
    variables = [*_shell(place), *_dotenvs(place, files)]
    return QwenCode(settings, previous, tuple(variables))


def _settings_of_qwen(path: str, files: Files, clock: Clock) -> FileState:
    """Missing is what is missing when nobody saves it: the save may also have ended since the first look."""
    settings = load_settled(files, path, Syntax.JSON5, clock)
    pauses = list(_PAUSES)
    while isinstance(settings, Absent) and pauses:
        if _is_being_saved(f"{path}.tmp", files, clock):
            clock.sleep(pauses.pop(0))
        else:
            pauses.clear()
        settings = load_settled(files, path, Syntax.JSON5, clock)
    return _strict(settings)


def _is_being_saved(temporary: str, files: Files, clock: Clock) -> bool:
    """Qwen Code moves its settings away, and what it has written beside them into their place."""
    identity = files.identity(temporary)
    return identity is not None and abs(clock.now() - identity.mtime_ns / 1e9) < _SAVING_SECONDS


def _strict(state: FileState) -> FileState:
    """Qwen Code takes comments and nothing else that JSON has not."""
    if not isinstance(state, Parsed):
        return state
    problem = problem_of(state.document.text)
    return state if problem is None else Malformed(state.path, state.identity, state.data, problem)


def _shell(place: Place) -> Iterator[Variable]:
    for name, text in place.environment.items():
        yield Variable(name, Secret(text), None)


def _dotenvs(place: Place, files: Files) -> Iterator[Variable]:
    for path in qwen_dotenvs(place.home, place.environment):
        found = files.read(path)
        if isinstance(found, Found):
            for name, text in variables_in(found.data.decode("utf-8", "replace")).items():
                yield Variable(name, Secret(text), os.path.normpath(path))
