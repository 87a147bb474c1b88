"""`clawmend status --follow`: a live view on a terminal, a line per change anywhere else, until Ctrl-C."""

import sys
from collections.abc import Callable
from typing import Any

import click

from clawmend.cli.app import Settings
from clawmend.cli.lean import takes_colour
from clawmend.cli.moments import moment
from clawmend.cli.output import ends_with_its_reader
from clawmend.cli.status_lines import status_lines
from clawmend.cli.view import Screen, view
from clawmend.system.machine import Clock

_EVERY_SECONDS = 1.0
_STYLES = {"error": "bold red", "warning": "yellow", "ok": "green"}

# Reads the status anew; whether it may say how long ago something was, which is another text every second.
Read = Callable[[bool], dict[str, Any]]


def follow_status(settings: Settings, read: Read, clock: Clock) -> dict[str, Any]:
    """Show the status and what becomes of it until somebody interrupts or nobody reads on; the last answer."""
    if settings.json:
        show = _changes(_print_json)
    elif sys.stdout.isatty() and not settings.quiet:
        return _live(settings, read, clock)
    else:
        show = _changes(_print_new(clock, settings.quiet))
    ends_with_its_reader()
    last = read(False)
    try:
        while True:
            show(last)
            clock.sleep(_EVERY_SECONDS)
            last = read(False)
    except (KeyboardInterrupt, BrokenPipeError):
        return last


def _live(settings: Settings, read: Read, clock: Clock) -> dict[str, Any]:
    from rich.console import Console  # noqa: PLC0415 - only a live view needs it
    from rich.live import Live  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    colour = takes_colour(settings.no_color)
    console = Console(file=sys.stdout, no_color=not colour, highlight=False, markup=False, emoji=False)

    def drawn(document: dict[str, Any]) -> Text:
        screen = Screen(console.width, console.height, console.encoding)
        rows = view(document, clock.now(), screen)
        return Text("\n", no_wrap=True, overflow="crop").join(
            Text(row, _STYLES.get(style, style)) for row, style in rows
        )

    last = read(True)
    with Live(drawn(last), console=console, auto_refresh=False, vertical_overflow="crop") as live:
        try:
            while True:
                live.update(drawn(last), refresh=True)
                clock.sleep(_EVERY_SECONDS)
                last = read(True)
        except KeyboardInterrupt:
            return last


def _changes(show: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    """Show a document only when it says something that the one before did not say."""
    seen: list[dict[str, Any]] = []

    def changed(document: dict[str, Any]) -> None:
        told = {name: value for name, value in document.items() if name != "written"}
        if seen != [told]:
            seen[:] = [told]
            show(document)

    return changed


def _print_json(document: dict[str, Any]) -> None:
    import orjson  # noqa: PLC0415 - text needs none of it

    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def _print_new(clock: Clock, quiet: bool) -> Callable[[dict[str, Any]], None]:
    """Print each paragraph that is new, with the time; the first time all of them, without."""
    shown: set[str] = set()

    def show(document: dict[str, Any]) -> None:
        stamp = f"{moment(clock.now())}  " if shown else ""
        lines = {
            f"{line.label:<10}{line.text}" if line.label else line.text: None
            for line in status_lines(document, clock.now(), ages=False)
        }
        for text in lines if not quiet else ():
            if text not in shown:
                click.echo(stamp + text)
        sys.stdout.flush()
        shown.clear()
        shown.update(lines)

    return show
