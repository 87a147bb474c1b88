"""Who wrote a file, or writes it just now, where anything tells."""

import json
import os
import sys
from pathlib import Path

import pytest

from clawmend.system import writers
from clawmend.system.writers import open_for_writing, who_wrote
from loop.bed import held_open

MOMENT, WRITTEN = "2026-11-28T17:00:00.250Z", 1_795_885_200.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "openclaw.json"
    file.write_text("{}")
    os.utime(file, (WRITTEN, WRITTEN))
    return file


def audit(folder: Path, *lines: object) -> str:
    (folder / "logs").mkdir()
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    (folder / "logs" / "config-audit.jsonl").write_text(text)
    return str(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
class TestNow:
    def test_a_process_that_has_it_open_for_writing_is_named(self, file: Path) -> None:
        with held_open(file) as pid:
            said = f"process {pid} ({(Path('/proc') / str(pid) / 'comm').read_text().strip()}) has it open for writing"
            assert open_for_writing({str(file), "/elsewhere"}) == {str(file): said}
            assert who_wrote(str(file), None) == said
            (file.parent / "link").symlink_to(file)
            assert who_wrote(str(file.parent / "link"), None) == said
        assert open_for_writing({str(file)}) == {}

    def test_a_reader_is_no_writer(self, file: Path) -> None:
        with held_open(file, writing=False):
            assert open_for_writing({str(file)}) == {}

    def test_we_ourselves_are_nobody(self, file: Path) -> None:
        with file.open("a"):
            assert open_for_writing({str(file)}) == {}

    def test_for_no_file_nobody_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(writers.os, "listdir", lambda _folder: pytest.fail("asked"))
        assert open_for_writing(()) == {}


def test_where_the_system_tells_nothing_there_is_nobody(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_folder: str) -> list[str]:
        raise FileNotFoundError

    monkeypatch.setattr(writers.os, "listdir", gone)
    assert open_for_writing({str(file)}) == {}


def test_what_says_nothing_of_flags_is_no_writer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "info").write_text("pos: 0\n")
    real = open
    monkeypatch.setattr("builtins.open", lambda _path, **options: real(tmp_path / "info", **options))
    assert not writers._for_writing("1", "2")


def test_a_file_that_is_gone_was_written_by_nobody(tmp_path: Path) -> None:
    assert who_wrote(str(tmp_path / "gone"), str(tmp_path)) == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            {"ts": MOMENT, "pid": 7, "argv": ["node", "/usr/lib/openclaw.mjs", "doctor"]},
            "OpenClaw wrote it (process 7, openclaw.mjs doctor)",
        ),
        ({"ts": MOMENT, "pid": 7}, "OpenClaw wrote it (process 7)"),
        ({"ts": "2026-11-28T16:00:00.250Z", "pid": 7}, ""),
        ({"ts": 5, "pid": 7}, ""),
        ({"ts": "yesterday", "pid": 7}, ""),
        ("[]\n", ""),
        ("{", ""),
    ],
)
def test_the_last_line_of_openclaws_own_list_counts_when_it_is_of_that_moment(
    file: Path, tmp_path: Path, line: object, said: str
) -> None:
    folder = audit(tmp_path, {"ts": MOMENT, "pid": 1}, line)
    assert who_wrote(str(file), folder) == said


@pytest.mark.parametrize(
    ("name", "named", "is_said"),
    [
        ("openclaw.json", "openclaw.json", True),
        ("openclaw.json", "link/openclaw.json", True),
        ("openclaw.json", "other.json", False),
        ("openclaw.json", "/gone/openclaw.json", False),
        ("openclaw.json", "openclaw.json\0", False),
        ("openclaw.json", 7, True),
        ("clawdbot.json", None, True),
        ("models.json", "openclaw.json", False),
        ("models.json", None, False),
        ("agents/main/agent/openclaw.json", None, False),
        ("own-config.json", "own-config.json", True),
        ("own-config.json", None, False),
    ],
)
def test_the_list_speaks_of_no_file_but_the_config(tmp_path: Path, name: str, named: object, is_said: bool) -> None:
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    os.utime(path, (WRITTEN, WRITTEN))
    line = {"ts": MOMENT, "event": "config.write", "pid": 7, "result": "rename"}
    if named is not None:
        line["configPath"] = str(tmp_path / named) if isinstance(named, str) else named
    assert bool(who_wrote(str(path), audit(tmp_path, line))) is is_said


@pytest.mark.parametrize(
    ("event", "result", "is_said"),
    [
        ("config.write", "rename", True),
        ("config.write", "copy-fallback", True),
        ("config.write", "failed", False),
        ("config.write", "rejected", False),
        ("config.write", ["failed"], True),
        (["config.write"], "rename", False),
        ("config.observe", None, False),
    ],
)
def test_who_only_came_upon_a_change_or_failed_to_write_has_not_written(
    file: Path, tmp_path: Path, event: object, result: object, is_said: bool
) -> None:
    line = {"ts": MOMENT, "event": event, "configPath": str(file), "pid": 7, "result": result}
    assert bool(who_wrote(str(file), audit(tmp_path, line))) is is_said


def test_without_such_a_list_the_mark_in_the_file_counts(file: Path, tmp_path: Path) -> None:
    for text, said in {
        json.dumps({"meta": {"lastTouchedVersion": "2026.3.2", "lastTouchedAt": MOMENT}}): "OpenClaw 2026.3.2 wrote it",
        json.dumps({"meta": {"lastTouchedAt": MOMENT}}): "OpenClaw wrote it",
        json.dumps({"meta": {"lastTouchedAt": "2026-01-01T00:00:00.000Z"}}): "",
        json.dumps({"meta": 1}): "",
        "[]": "",
        "{": "",
    }.items():
        file.write_text(text)
        os.utime(file, (WRITTEN, WRITTEN))
        assert who_wrote(str(file), str(tmp_path)) == said
