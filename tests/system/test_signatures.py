"""A file has changed when something in it has that is judged."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from clawmend.system.signatures import Signatures

PROFILES: dict[str, Any] = {"version": 1, "profiles": {"a": {"key": "k"}}, "usageStats": {"a": {"lastUsed": 1}}}
CLAUDE: dict[str, Any] = {"numStartups": 1, "hasCompletedOnboarding": True, "projects": {"/a": {"history": []}}}


def write(path: Path, value: Any) -> str:
    """As these programs do: a new file under the old name."""
    new = path.with_name("new")
    new.write_text(value if isinstance(value, str) else json.dumps(value))
    os.replace(new, path)
    return str(path)


def test_what_is_new_changed_or_gone_is_told_once(tmp_path: Path) -> None:
    signatures = Signatures()
    path = write(tmp_path / "a.json", "1")
    assert signatures.take([path]) == {path}
    assert signatures.take([path]) == frozenset()
    write(tmp_path / "a.json", "2")
    assert signatures.take([path]) == {path}
    os.unlink(path)
    assert signatures.take([]) == {path}
    assert signatures.take([]) == frozenset()


def test_the_same_content_written_anew_is_no_change(tmp_path: Path) -> None:
    signatures = Signatures()
    path = write(tmp_path / "a.json", "1")
    signatures.take([path])
    write(tmp_path / "a.json", "1")
    assert signatures.take([path]) == frozenset()


@pytest.mark.parametrize(
    ("name", "before", "after", "changed"),
    [
        ("auth-profiles.json", PROFILES, PROFILES | {"usageStats": {"a": {"lastUsed": 2}}, "lastGood": {}}, False),
        ("auth-profiles.json", PROFILES, PROFILES | {"profiles": {"a": {"key": "l"}}}, True),
        ("auth-profiles.json", PROFILES, '{"version": 1', True),
        ("auth-profiles.json", PROFILES, "[]", True),
        (".claude.json", CLAUDE, CLAUDE | {"numStartups": 2, "projects": {"/a": {"history": ["x"]}}}, False),
        (".claude.json", CLAUDE, CLAUDE | {"hasCompletedOnboarding": False}, True),
        (".claude.json", CLAUDE, CLAUDE | {"projects": {}}, True),
        (".claude.json", CLAUDE, {"hasCompletedOnboarding": True, "projects": {"/a": {}}}, True),
        (".claude.json", CLAUDE, CLAUDE | {"env": {"ANTHROPIC_BASE_URL": "x"}}, True),
        ("models.json", PROFILES, PROFILES | {"usageStats": {}}, True),
    ],
)
def test_only_what_is_judged_counts(tmp_path: Path, name: str, before: Any, after: Any, changed: bool) -> None:
    signatures = Signatures()
    path = write(tmp_path / name, before)
    signatures.take([path])
    write(tmp_path / name, after)
    assert signatures.take([path]) == ({path} if changed else frozenset())


def test_mode_and_owner_count_as_well(tmp_path: Path) -> None:
    signatures = Signatures()
    path = write(tmp_path / "a.json", "1")
    signatures.take([path])
    os.chmod(path, 0o604)
    assert signatures.take([path]) == {path}


def test_what_we_wrote_ourselves_is_no_change(tmp_path: Path) -> None:
    signatures = Signatures()
    path = write(tmp_path / "a.json", "1")
    signatures.take([path])
    write(tmp_path / "a.json", "2")
    signatures.take_over({path: b"2", str(tmp_path / "never-seen"): b""})
    assert signatures.take([path]) == frozenset()


def test_what_we_have_removed_is_no_news_either(tmp_path: Path) -> None:
    signatures = Signatures()
    path = write(tmp_path / "a.json", "1")
    signatures.take([path])
    os.unlink(path)
    signatures.take_over({path: None})
    assert signatures.take([path]) == frozenset()


@pytest.mark.parametrize("written", [b"2", None])
def test_what_somebody_has_written_right_after_us_is_news(tmp_path: Path, written: bytes | None) -> None:
    signatures = Signatures()
    path = write(tmp_path / "a.json", "1")
    signatures.take([path])
    write(tmp_path / "a.json", "3")
    signatures.take_over({path: written})
    assert signatures.take([path]) == {path}


def test_our_own_temporary_files_are_nobodys_business(tmp_path: Path) -> None:
    assert Signatures().take([write(tmp_path / ".a.json.clawmend-1234", "x")]) == frozenset()


def test_a_file_that_is_too_large_is_told_by_its_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawmend.system.signatures._LONGEST", 4)
    signatures = Signatures()
    path = write(tmp_path / "a.json", "123456")
    assert signatures.take([path]) == {path}
    write(tmp_path / "a.json", "1234567")
    assert signatures.take([path]) == {path}


def test_a_folder_in_the_place_of_a_file_breaks_nothing(tmp_path: Path) -> None:
    signatures = Signatures()
    (tmp_path / "a.json").mkdir()
    assert signatures.take([str(tmp_path / "a.json")]) == {str(tmp_path / "a.json")}


@pytest.mark.parametrize("through", ["", "link"])
def test_a_pipe_is_not_opened_and_says_nothing(tmp_path: Path, through: str) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    path = str(tmp_path / (through or "pipe"))
    signatures = Signatures()
    assert signatures.take([path]) == {path}  # it would wait here for ever
    assert signatures.take([path]) == frozenset()
    pipe.chmod(0o400)
    assert signatures.take([path]) == {path}
