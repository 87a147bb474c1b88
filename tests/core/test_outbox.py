"""The outbox as values: sent once, tried again in time, never more often than there are attempts."""

from dataclasses import replace

from clawmend.core.event import Event
from clawmend.core.notices import Notice
from clawmend.core.outbox import (
    EXPIRES_AFTER,
    MOST_ATTEMPTS,
    MOST_PER_HOUR,
    Delivery,
    Fate,
    Message,
    accepted,
    attempted,
    delivered,
    due,
    expired,
    failed,
    is_forgotten,
    next_moment,
    overtaken,
)

ALL = frozenset(Event)
BEGUN = Notice("begun", Event.NEEDS_YOU, 100.0, "begun", ("x",))
ENDED = Notice("ended", Event.OVER, 200.0, "ended", ("x",), ends="begun")


def message(notice: Notice = BEGUN, *channels: str) -> Message:
    (found,) = accepted([notice], {}, channels or ("a",), ALL)
    return found


def test_news_goes_to_every_channel_and_only_once() -> None:
    found = message(BEGUN, "a", "b")
    assert dict(found.deliveries) == {"a": Delivery(), "b": Delivery()}
    assert accepted([BEGUN], {"begun": found}, ["a"], ALL) == ()
    assert len(accepted([BEGUN, BEGUN], {}, ["a"], ALL)) == 1


def test_nothing_is_kept_for_nobody_or_of_what_nobody_wants() -> None:
    assert accepted([BEGUN], {}, [], ALL) == ()
    assert accepted([BEGUN], {}, ["a"], frozenset({Event.REPAIRED})) == ()


def test_an_end_is_told_only_to_those_who_know_of_the_beginning() -> None:
    assert accepted([ENDED], {}, ["a"], ALL) == ()
    assert len(accepted([ENDED], {"begun": message()}, ["a"], ALL)) == 1
    assert len(accepted([BEGUN, ENDED], {}, ["a"], ALL)) == 2


def test_what_is_over_before_it_was_tried_is_not_sent_any_more() -> None:
    (found,) = overtaken([message(BEGUN, "a", "b")], frozenset({"begun"}))
    assert {one.fate for one in found.deliveries.values()} == {Fate.EXPIRED}
    tried = attempted(message(BEGUN, "a", "b"), "a", 100.0)
    (half,) = overtaken([tried], frozenset({"begun"}))
    assert (half.deliveries["a"].fate, half.deliveries["b"].fate) == (Fate.WAITING, Fate.EXPIRED)
    assert overtaken([message()], frozenset({"another"})) == ()


def test_pauses_grow_and_the_last_attempt_gives_up() -> None:
    one, now, pauses = message(), 1000.0, []
    while one.is_open:
        assert due([one], "a", now) == (one,)
        one = attempted(one, "a", now)
        pauses.append(one.deliveries["a"].next_try - now)
        one = failed(one, "a", "no route")
        assert due([one], "a", now) == ()
        now = one.deliveries["a"].next_try
    assert pauses == [15, 30, 60, 120, 240, 480, 960, 1920]
    assert (one.deliveries["a"].fate, one.deliveries["a"].attempts) == (Fate.GIVEN_UP, MOST_ATTEMPTS)
    assert one.deliveries["a"].problem == "no route"
    assert not one.was_sent


def test_what_went_out_is_not_tried_again() -> None:
    one = delivered(attempted(message(), "a", 100.0), "a", 101.0)
    assert (one.was_sent, one.is_open) == (True, False)
    assert due([one], "a", 9_999.0) == ()


def test_a_killed_sender_has_used_up_its_attempt() -> None:
    one = message()
    sent = 0
    while due([one], "a", 1e9) and sent < 100:  # killed between sending and noting that it went out, every time
        one = attempted(one, "a", 1e9 - 10_000)
        sent += 1
    assert sent == MOST_ATTEMPTS


def test_no_channel_gets_more_than_the_limit_in_an_hour() -> None:
    sent = [
        delivered(attempted(message(replace(BEGUN, key=f"s{n}")), "a", 1000.0 + n), "a", 1000.0 + n)
        for n in range(MOST_PER_HOUR - 1)
    ]
    waiting = [message(replace(BEGUN, key=f"w{n}", time=50.0 - n)) for n in range(5)]
    assert [one.notice.key for one in due([*sent, *waiting], "a", 1100.0)] == ["w4"]
    assert len(due([*sent, *waiting], "a", 1100.0 + 3600)) == 5
    assert due([*sent, *waiting], "another", 1100.0) == ()


def test_what_is_a_day_old_is_no_news() -> None:
    one = delivered(message(BEGUN, "a", "b"), "b", 100.0)
    assert expired(one, 100.0 + EXPIRES_AFTER) is one
    late = expired(one, 101.0 + EXPIRES_AFTER)
    assert (late.deliveries["a"].fate, late.deliveries["b"].fate) == (Fate.EXPIRED, Fate.SENT)


def test_a_message_is_remembered_for_a_month_and_as_long_as_it_is_open() -> None:
    month = 31 * 86_400.0
    assert not is_forgotten(message(), 100.0 + month)
    assert is_forgotten(delivered(message(), "a", 100.0), 100.0 + month)
    assert not is_forgotten(delivered(message(), "a", 100.0), 200.0)


def test_the_next_moment_is_the_earliest_of_those_that_wait() -> None:
    one = attempted(message(), "a", 1000.0)
    two = attempted(attempted(message(replace(BEGUN, key="k")), "a", 900.0), "a", 990.0)
    assert next_moment([one, two, delivered(message(), "a", 1.0)]) == 1015.0
    assert next_moment([]) is None
