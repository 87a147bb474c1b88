"""`clawmend pause` and `clawmend resume`: maintenance mode, in which clawmend looks and touches nothing."""

from dataclasses import replace
from typing import Any

import click

from clawmend.cli.app import Command, Settings, answer
from clawmend.cli.report import SCHEMA
from clawmend.core.durations import seconds_in, span
from clawmend.core.memory import Pause
from clawmend.loop.calling import call_watcher
from clawmend.repair.moments import pause_words
from clawmend.system.machine import RealClock
from clawmend.system.memory import MemoryStore, pause_of

_LONGEST = 366 * 86_400.0


def _duration(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    seconds = seconds_in(value) if value is not None else None
    if value is not None and (seconds is None or seconds > _LONGEST):
        raise click.BadParameter(f"{value!r} is no span of up to a year; write it like 30m, 2h or 1d")
    return seconds


@click.command("pause", cls=Command)
@click.argument("duration", required=False, callback=_duration)
@click.pass_obj
def pause_command(settings: Settings, duration: float | None) -> None:
    """Touch nothing for a while: DURATION is like 30m, 2h or 1d; without it until `clawmend resume`.

    `check` and the watcher go on looking. What was missed is caught up with afterwards.
    """
    clock = RealClock()
    now = clock.now()
    pause = Pause(now, None if duration is None else now + duration)
    state = settings.place().state
    MemoryStore(state, clock).change(lambda memory: replace(memory, paused=pause))
    call_watcher(state)
    if settings.json:
        answer({"schema": SCHEMA, "paused": pause_json(pause)})
    elif not settings.quiet:
        screen = settings.screen()
        screen.line(f"{_sentence(pause, now)}.", "ok")
        if pause.until is not None:
            screen.line("To end it sooner: clawmend resume", "dim")


@click.command("resume", cls=Command)
@click.pass_obj
def resume_command(settings: Settings) -> None:
    """End the pause: repair again. A watcher that runs catches up at once with what was missed."""
    clock, state, called = RealClock(), settings.place().state, False
    store = MemoryStore(state, clock)
    before = store.read().pause_at(clock.now())
    if store.read().paused is not None or store.read().problem:
        store.change(lambda memory: replace(memory, paused=None))
        called = call_watcher(state)
    if settings.json:
        answer({"schema": SCHEMA, "paused": None, "was_paused": before is not None})
    elif not settings.quiet:
        words = f"Resumed after {span(clock.now() - before.since)}." if before else "clawmend was not paused."
        settings.screen().line(words, "ok")
        if before:
            caught = "The watcher catches up now: clawmend status" if called else "To catch up now: clawmend repair"
            settings.screen().line(caught, "dim")


def pause_json(pause: Pause | None) -> dict[str, Any] | None:
    """When it began and when it ends by itself, in seconds since the epoch; None when there is none."""
    return None if pause is None else {"since": pause.since, "until": pause.until}


def paused_now(settings: Settings) -> Pause | None:
    """The pause that holds now."""
    return pause_of(settings.place().state, RealClock())


def show_pause(settings: Settings, pause: Pause) -> None:
    """Say in one line that nothing is touched."""
    settings.screen().line(f"{_sentence(pause, RealClock().now())}: look, don't touch.", "warning")


def _sentence(pause: Pause, now: float) -> str:
    words = pause_words(pause, now)
    left = "" if pause.until is None else f" ({span(pause.until - now)})"
    return f"{words}{left}"
