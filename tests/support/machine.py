"""A machine of which a test knows everything: no gateway, no OpenClaw command, a clock that never waits."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.document import Document, Json, Syntax
from clawmend.core.era import Installation
from clawmend.core.evidence import Evidence
from clawmend.core.finding import LogOut, TakeOver
from clawmend.core.gateway import NO_GATEWAY, Condition, GatewayHealth
from clawmend.core.pointer import Pointer
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, GatewayState, OpenClaw
from clawmend.core.state import Parsed
from clawmend.core.stored import provider_in, why_not_again
from clawmend.core.told import Reload, Reloaded
from clawmend.repair import beside, observe, tools
from clawmend.repair.control import RealGatewayControl
from clawmend.repair.credentials import RealCredentials
from clawmend.repair.tools import Tools, dry_tools, look_only_tools, real_tools
from clawmend.system import gateway_log, installation, neighbour_homes
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.files import Files
from clawmend.system.logins import command_line, log_in_arguments, log_out_arguments, stored_entry
from clawmend.system.machine import Place, RealClock
from clawmend.system.restart import Restart
from clawmend.system.taking_over import Lacking, line_of
from support.clock import NOW, FakeClock
from support.stores import add_profiles, change_store

RUNNING = GatewayRunning(4711, NOW - 7200, 18789, "systemd", "openclaw-gateway.service")


@dataclass
class FakeGateway:
    """A gateway that restarts when it is told to, and remembers that it was."""

    restarts: int = 0
    refusal: str | None = None
    fails: bool = False
    asked: list[str] = field(default_factory=list)

    def validate(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> str | None:
        del gateway, installation
        self.asked.append(openclaw.directory)
        return self.refusal

    def restart(
        self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation, since: float | None = None
    ) -> Restart:
        del openclaw, gateway, installation, since
        self.restarts += 1
        if self.fails:
            return Restart(needed=True, done=False, reason="the gateway did not come back")
        return Restart(needed=True, done=True, reason="a removed profile", proof="a new process 4712 that is ready")

    def start(self, openclaw: OpenClaw, installation: Installation, *, reset_failed: bool = False) -> Restart:
        del openclaw, installation, reset_failed
        return Restart(needed=True, done=True, reason="it did not run", proof="a new process 4712 that is ready")

    def prove(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation, since: float) -> Restart:
        del openclaw, gateway, installation, since
        return Restart(needed=True, done=True, reason="by itself", proof="a new process 4712 that is ready")

    def await_reload(self, openclaw: OpenClaw, members: Iterable[Pointer], written: float) -> Reload:
        del openclaw, members, written
        return Reloaded("config hot reload applied (models)", 0.3)

    def instruction(self, openclaw: OpenClaw, gateway: GatewayRunning) -> str:
        del openclaw, gateway
        return "openclaw gateway restart"

    def is_ready(self, gateway: GatewayRunning, installation: Installation) -> bool:
        del gateway, installation
        return True


@dataclass
class FakeCredentials:
    """OpenClaw's own commands on the databases of a test; it remembers what it was asked, as a person would type it.

    A profile in `refusals` is left with that sentence, and so are the retired files of an agent that is named there;
    what it is given for openclaw.json is in `given`, and the profiles in `loses` it takes over into no database. As the
    real one does, it writes openclaw.json anew when it removes or stores one: it drops the comments, and what names a
    profile that goes; `before` is called first, with the profile, or with the file that is taken over.
    """

    refusals: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    rewrites: bool = True
    before: Callable[[str], object] = lambda _profile: None
    loses: frozenset[str] = frozenset()
    given: list[bytes] = field(default_factory=list)

    def stored(self, path: str, profile: str) -> Json:
        return stored_entry(path, profile)

    def log_out(self, openclaw: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        del installation
        self.asked.append(command_line(log_out_arguments(edit)))
        return self._do(openclaw, edit, lambda profiles: profiles.pop(edit.profile, None), listed=False)

    def log_in(self, openclaw: OpenClaw, installation: Installation, edit: LogOut) -> str | None:
        del installation
        self.asked.append(command_line(log_in_arguments(edit, NOW)))
        refusal = why_not_again(edit.stored, NOW)
        return refusal or self._do(
            openclaw, edit, lambda profiles: profiles.update({edit.profile: edit.stored}), listed=True
        )

    def take_over(
        self, openclaw: OpenClaw, installation: Installation, edit: TakeOver, config: bytes, lacking: Lacking
    ) -> str | None:
        del installation
        self.asked.append(line_of(edit))
        self.given.append(config)
        self.before(edit.path)
        if edit.agent in self.refusals:
            return self.refusals[edit.agent]
        for agent in openclaw.agents:
            if isinstance(agent.profiles, Parsed):
                shared = agent.id == "main"
                store = (
                    f"{openclaw.directory}/state/openclaw.sqlite"
                    if shared
                    else f"{agent.directory}/openclaw-agent.sqlite"
                )
                found = json.loads(agent.profiles.data)["profiles"]
                kept = {name: entry for name, entry in found.items() if name not in self.loses}
                add_profiles(Path(store), kept, shared=shared)
                os.rename(agent.profiles.path, f"{agent.profiles.path}.migrated-by-openclaw")
        return lacking() or None

    def _do(
        self, openclaw: OpenClaw, edit: LogOut, work: Callable[[dict[str, Any]], object], *, listed: bool
    ) -> str | None:
        self.before(edit.profile)
        if edit.profile in self.refusals:
            return self.refusals[edit.profile]
        if self.rewrites and isinstance(openclaw.config, Parsed):
            _write_anew(Path(openclaw.config.path), edit, listed=listed)
        change_store(edit.path, work)
        return None


def _write_anew(path: Path, edit: LogOut, *, listed: bool) -> None:
    """Write openclaw.json as OpenClaw does: strict JSON, with an entry for what is stored and none for what is not."""
    value: Any = Document.parse(path.read_bytes(), Syntax.JSON5).value
    described = value.get("auth", {}).get("profiles", {})
    if listed:
        value.setdefault("auth", {}).setdefault("profiles", {})[edit.profile] = {
            "provider": provider_in(edit.stored),
            "mode": "api_key",
        }
    elif edit.profile in described:
        del described[edit.profile]
    mode = path.stat().st_mode
    path.write_text(json.dumps(value, indent=2) + "\n")
    path.chmod(mode)


@dataclass
class Machine:
    """One home and one state folder of ours, and the tools to work on them."""

    home: Path
    state: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    credentials: FakeCredentials = field(default_factory=FakeCredentials)

    @property
    def place(self) -> Place:
        return Place(str(self.home), str(self.state), environment={"PATH": "", **self.environment})

    def real(self, files: Files | None = None) -> Tools:
        tools = replace(real_tools(self.place, self.clock), gateway=self.gateway, credentials=self.credentials)
        return replace(tools, files=files) if files is not None else tools

    def dry(self) -> Tools:
        return replace(dry_tools(self.place, self.clock), lock=lambda _path: nullcontext())

    def looking(self) -> Tools:
        return look_only_tools(self.place, self.clock)

    @property
    def store(self) -> CheckpointStore:
        return CheckpointStore(str(self.state))

    def stand_in_for_the_real_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """For whoever makes its own clock and its own gateway control, as the command line does."""
        for name in ("now", "monotonic", "sleep"):
            monkeypatch.setattr(RealClock, name, lambda _self, *given, name=name: getattr(self.clock, name)(*given))
        for name in ("validate", "restart", "instruction"):
            monkeypatch.setattr(
                RealGatewayControl,
                name,
                lambda _self, *given, name=name, **named: getattr(self.gateway, name)(*given, **named),
            )
        for name in ("log_out", "log_in", "take_over"):
            monkeypatch.setattr(
                RealCredentials, name, lambda _self, *given, name=name: getattr(self.credentials, name)(*given)
            )


def health_beside(gateway: GatewayState) -> GatewayHealth:
    """What goes with a gateway that a test made up: one that runs is ready."""
    if isinstance(gateway, GatewayRunning):
        return GatewayHealth(condition=Condition.READY, why="it says that it is ready", pid=gateway.pid)
    return NO_GATEWAY


def forget_the_real_machine(
    monkeypatch: pytest.MonkeyPatch,
    gateway: GatewayState | None = None,
    health: GatewayHealth | None = None,
    evidence: Evidence | None = None,
) -> None:
    """Nothing that happens to run or to be installed on this computer may show in a test."""
    state = gateway or GatewayAbsent()
    monkeypatch.setattr(observe, "find_gateway", lambda *_arguments: state)
    monkeypatch.setattr(observe, "_health", lambda _folder, openclaw, *_rest: health or health_beside(openclaw.gateway))
    if evidence is not None:
        monkeypatch.setattr(observe, "_evidence", lambda *_arguments: evidence)
    monkeypatch.setattr(installation, "_find_command", lambda *_arguments: None)
    monkeypatch.setattr(tools, "who_is_at_work", lambda *_arguments: None)
    monkeypatch.setattr(neighbour_homes, "find_program", _find_in_the_home)
    monkeypatch.setattr(gateway_log, "PREFERRED", "/nowhere/openclaw")
    monkeypatch.setattr(gateway_log, "_temporary", lambda _environment: iter(()))
    monkeypatch.setattr(gateway_log, "PREFERRED", "/nonexistent/openclaw")
    monkeypatch.setattr(beside, "folders_above", _folders_up_to_home)
    for name in list(os.environ):
        if name.startswith(("OPENCLAW_", "CLAUDE_", "CLAWMEND_", "XDG_")):
            monkeypatch.delenv(name)


def _find_in_the_home(home: str, _environment: Mapping[str, str], name: str) -> str | None:
    path = Path(home, ".npm-global", "bin", name)
    return str(path) if path.exists() else None


def _folders_up_to_home(path: str, home: str) -> tuple[str, ...]:
    """What is above the home is the machine that the test runs on, closed to others or not."""
    inside = [str(folder) for folder in Path(path).parents if folder.is_relative_to(home)]
    return tuple(inside)
