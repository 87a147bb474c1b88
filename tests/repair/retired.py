"""A home on 2026.9.6 whose credentials lie in retired files, and the OpenClaw that is asked to take them over."""

import json
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.snapshot import GatewayRunning
from clawmend.repair import observe as observing
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.planning import Options
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.records import Checkpoint
from repair.home import FakeGateway, Home
from support.machine import FakeCredentials

VERSION = "2026.9.6"
YES = Options(version=VERSION, yes=True, only=frozenset({"OC204"}))
KEY = {"type": "api_key", "provider": "other", "key": "key-that-must-survive"}
LOGIN = {"type": "oauth", "provider": "mine", "access": "a", "refresh": "refresh-that-must-survive", "expires": 1}
MINE = {"other:default": KEY, "mine:default": LOGIN}
WORK = {"third:default": {"type": "token", "provider": "third", "token": "token-of-work"}}
ASKED = "OPENCLAW_CONFIG_PATH=a-private-copy-without-keys openclaw doctor --fix --non-interactive"


class Retired:
    """A home of 2026.9.6 with credentials in retired files of two agents, and the OpenClaw that is asked."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.openclaw = FakeCredentials()
        self.gateway = FakeGateway()
        self.work = home.path / ".openclaw" / "agents" / "work" / "agent" / "auth-profiles.json"
        home.models.unlink()
        home.write(home.profiles, json.dumps({"version": 1, "profiles": MINE}))
        home.write(self.work, json.dumps({"version": 1, "profiles": WORK}))
        self.kept = {path: path.read_bytes() for path in (home.config, home.profiles, self.work)}

    def tools(self, **parts: Any) -> Any:
        return self.home.tools(**({"credentials": self.openclaw, "gateway": self.gateway} | parts))

    def repair(self, options: Options = YES) -> Outcome:
        return repair(self.tools(), options, dry_run=False)

    @property
    def store(self) -> CheckpointStore:
        return CheckpointStore(str(self.home.state))

    @property
    def last(self) -> Checkpoint:
        return self.store.all()[-1]

    @property
    def is_as_before(self) -> bool:
        return {path: path.read_bytes() if path.exists() else None for path in self.kept} == self.kept

    @property
    def shared(self) -> Path:
        return self.home.path / ".openclaw" / "state" / "openclaw.sqlite"

    def run_a_gateway(self, monkeypatch: pytest.MonkeyPatch, manager: str | None = "systemd") -> None:
        running = GatewayRunning(4711, 1.0, self.home.port, manager, "openclaw-gateway.service", {})
        monkeypatch.setattr(observing, "find_gateway", lambda *_arguments: running)
