"""A terminal in which a test starts a program, reads what a person would see, and ends it."""

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Self

from e2e.home import Home
from e2e.processes import LabError, end_all

ROWS, COLUMNS = 40, 120
# What a program says to a terminal: a sequence that moves or clears, one that does neither, or plain text.
_TOKEN = re.compile(
    r"\x1b\[(?P<given>[0-9;?<=>!]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"
    r"|(?P<control>[\x00-\x1f])"
    r"|(?P<text>[^\x00-\x1f]+)",
    re.DOTALL,
)
# The child makes the terminal its controlling one, as a shell in a window would have it, and becomes the program.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class Screen:
    """The text on a terminal. Knows only what Claude Code uses: cursor moves, clearing, line feeds."""

    def __init__(self) -> None:
        self._row = self._column = 0
        self._rows = [[" "] * COLUMNS for _ in range(ROWS)]

    @property
    def text(self) -> str:
        return "\n".join("".join(row).rstrip() for row in self._rows).strip("\n")

    def feed(self, said: str) -> str:
        """Show what a program said; return an unfinished sequence at its end, to be fed again with more."""
        position = 0
        while token := _TOKEN.match(said, position):
            position = token.end()
            if text := token["text"]:
                self._write(text)
            elif control := token["control"]:
                if control == "\x1b":
                    return said[token.start() :]
                self._obey(control)
            elif final := token["final"]:
                self._move(final, token["given"])
        return said[position:]

    def _write(self, text: str) -> None:
        for character in text:
            if self._column == COLUMNS:
                self._column = 0
                self._feed_line()
            self._rows[self._row][self._column] = character
            self._column += 1

    def _obey(self, control: str) -> None:
        match control:
            case "\n":
                self._feed_line()
            case "\r":
                self._column = 0
            case "\b":
                self._column = max(0, self._column - 1)
            case "\t":
                self._column = min(COLUMNS - 1, self._column // 8 * 8 + 8)
            case _:
                pass  # a bell

    def _feed_line(self) -> None:
        if self._row == ROWS - 1:
            self._rows = [*self._rows[1:], [" "] * COLUMNS]
        else:
            self._row += 1

    def _move(self, final: str, given: str) -> None:
        numbers = [int(number or 0) for number in given.split(";")] if re.fullmatch(r"[\d;]*", given) else [0]
        first, second = max(1, numbers[0]), max(1, *numbers[1:2], 1)
        match final:
            case "A" | "B" | "C" | "D":
                down, right = {"A": (-1, 0), "B": (1, 0), "C": (0, 1), "D": (0, -1)}[final]
                self._go(self._row + down * first, self._column + right * first)
            case "E":
                self._go(self._row + first, 0)
            case "F":
                self._go(self._row - first, 0)
            case "G":
                self._go(self._row, first - 1)
            case "H":
                self._go(first - 1, second - 1)
            case "J":
                self._clear_screen(numbers[0])
            case "K":
                self._clear_line(numbers[0])
            case _:
                pass  # colours and modes

    def _go(self, row: int, column: int) -> None:
        self._row = min(ROWS - 1, max(0, row))
        self._column = min(COLUMNS - 1, max(0, column))

    def _clear_line(self, which: int) -> None:
        start = 0 if which else self._column
        stop = self._column + 1 if which == 1 else COLUMNS
        self._rows[self._row][start:stop] = [" "] * (stop - start)

    def _clear_screen(self, which: int) -> None:
        if which >= 2:
            self._rows = [[" "] * COLUMNS for _ in range(ROWS)]
            return
        self._clear_line(which)
        for row in range(self._row) if which == 1 else range(self._row + 1, ROWS):
            self._rows[row] = [" "] * COLUMNS


class Terminal:
    """A program of a home on a terminal. Leaving the block ends it."""

    def __init__(self, home: Home, *command: str) -> None:
        home.transcript.say("in a terminal: " + " ".join(command))
        installed = {program.command.name: str(program.command) for program in home.programs}
        real = [installed.get(command[0], command[0]), *command[1:]]
        self._home = home
        self._screen = Screen()
        self._unfinished = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._child = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *real],
            env=home.env() | {"TERM": "xterm-256color"},
            cwd=_project(home),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        end_all(self._home.mark)
        os.close(self._ours)
        self._child.wait(timeout=10)

    def settled(self, *words: str, seconds: float = 60, quiet: float = 1.0) -> str:
        """Return the visible text once it holds one of these words and has not changed for a moment."""
        end_of_patience = time.monotonic() + seconds
        text, since = "", time.monotonic()
        while True:
            alive = self._read(0.1)
            if self._screen.text != text:
                text, since = self._screen.text, time.monotonic()
            now = time.monotonic()
            if any(word in text for word in words) and (now - since >= quiet or not alive):
                return text
            if now > end_of_patience or not alive:
                raise LabError(f"none of {words} in the terminal; it shows:\n{text}")

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def _read(self, seconds: float) -> bool:
        """Take in what was said within this time; return False when nobody can say any more."""
        if select.select([self._ours], [], [], seconds)[0]:
            with contextlib.suppress(OSError):
                if said := os.read(self._ours, 65536):
                    self._unfinished = self._screen.feed(self._unfinished + self._decoder.decode(said))
                    return True
            return False
        return True


def _project(home: Home) -> Path:
    project = home.user / "project"
    project.mkdir(exist_ok=True)
    return project
