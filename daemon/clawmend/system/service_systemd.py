"""Our service under systemd: a unit of the user's own manager."""

import getpass
import os
import shutil
from collections.abc import Mapping

from clawmend.core.errors import ClawmendError
from clawmend.system.commands import Ran
from clawmend.system.machine import Clock
from clawmend.system.service_manager import Run, ServiceState
from clawmend.system.services import run_manager
from clawmend.system.units import NAMES

UNIT = NAMES["systemd"]
_ASK_SECONDS = 10.0
_START_SECONDS = 90.0  # longer than TimeoutStartSec of the unit
_STOP_SECONDS = 40.0  # longer than TimeoutStopSec of the unit
_SHOWN = (
    "LoadState,ActiveState,SubState,UnitFileState,MainPID,ActiveEnterTimestampMonotonic,Result,ExecMainStatus,"
    "ExecMainCode,StatusText,NRestarts"
)
_EXITED = "1"


class Systemd:
    """See service_manager.ServiceManager."""

    name = "systemd"

    def __init__(self, home: str, environment: Mapping[str, str], clock: Clock, run: Run = run_manager) -> None:
        self._home = home
        self._environment = environment
        self._clock = clock
        self._run = run

    def path(self) -> str:
        """See ServiceManager.path. The manager itself says where it looks; a shell may have other variables."""
        shown = self._systemctl("show", "--property=UnitPath", "--value")
        if shown is None or shown.code != 0:
            raise self._unreachable(shown)
        looked_at = shown.output.split()
        base = self._environment.get("XDG_CONFIG_HOME", "")
        own = [os.path.join(folder, "systemd", "user") for folder in (base, os.path.join(self._home, ".config"))]
        for folder in own:
            if os.path.isabs(folder) and (folder in looked_at or not looked_at):
                return os.path.join(folder, UNIT)
        raise ClawmendError(
            f"the systemd user manager does not look for units in {own[-1]}",
            f"log in anew, so that it knows the home {self._home}",
        )

    def state(self) -> ServiceState:
        """See ServiceManager.state."""
        shown = self._systemctl("show", f"--property={_SHOWN}", UNIT)
        if shown is None or shown.code != 0:
            raise self._unreachable(shown)
        told = dict(line.split("=", 1) for line in shown.output.splitlines() if "=" in line)
        entered, pid = told.get("ActiveEnterTimestampMonotonic", "0"), told.get("MainPID", "0")
        running = told.get("ActiveState") in {"active", "reloading"}
        age = self._clock.monotonic() - int(entered) / 1e6 if entered.isdigit() else 0.0
        return ServiceState(
            enabled=told.get("UnitFileState") == "enabled",
            running=running,
            active=f"{told.get('ActiveState', 'unknown')} ({told.get('SubState', 'unknown')})",
            since=self._clock.now() - age if running else None,
            pid=int(pid) if pid.isdigit() and int(pid) > 0 else None,
            last_exit=_last_exit(told),
            said=told.get("StatusText", ""),
            log="journalctl --user -u clawmend",
        )

    def enable(self) -> None:
        """See ServiceManager.enable."""
        self._do("daemon-reload")
        self._do("enable", UNIT)

    def start(self, *, again: bool) -> None:
        """See ServiceManager.start. systemd itself waits until the service says that it is ready."""
        self._run_quietly("reset-failed")  # an earlier failure must not use up the limit of starts
        self._do("restart" if again else "start", UNIT, seconds=_START_SECONDS)

    def disable(self) -> None:
        """See ServiceManager.disable."""
        self._do("disable", "--now", UNIT, seconds=_STOP_SECONDS)

    def forget(self) -> None:
        """See ServiceManager.forget."""
        self._do("daemon-reload")
        self._run_quietly("reset-failed")

    def warning(self) -> str:
        """See ServiceManager.warning. Without lingering a user's services end with the last session."""
        shown = self._run(["loginctl", "show-user", str(os.getuid()), "--property=Linger", "--value"], _ASK_SECONDS)
        told = shown.output.strip() if shown is not None and shown.code == 0 else ""
        if told == "yes" or os.path.exists(f"/var/lib/systemd/linger/{_user()}"):
            return ""
        command = f"loginctl enable-linger {_user()}"
        if told == "no":
            return f"it stops when you log out, and starts when you log in; to keep it running: {command}"
        return f"cannot tell whether it goes on after you log out; to make sure: {command}"

    def _systemctl(self, *words: str, seconds: float = _ASK_SECONDS) -> Ran | None:
        return self._run(["systemctl", "--user", *words], seconds)

    def _run_quietly(self, verb: str) -> None:
        """Something that may fail: a unit that has not failed cannot be reset."""
        self._systemctl(verb, UNIT)

    def _do(self, *words: str, seconds: float = _ASK_SECONDS) -> None:
        done = self._systemctl(*words, seconds=seconds)
        if done is None:
            raise ClawmendError(
                f"systemctl --user {' '.join(words)} gave no answer within {seconds:.0f} seconds",
                "see: journalctl --user -u clawmend",
            )
        if done.code != 0:
            said = (done.errors.strip().splitlines() or [f"exit code {done.code}"])[0].rstrip(".")
            raise ClawmendError(
                f"systemctl --user {' '.join(words)} failed: {said}", "see why: journalctl --user -u clawmend -n 20"
            )

    def _unreachable(self, shown: Ran | None) -> ClawmendError:
        if shutil.which("systemctl") is None:
            return ClawmendError(
                "this machine has no systemd", "let what starts programs here run: clawmend watch (in the foreground)"
            )
        said = (shown.errors.strip().splitlines() or [""])[0].rstrip(".") if shown is not None else "no answer"
        if os.geteuid() == 0:
            remedy = "run it as the user whose home it is, not as root; in a container run: clawmend watch"
        else:
            remedy = f"log in as yourself (not by su or sudo), or run: loginctl enable-linger {_user()}"
        return ClawmendError(f"no systemd user manager can be reached here ({said or 'it says nothing'})", remedy)


def _last_exit(told: Mapping[str, str]) -> str:
    result, status = told.get("Result", "success"), told.get("ExecMainStatus", "0")
    match result:
        case "success":
            return ""
        case "watchdog":
            return "it did not answer any more and was killed (watchdog)"
        case "start-limit-hit":
            return "it failed too often and is not started any more (start-limit-hit)"
        case "exit-code":
            return f"it ended with exit code {status}"
        case "signal" | "core-dump" if told.get("ExecMainCode") != _EXITED:
            return f"it was killed by signal {status}"
        case _:
            return f"it failed ({result})"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number that nobody entered anywhere
        return str(os.getuid())
