"""Stored credentials: OpenClaw removes them and stores them again, by its own commands; clawmend writes no database.

What a command claims is not believed: it has worked when the store says so. A command that is killed in the middle has
worked or it has not, for OpenClaw changes its store in one step; the config that it writes anew before that keeps its
copies. Whether somebody else stored another key in the seconds that a command takes, nobody can tell.
Source: facts on OpenClaw, "Credentials"; models-cli and auth-logout of 2026.9.6, read and run.
"""

import os
import shlex
from collections.abc import Mapping

from clawmend.core.behaviour import behaviour_of
from clawmend.core.document import Json
from clawmend.core.era import Installation
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import LogOut
from clawmend.core.secret import Masker
from clawmend.core.state import object_at
from clawmend.core.stored import expiry_in, is_equal, key_in, provider_in, why_not_again
from clawmend.system.commands import Ran
from clawmend.system.machine import mask_key
from clawmend.system.openclaw_command import run_openclaw

_SECONDS = 180.0  # 16 s on a machine at rest, 28 s on a busy one
_MOST = 160


def log_out_arguments(edit: LogOut) -> list[str]:
    """What removes a credential."""
    return ["models", "auth", "logout", edit.profile, "--yes", "--agent", edit.agent]


def log_in_arguments(edit: LogOut, now: float) -> list[str]:
    """What stores it again; the key itself is read from standard input."""
    ends = expiry_in(edit.stored)
    is_token = isinstance(edit.stored, dict) and edit.stored.get("type") == "token"
    verb = "paste-token" if is_token else "paste-api-key"
    names = ["--provider", provider_in(edit.stored), "--profile-id", edit.profile, "--agent", edit.agent]
    left = ["--expires-in", f"{round((ends - now) * 1000)}ms"] if is_token and ends is not None else []
    return ["models", "auth", verb, *names, *left]


def sign_in_arguments(edit: LogOut) -> list[str]:
    """What a person runs to sign in anew, where nothing can store the old login again."""
    return ["models", "auth", "login", "--provider", provider_in(edit.stored), "--agent", edit.agent]


def command_line(arguments: list[str]) -> str:
    """A command of OpenClaw as a person types it."""
    return shlex.join(["openclaw", *arguments])


def stored_entry(path: str, profile: str) -> Json:
    """What a store holds under the name of a profile, None for nothing; ClawmendError when nobody can tell."""
    from clawmend.system.database import read_store  # noqa: PLC0415 - SQLite is loaded where it is needed

    store = read_store(path)
    if store is not None and store.problem is not None:
        raise ClawmendError(f"{path} {store.problem}", f"look whose it is with: ls -l {path}")
    return object_at(store.store if store else None, "profiles").get(profile)


def log_out(edit: LogOut, installation: Installation, environment: Mapping[str, str]) -> str | None:
    """Have OpenClaw remove a credential; None when its store no longer holds it, else one sentence."""
    arguments = log_out_arguments(edit)
    refusal = _why_not(edit, installation, arguments)
    if refusal is not None:
        return refusal
    ran = run_openclaw(arguments, installation, environment, _SECONDS)
    return None if stored_entry(edit.path, edit.profile) is None else _failed(edit, arguments, ran)


def log_in(edit: LogOut, installation: Installation, environment: Mapping[str, str], now: float) -> str | None:
    """Have OpenClaw store a credential again; None when its store holds this key, else one sentence."""
    arguments = log_in_arguments(edit, now)
    refusal = why_not_again(edit.stored, now) or _why_not(edit, installation, arguments)
    if refusal is not None:
        return refusal
    ran = run_openclaw(arguments, installation, environment, _SECONDS, key_in(edit.stored))
    return None if is_equal(edit.stored, stored_entry(edit.path, edit.profile)) else _failed(edit, arguments, ran)


def _why_not(edit: LogOut, installation: Installation, arguments: list[str]) -> str | None:
    """Say why OpenClaw is not asked at all."""
    behaviour = behaviour_of(installation.version)
    if behaviour is None or not behaviour.logout:
        return f"OpenClaw {installation.version or 'of unknown version'} has no command for it that clawmend knows"
    if installation.executable is None:
        return f"no openclaw command was found; where there is one: {command_line(arguments)}"
    try:
        owner = os.stat(edit.path).st_uid
    except OSError as error:
        return f"{edit.path} cannot be looked at: {error.strerror}"
    if owner != os.geteuid():  # what OpenClaw writes would then belong to us
        return f"{edit.path} belongs to another user; run clawmend as its owner"
    return None


def _failed(edit: LogOut, arguments: list[str], ran: Ran | None) -> str:
    """Say in one sentence what became of a command that has not worked; a key in what it said is masked."""
    name = " ".join(["openclaw", *arguments[:3]])
    if ran is None:
        return f"{name} did not end within {_SECONDS:.0f} seconds; see why: {command_line(arguments)}"
    masker = Masker(mask_key())
    masker.learn(edit.stored)
    lines = [line.strip() for line in ran.errors.splitlines() if line.strip()]
    said = f", saying: {masker.clean(lines[-1])[:_MOST].rstrip('.')}" if lines else ""
    return f"{name} did not work (exit code {ran.code}){said}; see why: {command_line(arguments)}"
