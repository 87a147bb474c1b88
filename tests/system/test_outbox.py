"""The outbox on disk: private, atomic, and of one sender at a time."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from clawmend.core.errors import BusyError, ClawmendError
from clawmend.core.event import Event
from clawmend.core.notices import Notice
from clawmend.core.outbox import EXPIRES_AFTER, Fate, delivered
from clawmend.system.outbox import Outbox

ALL = frozenset(Event)
BEGUN = Notice("begun", Event.NEEDS_YOU, 100.0, "begun", ("one", "two"))
ENDED = Notice("ended", Event.OVER, 200.0, "ended", ("x",), ends="begun")


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(str(tmp_path / "state"))


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "state" / "outbox").glob("*.json"))


def test_an_outbox_that_is_not_there_is_empty(outbox: Outbox, tmp_path: Path) -> None:
    assert outbox.all() == ()
    assert not (tmp_path / "state").exists()


def test_a_message_comes_back_as_it_was_put_in_and_is_private(outbox: Outbox, tmp_path: Path) -> None:
    (put,) = outbox.put([BEGUN], ["a", "b"], ALL, 100.0)
    assert outbox.all() == (put,)
    (path,) = files(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_same_news_is_taken_once(outbox: Outbox) -> None:
    assert len(outbox.put([BEGUN], ["a"], ALL, 100.0)) == 1
    assert outbox.put([BEGUN], ["a"], ALL, 101.0) == ()
    assert len(outbox.all()) == 1


def test_an_end_gives_up_a_beginning_that_was_never_tried(outbox: Outbox) -> None:
    outbox.put([BEGUN], ["a"], ALL, 100.0)
    outbox.put([ENDED], ["a"], ALL, 200.0)
    assert [one.deliveries["a"].fate for one in outbox.all()] == [Fate.EXPIRED, Fate.WAITING]


def test_what_is_too_old_is_noted_as_given_up(outbox: Outbox) -> None:
    outbox.put([BEGUN], ["a"], ALL, 100.0)
    assert len(outbox.open_ones(200.0)) == 1
    assert outbox.open_ones(101.0 + EXPIRES_AFTER) == ()
    assert outbox.all()[0].deliveries["a"].fate is Fate.EXPIRED


def test_what_is_through_is_forgotten_after_a_month(outbox: Outbox, tmp_path: Path) -> None:
    (one,) = outbox.put([BEGUN], ["a"], ALL, 100.0)
    outbox.keep(delivered(one, "a", 100.0))
    outbox.put([replace(BEGUN, key="later", time=1e9)], ["a"], ALL, 100.0 + 31 * 86_400)
    assert [one.notice.key for one in outbox.all()] == ["later"]
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", "{}", '{"schema": 1}', '{"schema": 9}', '{"schema": 1, "key": "k", "event": "?"}']
)
def test_a_file_that_makes_no_sense_is_passed_over(outbox: Outbox, tmp_path: Path, text: str) -> None:
    outbox.put([BEGUN], ["a"], ALL, 100.0)
    (tmp_path / "state" / "outbox" / "bad.json").write_text(text)
    assert [one.notice.key for one in outbox.all()] == ["begun"]


def test_one_sender_at_a_time_and_what_a_kill_left_is_swept(outbox: Outbox, tmp_path: Path) -> None:
    outbox.put([BEGUN], ["a"], ALL, 100.0)
    left = tmp_path / "state" / "outbox" / "x.json.clawmend-0123"
    left.write_text("{")
    with outbox.sending():
        assert not left.exists()
        with pytest.raises(BusyError, match="another clawmend is sending notifications"), outbox.sending():
            raise AssertionError
    with outbox.sending():
        assert len(outbox.all()) == 1


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "outbox").write_text("a file")
    outbox = Outbox(str(tmp_path / "state"))
    with pytest.raises(ClawmendError, match="cannot read the outbox"):
        outbox.all()
    with pytest.raises(ClawmendError, match="cannot use the outbox"), outbox.sending():
        raise AssertionError


def test_a_disk_that_refuses_is_one_sentence_and_nothing_is_half_written(
    outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = outbox.put([BEGUN], ["a"], ALL, 100.0)

    def refuse(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(ClawmendError, match=r"cannot write the outbox .*No space left"):
        outbox.keep(delivered(one, "a", 100.0))
    monkeypatch.undo()
    assert json.loads(files(tmp_path)[0].read_text())["deliveries"]["a"]["fate"] == "waiting"
