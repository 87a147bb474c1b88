"""States that real programs left on disk, kept compactly: every content once, and a table of what is expected."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from support.cases import CASES
from support.trees import lay_down_files

_FOLDER = CASES / "_captured"


@dataclass(frozen=True, slots=True)
class State:
    """One captured home. `works` is what the real program said: True, False, or None when nobody asked it.

    `although` says why a rule speaks of a state that works: rule -> reason.
    """

    name: str
    version: str | None
    files: dict[str, bytes]
    environment: dict[str, str]
    works: bool | None
    findings: list[str]
    verdict: str
    although: dict[str, str]

    def lay_down(self, home: Path) -> dict[str, str]:
        """Write it to disk and return its environment."""
        lay_down_files(self.files, home)
        return {name: text.replace("~", str(home), 1) for name, text in self.environment.items()}


def all_states() -> list[State]:
    """Read every captured state with what is expected of it."""
    expected = json.loads((_FOLDER / "expected.json").read_text("utf-8"))
    found = []
    for path in sorted(_FOLDER.glob("*.json")):
        if path.name == "expected.json":
            continue
        group = json.loads(path.read_text("utf-8"))
        for name, state in group["states"].items():
            row = expected.pop(f"{path.stem}/{name}")
            files = {file: _content(group["contents"][digest]) for file, digest in state["files"].items()}
            environment = state.get("environment", {})
            found.append(
                State(
                    f"{path.stem}/{name}",
                    state["version"],
                    files,
                    environment,
                    row.get("works"),
                    row["findings"],
                    row["verdict"],
                    row.get("although", {}),
                )
            )
    if expected:
        raise ValueError(f"expected.json names states that do not exist: {sorted(expected)}")
    return found


def _content(stored: str | dict[str, str]) -> bytes:
    return stored.encode() if isinstance(stored, str) else base64.b64decode(stored["base64"])
