"""Text for people: what is wrong, why it matters, what comes next, and what a change does. Colour is never alone."""

import sys
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan", "ok": "green", "dim": "dim"}
_INDENT = 4


class Screen:
    """Where text goes. Everything passed in is already masked and safe to print."""

    def __init__(self, *, color: bool, quiet: bool, verbose: bool) -> None:
        self._console = Console(file=sys.stdout, no_color=not color, highlight=False, markup=False, emoji=False)
        self._quiet = quiet
        self.verbose = verbose

    def line(self, text: str = "", style: str = "", *, indent: int = 0) -> None:
        """Print one paragraph, wrapped to the terminal; nothing when the person asked for quiet."""
        if self._quiet:
            return
        if not text:
            self._console.print()
            return
        self._console.print(Padding(Text(text, style=_STYLES.get(style, style)), (0, 0, 0, indent), expand=False))

    def pair(self, label: str, text: str, style: str = "", *, indent: int = 0) -> None:
        """Print a label and a paragraph that stays in its own column when it wraps."""
        if self._quiet:
            return
        line = Text(text, style=_STYLES.get(style, style))
        width = max(20, self._console.width - indent - len(label) - 1)
        for number, part in enumerate(line.wrap(self._console, width)):
            head = Text(" " * indent + (label if number == 0 else " " * len(label)) + " ")
            self._console.print(head + part, soft_wrap=True)

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
    screen.pair("where", where, indent=_INDENT)
    screen.pair("what ", finding["summary"], indent=_INDENT)
    if screen.verbose:
        for evidence in finding["evidence"]:
            screen.pair("seen ", evidence, indent=_INDENT)
        screen.pair("sure ", f"{finding['confidence']}; fingerprint {finding['fingerprint']}", indent=_INDENT)
    for advice in finding["advice"]:
        screen.pair("next ", advice, indent=_INDENT)


def show_blind(screen: Screen, blind: dict[str, Any]) -> None:
    """Print one place where clawmend could not look."""
    screen.line(f"{'BLIND':<8}{blind['rule']} could not look", "warning")
    screen.pair("where", blind["path"], indent=_INDENT)
    screen.pair("what ", blind["problem"], indent=_INDENT)


def show_change(screen: Screen, change: dict[str, Any], done: bool) -> None:
    """Print one changed file with its diff."""
    verbs = {"edit": ("edited", "would edit"), "remove": ("removed", "would remove")}
    verb = verbs.get(change["action"], ("restored", "would restore"))[0 if done else 1]
    screen.line(f"{verb} {change['path']}  ({', '.join(change['rules'])})", "ok")
    if change["diff"]:
        screen.code(change["diff"])


def title(openclaw: dict[str, Any], home: str) -> str:
    """The first line of every answer: whose home, which OpenClaw."""
    version = openclaw["version"]
    if version is None:
        return f"{home}: OpenClaw of unknown version"
    return f"{home}: OpenClaw {version} (from {openclaw['source']}), era {openclaw['era']}"
