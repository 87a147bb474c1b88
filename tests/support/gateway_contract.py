"""What the tests take for granted of a gateway, as questions that the fake one and the real one answer alike."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from clawmend.core.document import Document, Syntax
from clawmend.core.era import Installation
from clawmend.core.pointer import Pointer
from clawmend.core.snapshot import GatewayRunning, OpenClaw, Settings
from clawmend.core.state import Absent
from clawmend.system.files import RealFiles
from clawmend.system.gateway import find_gateway
from clawmend.system.homes import StateFolder
from clawmend.system.machine import Clock
from clawmend.system.probe import ask_health
from clawmend.system.reload import Reload, Reloaded, Restarting, Skipped, await_reload
from clawmend.system.restart import Restart, prove, restart

NAME: Pointer = ("models", "providers", "bailian", "models")
PROFILE = {"x:default": {"provider": "x", "mode": "api_key"}}


@dataclass
class Subject:
    """A gateway that runs, real or not, with what clawmend needs to deal with it."""

    installation: Installation
    config: Path
    log: Path
    port: int
    clock: Clock

    @property
    def version(self) -> str:
        return str(self.installation.version)

    @property
    def folder(self) -> StateFolder:
        return StateFolder(str(self.config.parent), str(self.config))

    @property
    def openclaw(self) -> OpenClaw:
        settings = Settings({"logging": {"file": str(self.log)}})
        return OpenClaw(str(self.config.parent), None, Absent(str(self.config)), settings, ())

    def running(self) -> GatewayRunning:
        found = self.look()
        assert isinstance(found, GatewayRunning), found
        return found

    def look(self) -> Any:
        return find_gateway(self.folder, self.port, None, RealFiles())

    def change(self, work: Callable[[Any], object]) -> float:
        """Edit openclaw.json as an editor does, by a rename; the moment before it."""
        value = Document.parse(self.config.read_bytes(), Syntax.JSON5).value
        work(value)
        beside = self.config.with_suffix(".new")
        beside.touch(mode=0o600)
        beside.write_text(json.dumps(value, indent=2))
        moment = self.clock.now()
        beside.replace(self.config)
        return moment

    def told(self, member: Pointer, written: float) -> Reload:
        return await_reload(self.openclaw, (self.folder,), (member,), written, self.clock)

    def identity(self) -> tuple[int, float, float | None]:
        found = self.running()
        return found.pid, found.started, ask_health(self.port, self.installation.version).uptime


def it_says_that_it_is_ready(subject: Subject) -> None:
    health = ask_health(subject.port, subject.installation.version)
    assert health.ready, health
    assert (health.uptime is None) is (subject.version == "2026.3.2")


def it_takes_a_model_over_in_the_same_process(subject: Subject) -> None:
    before = subject.running()
    written = subject.change(lambda value: value["models"]["providers"]["bailian"]["models"][0].update(name="other"))
    told = subject.told(NAME, written)
    assert isinstance(told, Reloaded), told
    assert told.line.startswith("config hot reload applied (models.providers.bailian.models")
    assert 0 <= told.seconds < 10
    assert subject.running() == before


def it_refuses_what_is_not_valid_and_goes_on(subject: Subject) -> None:
    before, text = subject.running(), subject.config.read_bytes()
    written = subject.change(lambda value: value.update(nonsense=True))
    told = subject.told(("nonsense",), written)
    assert isinstance(told, Skipped), told
    assert told.reason.startswith("config reload skipped (invalid config): ")
    subject.config.write_bytes(text)
    assert subject.running() == before
    assert ask_health(subject.port, subject.installation.version).ready


def it_restarts_itself_for_auth_up_to_2026_9_1(subject: Subject) -> None:
    before = subject.running()
    written = subject.change(lambda value: value.update(auth={"profiles": PROFILE}))
    told = subject.told(("auth", "profiles"), written)
    if subject.version == "2026.9.6":
        assert isinstance(told, Reloaded), told
        assert subject.running() == before
        return
    assert isinstance(told, Restarting), told
    proven(prove(before, subject.installation, subject.look, subject.clock, written))
    assert subject.running().pid != before.pid


def it_restarts_once_when_it_is_asked_and_the_proof_is_another_boot(subject: Subject) -> Restart:
    before = subject.running()
    asked = replace(before, manager=None, service=None)
    result = restart(asked, None, subject.installation, subject.look, subject.clock)
    proven(result)
    after = subject.running()
    assert (after.pid == before.pid) is (subject.version == "2026.9.6")
    assert psutil.pid_exists(after.pid)
    return result


def proven(result: Restart) -> None:
    assert (result.needed, result.done) == (True, True), result
    assert result.proof


CONTRACT = (
    it_says_that_it_is_ready,
    it_takes_a_model_over_in_the_same_process,
    it_refuses_what_is_not_valid_and_goes_on,
    it_restarts_itself_for_auth_up_to_2026_9_1,
    it_restarts_once_when_it_is_asked_and_the_proof_is_another_boot,
)
