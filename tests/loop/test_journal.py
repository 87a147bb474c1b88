"""The log of the daemon: private, rotated, readable by journald, and without a secret in any way that leads into it."""

import io
import json
import logging
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.core.operation import LogFormat, LogLevel
from clawmend.core.secret import Masker
from clawmend.loop import journal
from clawmend.loop.journal import Channels, Log, is_read_by_journald

KEY = "sk-sp-0123456789abcdef0123456789abcdef"
PLAIN = "correct-horse-battery"  # no shape tells it; it is known from a document

Make = Callable[..., Log]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Log] = []

    def one(stream: io.StringIO | None = None, *, journald: bool = False, **options: object) -> Log:
        log = Log(Channels(str(tmp_path / "state"), stream, journald), Masker(b"key"), **options)  # type: ignore[arg-type]
        made.append(log)
        return log

    yield one
    for log in made:
        log.close()


def written(log: Log) -> str:
    assert log.path is not None
    return Path(log.path).read_text()


def test_a_line_has_its_time_its_level_and_its_fields(make: Make) -> None:
    log = make()
    log.note("repaired {0} <red>one</red> file", checkpoint="20261128-1", path="/a b")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d INFO    repaired \{0\} <red>one</red> file "
        r"checkpoint=20261128-1 path=/a b\n",
        written(log),
    )


def test_the_file_is_ours_alone(make: Make, tmp_path: Path) -> None:
    log = make()
    log.note("x")
    assert stat.S_IMODE(os.stat(log.path or "").st_mode) == 0o600
    for folder in ("state", "state/logs"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700


def test_it_is_rotated_and_only_some_are_kept(make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(journal, "_MOST_BYTES", 200)
    monkeypatch.setattr(journal, "_KEPT", 2)
    log = make()
    for number in range(40):
        log.note(f"line {number}")
    files = list((tmp_path / "state/logs").iterdir())
    assert 2 <= len(files) <= 3
    assert all(file.stat().st_size <= 200 and stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert "line 39" in written(log)


def break_twice() -> None:
    local = PLAIN + KEY
    try:
        raise RuntimeError(f"cause {local}")  # noqa: TRY301 - one that has a cause
    except RuntimeError as error:
        raise ValueError(f'{{"token": "{PLAIN}"}}') from error


@pytest.mark.parametrize("form", LogFormat)
def test_no_way_into_it_lets_a_secret_through(make: Make, form: LogFormat) -> None:
    stream = io.StringIO()
    log = make(stream, form=form)
    log.masker.learn({"apiKey": PLAIN})
    log.caution(f"message {KEY} {PLAIN}", field=f"{KEY} {PLAIN}")
    try:
        break_twice()
    except ValueError as error:
        log.failure("it broke", error)
    logging.getLogger("apscheduler.executors.default").error("job %s", KEY, exc_info=RuntimeError(PLAIN))
    logging.getLogger("watchdog").warning("a %s", PLAIN)
    for text in (written(log), stream.getvalue()):
        assert "RuntimeError: cause …" in text
        assert "ValueError: " in text
        assert "it broke" in text
        assert "apscheduler.executors.default: job sk-sp-…(38 chars" in text
        assert KEY not in text
        assert PLAIN not in text


def test_what_a_person_can_mend_needs_no_traceback(make: Make) -> None:
    log = make()
    log.failure("cannot look: /x may not be read", ClawmendError("/x may not be read"))
    assert "Traceback" not in written(log)


def test_what_a_name_holds_makes_no_second_line(make: Make) -> None:
    log = make()
    log.note("a\n2026-01-01 ERROR forged \x1b[31m", path="b\nc")
    assert len(written(log).splitlines()) == 1
    assert "\x1b" not in written(log)


def test_json_is_one_object_per_line(make: Make) -> None:
    log = make(form=LogFormat.JSON)
    log.note("looked", seconds=0.5)
    log.failure("it broke", RuntimeError("x"))
    first, second = map(json.loads, written(log).splitlines())
    assert set(first) == {"time", "level", "message", "seconds"}
    assert (first["level"], first["message"], first["seconds"]) == ("info", "looked", "0.5")
    assert first["time"].endswith("+00:00")
    assert second["traceback"] == "RuntimeError: x"


def test_under_journald_every_line_has_a_priority_and_no_time(make: Make) -> None:
    stream = io.StringIO()
    log = make(stream, journald=True, level=LogLevel.DEBUG)
    log.detail("a")
    log.note("b")
    log.caution("c")
    log.failure("d", RuntimeError("e"))
    assert stream.getvalue() == "<7>a\n<6>b\n<4>c\n<3>d\n<3>RuntimeError: e\n"


def test_journald_is_known_by_the_stream_that_it_gave(monkeypatch: pytest.MonkeyPatch) -> None:
    status = os.fstat(2)
    assert is_read_by_journald({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
    for stream in ("", "8:1", f"{status.st_dev}:", "x"):
        assert not is_read_by_journald({"JOURNAL_STREAM": stream})

    def closed(_descriptor: int) -> os.stat_result:
        raise OSError(9, "closed")

    monkeypatch.setattr(journal, "os", SimpleNamespace(fstat=closed))
    assert not is_read_by_journald({"JOURNAL_STREAM": "8:1"})


def test_the_channels_of_the_process(tmp_path: Path) -> None:
    assert Channels.of_process(str(tmp_path), {}) == Channels(str(tmp_path), sys.stderr, False)
    assert Channels.of_process(str(tmp_path), {}, quiet=True).stream is None


def test_level_and_format_change_while_it_runs(make: Make) -> None:
    log = make(level=LogLevel.WARNING)
    log.note("not this")
    log.change(LogLevel.INFO, LogFormat.JSON)
    log.note("this")
    (line,) = written(log).splitlines()
    assert json.loads(line)["message"] == "this"


def test_without_a_place_for_the_file_it_says_so_once_and_goes_on() -> None:
    stream = io.StringIO()
    log = Log(Channels("/proc/clawmend", stream), Masker(b"key"))
    try:
        log.note("one")
        log.note("two")
    finally:
        log.close()
    said = stream.getvalue().splitlines()
    assert said[0].startswith("clawmend: nothing is logged to /proc/clawmend/logs/clawmend.log: it ")
    assert [line[-3:] for line in said[1:]] == ["one", "two"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # loguru drops the file it cannot flush
def test_a_disk_that_fills_up_stops_nobody(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    monkeypatch.setattr(journal, "_private", lambda _path, flags: os.open(full, flags & ~os.O_CREAT))
    log = make(stream)
    log.note("one")
    log.note("two")
    said = [line for line in stream.getvalue().splitlines() if line.startswith("clawmend: ")]
    assert len(said) == 1
    assert said[0].endswith("it lies on a full disk")
    assert "two" in stream.getvalue()


def test_without_any_channel_it_is_silent() -> None:
    log = Log(Channels(None), Masker(b"key"))
    log.failure("x", RuntimeError("y"))
    assert log.path is None
    log.close()
