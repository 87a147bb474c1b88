"""The outbox as values: which message goes to which channel, when it is tried again, and when it is given up.

An attempt is noted before it is made. A sender that is killed in between has then used it up: the message goes out at
least once, and never more often than there are attempts. A message is for now: what could not be sent within a day is
no news any more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from enum import Enum
from types import MappingProxyType

from clawmend.core.event import Event
from clawmend.core.frozen import dataclass
from clawmend.core.notices import Notice

EXPIRES_AFTER = 86_400.0
REMEMBERED_FOR = 30 * 86_400.0
MOST_ATTEMPTS = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 15.0, 3600.0
# Per hour and channel; what is above it waits, and is no news any more after a day.
MOST_PER_HOUR = 10
_HOUR = 3600.0


class Fate(Enum):
    """What has become of a message on one channel."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given-up"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on one channel. `next_try` and `at` (of the last attempt) are in seconds since the epoch."""

    fate: Fate = Fate.WAITING
    attempts: int = 0
    next_try: float = 0.0
    at: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A notice in the outbox, and its fate on every channel, by the channel's mark (see notify_options)."""

    notice: Notice
    deliveries: Mapping[str, Delivery] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_open(self) -> bool:
        """Whether something is still to be tried."""
        return any(one.fate is Fate.WAITING for one in self.deliveries.values())

    @property
    def was_sent(self) -> bool:
        """Whether anybody got it."""
        return any(one.fate is Fate.SENT for one in self.deliveries.values())


def accepted(
    notices: Iterable[Notice], known: Mapping[str, Message], channels: Iterable[str], wanted: frozenset[Event]
) -> tuple[Message, ...]:
    """The messages that notices make: not what is known already, nor the end of what nobody was told of."""
    marks = tuple(channels)
    found: dict[str, Message] = {}
    for notice in notices:
        if notice.event not in wanted or notice.key in known or notice.key in found or not marks:
            continue
        begun = (known.get(notice.ends) or found.get(notice.ends)) if notice.ends is not None else None
        if notice.ends is not None and begun is None:
            continue
        found[notice.key] = Message(notice, {mark: Delivery() for mark in marks})
    return tuple(found.values())


def overtaken(messages: Iterable[Message], ended: frozenset[str]) -> tuple[Message, ...]:
    """Messages whose end came before they were sent anywhere: neither is worth sending any more, on that channel."""
    return tuple(
        replace(
            one,
            deliveries={
                mark: replace(each, fate=Fate.EXPIRED, problem="over before it could be sent")
                if each.fate is Fate.WAITING and each.attempts == 0
                else each
                for mark, each in one.deliveries.items()
            },
        )
        for one in messages
        if one.notice.key in ended and one.is_open
    )


def due(messages: Iterable[Message], channel: str, now: float) -> tuple[Message, ...]:
    """What is to be tried on a channel now, oldest first, after the limit per hour."""
    everything = tuple(messages)
    sent = sum(
        1
        for one in everything
        if (each := one.deliveries.get(channel)) and each.fate is Fate.SENT and now - _HOUR < each.at <= now
    )
    waiting = [
        one
        for one in everything
        if (each := one.deliveries.get(channel)) and each.fate is Fate.WAITING and each.next_try <= now
    ]
    return tuple(sorted(waiting, key=lambda one: one.notice.time)[: max(0, MOST_PER_HOUR - sent)])


def attempted(message: Message, channel: str, now: float) -> Message:
    """The message with one more attempt noted, before it is made; with no attempt left it is given up."""
    each = message.deliveries[channel]
    attempts = each.attempts + 1
    pause = min(_FIRST_PAUSE * 2 ** (attempts - 1), _LONGEST_PAUSE)
    fate = Fate.GIVEN_UP if attempts >= MOST_ATTEMPTS else Fate.WAITING
    return _with(message, channel, Delivery(fate, attempts, now + pause, now, each.problem))


def delivered(message: Message, channel: str, now: float) -> Message:
    """The message after it went out."""
    each = message.deliveries[channel]
    return _with(message, channel, replace(each, fate=Fate.SENT, at=now, problem=""))


def failed(message: Message, channel: str, problem: str) -> Message:
    """The message after an attempt that came to nothing; `problem` holds no secret."""
    return _with(message, channel, replace(message.deliveries[channel], problem=problem))


def expired(message: Message, now: float) -> Message:
    """The message with what is too old given up."""
    if now - message.notice.time <= EXPIRES_AFTER:
        return message
    deliveries = {
        mark: replace(each, fate=Fate.EXPIRED) if each.fate is Fate.WAITING else each
        for mark, each in message.deliveries.items()
    }
    return replace(message, deliveries=deliveries)


def is_forgotten(message: Message, now: float) -> bool:
    """Whether nobody needs to remember a message: it is through, and its incident long over."""
    return not message.is_open and now - message.notice.time > REMEMBERED_FOR


def next_moment(messages: Iterable[Message]) -> float | None:
    """When something is to be tried next, in seconds since the epoch; None when nothing waits."""
    moments = (each.next_try for one in messages for each in one.deliveries.values() if each.fate is Fate.WAITING)
    return min(moments, default=None)


def _with(message: Message, channel: str, delivery: Delivery) -> Message:
    return replace(message, deliveries={**message.deliveries, channel: delivery})
