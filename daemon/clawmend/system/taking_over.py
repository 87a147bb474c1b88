"""Credentials of retired files: OpenClaw takes them over by `openclaw doctor --fix`, with a config of ours.

The command rewrites the openclaw.json that it is given, so it gets a private copy in our own folder, while the state
folder is the real one; the copy is gone afterwards. A service of the gateway is stopped by its manager before and
started after, for OpenClaw refuses while a gateway runs, and is told to leave the services alone: it would write the
path of the copy into them. What the command claims is not believed, the databases are asked.
Source: runs on 2026.9.6; doctor-service-repair-policy and state-migrations there.
"""

import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from clawmend.core.behaviour import behaviour_of
from clawmend.core.era import Installation
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import LogOut, TakeOver
from clawmend.core.migration import APART
from clawmend.core.snapshot import GatewayRunning, OpenClaw
from clawmend.system.durable import private_folder
from clawmend.system.logins import command_line, log_out_arguments
from clawmend.system.openclaw_command import run_openclaw
from clawmend.system.sentences import elsewhere
from clawmend.system.services import Service, restart_command, run_manager

_SECONDS = 420.0  # 14 s on a machine at rest, 30 s on a busy one
_MANAGER_SECONDS = 360.0  # a gateway that is stopped finishes its turns first
_FOLDER, _STOPPED = "taking-over", "stopped"
_ACTIVE = frozenset({"active", "activating", "reloading", "deactivating"})

Lacking = Callable[[], str]


def take_over_arguments() -> list[str]:
    """What has OpenClaw take the retired files over."""
    return ["doctor", "--fix", "--non-interactive"]


def line_of(edit: LogOut | TakeOver) -> str:
    """What OpenClaw is asked to do, as a person would type it, with what makes it harmless."""
    if isinstance(edit, LogOut):
        return command_line(log_out_arguments(edit))
    return f"OPENCLAW_CONFIG_PATH=a-private-copy-without-keys {command_line(take_over_arguments())}"


def take_over(  # noqa: PLR0913 - what is taken over, by whom, where, and what to believe
    edit: TakeOver,
    openclaw: OpenClaw,
    installation: Installation,
    environment: Mapping[str, str],
    *,
    service: Service | None,
    state: str,
    config: bytes,
    lacking: Lacking,
) -> str | None:
    """Have the retired files of a state folder taken over; None when no credential is `lacking`, else one sentence.

    `state` is our own folder, `config` what the command is given for openclaw.json. A gateway that ran is left stopped
    by its manager: whoever asked restarts it, whatever came of it. One that was about to be started is started again.
    """
    refusal = _why_not(edit, installation)
    if refusal is not None:
        return refusal
    with _copy(state, config) as path, _standing_still(service, openclaw, state) as problem:
        if problem is not None:
            return problem
        ours = {
            "OPENCLAW_STATE_DIR": openclaw.directory,
            "OPENCLAW_CONFIG_PATH": path,
            "OPENCLAW_SERVICE_REPAIR_POLICY": "external",
            "OPENCLAW_NO_RESPAWN": "1",  # a second process would live on when the time is up
            APART: "kept-apart",
        }
        ran = run_openclaw(take_over_arguments(), installation, {**environment, **ours}, _SECONDS)
        missing = lacking()
        if not missing:
            return None
        name = command_line(take_over_arguments())
        how = f"did not end within {_SECONDS:.0f} seconds" if ran is None else f"ended with exit code {ran.code}"
        return f"{name} {how}, and {missing}"


def resume(state: str) -> None:
    """After a kill: start the service that was stopped for it, and remove the copy of a config."""
    try:
        with open(os.path.join(state, _FOLDER, _STOPPED), encoding="utf-8") as file:
            name = file.read()
    except (OSError, ValueError):
        name = ""
    if name:
        run_manager(["systemctl", "--user", "start", name], _MANAGER_SECONDS)
    _discard(state)


def _discard(state: str) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(os.path.join(state, _FOLDER))


def _write(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(data)


def _why_not(edit: TakeOver, installation: Installation) -> str | None:
    behaviour = behaviour_of(installation.version)
    if behaviour is None or not behaviour.blocking_files:
        return f"OpenClaw {installation.version or 'of unknown version'} takes nothing over"
    if installation.executable is None:
        return "no openclaw command was found; where there is one, run clawmend repair again"
    try:
        owner = os.stat(edit.path).st_uid
    except OSError as error:
        return f"{edit.path} cannot be looked at: {error.strerror}"
    if owner != os.geteuid():  # what OpenClaw writes would then belong to us
        return f"{edit.path} belongs to another user; run clawmend as its owner"
    return None


@contextmanager
def _copy(state: str, config: bytes) -> Iterator[str]:
    """A config of ours in a folder that nobody else may enter; both are gone afterwards."""
    folder = os.path.join(state, _FOLDER)
    path = os.path.join(folder, "openclaw.json")
    try:
        _discard(state)
        private_folder(folder)
        _write(path, config)
    except OSError as error:
        _discard(state)
        raise ClawmendError(
            f"cannot write a copy of openclaw.json in {folder}: {error.strerror or 'unknown error'}; nothing was run",
            elsewhere(error),
        ) from error
    try:
        yield path
    finally:
        _discard(state)


@contextmanager
def _standing_still(service: Service | None, openclaw: OpenClaw, state: str) -> Iterator[str | None]:
    """Keep a service from running its gateway meanwhile; yields a sentence when its manager does not stop it.

    Its name lies beside the copy until it is started again, so that a kill does not leave it stopped.
    """
    if service is None or service.manager != "systemd" or not _is_active(service):
        yield None
        return
    _write(os.path.join(state, _FOLDER, _STOPPED), service.name.encode())
    stop = ["systemctl", "--user", "stop", service.name]
    ran = run_manager(stop, _MANAGER_SECONDS)
    if ran is None or ran.code != 0:
        run_manager(["systemctl", "--user", "--no-block", "start", service.name], _MANAGER_SECONDS)
        yield f"{shlex.join(stop)} did not stop the gateway"
        return
    done = False
    try:
        yield None
        done = True
    finally:
        if not done or not isinstance(openclaw.gateway, GatewayRunning):
            run_manager(restart_command(service), _MANAGER_SECONDS)


def _is_active(service: Service) -> bool:
    """Tell whether the manager runs the service, or is about to start it again after it failed."""
    ran = run_manager(["systemctl", "--user", "is-active", service.name], 10.0)
    return ran is not None and ran.output.strip() in _ACTIVE
