"""A person at work on a file is told by an editor's traces, or by many saves."""

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from clawmend.loop import editing
from clawmend.loop.editing import Saves, is_trace, open_in_editor, trace_prefixes

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
