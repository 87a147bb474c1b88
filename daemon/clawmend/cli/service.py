"""`clawmend service`: the unit or agent by which the machine itself runs `clawmend watch`."""

import os
import sys

import click

from clawmend.cli.app import FINDINGS, OK, Command, Group, Settings, answer, leave
from clawmend.cli.moments import moment
from clawmend.cli.report import SCHEMA
from clawmend.core.diff import masked_diff
from clawmend.core.errors import ClawmendError
from clawmend.core.frozen import dataclass
from clawmend.core.printable import one_line, shown_path
from clawmend.core.secret import Masker
from clawmend.system.commands import run
from clawmend.system.launching import launch_of, refuse_foreign
from clawmend.system.machine import Place, RealClock, mask_key, own_home
from clawmend.system.service_manager import ServiceManager, ServiceState, own_manager
from clawmend.system.unit_files import keep_unit, read_unit, remove_unit, write_unit
from clawmend.system.units import NAMES, Launch, own_command, unit_text, why_fleeting

_PROVE_SECONDS = 30.0


@click.group(cls=Group)
def service() -> None:
    """Install, remove, show and print the service that watches."""


@service.command("install", cls=Command)
@click.option("--now", is_flag=True, help="Start it now too, and wait until it is up.")
@click.pass_obj
def install_command(settings: Settings, now: bool) -> None:
    """Install the service (systemd user unit or launchd agent) that starts `clawmend watch` at every log-in.

    What is installed already and is the same stays as it is; another one is shown as a diff, kept, and replaced.
    """
    place = settings.place()
    refuse_foreign(place)
    settings.policy()  # a service that cannot read its settings would only fail
    launch = _launch(settings, place)
    _prove(launch.words[0])
    manager = _manager()
    path = manager.path()
    text = unit_text(manager.name, launch)
    before = read_unit(path)
    changed = before != text.encode()
    kept = None
    if changed:
        kept = keep_unit(path, before, place.state, RealClock()) if before is not None else None
        write_unit(path, text)
    state = manager.state()
    if changed or not state.enabled:
        manager.enable()
    if now and (changed or not state.running):
        manager.start(again=state.running)
    _tell_installed(settings, manager, _Installed(path, before, text, kept, now))


@service.command("uninstall", cls=Command)
@click.pass_obj
def uninstall_command(settings: Settings) -> None:
    """Stop the service and remove its unit or agent; the backups stay."""
    place = settings.place()
    manager = _manager()
    path = manager.path()
    before = read_unit(path)
    kept = None
    if before is not None:
        kept = keep_unit(path, before, place.state, RealClock())
        manager.disable()
        remove_unit(path)
        manager.forget()
    if settings.json:
        document = {"manager": manager.name, "path": _shown(path), "removed": before is not None}
        answer({"schema": SCHEMA, **document, "kept": kept and _shown(kept), "state": _shown(place.state)})
        return
    screen = settings.screen()
    if before is None:
        screen.line(f"There is no {_shown(path)}; nothing was removed.")
    else:
        screen.line(f"Stopped the service and removed {_shown(path)}", "ok")
    if os.path.isdir(f"{path}.d"):
        screen.line(f"Your own {_shown(path)}.d was left as it is.", "warning")
    screen.line(f"Backups, logs and the removed file stay in {_shown(place.state)} (clawmend backups list).")


@service.command("status", cls=Command)
@click.pass_obj
def status_command(settings: Settings) -> None:
    """Show how the service is. Exit code 0: it runs. 1: it does not, or is not installed. 2: nobody can tell."""
    place = settings.place()
    manager = _manager()
    path = manager.path()
    installed = os.path.lexists(path)
    state = manager.state()
    log = os.path.join(place.state, "logs", "clawmend.log")
    if settings.json:
        answer(
            {
                "schema": SCHEMA,
                "manager": manager.name,
                "path": _shown(path),
                "installed": installed,
                "enabled": state.enabled,
                "running": state.running,
                "active": state.active,
                "since": state.since,
                "pid": state.pid,
                "last_exit": state.last_exit,
                "said": _clean(state.said),
                "log": [place for place in (state.log, _shown(log)) if place],
                "warning": manager.warning() if installed else "",
            }
        )
    else:
        _show_status(settings, manager, path, state, log)
    leave(OK if state.running else FINDINGS)


