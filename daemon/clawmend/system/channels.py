"""Sending a message: through Apprise, which knows the services, or to the desktop of whoever sits in front of it.

Apprise takes half a second and 35 MB to load, so only a process that sends does it, and never the watcher itself.
"""

import logging
import os
import shutil
import sys
from typing import Protocol

from clawmend.core.event import Event
from clawmend.core.notify_options import DESKTOP, Target
from clawmend.core.secret import Masker
from clawmend.system.commands import run
from clawmend.system.machine import mask_key
from clawmend.system.services import run_manager

_DESKTOP_SECONDS = 10.0
_URGENT = frozenset({Event.NEEDS_YOU, Event.ROLLED_BACK, Event.GATEWAY_DOWN, Event.BACKUP_TROUBLE, Event.CONTESTED})
_APPLE_SCRIPT = "on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run"


class Sender(Protocol):
    """Sends one message to one channel."""

    def send(self, target: Target, title: str, body: str, event: Event | None) -> str | None:
        """Send it; None when the channel took it, else one sentence that holds no secret."""
        ...


class RealSender:
    """The services of the world and the desktop of this machine."""

    def send(self, target: Target, title: str, body: str, event: Event | None) -> str | None:
        """See Sender.send."""
        if target.mark == DESKTOP:
            return _to_desktop(title, body, urgent=event in _URGENT)
        return _through_apprise(target, title, body, event)


def _to_desktop(title: str, body: str, *, urgent: bool) -> str | None:
    if sys.platform == "darwin":
        ran = run(["osascript", "-e", _APPLE_SCRIPT, title, body], os.environ, _DESKTOP_SECONDS)
    elif shutil.which("notify-send") is None:
        return "there is no notify-send on this machine; install libnotify-bin (Debian) or libnotify"
    else:
        options = ["--app-name=clawmend", f"--urgency={'critical' if urgent else 'normal'}"]
        ran = run_manager(["notify-send", *options, "--", title, body], _DESKTOP_SECONDS)
    if ran is None:
        return "the desktop gave no answer; is anybody logged in on it?"
    return None if ran.code == 0 else "the desktop refused it; is a notification service running in this session?"


def _through_apprise(target: Target, title: str, body: str, event: Event | None) -> str | None:
    import apprise  # noqa: PLC0415 - 35 MB that only a sender needs

    kinds = {Event.REPAIRED: "success", Event.OVER: "success", Event.GATEWAY_BACK: "success", Event.DIGEST: "info"}
    kind = kinds.get(event, "failure" if event in _URGENT else "info") if event is not None else "info"
    heard = _Heard()
    logger = logging.getLogger("apprise")
    logger.addHandler(heard)
    try:
        service = apprise.Apprise.instantiate(target.address.reveal(), suppress_exceptions=True)
        if service is None:
            return "apprise does not understand this address; see: apprise --help, and its page for the service"
        if service.notify(body=body, title=title, notify_type=apprise.NotifyType(kind)):
            return None
        return _without_secrets(target, heard.last) or "the service did not take it"
    except (OSError, TypeError, ValueError) as error:
        return _without_secrets(target, f"{type(error).__name__}: {error}")
    finally:
        logger.removeHandler(heard)


def _without_secrets(target: Target, text: str) -> str:
    """What a service said, without its own address or any part of it that could be a token."""
    masker = Masker(mask_key())
    address = target.address.reveal()
    for part in (address, *(piece for piece in address.replace("://", "/").replace("@", "/").split("/"))):
        if len(part) >= 6:
            masker.learn(part, sensitive=True)
    return " ".join(masker.clean(text).split())[:200]


class _Heard(logging.Handler):
    """Keeps the last thing that Apprise logged: its answer is only yes or no."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.last = record.getMessage()
