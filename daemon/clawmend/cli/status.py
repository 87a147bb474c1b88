"""`clawmend status`: is the daemon alive, what does it watch, what did it do, what is left to a person."""

import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import click

from clawmend.cli.app import FAILED, FINDINGS, OK, Command, Settings, answer, leave
from clawmend.cli.lean import show, takes_colour
from clawmend.cli.moments import age, moment
from clawmend.cli.status_lines import status_lines
from clawmend.core.errors import ClawmendError
from clawmend.core.printable import one_line
from clawmend.core.secret import Masker
from clawmend.loop.status import Happened, Status, Waiting, read_status
from clawmend.repair.moments import PAUSED_UNTIL, pause_words
from clawmend.system.liveness import Life, life_of
from clawmend.system.locks import is_at_work
from clawmend.system.machine import Clock, Place, RealClock, mask_key
from clawmend.system.memory import pause_of

SCHEMA = 1
_TOO_LITTLE = 2**20  # bytes: a backup needs more
_START = "clawmend service install --now"
_PAUSE_ENDED = "clawmend was paused when it last looked, and is not any more; to repair now: clawmend repair"


@click.command("status", cls=Command)
@click.option("--follow", is_flag=True, help="Go on showing it until Ctrl-C.")
@click.pass_obj
def status_command(settings: Settings, follow: bool) -> None:
    """Is the daemon alive, what does it watch, what did it do, and what is left to you.

    Exit code 0: it runs and nothing needs you. 1: something needs you. 2: it does not run, or nobody can tell.
    """
    place, clock = settings.place(), RealClock()
    if follow:
        from clawmend.cli.following import follow_status  # noqa: PLC0415 - its live view needs rich

        document = follow_status(settings, lambda ages: status_json(place, clock, ages=ages), clock)
    else:
        document = status_json(place, clock)
        if settings.json:
            answer(document)
        elif not settings.quiet:
            show_status(settings, document, clock)
    leave(code_of(document))


def show_status(settings: Settings, document: dict[str, Any], clock: Clock) -> None:
    """Print it for people."""
    colour = takes_colour(settings.no_color)
    for line in status_lines(document, clock.now()):
        show(line.label, line.text, line.style, colour=colour)


def code_of(document: dict[str, Any]) -> int:
    """What a shell learns."""
    if not document["running"]:
        return FAILED
    return FINDINGS if document["needs_you"] else OK


def status_json(place: Place, clock: Clock, *, ages: bool = True) -> dict[str, Any]:
    """The answer of `status --json`; without `ages` it changes only when something has happened."""
    pause = pause_of(place.state, clock)
    paused = "" if pause is None else pause_words(pause, clock.now())
    try:
        status = read_status(place.state)
    except ClawmendError as error:
        return {**_nothing(str(error)), "next": error.remedy or _START, "paused": paused}
    if status is None:
        return {**_nothing("clawmend is not running, and has not run here yet."), "paused": paused}
    when = partial(_when, clock=clock, ages=ages)
    problem, remedy = why_not_running(status, place, when)
    silent = "" if problem else why_silent(status, place, clock, when)
    errors = [sentence for sentence in (silent, status.settings, *status.errors) if sentence]
    needs = (status.held, status.contested, errors, status.gateway_down)
    return {
        "schema": SCHEMA,
        "running": not problem,
        "problem": problem,
        "next": remedy,
        "needs_you": any(needs),
        "pid": status.pid,
        "since": status.since,
        "version": one_line(status.version),
        "home": one_line(status.home),
        "mode": one_line(status.mode),
        "written": status.written,
        "watched": [
            {"path": _text(one.path), "proven": one.proven, "problem": _text(one.problem)} for one in status.watched
        ],
        "last_look": _happened(status.last_look),
        "last_repair": _happened(status.last_repair),
        "held": list(_waiting(status.held, paused=bool(paused))),
        "contested": list(_waiting(status.contested, paused=bool(paused))),
        "gateway": [_text(sentence) for sentence in status.gateway],
        "budget": _text(status.budget),
        "paused": paused,
        "errors": [_text(sentence) for sentence in errors],
    }


def why_not_running(status: Status, place: Place, when: Callable[[float], str]) -> tuple[str, str]:
    """Say why what the file says is not so any more, and what to do; two empty texts when its daemon runs."""
    if os.path.realpath(status.home) != os.path.realpath(place.home):
        watched = one_line(f"{status.home}, not {place.home}")
        return f"the clawmend that keeps its state in {one_line(place.state)} watches {watched}.", _START
    if status.stopped is not None:
        return f"clawmend is not running: it was stopped {when(status.stopped)}.", _START
    match life_of(status.pid, status.started):
        case Life.ALIVE:
            return "", ""
        case Life.HALTED:
            return f"clawmend does nothing: process {status.pid} is held (Ctrl-Z).", f"kill -CONT {status.pid}"
        case Life.GONE:
            heard = when(status.written)
            said = f"clawmend is not running: process {status.pid} ended without a word, last heard of {heard}."
            return said, _START


def why_silent(status: Status, place: Place, clock: Clock, when: Callable[[float], str]) -> str:
    """Say why what a daemon that runs has written is old, and so no answer; empty when it is not, or it is at work."""
    if not status.is_overdue(clock.monotonic()) or is_at_work(place.state):
        return ""
    folder = one_line(place.state)
    try:
        found = os.statvfs(place.state)
        is_full = found.f_bavail * found.f_frsize < _TOO_LITTLE
    except OSError:
        is_full = False
    why = f"the disk of {folder} is full" if is_full else f"it cannot write to {folder}, or hangs"
    return f"clawmend last said {when(status.written)} how it is, and this is from then: {why}; see: df -h {folder}"


def _when(then: float, clock: Clock, *, ages: bool) -> str:
    return f"{age(clock.now() - then)} ago" if ages else f"at {moment(then)}"


def _nothing(problem: str) -> dict[str, Any]:
    """The answer where there is nothing to tell of."""
    empty: dict[str, Any] = {name: [] for name in ("watched", "held", "contested", "gateway", "errors")}
    unknown = dict.fromkeys(("pid", "since", "version", "home", "mode", "written", "last_look", "last_repair"))
    return {
        "schema": SCHEMA,
        "running": False,
        "problem": problem,
        "next": _START,
        "needs_you": True,
        **unknown,
        **empty,
        "budget": "",
        "paused": "",
    }


def _happened(found: Happened | None) -> dict[str, Any] | None:
    return None if found is None else {"at": found.at, "result": _text(found.result)}


def _waiting(found: tuple[Waiting, ...], *, paused: bool) -> Iterator[dict[str, str]]:
    for one in found:
        reason = one.reason if paused or not one.reason.startswith(PAUSED_UNTIL) else _PAUSE_ENDED
        yield {"rule": _text(one.rule), "path": _text(one.path), "reason": _text(reason)}


def _text(text: str) -> str:
    """The daemon has masked it; whoever else writes in our folder has not."""
    return one_line(_masker().clean(text)) if text else ""


@cache
def _masker() -> Masker:
    """One for the whole run: where a machine has no id the digits of another one would be others."""
    return Masker(mask_key())
