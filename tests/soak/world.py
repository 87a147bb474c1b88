"""The world of a soak: three homes in a folder, real gateways in two of them, a watcher in each, and a provider.

It outlives the process that made it: what is on disk is enough to go on with it.
"""

import base64
import hashlib
import json
import shutil
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from clawmend.core.receipt import Receipt
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.history import History
from clawmend.system.records import Checkpoint
from e2e.gateway import Gateway
from e2e.home import KEY, write_private
from e2e.install import Cache
from e2e.processes import end_all, free_port, wait_until
from e2e.provider import Provider
from e2e.transcript import Transcript
from soak.homes import CLAUDE, DESK, NEW, OLD, VERSIONS, SoakHome
from soak.invariants import Tree
from soak.watcher import Watcher

GATEWAYS = (OLD, NEW)
_STEADY = 3.0


class World:
    """Everything that lives in a folder; what it starts it ends."""

    def __init__(self, folder: Path, transcript: Transcript, names: Iterable[str] = tuple(VERSIONS)) -> None:
        self.folder = folder
        self.transcript = transcript
        self._ending = ExitStack()
        self._last_begun: float | None = None
        self.provider = Provider(KEY)
        self._ending.callback(self.provider.close)
        self.provider.stand_in_for_the_plan(folder)
        self.homes = {name: self._home(name) for name in names}
        self.gateways = {name: Gateway(self.homes[name]) for name in GATEWAYS if name in self.homes}
        for gateway in self.gateways.values():
            self._ending.callback(gateway.stop)
        self.watchers = {name: Watcher(home) for name, home in self.homes.items()}

    def _home(self, name: str) -> SoakHome:
        cache, folder = Cache.of_user(), self.folder / name
        programs = (cache.openclaw(VERSIONS[name]),)
        if name == DESK:
            programs = (cache.claude(CLAUDE), *programs)
        port = folder / "port"
        if not folder.exists():
            folder.mkdir()
            port.write_text(str(free_port()))
            SoakHome(folder, programs, self.provider, self.transcript, int(port.read_text())).set_up()
        home = SoakHome(folder, programs, self.provider, self.transcript, int(port.read_text()))
        self._ending.callback(end_all, home.mark)
        return home

    def start(self) -> None:
        """End what a soak that was cut off has left running, and start everything."""
        for home in self.homes.values():
            end_all(home.mark)
        for gateway in self.gateways.values():
            gateway.start()
            assert gateway.turn().worked, "a gateway takes no turn before anything has happened"
        for watcher in self.watchers.values():
            watcher.start()
        for watcher in self.watchers.values():
            watcher.wait_ready()

    def close(self) -> None:
        """End what still runs, and insist that it ended."""
        for watcher in self.watchers.values():
            watcher.close()
        self._ending.close()

    def identity(self, name: str) -> object:
        """What a gateway that was restarted does not share with the one before; None for a home without one."""
        gateway = self.gateways.get(name)
        if gateway is None:
            return None
        return (*gateway.identity(), self._begun()) if name == NEW else gateway.identity()

    def _begun(self) -> float:
        """When the newer gateway began, which may start anew within its process; steady, however it is measured."""
        began = time.time() - self.gateways[NEW].uptime() / 1000
        if self._last_begun is None or abs(began - self._last_begun) > _STEADY:
            self._last_begun = began
        return self._last_begun

    def wait_ready(self, name: str) -> None:
        if gateway := self.gateways.get(name):
            wait_until(gateway.ready, 120, f"the gateway of {name} is ready")

    # What a person has

    def files(self, name: str) -> list[Path]:
        """The files that are a person's, and nobody else's to change."""
        home = self.homes[name]
        found = [home.config, home.opencode, home.claude, home.claude_settings]
        found += [home.state / "workspace" / one for one in ("notes.md", "plans/today.md")]
        found += [path for path in home.agents.glob("a*/agent/models.json") if path.is_file()]
        return [path for path in found if path.exists()]

    def tree(self, name: str) -> Tree:
        home = self.homes[name]
        return {
            str(path.relative_to(home.user)): (sha256(path.read_bytes()), path.stat().st_mode & 0o7777)
            for path in self.files(name)
        }

    def keep(self, name: str) -> None:
        """Keep a person's files as they are, for whoever goes on with a soak that was cut off in the next step."""
        home = self.homes[name]
        kept = {
            str(path.relative_to(home.user)): base64.b64encode(path.read_bytes()).decode() for path in self.files(name)
        }
        new = self.folder / f"kept-{name}.new"
        write_private(new, json.dumps(kept))
        new.replace(self.folder / f"kept-{name}.json")

    def put_back(self, name: str) -> None:
        """Bring a home back to what was kept: its person tidies up after a step that was cut off."""
        home = self.homes[name]
        for agent in home.agents.glob("a*"):
            shutil.rmtree(agent)
        home.profiles.unlink(missing_ok=True)
        home.models.unlink(missing_ok=True)
        for path, text in json.loads((self.folder / f"kept-{name}.json").read_bytes()).items():
            if not path.startswith(".openclaw/agents/"):
                write_private(home.user / path, base64.b64decode(text))
        for path in (*home.state.glob("*.new"), *home.user.glob("*.new")):
            path.unlink()

    # What clawmend has

    def names(self, name: str) -> list[str]:
        """The names of all files near those that clawmend writes."""
        home = self.homes[name]
        folders = [home.user, home.state, home.opencode.parent, home.claude_settings.parent, home.ours]
        folders += [folder for folder in home.agents.glob("*/agent") if folder.is_dir()]
        return [
            f"{folder.relative_to(home.folder)}/{one.name}"
            for folder in folders
            if folder.is_dir()
            for one in folder.iterdir()
        ]

    def receipts(self, name: str, since: float) -> list[Receipt]:
        """The receipts from a moment on, newest first."""
        found = []
        for receipt in History(str(self.homes[name].ours)).newest_first():
            if receipt.time < since:
                break
            found.append(receipt)
        return found

    def checkpoints(self, name: str) -> dict[str, Checkpoint]:
        """Everything that is kept, by its name, undos and what was known good included."""
        return {one.id: one for one in self.store(name).all()}

    def store(self, name: str) -> CheckpointStore:
        return CheckpointStore(str(self.homes[name].ours))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