@service.command("print", cls=Command)
@click.argument("manager", type=click.Choice(sorted(NAMES)), required=False)
@click.pass_obj
def print_command(settings: Settings, manager: str | None) -> None:
    """Print the unit (systemd) or agent (launchd) with the path of this clawmend filled in; installs nothing."""
    manager = manager or ("launchd" if sys.platform == "darwin" else "systemd")
    text = unit_text(manager, _launch(settings, settings.place()))
    if settings.json:
        answer({"schema": SCHEMA, "manager": manager, "name": NAMES[manager], "text": text})
    else:
        click.echo(text, nl=False)


def _manager() -> ServiceManager:
    return own_manager(own_home(os.environ), os.environ, RealClock())


def _launch(settings: Settings, place: Place) -> Launch:
    return launch_of(
        own_command(),
        place,
        os.environ,
        home=settings.home,
        config=settings.config,
        openclaw_version=settings.openclaw_version,
    )


def _prove(command: str) -> None:
    """A service that cannot start would fail where nobody looks: its command is tried here first."""
    fleeting = why_fleeting(command)
    if fleeting:
        raise ClawmendError(fleeting, "install it for good: pipx install clawmend, or uv tool install clawmend")
    tried = run([command, "--version"], os.environ, _PROVE_SECONDS)
    if tried is None or tried.code != 0 or not tried.output.startswith("clawmend "):
        raise ClawmendError(f"{command} does not start", f"look at what it says: {command} --version")


@dataclass(frozen=True, slots=True)
class _Installed:
    """What was there before, what is there now, and where the former is kept."""

    path: str
    before: bytes | None
    text: str
    kept: str | None
    now: bool

    @property
    def change(self) -> str:
        if self.before is None:
            return "installed"
        return "unchanged" if self.before == self.text.encode() else "replaced"


def _tell_installed(settings: Settings, manager: ServiceManager, done: _Installed) -> None:
    state, warning = manager.state(), manager.warning()
    path, change, kept = done.path, done.change, done.kept
    diff = masked_diff(done.before, done.text.encode(), Masker(mask_key())) if change == "replaced" else ""
    if settings.json:
        document = {"manager": manager.name, "path": _shown(path), "change": change, "diff": diff}
        about = {"enabled": state.enabled, "running": state.running, "pid": state.pid, "warning": warning}
        answer({"schema": SCHEMA, **document, "kept": kept and _shown(kept), **about})
        return
    screen = settings.screen()
    match change:
        case "installed":
            screen.line(f"Installed {_shown(path)}", "ok")
        case "replaced":
            screen.line(f"Replaced {_shown(path)}; the one before is {_shown(kept or '')}", "ok")
            screen.code(diff)
        case _:
            screen.line(f"Already installed, unchanged: {_shown(path)}", "ok")
    if state.running:
        screen.line(f"It is running (process {state.pid}). See: clawmend status", "ok")
        if change == "replaced" and not done.now:
            screen.line("It runs with the file before until it is started again:")
            screen.pair("next", _restart_words(manager))
    else:
        screen.line("It starts at the next log-in. To start it now:")
        screen.pair("next", "clawmend service install --now")
    if warning:
        screen.line(f"{warning[:1].upper()}{warning[1:]}", "warning")


def _restart_words(manager: ServiceManager) -> str:
    if manager.name == "launchd":
        return f"launchctl kickstart -k gui/{os.getuid()}/dev.clawmend"
    return "systemctl --user restart clawmend"


def _show_status(settings: Settings, manager: ServiceManager, path: str, state: ServiceState, log: str) -> None:
    screen = settings.screen()
    if not os.path.lexists(path):
        screen.line(f"There is no {_shown(path)}.", "warning")
        screen.pair("next", "clawmend service install --now")
        return
    if state.running:
        since = f" since {moment(state.since)}" if state.since is not None else ""
        screen.line(f"The service is running{since} (process {state.pid}).", "ok")
    else:
        screen.line(f"The service does not run: {state.active}.", "error")
    screen.pair("unit", f"{_shown(path)}{'' if state.enabled else ', which is not started at log-in'}")
    for label, text in (("says", _clean(state.said)), ("last", state.last_exit), ("note", manager.warning())):
        if text:
            screen.pair(label, text)
    for place in (state.log, _shown(log)):
        if place:
            screen.pair("log", place)
    if not state.running:
        screen.pair("next", "clawmend service install --now")


def _shown(path: str) -> str:
    return shown_path(own_home(os.environ), path)


def _clean(text: str) -> str:
    return one_line(Masker(mask_key()).clean(text))
