"""The real Claude Code saves its file while clawmend repairs it: whatever either of them wrote is there at the end."""

import json
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.document import Document
from clawmend.core.errors import StaleError
from clawmend.core.state import Found
from clawmend.core.syntax import Syntax
from clawmend.core.values import SetValue
from clawmend.core.verdict import Verdict
from clawmend.repair.cycle import repair
from clawmend.repair.planning import Options
from clawmend.repair.tools import Tools, real_tools
from clawmend.system.files import RealFiles
from clawmend.system.machine import Place, RealClock
from e2e.home import Home, write_private
from e2e.lab import Lab
from faults.racing import OurSide, with_care, without_care

pytestmark = pytest.mark.e2e

FLAG = "hasCompletedOnboarding"
ADDS = 15
STATE: dict[str, Any] = {
    "numStartups": 7,
    FLAG: True,
    "own": 0,
    "by": "nobody",
    "mcpServers": {"old": {"type": "stdio", "command": "/bin/false", "args": []}},
    "projects": {"/srv/app": {"hasTrustDialogAccepted": True, "allowedTools": []}},
}


class Flag:
    """Loses the flag as /logout does, but under the lock, and has it repaired by whole cycles."""

    def __init__(self, home: Home, tools: Tools) -> None:
        self.file = str(home.user / ".claude.json")
        self.tools = tools
        self.dropped = self.repaired = self.stale = 0

    def drop(self) -> None:
        """Set it to false if it is true; as often as it takes."""
        while True:
            found = self.tools.files.read(self.file)
            assert isinstance(found, Found)
            document = Document.parse(found.data, Syntax.JSON_BOM)
            if document.get((FLAG,)) is not True:
                return
            with suppress(StaleError):
                with_care(self.tools)(self.file, document.edit(SetValue((FLAG,), False)).encode(), found.data)
                self.dropped += 1
                return

    def repair(self) -> None:
        """Run one cycle, in this process."""
        outcome = repair(self.tools, Options(only=frozenset({"CC101"})), dry_run=False)
        # It needs somebody when the flag is lost once more before the cycle looks whether it helped.
        assert outcome.verdict in {Verdict.REPAIRED, Verdict.NEEDS_YOU, Verdict.HEALTHY, Verdict.STALE}
        self.repaired += bool(outcome.changes)
        self.stale += outcome.verdict is Verdict.STALE


class Client(threading.Thread):
    """Somebody who adds one server after the other; `added` are those of which Claude Code said that it added them.

    The flag is lost before each of them, not meanwhile: a Claude Code that has seen the flag refuses to save a file
    without it ("missing auth", exit 1), which is its own protection and would say nothing about ours.
    """

    def __init__(self, home: Home, adds: int, flag: Flag | None = None) -> None:
        super().__init__()
        self.home = home
        self.adds = adds
        self.flag = flag
        self.added: list[str] = []
        self.refused: list[str] = []

    def run(self) -> None:
        for number in range(self.adds):
            if self.flag is not None:
                self.flag.drop()
            name = f"server-{number}"
            ended = self.home.command("claude", "mcp", "add", "--scope", "user", name, "--", "/bin/echo", name)
            if ended.returncode == 0:
                self.added.append(name)
            else:
                self.refused.append(f"{name}: exit {ended.returncode}, {ended.stdout}{ended.stderr}")


@pytest.mark.parametrize("version", ["2.1.330", "2.1.59"])
def test_neither_loses_what_it_wrote(lab: Lab, version: str) -> None:
    home = lab.claude(version)
    file = home.user / ".claude.json"
    write_private(file, json.dumps(STATE, indent=2))
    tools = real_tools(Place(str(home.user), str(home.folder / "ours"), environment=home.env()), RealClock())
    ours, flag = OurSide(str(file), tools.files.read, with_care(tools)), Flag(home, tools)
    client = Client(home, ADDS, flag)
    client.start()
    turns = 0
    while client.is_alive():
        ours.once()
        turns += 1
        if turns % 5 == 0:
            flag.repair()
    client.join()
    assert ours.once()
    last = home.clawmend("repair", "--only", "CC101")

    end = json.loads(file.read_bytes())
    kept = [name for name in client.added if name in end["mcpServers"]]
    lab.transcript.say(
        f"  {version}: client's entries kept {len(kept)}/{len(client.added)}, refused {len(client.refused)}; "
        f"ours kept {ours.set - ours.lost}/{ours.set}, re-applied {ours.lost}, stale {ours.stale}, torn {ours.torn}; "
        f"flag dropped {flag.dropped}, repaired {flag.repaired} times in this process, stale {flag.stale}"
    )
    assert client.refused == []
    assert kept == client.added
    assert end["mcpServers"]["old"] == STATE["mcpServers"]["old"]
    assert last.code == 0, last
    assert (end["own"], end[FLAG]) == (ours.standing, True)
    assert ours.torn == 0
    assert ours.set > 100
    assert flag.dropped > 5
    if version == "2.1.330":
        assert ours.lost == 0
        assert flag.repaired <= flag.dropped
    else:  # it writes what it has in memory, without the lock, when it meets ours
        assert ours.lost <= 3 * ADDS
        assert flag.repaired <= 4 * flag.dropped
    assert not list(Path(home.user).glob(".*.clawmend-*"))
    assert not Path(f"{file}.lock").exists()


def test_a_careless_tool_loses_what_claude_code_wrote(lab: Lab) -> None:
    """The control: the two do meet, and an atomic rename alone does not help Claude Code."""
    home = lab.claude("2.1.330")
    file = home.user / ".claude.json"
    write_private(file, json.dumps(STATE, indent=2))
    ours, client = OurSide(str(file), RealFiles().read, without_care), Client(home, 8)
    client.start()
    while client.is_alive():
        ours.once()
    client.join()
    kept = [name for name in client.added if name in json.loads(file.read_bytes())["mcpServers"]]
    lab.transcript.say(f"  rename alone: client's entries kept {len(kept)}/{len(client.added)}, ours set {ours.set}")
    assert len(kept) < len(client.added)
