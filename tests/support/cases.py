"""The cases under tests/cases: a home before, what is found in it, and the home that a repair must leave."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clawmend.core.evidence import Event, Evidence, Kind
from clawmend.core.finding import CouldNotLook, Finding
from clawmend.core.gateway import Cause, Condition, GatewayHealth, Holder
from clawmend.core.pointer import format_pointer
from clawmend.core.snapshot import GatewayAbsent, GatewayState, GatewayUnknown
from clawmend.repair.planning import Options
from support.clock import NOW
from support.machine import RUNNING
from support.trees import Look, Tree, lay_down, read_tree, without_times

CASES = Path(__file__).parent.parent / "cases"
_GATEWAYS: dict[str, GatewayState] = {
    "absent": GatewayAbsent(),
    "running": RUNNING,
    "unknown": GatewayUnknown("something listens on port 18789 and this user may not see which process it is"),
}
# Every key that a case may have; a misspelt one would silently prove nothing.
_KEYS = frozenset(
    {
        "proves",
        "source",
        "version",
        "options",
        "findings",
        "blind",
        "verdict",
        "remaining",
        "gateway",
        "gateway_environment",
        "health",
        "said",
        "environment",
        "modes",
        "modes_after",
        "mtimes",
        "symlinks",
        "folders",
        "every_call",
    }
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One folder with `before/`, `case.json` and, when something has to change, `after/`."""

    folder: Path
    data: Row

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def repairs(self) -> bool:
        return (self.folder / "after").is_dir()

    @property
    def options(self) -> Options:
        chosen = self.data.get("options", {})
        return Options(
            version=self.data["version"],
            only=frozenset(chosen.get("only", ())),
            skip=frozenset(chosen.get("skip", ())),
            yes=chosen.get("yes", False),
        )

    @property
    def gateway(self) -> GatewayState:
        if "gateway_environment" in self.data:  # a gateway that runs, and whose environment may be read
            return replace(RUNNING, environment=self.data["gateway_environment"])
        return _GATEWAYS[self.data.get("gateway", "absent")]

    @property
    def health(self) -> GatewayHealth | None:
        """How the gateway is, when the case says so; `since` is in seconds before now, `cause` a name of Cause."""
        given = dict(self.data.get("health", {}))
        if not given:
            return None
        given["condition"] = Condition(given["condition"])
        if "cause" in given:
            given["cause"] = Cause[given["cause"]]
        if "since" in given:
            given["since"] = NOW - given["since"]
        if "holder" in given:
            given["holder"] = Holder(**given["holder"])
        return GatewayHealth(
            **{**given, "lines": tuple(given.get("lines", ())), "failing": tuple(given.get("failing", ()))}
        )

    @property
    def evidence(self) -> Evidence | None:
        """What the gateway's log says, when the case says so.

        Rows of a kind's name, an age in seconds, the words and, where it matters, an object with other fields.
        """
        if "said" not in self.data:
            return None
        rows = self.data["said"]
        events = (
            replace(Event(NOW - age, Kind[kind], None, None, None, None, text), **(more[0] if more else {}))
            for kind, age, text, *more in rows
        )
        return Evidence(tuple(events), 0.0, None, complete=True)

    @property
    def look(self) -> Look:
        return Look(
            modes={name: int(mode, 8) for name, mode in self.data.get("modes", {}).items()},
            ages=self.data.get("mtimes", {}),
            links=self.data.get("symlinks", {}),
            folders=tuple(self.data.get("folders", ())),
        )

    def environment(self, home: Path) -> dict[str, str]:
        """The variables of the case; `~` in them is the home."""
        return {
            name: text.replace("~", str(home), 1) if text.startswith("~") else text
            for name, text in self.data.get("environment", {}).items()
        }

    def lay_down(self, home: Path) -> None:
        lay_down(self.folder / "before", home, self.look)

    def after(self, scratch: Path) -> Tree:
        """The tree that a repair must leave, with its modes; times are the repair's own.

        git keeps no empty folders, and no repair removes one: those of `before` belong to it as well.
        """
        inside = (path for path in (self.folder / "before").rglob("*") if path.is_dir())
        folders = tuple(str(path.relative_to(self.folder / "before")) for path in inside)
        modes = {name: int(mode, 8) for name, mode in self.data.get("modes_after", {}).items()}
        look = replace(self.look, folders=(*self.look.folders, *folders), modes={**self.look.modes, **modes})
        lay_down(self.folder / "after", scratch, look)
        return without_times(read_tree(scratch))


def all_cases() -> list[Case]:
    """Read every case; folders whose name begins with `_` hold something else."""
    found = []
    for path in sorted(CASES.glob("[!_]*/*/case.json")):
        data = json.loads(path.read_text("utf-8"))
        unknown = data.keys() - _KEYS
        if unknown:
            raise ValueError(f"{path} has unknown keys: {sorted(unknown)}")
        found.append(Case(path.parent, data))
    return found


def as_row(finding: Finding, home: Path) -> Row:
    """A finding the way case.json writes it."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "safety": finding.safety.value,
        "path": finding.path.replace(str(home), "~", 1),
        "pointer": None if finding.pointer is None else format_pointer(finding.pointer),
    }


def as_blind_row(blind: CouldNotLook, home: Path) -> Row:
    """A place where no rule could judge, the way case.json writes it."""
    return {"rule": blind.rule, "path": blind.path.replace(str(home), "~", 1)}
