"""Sending: an attempt is noted before it is made, a channel that is down holds up no other."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from clawmend.core.event import Event
from clawmend.core.notices import Notice
from clawmend.core.notify_options import Target, targets_of
from clawmend.core.outbox import MOST_ATTEMPTS, Fate
from clawmend.repair.sending import send_due
from clawmend.system.outbox import Outbox
from system.fakes import FakeClock

NOTICE = Notice("k", Event.NEEDS_YOU, FakeClock.time, "title", ("one", "two"))
GOOD, BAD = targets_of(("good://x", "bad://y"), desktop=False)


class KilledError(BaseException):
    """The sender is killed."""


@dataclass
class FakeSender:
    answer: Callable[[Target], str | None] = lambda target: "refused" if target is BAD else None
    got: list[tuple[str, str, str]] = field(default_factory=list)

    def send(self, target: Target, title: str, body: str, event: Event | None) -> str | None:
        assert event is Event.NEEDS_YOU
        self.got.append((target.name, title, body))
        return self.answer(target)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    found = Outbox(str(tmp_path / "state"))
    found.put([NOTICE, replace(NOTICE, key="l", title="later")], [GOOD.mark, BAD.mark], frozenset(Event), NOTICE.time)
    return found


def fates(outbox: Outbox, target: Target) -> list[Fate]:
    return [one.deliveries[target.mark].fate for one in outbox.all()]


def test_everything_due_is_sent_and_a_channel_that_is_down_holds_up_no_other(outbox: Outbox) -> None:
    sender, clock = FakeSender(), FakeClock()
    found = send_due(outbox, (BAD, GOOD), sender, clock)
    assert [(one.channel, one.title, one.problem) for one in found] == [
        ("bad 2", "title", "refused"), ("good 1", "title", None), ("good 1", "later", None)
    ]  # fmt: skip
    assert sender.got[0] == ("bad 2", "title", "one\ntwo")
    assert fates(outbox, GOOD) == [Fate.SENT, Fate.SENT]
    assert fates(outbox, BAD) == [Fate.WAITING, Fate.WAITING]
    assert outbox.all()[0].deliveries[BAD.mark].problem == "refused"


def test_nothing_is_sent_twice(outbox: Outbox) -> None:
    sender, clock = FakeSender(), FakeClock()
    send_due(outbox, (GOOD,), sender, clock)
    send_due(outbox, (GOOD,), sender, clock)
    assert len(sender.got) == 2


def test_it_is_tried_again_when_its_time_comes(outbox: Outbox) -> None:
    sender, clock = FakeSender(), FakeClock()
    send_due(outbox, (BAD,), sender, clock)
    assert [one.title for one in send_due(outbox, (BAD,), sender, clock)] == ["later"]
    clock.time += 16
    assert [one.title for one in send_due(outbox, (BAD,), sender, clock)] == ["title"]


def test_a_sender_that_is_killed_every_time_sends_at_least_once_and_not_for_ever(outbox: Outbox) -> None:
    def killed(_target: Target) -> str | None:
        raise KilledError

    sender, clock = FakeSender(killed), FakeClock()
    for _ in range(40):
        try:
            send_due(outbox, (GOOD,), sender, clock)
        except KilledError:
            clock.time += 600
    per_message = [sum(title == name for _, title, _ in sender.got) for name in ("title", "later")]
    assert all(1 <= count <= MOST_ATTEMPTS for count in per_message), per_message
