"""Five broken files and what a repair makes of them, byte for byte, in as many rounds as a test wants.

Four are edited (by CC101, OC307, OC101 and OC201) and one is removed (by OC104). Every file names its round, so bytes
of another round are never taken for the right ones.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache as remembered
from io import BytesIO, TextIOWrapper
from pathlib import Path

from clawmend.cli.app import guarded
from clawmend.cli.main import main
from clawmend.system.durable import TEMPORARY_MARK
from repair.home import CONFIG, cache, profiles

CLAUDE = ".claude.json"
CONFIGURATION = ".openclaw/openclaw.json"
MODELS = ".openclaw/agents/main/agent/models.json"
PROFILES = ".openclaw/agents/main/agent/auth-profiles.json"
REMOVED = ".openclaw/agents/second/agent/models.json"
NAMES = (CLAUDE, CONFIGURATION, MODELS, PROFILES, REMOVED)
VERSION = ("--openclaw-version", "2026.3.2")
AGE_NS = 1_700_000_000_123_456_789

Contents = dict[str, bytes | None]

_MARK = b"round-0000000"
_INVALID = '  auth: { profiles: { "x:default": { provider: "x", mode: "bearer" } } },\n  gateway:'


@dataclass(frozen=True, slots=True)
class Answer:
    """How a run of the command line in this process ended and what it said."""

    code: int
    said: str


def clawmend(*words: str) -> Answer:
    """Run the command line in this process."""
    stream = TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(stream), redirect_stderr(stream):
        code = guarded(lambda: main.main(list(words), standalone_mode=False, prog_name="clawmend") or 0)
        stream.flush()
    return Answer(code, stream.buffer.getvalue().decode())  # type: ignore[attr-defined]


def old(number: int = 0) -> dict[str, bytes]:
    """The broken files of a round."""
    mark = _MARK.decode()
    history = {f"/home/somebody/project-{index}": {"lastCost": index} for index in range(300)}
    texts = {
        CLAUDE: json.dumps({"note": mark, "projects": history, "hasCompletedOnboarding": False}, indent=2),
        CONFIGURATION: f"// {mark}\n{CONFIG.replace('PORT', '18789').replace('  gateway:', _INVALID)}",
        MODELS: json.dumps({"note": mark} | json.loads(cache())),
        PROFILES: json.dumps({"note": mark} | json.loads(profiles()), indent=2),
        REMOVED: json.dumps({"note": mark}),
    }
    return {name: text.encode().replace(_MARK, _mark(number)) for name, text in texts.items()}


def new(number: int = 0) -> Contents:
    """What a repair makes of them; None for the one that it removes."""
    return {name: data and data.replace(_MARK, _mark(number)) for name, data in _repaired().items()}


def lay(home: Path, contents: Mapping[str, bytes], *, durable: bool = False) -> None:
    """Write files with mode 0600 and an old time; with `durable`, each is on the disk before the next is begun."""
    for name, data in contents.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f"{path.name}.laid")
        with open(temporary, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(data)
            file.flush()
            os.utime(file.fileno(), ns=(AGE_NS, AGE_NS))
            if durable:
                os.fsync(file.fileno())
        os.rename(temporary, path)
        if durable:
            sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def contents(home: Path) -> Contents:
    """What the five files hold now."""
    found: Contents = {}
    for name in NAMES:
        path = home / name
        found[name] = path.read_bytes() if path.exists() else None
    return found


def leftovers(*folders: Path) -> list[str]:
    """Names that only stand while clawmend is at work: temporary files and locks (its own lock file stays)."""
    found = []
    for folder in folders:
        for place, inner, files in os.walk(os.fsencode(folder)):
            for name in (*inner, *files):
                text = os.fsdecode(name)
                if TEMPORARY_MARK in text or text.endswith(".lock") or text.startswith(".probe-"):
                    found.append(os.path.join(os.fsdecode(place), text))
    return sorted(found)


def _mark(number: int) -> bytes:
    return b"round-%07d" % number


@remembered
def _repaired() -> Contents:
    """Ask clawmend itself, once, on a disk without faults, and check that it did what is described above."""
    with tempfile.TemporaryDirectory(prefix="clawmend-test-") as folder:
        home, state = Path(folder, "home"), Path(folder, "state")
        lay(home, old())
        answer = clawmend("repair", "--home", str(home), "--state-dir", str(state), *VERSION)
        assert answer.code == 0, answer.said
        found = contents(home)
    before = old()
    assert found[REMOVED] is None
    assert json.loads(found[CLAUDE] or b"")["hasCompletedOnboarding"] is True
    for name in (CLAUDE, CONFIGURATION, MODELS, PROFILES):
        data = found[name]
        assert data is not None
        assert data != before[name]
        assert _MARK in data
    return found
