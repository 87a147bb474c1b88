import os
from pathlib import Path

from clawmend.core.document import Syntax
from clawmend.core.state import Absent, Malformed, Parsed, Unreadable, bytes_of, value_of
from clawmend.system.files import RealFiles
from clawmend.system.loading import load, load_settled
from system.fakes import FakeClock

FILES = RealFiles()


def test_a_file_is_read_the_way_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\xef\xbb\xbf{a: 1, // comment\n}")

    as_json5 = load(FILES, str(path), Syntax.JSON5)
    as_json = load(FILES, str(path), Syntax.JSON)

    assert isinstance(as_json5, Parsed)
    assert value_of(as_json5) == {"a": 1}
    assert isinstance(as_json, Malformed)
    assert "(line 1, column" in as_json.problem
    assert bytes_of(as_json) == path.read_bytes()


def test_what_cannot_be_read_stays_what_it_is(tmp_path: Path) -> None:
    assert isinstance(load(FILES, str(tmp_path / "gone"), Syntax.JSON), Absent)
    assert isinstance(load(FILES, str(tmp_path), Syntax.JSON), Unreadable)


def test_what_is_too_deep_to_judge_is_unreadable_and_not_malformed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"[" * 100_000)
    state = load(FILES, str(path), Syntax.JSON5)
    assert isinstance(state, Unreadable)
    assert state.problem.startswith("cannot be judged")


def test_a_file_that_is_just_being_written_is_looked_at_again(tmp_path: Path) -> None:
    path, clock = tmp_path / "a", FakeClock()
    path.write_bytes(b'{"a": ')
    os.utime(path, (clock.now(), clock.now()))
    clock.on_sleep = lambda: path.write_bytes(b'{"a": 1}') and None

    state = load_settled(FILES, str(path), Syntax.JSON, clock)

    assert value_of(state) == {"a": 1}
    assert clock.slept == [0.2]


def test_one_that_stays_broken_is_looked_at_three_times(tmp_path: Path) -> None:
    path, clock = tmp_path / "a", FakeClock()
    path.write_bytes(b"{")
    os.utime(path, (clock.now(), clock.now()))
    assert isinstance(load_settled(FILES, str(path), Syntax.JSON, clock), Malformed)
    assert clock.slept == [0.2, 0.8]


def test_one_that_was_broken_long_ago_is_not_waited_for(tmp_path: Path) -> None:
    path, clock = tmp_path / "a", FakeClock()
    path.write_bytes(b"{")
    os.utime(path, (clock.now() - 11, clock.now() - 11))
    assert isinstance(load_settled(FILES, str(path), Syntax.JSON, clock), Malformed)
    assert clock.slept == []
