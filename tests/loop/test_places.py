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
    assert files_in({str(tmp_path / "gone"): Interest(everything=True)}) == {}


@pytest.mark.parametrize(
    "name",
    [
        ".openclaw/openclaw.json", ".openclaw/.env", ".claude.json", ".claude/settings.json", ".qwen/settings.json",
        ".openclaw/agents/main/agent/models.json", ".openclaw/agents/main/agent/auth-profiles.json",
        ".openclaw/credentials/oauth.json",
    ],
)  # fmt: skip
def test_behind_a_link_the_folder_of_the_target_is_watched_for_it(home: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / "dotfiles" / "its-own-name"
    target.parent.mkdir()
    target.write_text("{}")
    (home / name).unlink(missing_ok=True)
    (home / name).symlink_to(target)
    places = places_of(Place(str(home), str(home / "state"), {}), RealFiles())
    interest = places[str(target.parent)]
    assert interest.covers("its-own-name")
    assert interest.covers(".its-own-name.swp")
    assert not interest.covers("another")
    files = files_in(places)
    assert files[str(home / name)] == str(target)
    assert str(target) not in files  # once is enough: it is looked at by its own name, by which it is judged


def test_a_closed_editor_beside_a_target_is_noticed_by_the_sweep_too(home: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (home / ".openclaw/.env").symlink_to(tmp_path / "dotfiles/env")
    (tmp_path / "dotfiles/.env.swp").write_text("")
    places = places_of(Place(str(home), str(home / "state"), {}), RealFiles())
    assert str(tmp_path / "dotfiles/.env.swp") in files_in(places)


def test_many_targets_in_one_folder_are_all_watched(home: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    for name in ("openclaw.json", ".env"):
        (home / ".openclaw" / name).unlink(missing_ok=True)
        (home / ".openclaw" / name).symlink_to(tmp_path / "dotfiles" / f"my-{name}")
    interest = watched(home)["../dotfiles"]
    assert all(map(interest.covers, ("my-openclaw.json", "my-.env", ".my-.env.swp", "#my-openclaw.json#")))


def test_a_link_to_a_link_is_watched_where_the_file_lies(home: Path, tmp_path: Path) -> None:
    for folder in ("near", "far"):
        (tmp_path / folder).mkdir()
    (tmp_path / "far/config").write_text("{}")
    (tmp_path / "near/config").symlink_to("../far/config")
    (home / ".openclaw/.env").symlink_to(tmp_path / "near/config")
    assert watched(home)["../far"].covers("config")


def test_where_a_target_is_to_come_is_watched(home: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (home / ".openclaw/.env").symlink_to(tmp_path / "dotfiles/env")
    assert watched(home)["../dotfiles"].covers("env")


@pytest.mark.parametrize(
    "target", [".env", "nowhere/at/all", "/dev/null", "agents", "/proc/self/mem/x", "openclaw.json/x"]
)
def test_what_leads_to_no_file_is_watched_nowhere_else(home: Path, target: str) -> None:
    before = set(watched(home))
    (home / ".openclaw/.env").symlink_to(target)
    assert set(watched(home)) == before


def test_a_target_that_may_not_be_asked_for_is_left_alone(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed/env").write_text("")
    link = home / ".openclaw/.env"
    link.symlink_to(tmp_path / "closed/env")
    stat = os.stat

    def refused(path: str, **options: bool) -> os.stat_result:
        if path == str(link):
            raise PermissionError(path)
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", refused)
    places = places_of(Place(str(home), str(home / "state"), {}), RealFiles())
    assert str(tmp_path / "closed") not in places
    assert files_in(places)[str(link)] == str(link)


def test_a_link_within_its_own_folder_adds_a_name(home: Path) -> None:
    before = set(watched(home))
    (home / ".openclaw/mine.json").write_text("{}")
    (home / ".openclaw/openclaw.json").unlink()
    (home / ".openclaw/openclaw.json").symlink_to("mine.json")
    assert set(watched(home)) == before
    assert watched(home)[".openclaw"].covers("mine.json")


def test_a_file_that_is_no_link_is_what_it_is(home: Path) -> None:
    files = files_in(places_of(Place(str(home), str(home / "state"), {}), RealFiles()))
    assert all(path == real for path, real in files.items())
