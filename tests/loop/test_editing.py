"""A person at work on a file is told by an editor's traces, or by many saves."""

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from clawmend.loop import editing
from clawmend.loop.editing import Saves, is_trace, open_in_editor, swap_folders, trace_prefixes, usual_traces

FILE = "openclaw.json"


@pytest.mark.parametrize(
    ("name", "trace"),
    [
        (".openclaw.json.swp", True), (".openclaw.json.swo", True), (".#openclaw.json", True),
        ("#openclaw.json#", True), (".openclaw.json.kate-swp", True), ("openclaw.json~", False),
        (".other.json.swp", False), ("openclaw.json", False), ("openclaw.json.bak", False),
        (".openclaw.json.swappy", False),
    ],
)  # fmt: skip
def test_traces_of_editors(name: str, trace: bool) -> None:
    assert is_trace(name, FILE) is trace


def test_a_fresh_trace_counts_and_one_of_last_week_does_not(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text("{}")
    assert not open_in_editor(str(path), 1e6)
    trace = tmp_path / f".{FILE}.swp"
    trace.write_text("")
    os.utime(trace, (1e6, 1e6))
    assert open_in_editor(str(path), 1e6 + 60)
    assert not open_in_editor(str(path), 1e6 + 2 * 86_400)


def test_emacs_leaves_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / f".#{FILE}").symlink_to("ana@laptop.123")
    now = (tmp_path / f".#{FILE}").lstat().st_mtime
    assert open_in_editor(str(tmp_path / FILE), now)


def test_a_folder_that_is_not_there_is_edited_by_nobody(tmp_path: Path) -> None:
    assert not open_in_editor(str(tmp_path / "gone" / FILE), 1e6)


def test_what_a_trace_begins_with_covers_every_trace() -> None:
    for name in (".a.swp", ".a.swo", ".#a", "#a#", ".a.kate-swp"):
        assert is_trace(name, "a")
        assert name.startswith(trace_prefixes("b", "a"))
    assert not "a".startswith(trace_prefixes("a"))
    assert all(is_trace(name, "a") for name in usual_traces("a"))


def trace(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    os.utime(path, (1e6, 1e6))


def test_an_editor_leaves_its_trace_beside_the_target_of_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles" / "claw.json").write_text("{}")
    (tmp_path / FILE).symlink_to("dotfiles/claw.json")
    assert not open_in_editor(str(tmp_path / FILE), 1e6)
    trace(tmp_path / "dotfiles" / ".claw.json.swp")
    assert open_in_editor(str(tmp_path / FILE), 1e6)
    assert not open_in_editor(str(tmp_path / FILE), 1e6 + 2 * 86_400)


def test_one_that_knows_nothing_of_the_target_leaves_it_beside_the_link(tmp_path: Path) -> None:
    (tmp_path / FILE).symlink_to("gone/claw.json")
    trace(tmp_path / f".{FILE}.swp")
    assert open_in_editor(str(tmp_path / FILE), 1e6)


@pytest.mark.parametrize("target", [FILE, "nowhere/at/all", "/dev/null", "x" * 300])
def test_a_link_that_leads_nowhere_is_edited_by_nobody(tmp_path: Path, target: str) -> None:
    (tmp_path / FILE).symlink_to(target)
    assert not open_in_editor(str(tmp_path / FILE), 1e6, (str(tmp_path / "gone"),))


class TestSwapFolders:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / ".openclaw" / FILE
        path.parent.mkdir()
        path.write_text("{}")
        return path

    @pytest.mark.parametrize("folder", [".local/state/nvim/swap", ".local/share/nvim/swap", ".vim/swap"])
    @pytest.mark.parametrize("end", ["swp", "swo"])
    def test_a_file_that_is_open_in_neovim_or_vim(self, tmp_path: Path, file: Path, folder: str, end: str) -> None:
        folders = swap_folders(str(tmp_path), {})
        assert not open_in_editor(str(file), 1e6, folders)
        trace(tmp_path / folder / f"{str(file).replace('/', '%')}.{end}")
        assert open_in_editor(str(file), 1e6 + 60, folders)
        assert not open_in_editor(str(file), 1e6 + 2 * 86_400, folders)

    @pytest.mark.parametrize("name", ["{}", "{}.swappy", "{}.sw", "x{}.swp", "%other%openclaw.json.swp"])
    def test_another_file_that_is(self, tmp_path: Path, file: Path, name: str) -> None:
        trace(tmp_path / ".vim" / "swap" / name.format(str(file).replace("/", "%")))
        assert not open_in_editor(str(file), 1e6, swap_folders(str(tmp_path), {}))

    def test_it_is_named_by_what_the_file_really_is(self, tmp_path: Path, file: Path) -> None:
        (tmp_path / "link").symlink_to(file.parent, target_is_directory=True)
        trace(tmp_path / ".vim" / "swap" / f"{str(file).replace('/', '%')}.swp")
        assert open_in_editor(str(tmp_path / "link" / FILE), 1e6, swap_folders(str(tmp_path), {}))

    def test_the_person_may_have_moved_them(self) -> None:
        environment = {"XDG_STATE_HOME": "/state", "XDG_DATA_HOME": "share"}
        assert swap_folders("/home/ana", environment) == (
            "/state/nvim/swap", "/home/ana/.local/share/nvim/swap", "/home/ana/.vim/swap",
        )  # fmt: skip


def test_a_trace_that_goes_while_one_looks_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        name = f".{FILE}.swp"

        def stat(self, *, follow_symlinks: bool) -> None:
            raise FileNotFoundError(follow_symlinks)

    monkeypatch.setattr(editing.os, "scandir", lambda _folder: nullcontext([Gone()]))
    assert not open_in_editor(str(tmp_path / FILE), 1e6)


def test_three_saves_within_a_minute_are_somebody_at_work() -> None:
    saves = Saves()
    for moment in (0.0, 10.0):
        saves.note(["/a", "/b"], moment, {})
        assert saves.until("/a", moment) is None
    saves.note(["/a"], 20.0, {})
    assert saves.until("/a", 20.0) == 80.0
    assert saves.until("/b", 20.0) is None
    assert saves.until("/a", 81.0) is None


def test_three_saves_in_an_hour_are_nothing_special() -> None:
    saves = Saves()
    for moment in (0.0, 1200.0, 2400.0):
        saves.note(["/a"], moment, {})
    assert saves.until("/a", 2400.0) is None


def test_what_programs_write_by_themselves_is_no_person_at_work() -> None:
    saves = Saves()
    for moment in (0.0, 1.0, 2.0, 3.0):
        saves.note(["/a/models.json", "/a/openclaw.json"], moment, {"/a/models.json": "/b/other.json"})
        assert saves.until("/b/other.json", moment) is None
    assert saves.until("/a/models.json", 3.0) is None
    assert saves.until("/a/openclaw.json", 3.0) == 63.0


def test_a_save_through_two_links_is_one_save_of_their_target() -> None:
    saves = Saves()
    for moment in (0.0, 1.0):
        saves.note(["/a", "/b"], moment, {"/a": "/real", "/b": "/real"})
    assert saves.until("/real", 1.0) is None
    saves.note(["/a"], 2.0, {"/a": "/real", "/b": "/real"})
    assert saves.until("/real", 2.0) == 62.0
    assert saves.until("/a", 2.0) is None
