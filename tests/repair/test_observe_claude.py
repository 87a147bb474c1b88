"""What a look takes in of Claude Code, and how little where nothing is wrong."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.claude_code import ClaudeCode, ClaudeProcess
from clawmend.core.state import Absent, Malformed, Parsed
from clawmend.repair import observe_claude as module
from clawmend.repair.looking import look_at
from clawmend.repair.observe_claude import observe_claude
from clawmend.system.checkpoints import CheckpointStore, FileChange
from clawmend.system.files import RealFiles
from clawmend.system.machine import Place
from clawmend.system.pretend import ReadOnlyFiles
from clawmend.system.records import Kind
from support.clock import NOW, FakeClock
from system.fakes import NOBODY, as_another_user

RICH: dict[str, Any] = {
    "hasCompletedOnboarding": True,
    "numStartups": 70,
    "projects": {f"/p/{number}": {} for number in range(6)},
}


class CountingFiles(RealFiles):
    """Remembers what was read."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def read(self, path: str, *given: Any) -> Any:
        self.paths.append(path)
        return super().read(path, *given)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "home").mkdir()
    return Place(str(tmp_path / "home"), str(tmp_path / "state"), environment={})


def write(place: Place, name: str, value: Any) -> Path:
    path = Path(place.home, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    os.utime(path, (NOW - 3600, NOW - 3600))
    return path


def look(place: Place, files: RealFiles | None = None, clock: FakeClock | None = None) -> tuple[ClaudeCode, ...]:
    return observe_claude(place, files or RealFiles(), clock or FakeClock(), os.getuid())


def test_where_there_is_no_claude_code_nothing_is_looked_for(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "claude_processes", lambda *_given: pytest.fail("it looked for processes"))
    files = CountingFiles()
    assert look(place, files) == ()
    assert len(files.paths) <= 4


def test_a_file_that_is_whole_and_old_needs_no_copies(place: Place) -> None:
    write(place, ".claude.json", RICH)
    write(place, ".claude/backups/.claude.json.backup.1795450000000", RICH)
    files = CountingFiles()
    (found,) = look(place, files)
    assert isinstance(found.config, Parsed)
    assert found.copies == ()
    assert not [path for path in files.paths if "backup" in path]


@pytest.mark.parametrize(
    "value",
    ["{", "null", {}, {**RICH, "numStartups": 3}, {**RICH, "projects": {"/p": {}}}, {**RICH, "numStartups": "x"}],
)
def test_any_other_has_its_copies_read_newest_first(place: Place, value: Any) -> None:
    path = write(place, ".claude.json", value)
    write(place, ".claude/backups/.claude.json.backup.1795450000000", {"old": 1})
    write(place, ".claude/backups/.claude.json.backup.1795450001000", "torn {")
    newest = write(place, ".claude/backups/.claude.json.backup.1795450002000", {"new": 1})
    store = CheckpointStore(place.state)
    store.prepare()
    identity = RealFiles().identity(str(newest))
    assert identity is not None
    for age, text in ((1e6, b'{"kept": 2}'), (2e6, b'{"kept": 1}'), (3e6, b'{"kept": 2}')):
        at = replace(identity, mtime_ns=int((1_795_450_001 - age) * 1e9))
        store.finish(store.register(Kind.GOOD, place.home, NOW, [FileChange(str(path), text, text, at)]))
    (found,) = look(place)
    assert [list(copy.document.value) for copy in found.copies if isinstance(copy.document.value, dict)] == [
        ["new"],
        ["old"],
        ["kept"],
        ["kept"],
    ]


def test_backups_of_ours_that_may_not_be_read_make_nobody_blind(place: Place) -> None:
    write(place, ".claude.json", "{")
    Path(place.state, "checkpoints").mkdir(parents=True)
    Path(place.state, "checkpoints", "manifest.jsonl").mkdir()
    (found,) = look(place)
    assert isinstance(found.config, Malformed)


def test_a_file_torn_just_now_is_read_again_for_four_seconds(place: Place) -> None:
    os.utime(write(place, ".claude.json", "{"), (NOW, NOW))
    clock = FakeClock()
    (found,) = look(place, clock=clock)
    assert isinstance(found.config, Malformed)
    assert clock.now() - NOW == pytest.approx(4.2)
    os.utime(Path(place.home, ".claude.json"), (NOW - 60, NOW - 60))
    settled = FakeClock()
    look(place, clock=settled)
    assert settled.now() == NOW


def test_a_process_leads_to_its_own_configuration(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(place, ".claude.json", RICH)
    other = tmp_path / "cfg"
    other.mkdir()
    (other / ".claude.json").write_text("{}")
    processes = ((ClaudeProcess(7, {}), str(other)), (ClaudeProcess(8, {}), ""), (ClaudeProcess(9), ""))
    monkeypatch.setattr(module, "claude_processes", lambda *_given: processes)
    mine, theirs = look(replace(place, environment={"ANTHROPIC_BASE_URL": "https://x", "HOME": "y"}))
    assert [one.pid for one in mine.processes] == [8, 9]
    assert [one.pid for one in theirs.processes] == [7, 9]
    assert (mine.environment, theirs.environment) == ({"ANTHROPIC_BASE_URL": "https://x"}, {})
    assert theirs.config.path == str(other / ".claude.json")


def test_settings_alone_are_looked_at_as_well(place: Place) -> None:
    write(place, ".claude/settings.json", "{}")
    (found,) = look(place)
    assert isinstance(found.config, Absent)
    assert isinstance(found.settings, Parsed)


def test_shell_files_are_read_only_where_no_key_is_in_sight(place: Place) -> None:
    write(place, ".claude.json", RICH)
    write(place, ".bashrc", "export ANTHROPIC_AUTH_TOKEN=x")
    url = {"ANTHROPIC_BASE_URL": "https://coding.dashscope.aliyuncs.com/apps/anthropic"}
    write(place, ".claude/settings.json", {"env": {**url, "ANTHROPIC_AUTH_TOKEN": "sk-sp-0123456789abcdef"}})
    files = CountingFiles()
    assert not look(place, files)[0].may_log_in
    assert not [path for path in files.paths if path.endswith(".bashrc")]
    write(place, ".claude/settings.json", {"env": {**url, "ANTHROPIC_AUTH_TOKEN": "YOUR_API_KEY"}})
    assert look(place)[0].may_log_in


def test_fifty_megabytes_are_read_in_a_few_seconds(place: Place) -> None:
    history = {f"/p/{number}": {"history": ["x" * 1000] * 500} for number in range(100)}
    write(place, ".claude.json", {**RICH, "projects": history})
    begun = time.process_time()
    assert isinstance(look(place)[0].config, Parsed)
    assert time.process_time() - begun < 20


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to other users")
def test_a_file_of_roots_in_a_users_home_is_told_whoever_looks(public: Path) -> None:
    home = public / "home"
    (home / ".claude").mkdir(parents=True)
    for path in (home, home / ".claude"):
        os.chown(path, NOBODY, NOBODY)
    file = home / ".claude.json"
    file.write_text(json.dumps(RICH))
    file.chmod(0o600)

    def told() -> list[tuple[str, str]]:
        place = Place(str(home), str(public / "state"), environment={})
        found = look_at(place, ReadOnlyFiles(RealFiles()), FakeClock(), None).findings
        return [(one.rule, one.advice[0]) for one in found]

    expected = [("CC104", f"sudo chown {NOBODY} {file}")]
    assert told() == expected
    assert as_another_user(told) == expected
    os.chown(file, NOBODY, NOBODY)
    assert told() == as_another_user(told) == []
    assert json.loads(file.read_text()) == RICH
