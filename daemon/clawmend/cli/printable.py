"""Text for a terminal or for JSON: what a file holds must not steer either, and the home is written `~`."""

from clawmend.core.printable import one_line, printable
from clawmend.core.snapshot import Snapshot, display

__all__ = ["home_paths", "one_line", "printable", "shown_path"]


def shown_path(home: str, path: str) -> str:
    """A path as people write it, and safe to print."""
    return one_line(display(home, path))


def home_paths(snapshot: Snapshot, text: str) -> str:
    """Shorten every mention of the home folder inside a sentence."""
    return one_line(text.replace(snapshot.home.rstrip("/") + "/", "~/"))
