"""Where Claude Code keeps its state, for every configuration of it that is in use, and which of its processes run.

`.config.json` in its folder wins where it exists, else `.claude.json` in the home; CLAUDE_CONFIG_DIR moves both. A
service or another shell may have set another CLAUDE_CONFIG_DIR than ours: the environments of the processes tell.
Source: facts on Claude Code, "Which file".
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from clawmend.core.claude_code import ClaudeProcess, relevant
from clawmend.core.frozen import dataclass
from clawmend.core.state import Absent, Contents, Found, Identity, Unreadable
from clawmend.system.files import Files
from clawmend.system.homes import claude_config

DIRECTORY = "CLAUDE_CONFIG_DIR"
_MAX_COPIES = 12
_MAX_START_FILE = 2**20
_START_FILES = (".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv", ".zprofile", ".config/fish/config.fish")


@dataclass(frozen=True, slots=True)
class ClaudeHome:
    """The files of one configuration: its folder, the file with the onboarding flag, its settings."""

    directory: str
    config: str
    settings: str


def claude_homes(
    home: str, environment: Mapping[str, str], others: Iterable[Mapping[str, str]], files: Files
) -> tuple[ClaudeHome, ...]:
    """The configurations in use, ours first: those that our environment and `others` (of processes) point to."""
    theirs = (other.get(DIRECTORY, "") for other in others)
    # A relative one is relative to where that process works, which may be anywhere.
    named = dict.fromkeys([environment.get(DIRECTORY, ""), *(one for one in theirs if not one or os.path.isabs(one))])
    found: dict[str, ClaudeHome] = {}
    for directory in named:
        folder = directory or os.path.join(home, ".claude")
        config = claude_config(home, {DIRECTORY: directory}, files)
        found.setdefault(os.path.realpath(config), ClaudeHome(folder, config, os.path.join(folder, "settings.json")))
    return tuple(found.values())


def claude_paths(
    home: str, environment: Mapping[str, str], files: Files, others: Iterable[Mapping[str, str]] = ()
) -> tuple[str, ...]:
    """Every file whose change can change what is said of Claude Code, whether it is there or not (for the watcher)."""
    paths: dict[str, None] = {}
    for one in claude_homes(home, environment, others, files):
        paths |= dict.fromkeys((one.config, os.path.join(one.directory, ".config.json"), one.settings))
        paths[os.path.join(one.directory, ".credentials.json")] = None
    return tuple(paths)


def copies_of(one: ClaudeHome, files: Files) -> tuple[tuple[str, float], ...]:
    """The copies that Claude Code made of the file, with their age as seconds since the epoch, the newest first.

    Never those that it took for corrupt. Older versions keep one beside the file.
    """
    name = os.path.basename(one.config)
    found: list[tuple[str, float]] = []
    for folder in (os.path.join(one.directory, "backups"), os.path.dirname(one.config)):
        for other in files.names(folder):
            path = os.path.join(folder, other)
            if other == f"{name}.backup" or other.startswith(f"{name}.backup."):
                identity = files.identity(path)
                if identity is not None:
                    found.append((path, _made(other, identity)))
    return tuple(sorted(dict(found).items(), key=lambda item: -item[1])[:_MAX_COPIES])


def _made(name: str, identity: Identity) -> float:
    """Its name says when, in milliseconds; a foreign name says nothing."""
    stamp = name.rpartition(".")[2]
    return int(stamp) / 1000 if stamp.isdecimal() and len(stamp) == 13 else identity.mtime_ns / 1e9


def may_log_in(home: str, one: ClaudeHome, files: Files) -> bool:
    """Tell whether a login is stored, or a shell may set a key when it starts."""
    if files.identity(os.path.join(one.directory, ".credentials.json")) is not None:
        return True
    return any(_names_a_key(files.read(os.path.join(home, name), _MAX_START_FILE)) for name in _START_FILES)


def _names_a_key(found: Contents) -> bool:
    match found:
        case Absent():
            return False
        case Unreadable():
            return True  # it may
        case Found(data=data):
            return b"ANTHROPIC_AUTH_TOKEN" in data or b"ANTHROPIC_API_KEY" in data
        case _:
            assert_never(found)


def claude_processes(home: str, uid: int) -> tuple[tuple[ClaudeProcess, str], ...]:
    """The running Claude Codes of this home, each with its CLAUDE_CONFIG_DIR; only of this user (`uid`).

    One whose environment may not be read counts, without saying anything. Linux is asked by its files, in a few
    milliseconds; elsewhere the process table is.
    """
    listed = _in_proc(uid) if os.path.isdir("/proc/self") else _in_table(uid)
    found = []
    for pid, environment in listed:
        if environment is None:
            found.append((ClaudeProcess(pid), ""))
        elif os.path.realpath(environment.get("HOME", "/")) == os.path.realpath(home):
            found.append((ClaudeProcess(pid, relevant(environment)), environment.get(DIRECTORY, "")))
    return tuple(found)


def _in_proc(uid: int) -> Iterator[tuple[int, dict[str, str] | None]]:
    for name in os.listdir("/proc"):
        if not name.isdecimal() or int(name) == os.getpid():
            continue
        try:
            if os.stat(f"/proc/{name}").st_uid != uid or not _is_claude(name):
                continue
        except OSError:
            continue  # it has ended
        try:
            yield int(name), _variables(_bytes(f"/proc/{name}/environ"))
        except ProcessLookupError:
            continue
        except OSError:
            yield int(name), None


def _is_claude(pid: str) -> bool:
    """The native program and Node both call themselves claude; a Node that has just started does not yet."""
    name = _bytes(f"/proc/{pid}/comm").strip()
    if name == b"claude":
        return True
    words = _bytes(f"/proc/{pid}/cmdline").split(b"\0")[:2] if name in {b"node", b"MainThread"} else []
    return any(os.path.basename(word) == b"claude" or b"claude-code" in word for word in words)


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _variables(data: bytes) -> dict[str, str]:
    pairs = (entry.partition(b"=") for entry in data.split(b"\0") if entry)
    return {os.fsdecode(name): os.fsdecode(text) for name, _, text in pairs}


def _in_table(uid: int) -> Iterator[tuple[int, dict[str, str] | None]]:
    import psutil  # noqa: PLC0415 - 20 ms that only a machine without /proc need spend

    for process in psutil.process_iter(["name", "cmdline", "uids"]):
        uids, words = process.info["uids"], process.info["cmdline"] or []
        if uids is None or uids.real != uid or process.pid == os.getpid():
            continue
        if "claude" in {process.info["name"], *map(os.path.basename, words[:2])}:
            try:
                yield process.pid, process.environ()
            except (psutil.Error, OSError):
                yield process.pid, None
