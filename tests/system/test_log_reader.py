"""What one log file told so far."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawmend.core.attribution import Log
from clawmend.core.evidence import Event, Kind
from clawmend.core.log_events import event_of
from clawmend.core.log_homes import mentions
from clawmend.core.log_lines import parse_line
from clawmend.system import log_reader
from clawmend.system.log_reader import LogReader
from support.clock import NOW
from support.generated_documents import certain
from support.logs import OTHER_RUN, RUN, all_logs, cooldown, line, refusal

DAY = 86400.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "openclaw.log"


def _append(path: Path, *lines: str | bytes) -> None:
    with path.open("ab") as file:
        for each in lines:
            file.write((each.encode() if isinstance(each, str) else each) + b"\n")
    path.chmod(0o600)


def _look(path: Path, now: float = NOW) -> Log:
    return LogReader(str(path), os.getuid()).look(now)


def _kinds(log: Log) -> list[Kind]:
    return [event.kind for event in log.events]


def test_what_was_told_is_kept_and_what_is_new_is_added(path: Path) -> None:
    reader = LogReader(str(path), os.getuid())
    assert reader.look(NOW) == Log()
    assert reader.since is None
    _append(path, refusal(NOW - 50))
    assert _kinds(reader.look(NOW)) == [Kind.AUTH]
    _append(path, cooldown(NOW - 40))
    assert _kinds(reader.look(NOW)) == [Kind.AUTH, Kind.COOLDOWN]
    assert reader.since == NOW - 50
    assert reader.whole


def test_lines_that_are_no_lines_are_passed_over(path: Path) -> None:
    odd = [
        b"\xff\xfe\x00",
        b"\0" * 500,
        b"{",
        b"[]",
        b"run agent end",
        b"x/.openclawed",
        json.dumps("run agent end").encode(),
    ]
    _append(path, *odd, b"\0\0" + refusal().encode() + b"\r", *odd)
    reader = LogReader(str(path), os.getuid())
    log = reader.look(NOW)
    assert _kinds(log) == [Kind.AUTH]
    assert log.mentioned == frozenset()
    assert reader.since == NOW - 60


def test_the_pre_filter_leaves_out_nothing_that_counts(path: Path) -> None:
    lines = [text for log in all_logs() for text in log.lines]
    _append(path, *lines)
    log = _look(path, 1_795_495_000.0)
    parsed = [each for text in lines if (each := parse_line(text))]
    assert log.events == tuple(event for each in parsed if (event := event_of(each)))
    assert log.mentioned == frozenset().union(*(mentions(text.partition(',"_meta":{')[0]) for text in lines))
    assert log.mentioned == {"/home/user/.openclaw", "~/.openclaw"}


def test_runs_are_linked_to_the_folders_that_their_lines_state(path: Path) -> None:
    store = {"storePath": "/home/u/.openclaw/agents/main/agent/x.sqlite"}
    _append(path, line("slow", store, {"runId": RUN}, subsystem="session-sqlite"))
    _append(path, line("read /other/.openclaw/openclaw.json", {"runId": OTHER_RUN}, subsystem="tools"))
    log = _look(path)
    assert log.stated == {RUN: {"/home/u/.openclaw"}}
    assert log.mentioned == {"/home/u/.openclaw", "/other/.openclaw"}


def test_where_the_program_lies_is_no_mention(path: Path) -> None:
    _append(path, refusal(), line("x", level="INFO"))
    assert _look(path).mentioned == frozenset()


def test_the_log_of_two_days_counts(path: Path) -> None:
    reader = LogReader(str(path), os.getuid())
    _append(path, line("File: /old/openclaw.json", time=NOW - 3 * DAY), refusal(NOW - DAY))
    log = reader.look(NOW)
    assert [event.time for event in log.events] == [NOW - DAY]
    assert log.mentioned == frozenset()
    assert reader.since == NOW - 2 * DAY
    assert reader.look(NOW + 1.5 * DAY).events == ()


def test_a_line_from_the_future_does_not_make_the_others_old(path: Path) -> None:
    _append(path, line("see /a/.openclaw/x", time=NOW + 300 * DAY), refusal(NOW))
    log = _look(path)
    assert [event.time for event in log.events] == [NOW]
    assert log.mentioned == {"/a/.openclaw"}


def test_a_thousand_events_are_enough(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_reader, "_MOST_EVENTS", 3)
    _append(path, *(refusal(NOW - 10 + number) for number in range(5)))
    reader = LogReader(str(path), os.getuid())
    assert [event.time for event in reader.look(NOW).events] == [NOW - 8, NOW - 7, NOW - 6]
    assert reader.since == NOW - 8


def test_of_names_the_last_ones_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_reader, "_MOST_NAMES", 2)
    _append(path, *(line(f"/{name}/.openclaw/x") for name in "abac"))
    assert _look(path).mentioned == {"/a/.openclaw", "/c/.openclaw"}


def test_after_a_gap_the_account_begins_anew(path: Path) -> None:
    reader = LogReader(str(path), os.getuid())
    _append(path, line("x", time=NOW - 100))
    reader.look(NOW)
    path.write_text(line("y", time=NOW - 10) + "\n")
    reader.look(NOW)
    assert reader.since == NOW - 10
    assert not reader.whole
    path.unlink()
    reader.look(NOW)
    assert not reader.complete
    _append(path, line("z", time=NOW - 5))
    reader.look(NOW)
    assert reader.since == NOW - 5
    assert reader.complete


def test_when_openclaw_stops_writing_silence_proves_nothing(path: Path) -> None:
    reader = LogReader(str(path), os.getuid())
    _append(path, refusal())
    reader.look(NOW)
    assert reader.complete
    cap = {"time": "2026-11-24T06:00:00.000+00:00", "level": "warn", "subsystem": "logging"}
    text = "log file size cap reached; suppressing writes file=/h/.openclaw/x.log maxFileBytes=524288000"
    _append(path, json.dumps({**cap, "message": text}))
    reader.look(NOW)
    assert not reader.complete


def test_lines_that_openclaw_dropped_begin_the_account_anew(path: Path) -> None:
    reader = LogReader(str(path), os.getuid())
    _append(
        path, refusal(NOW - 50), line("[openclaw] file log queue overflow; dropped 7 oldest records", time=NOW - 40)
    )
    reader.look(NOW)
    assert not reader.complete
    _append(path, refusal(NOW - 30))
    assert len(reader.look(NOW).events) == 2
    assert reader.complete
    assert reader.since == NOW - 30


def test_a_problem_is_one_sentence(path: Path) -> None:
    path.mkdir()
    reader = LogReader(str(path), os.getuid())
    assert reader.look(NOW) == Log()
    assert reader.problem == f"{path} is a directory"


_LINES = st.sampled_from([text.encode() for log in all_logs() for text in log.lines if len(text) < 900])


@certain
@given(st.lists(_LINES, max_size=5), st.data())
def test_lines_split_at_any_place_give_the_same_events(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], data: st.DataObject
) -> None:
    text = b"".join(each + b"\n" for each in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    path = tmp_path_factory.mktemp("log") / "openclaw.log"
    reader = LogReader(str(path), os.getuid())
    events: tuple[Event, ...] = ()
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        with path.open("ab") as file:
            file.write(text[begin:end])
        path.chmod(0o600)
        events = reader.look(1_795_495_000.0).events
    assert events == tuple(event for each in lines if (parsed := parse_line(each)) and (event := event_of(parsed)))


@certain
@given(st.lists(st.binary(max_size=200) | _LINES, max_size=6).map(b"".join))
def test_no_bytes_ever_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("log") / "openclaw.log"
    path.write_bytes(data)
    path.chmod(0o600)
    _look(path)
