"""Sending what is in the outbox: each attempt is noted before it is made, and one channel never waits for another."""

from collections.abc import Iterable

from clawmend.core.frozen import dataclass
from clawmend.core.notify_options import Target
from clawmend.core.outbox import attempted, delivered, due, failed
from clawmend.system.channels import Sender
from clawmend.system.machine import Clock
from clawmend.system.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt: on which channel, the title, and the problem, None when the channel took it."""

    channel: str
    title: str
    problem: str | None


def send_due(outbox: Outbox, targets: Iterable[Target], sender: Sender, clock: Clock) -> tuple[Sent, ...]:
    """Try everything that is due, once. BusyError when another sender is at it; ClawmendError without an outbox."""
    found: list[Sent] = []
    with outbox.sending():
        for target in targets:
            outbox.open_ones(clock.now())
            for message in due(outbox.all(), target.mark, clock.now()):
                tried = attempted(message, target.mark, clock.now())
                outbox.keep(tried)
                notice = message.notice
                problem = sender.send(target, notice.title, "\n".join(notice.lines), notice.event)
                after = delivered(tried, target.mark, clock.now()) if problem is None else None
                outbox.keep(after if after is not None else failed(tried, target.mark, problem or ""))
                found.append(Sent(target.name, notice.title, problem))
                if problem is not None:
                    break  # the channel is down: what else waits for it is tried when its time comes
    return tuple(found)
