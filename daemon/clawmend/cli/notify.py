"""`clawmend notify`: try the channels, see what waits, and send what is due."""

import time
from typing import Any

import click

from clawmend.cli.app import FINDINGS, OK, Command, Group, Settings, answer, leave
from clawmend.cli.report import SCHEMA
from clawmend.core.errors import ClawmendError
from clawmend.core.notify_options import NotifyOptions
from clawmend.core.outbox import Message
from clawmend.core.printable import one_line
from clawmend.repair.sending import Sent, send_due
from clawmend.system.channels import RealSender
from clawmend.system.machine import RealClock
from clawmend.system.outbox import Outbox

_TITLE = "clawmend: a test"
_BODY = "This is a test of clawmend on this machine.\nNothing was changed.\nIf you can read this, it works."


@click.group(cls=Group)
def notify() -> None:
    """Try the notification channels, and see what was sent."""


@notify.command("test", cls=Command)
@click.pass_obj
def test_command(settings: Settings) -> None:
    """Send a test notification to every configured channel.

    Exit code 0: every channel took it. 1: one did not. 2: there is none.
    """
    sender = RealSender()
    targets = _options(settings).targets
    if not targets:
        raise ClawmendError(
            f"no channel is configured in {settings.config_path()}",
            'add one: [notify] targets = ["ntfy://ntfy.sh/your-topic"] or desktop = true',
        )
    found = [Sent(one.name, _TITLE, sender.send(one, _TITLE, _BODY, None)) for one in targets]
    if settings.json:
        answer({"schema": SCHEMA, "channels": [_sent_json(one) for one in found]})
    else:
        _show_sent(settings, found)
    leave(FINDINGS if any(one.problem for one in found) else OK)


@notify.command("send", cls=Command)
@click.pass_obj
def send_command(settings: Settings) -> None:
    """Send what is due; the watcher does this by itself. Exit code 1: a channel did not take something."""
    outbox = Outbox(settings.place().state)
    found = send_due(outbox, _options(settings).targets, RealSender(), RealClock())
    if settings.json:
        answer({"schema": SCHEMA, "sent": [_sent_json(one) for one in found]})
    elif not found:
        settings.screen().line("Nothing is due.")
    else:
        _show_sent(settings, found)
    leave(FINDINGS if any(one.problem for one in found) else OK)


@notify.command("list", cls=Command)
@click.pass_obj
def list_command(settings: Settings) -> None:
    """List the messages of the last month and what has become of them, newest first."""
    names = {one.mark: one.name for one in _options(settings).targets}
    messages = tuple(reversed(Outbox(settings.place().state).all()))
    if settings.json:
        answer({"schema": SCHEMA, "messages": [_message_json(one, names) for one in messages]})
        return
    screen = settings.screen()
    if not messages:
        screen.line("There was nothing to tell yet.")
    for message in messages:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(message.notice.time))
        screen.line(f"{when}  {one_line(message.notice.title)}")
        for each in _message_json(message, names)["channels"]:
            tried = f", tried {each['attempts']} times" if each["attempts"] > 1 else ""
            problem = f": {each['problem']}" if each["problem"] else ""
            screen.line(f"{each['channel']}: {each['fate']}{tried}{problem}", indent=4)


def _options(settings: Settings) -> NotifyOptions:
    return settings.configuration().checked_notify()


def _sent_json(sent: Sent) -> dict[str, Any]:
    problem = None if sent.problem is None else one_line(sent.problem)
    return {"channel": sent.channel, "title": sent.title, "ok": problem is None, "problem": problem}


def _show_sent(settings: Settings, found: Any) -> None:
    for one in map(_sent_json, found):
        words = f"{one['channel']}: {'sent' if one['ok'] else 'not sent: ' + one['problem']}"
        settings.screen().line(words, "ok" if one["ok"] else "error")


def _message_json(message: Message, names: dict[str, str]) -> dict[str, Any]:
    return {
        "event": message.notice.event.value,
        "time": message.notice.time,
        "title": one_line(message.notice.title),
        "lines": [one_line(line) for line in message.notice.lines],
        "channels": [
            {
                "channel": names.get(mark, "a channel that is no longer configured"),
                "fate": each.fate.value,
                "attempts": each.attempts,
                "problem": one_line(each.problem),
            }
            for mark, each in message.deliveries.items()
        ],
    }
