"""The status file: read as it was written, whole at every moment, and never trusted blindly."""

import json
import os
import stat
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.loop.status import Happened, Status, Waiting, Watched, read_status, write_status

LEAST = Status(4711, 1.5, 2.5, "0.1.0", "/h", "auto", 3.5)
MOST = Status(
    4711,
    1.5,
    2.5,
    "0.1.0",
    "/h \udcff é",
    "report",
    3.5,
    watched=(Watched("~/.openclaw", True), Watched("~", False, "the limit")),
    last_look=Happened(3.0, "nothing to do"),
    last_repair=Happened(2.0, "repaired"),
    held=(Waiting("OC201", "~/x", "asks"),),
    contested=(Waiting("OC101", "~/y", "twice"),),
    gateway=("healthy",),
    gateway_down=True,
    budget="1 of 2",
    paused="by you",
    settings="line 2",
    errors=("one", "two"),
    stopped=4.0,
)


@pytest.mark.parametrize("status", [LEAST, MOST])
def test_it_is_read_as_it_was_written(tmp_path: Path, status: Status) -> None:
    write_status(str(tmp_path), LEAST)
    write_status(str(tmp_path), status)
    assert read_status(str(tmp_path)) == status
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_a_watcher_that_was_killed_left_of_one_goes_with_the_next(tmp_path: Path) -> None:
    for name in ("status.json.clawmend-0badf00d", "status.json.clawmend-mine", "other.json.clawmend-0badf00d"):
        (tmp_path / name).write_text("{")
    write_status(str(tmp_path), LEAST)
    assert sorted(child.name for child in tmp_path.iterdir()) == [
        "other.json.clawmend-0badf00d", "status.json", "status.json.clawmend-mine",
    ]  # fmt: skip


def test_what_another_watcher_is_just_writing_and_what_cannot_go_stays(tmp_path: Path) -> None:
    theirs = tmp_path / f"status.json.clawmend-{os.getppid():08x}"
    theirs.write_text("{")
    immovable = tmp_path / "status.json.clawmend-0badf00d"
    immovable.mkdir()
    write_status(str(tmp_path), LEAST)
    assert read_status(str(tmp_path)) == LEAST
    assert theirs.exists()
    assert immovable.exists()


def test_what_we_left_ourselves_when_a_disk_failed_is_written_over(tmp_path: Path) -> None:
    (tmp_path / f"status.json.clawmend-{os.getpid():08x}").write_text("half")
    write_status(str(tmp_path), LEAST)
    assert [child.name for child in tmp_path.iterdir()] == ["status.json"]


def test_where_no_daemon_has_been_there_is_none(tmp_path: Path) -> None:
    assert read_status(str(tmp_path)) is None
    assert read_status(str(tmp_path / "gone")) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"format": 2}',
        '{"format": 1}',
        json.dumps({"format": 1, "pid": 1, "watched": [{"x": 1}], "held": [], "contested": []}),
        "[" * 5000,
        "\xff",
    ],
)
def test_one_of_another_version_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "status.json").write_text(text, encoding="latin-1")
    with pytest.raises(ClawmendError, match=r"status\.json was not written by this version of clawmend; start the dae"):
        read_status(str(tmp_path))


def test_what_cannot_be_read_or_written_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ClawmendError, match=r"cannot write .*status\.json"):
        write_status(str(tmp_path / "gone"), LEAST)
    (tmp_path / "status.json").symlink_to("/etc/passwd")
    with pytest.raises(ClawmendError, match=r"cannot read .*status\.json"):
        read_status(str(tmp_path))
    (tmp_path / "status.json").unlink()
    (tmp_path / "status.json").mkdir()
    with pytest.raises(ClawmendError, match="cannot write"):
        write_status(str(tmp_path), LEAST)
    assert [child.name for child in tmp_path.iterdir()] == ["status.json"]


def test_a_pipe_in_its_place_does_not_hold_us_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "status.json")
    with pytest.raises(ClawmendError, match="was not written by this version"):
        read_status(str(tmp_path))
