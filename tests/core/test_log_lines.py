"""A line of the log as a value, in the shapes of all versions."""

import json

import pytest

from clawmend.core.log_lines import Line, line_time, parse_line
from support.clock import NOW
from support.logs import RUN, line

TRACE = "7473ab1cdd0e430e30f0b5f9c1c01a52"


def _parse(text: str | bytes) -> Line:
    parsed = parse_line(text)
    assert parsed is not None, text
    return parsed


def test_text_and_subsystem() -> None:
    parsed = _parse(line("config hot reload applied (x)", subsystem="gateway/reload", level="INFO"))
    assert parsed == Line(NOW - 60, "INFO", "gateway/reload", "config hot reload applied (x)")


def test_objects_stand_before_the_words_or_after_them() -> None:
    before = _parse(line({"a": "1"}, "words", subsystem="agent/embedded"))
    after = _parse(line("words", {"a": "1"}, subsystem="agent/embedded"))
    assert before == after
    assert before.word("a") == "1"


def test_what_is_bound_may_be_a_module_or_nothing_known() -> None:
    record = json.loads(line("x"))
    assert (
        _parse(json.dumps(record | {"0": '{"module":"cron","storePath":"/x"}', "1": "cron: started"})).subsystem
        == "cron"
    )
    assert _parse(json.dumps(record | {"0": '{"other":"cron"}'})).subsystem is None
    assert _parse(json.dumps(record | {"0": '{"subsystem":7}'})).subsystem is None


@pytest.mark.parametrize("text", ['{"subsystem":', "{}", '{"a' + "x" * 5000 + '":1}', "plain"])
def test_text_that_looks_like_a_binding_is_text(text: str) -> None:
    parsed = _parse(line(text))
    assert parsed.subsystem is None
    assert parsed.text == text[:4096]


def test_the_date_of_the_record_stands_in_for_a_missing_time() -> None:
    record = json.loads(line("x"))
    del record["time"]
    record["_meta"]["date"] = "2026-11-24T06:00:00.000Z"
    assert _parse(json.dumps(record)).time == 1_795_500_000.0
    assert line_time(json.dumps(record).encode()) == 1_795_500_000.0


@pytest.mark.parametrize(
    "change",
    [
        {"time": "yesterday"},
        {"time": "2026-11-24T06:00:00"},
        {"time": 5},
        {"_meta": None},
        {"_meta": {"logLevelName": 3}},
    ],
)
def test_a_line_without_time_or_level_is_none(change: dict[str, object]) -> None:
    text = json.dumps(json.loads(line("x")) | change)
    assert parse_line(text) is None
    assert line_time(text.encode()) is None


@pytest.mark.parametrize(
    "text", ["", "null", "[1]", '"x"', "2026-11-23T17:29:41.030Z [canvas] host", "{", b"\xff\xfe", "\ud800"]
)
def test_what_is_no_record_is_no_line(text: str | bytes) -> None:
    assert parse_line(text) is None


@pytest.mark.parametrize("as_bytes", [True, False])
def test_half_a_character_is_kept_until_somebody_shows_it(as_bytes: bool) -> None:
    text = line("cut HALF").replace("HALF", "\\ud83d")
    assert _parse(text.encode() if as_bytes else text).text == "cut \ud83d"


@pytest.mark.parametrize("text", ['{"x": "\\ud83d"', '{"x":' * 3000 + '"\\ud83d"'])
def test_half_a_character_in_half_a_record_is_no_line(text: str) -> None:
    assert parse_line(text) is None


def test_a_word_is_text_and_not_without_end() -> None:
    parsed = _parse(line({"long": "x" * 5000, "empty": "", "number": 1}, "words"))
    assert len(parsed.word("long") or "") == 4096
    assert parsed.word("empty") is parsed.word("number") is parsed.word("absent") is None


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        (line(f"embedded run agent end: runId={RUN} isError=true"), {RUN}),
        (line(f"runId=chatcmpl_{RUN} sessionId={RUN}"), {RUN}),
        (line({"runId": RUN, "sessionId": 7}, "x", traceId=TRACE), {RUN, TRACE}),
        (line("x", session_id=RUN), {RUN}),
        (line("runId=k1 sessionId=main"), set()),  # what a client made up may be another home's too
        (line({"runId": "s1"}, "x"), set()),
        (line({"runId": RUN + "x" * 200}, "x"), set()),
    ],
)
def test_lines_belong_together_by_ids_that_no_two_runs_share(text: str, runs: set[str]) -> None:
    assert _parse(text).runs == runs
