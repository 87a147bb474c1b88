"""A machine of which a test knows everything: no gateway, no OpenClaw command, a clock that never waits."""

import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from clawmend.core.era import Installation
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, GatewayState, OpenClaw
from clawmend.repair import observe
from clawmend.repair.tools import RealGatewayControl, Tools, dry_tools, look_only_tools, real_tools
from clawmend.system import gateway_log, installation
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.files import Files
from clawmend.system.machine import Place, RealClock
from clawmend.system.restart import Restart
from support.clock import NOW, FakeClock

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

    def restart(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> Restart:
        del openclaw, gateway, installation
        self.restarts += 1
        if self.fails:
            return Restart(needed=True, done=False, reason="the gateway did not come back")
        return Restart(needed=True, done=True, reason="a removed profile", proof="a new process 4712 that is ready")

    def instruction(self, openclaw: OpenClaw, gateway: GatewayRunning) -> str:
        del openclaw, gateway
        return "openclaw gateway restart"

    def is_ready(self, gateway: GatewayRunning, installation: Installation) -> bool:
        del gateway, installation
        return True


@dataclass
class Machine:
    """One home and one state folder of ours, and the tools to work on them."""

    home: Path
    state: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)
    gateway: FakeGateway = field(default_factory=FakeGateway)

    @property
    def place(self) -> Place:
        return Place(str(self.home), str(self.state), environment={"PATH": "", **self.environment})

    def real(self, files: Files | None = None) -> Tools:
        tools = replace(real_tools(self.place, self.clock), gateway=self.gateway)
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
                RealGatewayControl, name, lambda _self, *given, name=name: getattr(self.gateway, name)(*given)
            )


def forget_the_real_machine(monkeypatch: pytest.MonkeyPatch, gateway: GatewayState | None = None) -> None:
    """Nothing that happens to run or to be installed on this computer may show in a test."""
    state = gateway or GatewayAbsent()
    monkeypatch.setattr(observe, "find_gateway", lambda *_arguments: state)
    monkeypatch.setattr(installation, "_find_command", lambda *_arguments: None)
    monkeypatch.setattr(gateway_log, "PREFERRED", "/nowhere/openclaw")
    monkeypatch.setattr(gateway_log, "_temporary", lambda _environment: iter(()))
    monkeypatch.setattr(gateway_log, "PREFERRED", "/nonexistent/openclaw")
    for name in list(os.environ):
        if name.startswith(("OPENCLAW_", "CLAUDE_", "CLAWMEND_", "XDG_")):
            monkeypatch.delenv(name)
