"""A home with OpenClaw 2026.3.2 in it, the tools to repair it, and a gateway that is told what to do."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clawmend.core.era import Installation
from clawmend.core.pointer import Pointer
from clawmend.core.snapshot import GatewayRunning, OpenClaw
from clawmend.core.state import Contents, Identity
from clawmend.repair.tools import Tools
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.files import RealFiles
from clawmend.system.machine import Place
from clawmend.system.memory import MemoryStore
from clawmend.system.reload import Reload, Reloaded
from clawmend.system.restart import Restart
from clawmend.system.swap import Guard
from system.fakes import FakeClock

PLAN_URL = "https://coding-intl.dashscope.aliyuncs.com/v1"
OLD_URL = "https://dashscope.aliyuncs.com/compatible-mode/v1"
NEW_KEY = "sk-sp-new00000000000000000000000001"
OLD_KEY = "sk-sp-old00000000000000000000000001"

CONFIG = f"""\
// my OpenClaw
{{
  gateway: {{ mode: "local", port: PORT }},
  models: {{ providers: {{ bailian: {{
    baseUrl: "{PLAN_URL}", // the new endpoint
    apiKey: "{NEW_KEY}",
    api: "openai-completions",
    models: [{{ id: "qwen3.5-plus", name: "qwen3.5-plus" }}],
  }} }} }},
  agents: {{ defaults: {{
    model: {{ primary: "bailian/qwen3.5-plus" }}, models: {{ "bailian/qwen3.5-plus": {{}} }},
  }} }},
}}
"""


def cache(url: str = OLD_URL) -> str:
    model = {"id": "qwen3.5-plus", "name": "qwen3.5-plus"}
    entry = {"baseUrl": url, "apiKey": NEW_KEY, "api": "openai-completions", "models": [model]}
    return json.dumps({"providers": {"bailian": entry}}, indent=2)


def profiles(key: str = "YOUR_API_KEY") -> str:
    entry = {"type": "api_key", "provider": "bailian", "key": key}
    return json.dumps({"version": 1, "profiles": {"bailian:default": entry}}, indent=2)


@dataclass
class Home:
    """A home below a folder of the test. Every file is as old as the test wants it: by default a day."""

    root: Path
    port: int
    now: float = FakeClock.time

    @property
    def path(self) -> Path:
        return self.root / "home"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def config(self) -> Path:
        return self.path / ".openclaw" / "openclaw.json"

    @property
    def agent(self) -> Path:
        return self.path / ".openclaw" / "agents" / "main" / "agent"

    @property
    def models(self) -> Path:
        return self.agent / "models.json"

    @property
    def profiles(self) -> Path:
        return self.agent / "auth-profiles.json"

    @property
    def claude(self) -> Path:
        return self.path / ".claude.json"

    def healthy(self) -> "Home":
        self.write(self.config, CONFIG.replace("PORT", str(self.port)))
        self.write(self.models, cache(PLAN_URL))
        self.write(self.claude, '{\n  "hasCompletedOnboarding": true\n}')
        return self

    def write(self, path: Path, text: str, *, age: float = 86_400) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text)
        path.chmod(0o600)
        when = self.now - age
        os.utime(path, (when, when))

    def tools(self, **options: Any) -> Tools:
        """Real files and a real store, a fake gateway and a fake clock."""
        parts: dict[str, Any] = {
            "place": Place(str(self.path), str(self.state), environment={}),
            "files": RealFiles(),
            "store": CheckpointStore(str(self.state)),
            "gateway": FakeGateway(),
            "clock": FakeClock(),
            "lock": no_lock,
            "memory": MemoryStore(str(self.state), FakeClock()),
        }
        return Tools(**(parts | options))


@contextmanager
def no_lock(_path: str) -> Iterator[None]:
    yield


@dataclass
class FakeGateway:
    """A gateway's control that does as it is told and remembers what it was asked."""

    invalid: str | None = None
    results: list[Restart] = field(
        default_factory=lambda: [Restart(needed=True, done=True, reason="it held the old state", proof="1 became 2")]
    )
    asked: list[str] = field(default_factory=list)
    on_restart: Callable[[], None] = lambda: None
    ready: bool = True
    told: Reload = field(default_factory=lambda: Reloaded("config hot reload applied (models)", 0.3))

    def validate(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation) -> str | None:
        del openclaw, gateway, installation
        self.asked.append("validate")
        return self.invalid

    def restart(
        self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation, since: float | None = None
    ) -> Restart:
        del openclaw, gateway, installation, since
        self.asked.append("restart")
        self.on_restart()
        return self.results.pop(0) if len(self.results) > 1 else self.results[0]

    def start(self, openclaw: OpenClaw, installation: Installation, *, reset_failed: bool = False) -> Restart:
        del openclaw, installation
        self.asked.append("start after reset-failed" if reset_failed else "start")
        return self.results.pop(0) if len(self.results) > 1 else self.results[0]

    def prove(self, openclaw: OpenClaw, gateway: GatewayRunning, installation: Installation, since: float) -> Restart:
        del openclaw, gateway, installation, since
        self.asked.append("prove")
        self.on_restart()
        return self.results.pop(0) if len(self.results) > 1 else self.results[0]

    def await_reload(self, openclaw: OpenClaw, members: Iterable[Pointer], written: float) -> Reload:
        del openclaw, members, written
        self.asked.append("await")
        self.on_restart()
        return self.told

    def instruction(self, openclaw: OpenClaw, gateway: GatewayRunning) -> str:
        del openclaw, gateway
        return "systemctl --user restart openclaw-gateway.service"

    def is_ready(self, gateway: GatewayRunning, installation: Installation) -> bool:
        del gateway, installation
        return self.ready


class MeddledFiles(RealFiles):
    """The disk, with somebody else at work between the plan and the write."""

    def __init__(self, meddle: Callable[[str], None]) -> None:
        self._meddle = meddle

    def replace(
        self,
        path: str,
        data: bytes,
        *,
        expected: bytes | None,
        identity: Identity | None = None,
        label: str = "",
        guard: Guard = nullcontext,
    ) -> None:
        self._meddle(path)
        super().replace(path, data, expected=expected, identity=identity, label=label, guard=guard)


class CountingFiles(RealFiles):
    """The disk, counting what is read of each file."""

    def __init__(self) -> None:
        self.reads: dict[str, int] = {}

    def read(self, path: str, limit: int = 64 * 2**20) -> Contents:
        self.reads[path] = self.reads.get(path, 0) + 1
        return super().read(path, limit)
