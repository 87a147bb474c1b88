"""The ledger of a soak: a line of JSON for every step begun and every step done, so that it can be gone on with.

The first line says which soak it is. A step that was begun and not done was cut off: its outcome is not known, and
whoever goes on begins with the one after it.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step. `took` are the seconds to the repair, None where nothing was to be repaired."""

    number: int
    home: str
    name: str
    expect: str
    harm: str
    rule: str = ""
    by: str = ""
    took: float | None = None
    seconds: float = 0.0
    restarts: int = 0
    memory: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()


class LedgerError(ValueError):
    """A ledger that is of another soak, or of none."""


class Ledger:
    """The file, and what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, seed: int, **options: Any) -> None:
        """Begin a new ledger."""
        if self.path.exists():
            raise LedgerError(f"{self.path} is there already; to go on with it: --resume {self.path.parent}")
        self._append({"soak": 1, "seed": seed, "options": options})

    def opening(self) -> tuple[int, dict[str, Any]]:
        """The seed and the options it was begun with."""
        first = next(self._lines(), {})
        if first.get("soak") != 1:
            raise LedgerError(f"{self.path} is no ledger of a soak")
        return int(first["seed"]), dict(first["options"])

    def begun(self, step: dict[str, Any]) -> None:
        self._append({"begun": step})

    def done(self, outcome: Outcome) -> None:
        self._append({"done": asdict(outcome)})

    def note(self, **figures: Any) -> None:
        """Keep something that belongs to no step."""
        self._append({"note": figures})

    def outcomes(self) -> list[Outcome]:
        """Every step that was done, in order."""
        found = [line["done"] for line in self._lines() if "done" in line]
        return [
            Outcome(**{**one, "notes": tuple(one["notes"]), "violations": tuple(one["violations"])}) for one in found
        ]

    def last(self) -> int:
        """The number of the last step that was begun."""
        return max((line["begun"]["number"] for line in self._lines() if "begun" in line), default=0)

    def cut_off(self) -> dict[str, Any] | None:
        """The step that was begun and not done, if any."""
        begun = [line["begun"] for line in self._lines() if "begun" in line]
        done = {line["done"]["number"] for line in self._lines() if "done" in line}
        return begun[-1] if begun and begun[-1]["number"] not in done else None

    def _lines(self) -> Iterator[dict[str, Any]]:
        if not self.path.exists():
            return
        for text in self.path.read_text().split("\n"):
            try:
                line = json.loads(text)
            except ValueError:
                continue  # the last one of a soak that was killed; a torn line was never said
            if isinstance(line, dict):
                yield line

    def _append(self, line: dict[str, Any]) -> None:
        with self.path.open("ab+") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
