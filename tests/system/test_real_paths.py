"""Paths are resolved as the standard library resolves them, with fewer questions."""

import os
from itertools import product
from pathlib import Path

import pytest

from clawmend.system.real_paths import RealPaths

NAMES = ("folder", "file", "link", "up", "loop", "gone", "dangling")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "folder").mkdir(parents=True)
    for place in (tmp_path, folder):
        (place / "file").write_text("")
        (place / "link").symlink_to(folder / "folder", target_is_directory=True)
        (place / "up").symlink_to("..", target_is_directory=True)
        (place / "loop").symlink_to("loop")
        (place / "dangling").symlink_to("nowhere/at/all")
    return tmp_path


def test_every_path_is_what_the_standard_library_says(root: Path) -> None:
    paths = [os.path.join(root, *parts) for count in (1, 2, 3) for parts in product(NAMES, repeat=count)]
    real = RealPaths()
    assert [real.of(path) for path in paths] == [os.path.realpath(path) for path in paths]


@pytest.mark.parametrize(
    "form", ["{}/folder/", "{}//folder/./file", "{}/link/../file", "{}/..", "/", "//", ".", "x", ""]
)
def test_however_a_path_is_written(root: Path, form: str) -> None:
    path = form.format(root)
    assert RealPaths().of(path) == os.path.realpath(path)


def test_however_deep_a_path_is(root: Path) -> None:
    path = f"{root}/" + "folder/" * 1000 + "file"
    assert RealPaths().of(path) == os.path.realpath(path)


def test_a_folder_is_asked_for_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    lstat = os.lstat
    monkeypatch.setattr(os, "lstat", lambda path, **options: (asked.append(os.fspath(path)), lstat(path, **options))[1])
    real = RealPaths()
    for number in range(50):
        real.of(f"{root}/folder/file{number}")
    assert len(asked) <= 50 + len(Path(root).parts) + 3


@pytest.mark.parametrize(
    ("target", "found"),
    [("file", "file"), ("../root/folder/file", "folder/file"), ("far", "file"), ("nowhere/at/all", "nowhere/at/all")],
)
def test_a_link_leads_to_a_file_that_is_there_or_still_to_come(root: Path, target: str, found: str) -> None:
    (root / "far").symlink_to("link/../../file")
    (root / "a").symlink_to(target.replace("root", root.name))
    assert RealPaths().target_of(str(root / "a")) == str(root / found) == os.path.realpath(root / "a")


@pytest.mark.parametrize("target", ["folder", "a", "loop", "file/below", "/dev/null", "x" * 300])
def test_a_link_to_anything_else_leads_to_no_file(root: Path, target: str) -> None:
    (root / "a").symlink_to(target)
    assert RealPaths().target_of(str(root / "a")) is None


def test_what_is_no_link_any_more_leads_to_no_file(root: Path) -> None:
    assert RealPaths().target_of(str(root / "file")) is None
