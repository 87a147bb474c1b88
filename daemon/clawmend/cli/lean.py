"""Text for people from a command that has to be quick: as render.Screen shows it, without loading rich."""

import os
import shutil
import sys

import click

from clawmend.cli.wrapping import cells, wrapped

_STYLES = {"error": "red", "warning": "yellow", "ok": "green"}
_INDENT = 4
_LABEL = 10  # the longest one and a space


def laid_out(label: str, text: str, width: int) -> list[str]:
    """The lines of a paragraph: with a label in a column of its own, or without one from the left edge."""
    head = f"{' ' * _INDENT}{label:<{_LABEL}}" if label else ""
    room = max(20, width - len(head))
    return [(" " * len(head) if number else head) + part for number, part in enumerate(wrapped(text, room, cells))]


def terminal_width() -> int:
    """How many cells a line may have."""
    return shutil.get_terminal_size().columns


def takes_colour(no_color: bool) -> bool:
    """Tell whether colours are wanted, in the order in which other programs decide it."""
    if no_color or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def show(label: str, text: str, style: str, *, colour: bool) -> None:
    """Print a paragraph."""
    for line in laid_out(label, text, terminal_width()):
        click.echo(click.style(line, fg=_STYLES.get(style)) if colour and style in _STYLES else line, color=colour)
