"""What is watched: few folders, and in each the names that matter."""

import os
from pathlib import Path

import pytest

from clawmend.loop.places import Interest, files_in, places_of
from clawmend.system.files import RealFiles
from clawmend.system.machine import Place


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    for folder in (
        ".openclaw/agents/main/agent", ".openclaw/agents/main/sessions", ".openclaw/workspace/deep/down",
        ".openclaw/credentials", ".openclaw/state", ".openclaw-work/agents", ".claude/projects", ".qwen",
    ):  # fmt: skip
        (home / folder).mkdir(parents=True)
    for file in (".openclaw/openclaw.json", ".openclaw-work/openclaw.json", ".claude.json"):
        (home / file).write_text("{}")
    return home


def watched(home: Path, **environment: str) -> dict[str, Interest]:
    place = Place(str(home), str(home / "state"), environment)
    found = places_of(place, RealFiles())
    return {os.path.relpath(path, home): interest for path, interest in found.items()}


def test_only_what_decides_anything_is_watched(home: Path) -> None:
    assert set(watched(home)) == {
        ".", ".openclaw", ".openclaw/agents", ".openclaw/agents/main", ".openclaw/agents/main/agent",
        ".openclaw/credentials", ".openclaw-work", ".openclaw-work/agents", ".claude", ".qwen",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("folder", "name", "matters"),
    [
        (".", ".claude.json", True), (".", ".openclaw-new", True), (".", ".bash_history", False),
        (".", ".claude", True),
        (".openclaw", "openclaw.json", True), (".openclaw", "openclaw.json.bak", True), (".openclaw", ".env", True),
        (".openclaw", ".openclaw.json.swp", True), (".openclaw", ".#openclaw.json", True),
        (".openclaw", ".other.json.swp", False), (".openclaw/agents/main/agent", ".models.json.swp", True),
        (".openclaw", "agents", True), (".openclaw", "workspace", False), (".openclaw", "update-check.json", False),
        (".openclaw/agents", "anything", True), (".openclaw/agents/main", "agent", True),
        (".openclaw/agents/main", "sessions", False), (".openclaw/agents/main/agent", "models.json", True),
        (".openclaw/agents/main/agent", "openclaw-agent.sqlite-wal", False), (".claude", "settings.json", True),
        (".claude", "history.jsonl", False), (".qwen", "settings.json", True),
    ],
)  # fmt: skip
def test_names_that_matter(home: Path, folder: str, name: str, matters: bool) -> None:
    assert watched(home)[folder].covers(name) is matters


def test_a_new_agent_is_watched_at_the_next_look(home: Path) -> None:
    (home / ".openclaw/agents/second/agent").mkdir(parents=True)
    assert ".openclaw/agents/second/agent" in watched(home)


def test_the_files_that_matter_are_those_that_are_there(home: Path) -> None:
    (home / ".openclaw/agents/main/agent/models.json").write_text("{}")
    (home / ".openclaw/workspace/models.json").write_text("{}")
    place = Place(str(home), str(home / "state"), {})
    names = {os.path.relpath(path, home) for path in files_in(places_of(place, RealFiles()))}
    assert {".openclaw/openclaw.json", ".claude.json", ".openclaw/agents/main/agent/models.json"} <= names
    assert not any("workspace" in name or "sessions" in name for name in names)


def test_claude_code_with_a_folder_of_its_own(home: Path) -> None:
    (home / "elsewhere").mkdir()
    assert watched(home, CLAUDE_CONFIG_DIR=str(home / "elsewhere"))["elsewhere"].covers(".claude.json")


def test_a_folder_that_may_not_be_listed_has_no_files(tmp_path: Path) -> None:
    assert files_in({str(tmp_path / "gone"): Interest(everything=True)}) == ()
