"""A home on 2026.9.6 whose shared store holds two old credentials, and OpenClaw at hand to remove them."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clawmend.core.document import Document, Json, Syntax
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.planning import Options
from clawmend.repair.tools import Tools
from clawmend.repair.undo import Undone, choose, undo
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.records import Checkpoint
from repair.home import Home
from support.machine import FakeCredentials
from support.stores import Profiles, change_store, key_entry, make_store, profiles_in
from system.fakes import tree

VERSION = "2026.9.6"
OPTIONS = Options(version=VERSION)
OLD = {"old:one": key_entry("key-number-one", "other"), "old:two": key_entry("key-number-two", "other")}
MINE = {"mine:one": key_entry("key-of-mine", "other")}
LOGIN = {"type": "oauth", "provider": "other", "access": "a-token", "refresh": "another", "expires": 1}
OUT_ONE = "openclaw models auth logout old:one --yes --agent main"
OUT_TWO = OUT_ONE.replace("one", "two")
IN_ONE = "openclaw models auth paste-api-key --provider other --profile-id old:one --agent main"
IN_TWO = IN_ONE.replace("one", "two")


@dataclass
class Stored:
    """The home, its store, and the OpenClaw that is asked."""

    home: Home
    openclaw: FakeCredentials = field(default_factory=FakeCredentials)
    parts: dict[str, Any] = field(default_factory=dict)

    def laid(self, profiles: Profiles | None = None) -> "Stored":
        make_store(self.database, OLD | MINE if profiles is None else profiles)
        return self

    @property
    def database(self) -> Path:
        return self.home.path / ".openclaw" / "state" / "openclaw.sqlite"

    @property
    def profiles(self) -> Profiles:
        return profiles_in(self.database)

    def change(self, **profiles: Any) -> None:
        """Let somebody store or remove credentials; None removes one."""
        new = {name.replace("_", ":"): entry for name, entry in profiles.items()}
        change_store(self.database, lambda found: found.update(new))
        change_store(self.database, lambda found: [found.pop(name) for name, entry in new.items() if entry is None])

    @property
    def tools(self) -> Tools:
        return self.home.tools(**({"credentials": self.openclaw, "store": self.kept} | self.parts))

    @property
    def kept(self) -> CheckpointStore:
        return CheckpointStore(str(self.home.state))

    @property
    def last(self) -> Checkpoint:
        return self.kept.all()[-1]

    @property
    def files(self) -> dict[str, Any]:
        """Every file of the home but the database, which is OpenClaw's."""
        return {name: node for name, node in tree(self.home.path).items() if "openclaw.sqlite" not in name}

    @property
    def value(self) -> Json:
        """What openclaw.json says."""
        return Document.parse(self.home.config.read_bytes(), Syntax.JSON5).value

    def repair(self, options: Options = OPTIONS) -> Outcome:
        return repair(self.tools, options, dry_run=False)

    def undo(self, name: str | None = None, **options: Any) -> Undone:
        chosen = choose(self.kept, str(self.home.path), name)
        return undo(self.tools, self.kept, chosen, version=VERSION, **options)


def same(one: Json, other: Json) -> bool:
    """Tell whether two values say the same."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
