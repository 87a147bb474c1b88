"""Our service under launchd: an agent of the user who is logged in at the screen.

`bootstrap` fails with 5 while the agent it replaces is still being taken down, and `bootout` returns before that is
done (openclaw#136453: the agent stayed stopped). So absence is waited for, `bootstrap` is tried again with longer and
longer pauses, and what counts in the end is what `print` says. Source: facts on benches, "launchd".
"""

import os
from collections.abc import Iterator

from clawmend.core.errors import ClawmendError
from clawmend.system.commands import Ran
from clawmend.system.machine import Clock
from clawmend.system.service_manager import Run, ServiceState
from clawmend.system.services import run_manager
from clawmend.system.units import NAMES

LABEL = NAMES["launchd"].removesuffix(".plist")
_ASK_SECONDS = 10.0
_NO_DOMAIN = 125  # nobody is logged in at the screen
_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
_GONE_SECONDS = 30.0  # longer than ExitTimeOut of the agent
_UP_SECONDS = 30.0
_PAUSE = 0.2


class Launchd:
    """See service_manager.ServiceManager."""

    name = "launchd"

    def __init__(self, home: str, clock: Clock, run: Run = run_manager) -> None:
        self._home = home
        self._clock = clock
        self._run = run
        self._domain = f"gui/{os.getuid()}"
        self._target = f"{self._domain}/{LABEL}"

    def path(self) -> str:
        """See ServiceManager.path."""
        return os.path.join(self._home, "Library", "LaunchAgents", NAMES["launchd"])

    def state(self) -> ServiceState:
        """See ServiceManager.state."""
        told = self._print()
        values = dict(_values(told.output)) if told is not None else {}
        pid = values.get("pid", "")
        code = values.get("last exit code", "0").partition(":")[0]
        disabled = self._launchctl("print-disabled", self._domain)
        words = disabled.output if disabled is not None else ""
        enabled = not any(f'"{LABEL}" => {word}' in words for word in ("disabled", "true"))  # older ones say true
        return ServiceState(
            enabled=enabled and os.path.exists(self.path()),
            running=pid.isdigit(),
            active=values.get("state", "not loaded"),
            since=None,
            pid=int(pid) if pid.isdigit() else None,
            last_exit="" if code in {"0", "(never exited)"} else f"it ended with exit code {code}",
            said="",
            log="",
        )

    def enable(self) -> None:
        """See ServiceManager.enable. A file in that folder is loaded at the next log-in."""
        done = self._launchctl("enable", self._target)
        if done is None or done.code != 0:
            raise self._refused("enable", done)

    def start(self, *, again: bool) -> None:
        """See ServiceManager.start."""
        if self._print() is not None:
            if not again:
                self._kickstart()
                return
            self._boot_out()
        for pause in _PAUSES:
            done = self._launchctl("bootstrap", self._domain, self.path())
            if done is not None and done.code in {0, _NO_DOMAIN}:
                break
            if self._print() is not None:  # whatever it said, it is there
                break
            self._clock.sleep(pause)
        if self._print() is None:
            raise self._refused("bootstrap", done)
        self._kickstart()

    def disable(self) -> None:
        """See ServiceManager.disable."""
        if self._print() is not None:
            self._boot_out()

    def forget(self) -> None:
        """See ServiceManager.forget. launchd reads the folder anew at every log-in."""

    def warning(self) -> str:
        """See ServiceManager.warning."""
        return ""

    def _kickstart(self) -> None:
        """Start it unless it runs, and wait until it does."""
        done = self._launchctl("kickstart", self._target)
        deadline = self._clock.monotonic() + _UP_SECONDS
        while self.state().pid is None:
            if self._clock.monotonic() >= deadline:
                raise self._refused("kickstart", done)
            self._clock.sleep(_PAUSE)

    def _boot_out(self) -> None:
        """Take it down, and wait until `print` finds it no more."""
        done = self._launchctl("bootout", self._target)
        deadline = self._clock.monotonic() + _GONE_SECONDS
        while self._print() is not None:
            if self._clock.monotonic() >= deadline:
                raise self._refused("bootout", done)
            self._clock.sleep(_PAUSE)

    def _print(self) -> Ran | None:
        """What launchd knows of the agent; None when it is not loaded (113)."""
        told = self._launchctl("print", self._target)
        if told is None:
            raise ClawmendError("launchctl gave no answer", "run it in a session at the screen, on a Mac")
        return told if told.code == 0 else None

    def _launchctl(self, *words: str) -> Ran | None:
        return self._run(["launchctl", *words], _ASK_SECONDS)

    def _refused(self, verb: str, done: Ran | None) -> ClawmendError:
        if done is not None and done.code == _NO_DOMAIN:
            return ClawmendError(
                "nobody is logged in at the screen, so launchd starts no agent", "log in there and run it again"
            )
        code = "no answer" if done is None else f"exit code {done.code}"
        return ClawmendError(
            f"launchctl {verb} {self._target} failed ({code})", f"look: launchctl print {self._target}"
        )


def _values(printed: str) -> Iterator[tuple[str, str]]:
    """The `name = value` lines of what launchctl prints, without those of inner blocks."""
    for line in printed.splitlines():
        name, separator, value = line.strip().partition(" = ")
        if separator and line.startswith("\t") and not line.startswith("\t\t"):
            yield name, value
