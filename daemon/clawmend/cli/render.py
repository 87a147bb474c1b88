"""Text for people: what is wrong, why it matters, what comes next, and what a change does. Colour is never alone."""

import sys
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from clawmend.cli.wrapping import wrapped

_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan", "ok": "green", "dim": "dim"}
_INDENT = 4
_SOURCES = {
    "option": "--openclaw-version",
    "package": "its installed package",
    "database": "its database",
    "meta": "openclaw.json",
}


class Screen:
    """Where text goes. Everything passed in is already masked and safe to print."""

    def __init__(self, *, color: bool, quiet: bool, verbose: bool) -> None:
        self._console = Console(
            file=sys.stdout, no_color=None if color else True, highlight=False, markup=False, emoji=False
        )
        self._quiet = quiet
        self.verbose = verbose

    def line(self, text: str = "", style: str = "", *, indent: int = 0) -> None:
        """Print one paragraph, wrapped to the terminal; nothing when the person asked for quiet."""
        self._paragraph("", text, style, indent)

    def pair(self, label: str, text: str, style: str = "", *, indent: int = _INDENT) -> None:
        """Print a label and a paragraph that stays in its own column when it wraps."""
        self._paragraph(f"{label:<5} ", text, style, indent)

    def _paragraph(self, label: str, text: str, style: str, indent: int) -> None:
        if self._quiet:
            return
        width = max(20, self._console.width - indent - len(label))
        for number, part in enumerate(wrapped(text, width, cell_len)):
            head = Text(" " * indent + (label if number == 0 else " " * len(label)))
            line = head + Text(part, style=_STYLES.get(style, style))
            self._console.print(line if part else Text(), soft_wrap=True)

    def code(self, text: str, *, indent: int = _INDENT) -> None:
        """Print a diff line by line, added and removed lines in colour."""
        if self._quiet:
            return
        for line in text.split("\n"):
            style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
            self._console.print(Text(" " * indent + line, style=style), soft_wrap=True)


def show_finding(screen: Screen, finding: dict[str, Any]) -> None:
    """Print one finding: severity, rule, where, what, and what to do next."""
    severity = finding["severity"]
    screen.line(f"{severity.upper():<8}{finding['rule']} {finding['name']}", severity)
    where = finding["path"] + (f" {finding['pointer']}" if finding["pointer"] else "")
    screen.pair("where", where)
    screen.pair("what", finding["summary"])
    if screen.verbose:
        for evidence in finding["evidence"]:
            screen.pair("seen", evidence)
        screen.pair("sure", f"{finding['confidence']}; fingerprint {finding['fingerprint']}")
    for advice in finding["advice"]:
        screen.pair("next", advice)


def show_blind(screen: Screen, blind: dict[str, Any]) -> None:
    """Print one place where clawmend could not look."""
    screen.line(f"{'BLIND':<8}{blind['rule']} could not look", "warning")
    screen.pair("where", blind["path"])
    screen.pair("what", blind["problem"])


def show_change(screen: Screen, change: dict[str, Any], done: bool) -> None:
    """Print one changed file with its diff, or the command that OpenClaw is asked to run."""
    if change["action"] == "command":
        screen.line(f"{'ran' if done else 'would run'}: {change['diff']}  ({', '.join(change['rules'])})", "ok")
        return
    verbs = {
        "edit": ("edited", "would edit"),
        "remove": ("removed", "would remove"),
        "mode": ("made private", "would make private"),
    }
    verb = verbs.get(change["action"], ("restored", "would restore"))[0 if done else 1]
    screen.line(f"{verb} {change['path']}  ({', '.join(change['rules'])})", "ok")
    if change["diff"]:
        screen.code(change["diff"])


def title(openclaw: dict[str, Any], home: str) -> str:
    """The first line of every answer: whose home, which OpenClaw."""
    version, home = openclaw["version"], home.replace("\n", "\\n")
    if version is None:
        return f"{home}: OpenClaw of unknown version"
    return f"{home}: OpenClaw {version} (from {_SOURCES[openclaw['source']]})"
