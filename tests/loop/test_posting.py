"""Notices go into the outbox, and out of it by one process at a time that nobody waits for."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawmend.core.event import Event
from clawmend.core.notices import Notice
from clawmend.core.notify_options import NotifyOptions, targets_of
from clawmend.loop.posting import Post, sender_command
from clawmend.system.outbox import Outbox

NOTICE = Notice("key", Event.NEEDS_YOU, 100.0, "a title", ("a line",))
OPTIONS = NotifyOptions(targets_of(("good://x",), desktop=False))
NOBODY = NotifyOptions()
LASTING = (sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.close(); import time; time.sleep(60)")
SHORT = (sys.executable, "-I", "-S", "-c", "")


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "state")


@pytest.fixture
def post(state: str) -> Iterator[Post]:
    post = Post(state, LASTING)
    yield post
    post.close()


def test_without_a_channel_nothing_is_kept_and_nobody_started(state: str, post: Post) -> None:
    post.put([NOTICE], NOBODY, 100.0)
    post.send(NOBODY, 100.0, 0.0)
    assert Outbox(state).all() == ()
    assert post._sender is None


def test_while_one_sender_is_at_it_there_is_no_second(post: Post) -> None:
    post.put([NOTICE], OPTIONS, 100.0)
    post.send(OPTIONS, 101.0, 1.0)
    first = post._sender
    assert first is not None
    post.send(OPTIONS, 111.0, 11.0)
    assert post._sender is first


def test_a_sender_that_takes_too_long_is_ended_and_another_tries_again(post: Post) -> None:
    post.put([NOTICE], OPTIONS, 100.0)
    post.send(OPTIONS, 101.0, 1.0)
    first = post._sender
    assert first is not None
    post.send(OPTIONS, 402.0, 302.0)
    assert first.returncode == -9
    assert post._sender is not None
    assert post._sender is not first


def test_at_the_end_a_sender_is_ended_too(post: Post) -> None:
    post.put([NOTICE], OPTIONS, 100.0)
    post.send(OPTIONS, 101.0, 1.0)
    sender = post._sender
    assert sender is not None
    post.close()
    assert sender.returncode == -9
    assert post._sender is None


def test_a_sender_that_has_ended_makes_room(state: str) -> None:
    post = Post(state, SHORT)
    post.put([NOTICE], OPTIONS, 100.0)
    post.send(OPTIONS, 101.0, 1.0)
    first = post._sender
    assert first is not None
    assert first.wait(10) == 0
    post.send(OPTIONS, 111.0, 11.0)  # it has sent nothing, so it is tried again
    assert post._sender is not None
    assert post._sender is not first
    post.close()


def test_what_an_earlier_run_has_left_is_looked_for_once(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post(state, SHORT)
    looked = []
    real = Outbox.open_ones
    monkeypatch.setattr(Outbox, "open_ones", lambda self, now: (looked.append(now), real(self, now))[1])
    for moment in (100.0, 110.0, 120.0):
        post.send(OPTIONS, moment, moment)
    assert looked == [100.0]
    assert post._sender is None


def test_the_command_of_a_sender_names_the_same_state_and_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = (sys.executable, "-m", "clawmend", "--state-dir", "/s")
    assert sender_command("/s", None) == (*begin, "notify", "send", "-q")
    monkeypatch.chdir("/")
    assert sender_command("/s", "c.toml") == (*begin, "--config", "/c.toml", "notify", "send", "-q")
