"""How clawmend sees a gateway that a real systemd runs: each condition is provoked, and told from the others."""

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2e.home import write_private
from e2e.lab import Lab
from e2e.processes import wait_until
from e2e.systemd_bench import UNIT, Bench, ManagedHome, under_systemd

pytestmark = pytest.mark.e2e

LOOK = """
import json, os
from clawmend.core.gateway_words import sentence
from clawmend.repair.planning import Options, look
from clawmend.repair.tools import look_only_tools
from clawmend.system.machine import RealClock, find_place
tools = look_only_tools(find_place(None, None, os.environ), RealClock())
found = look(tools, Options())
health = found.snapshot.openclaws[0].health
print(json.dumps({"condition": health.condition.value, "sentence": sentence(health), "pid": health.pid,
    "version": health.version, "unit": health.unit, "restarts": health.restarts, "status": health.exit_status,
    "cause": health.cause and health.cause.name, "member": health.member, "lines": health.lines,
    "findings": [f"{one.rule} {one.severity.value}" for one in found.findings if one.rule.startswith("OC4")],
    "advice": [text for one in found.findings if one.rule == "OC402" for text in one.advice]}))
"""


@dataclass
class Stage:
    """A home with a user manager of its own, and a unit whose gateway does what it is told."""

    bench: Bench
    home: ManagedHome

    def behave(self, word: str) -> None:
        (self._folder() / "behave").write_text(word)

    def _folder(self) -> Path:
        folder = self.home.user / "openclaw"
        folder.mkdir(exist_ok=True)
        return folder

    def write_unit(self, service: str, limits: str = "StartLimitBurst=3\nStartLimitIntervalSec=60") -> None:
        program = self._folder() / "openclaw-gateway.py"
        program.write_bytes((Path(__file__).parent / "fake_gateway.py").read_bytes())
        text = (
            f"[Unit]\nDescription=A gateway that is none\n{limits}\n[Service]\n"
            f"ExecStart={sys.executable} {program} {self.home.port}\nRestartPreventExitStatus=78\n{service}\n"
            "[Install]\nWantedBy=default.target\n"
        )
        write_private(self.home.user / ".config" / "systemd" / "user" / UNIT, text)
        self.bench.systemctl("daemon-reload")

    def systemd(self, *words: str) -> None:
        self.bench.systemctl(*words, UNIT)

    def look(self) -> dict[str, Any]:
        script = self.home.folder / "look.py"
        script.write_text(LOOK)
        ended = self.home.command(sys.executable, str(script))
        assert ended.returncode == 0, ended.stderr[-3000:]
        said: dict[str, Any] = json.loads(ended.stdout)
        self.home.transcript.say(f"  {said['sentence']}")
        return said

    def becomes(self, condition: str, seconds: float = 20) -> dict[str, Any]:
        seen: list[dict[str, Any]] = []

        def is_so() -> bool:
            seen.append(self.look())
            return bool(seen[-1]["condition"] == condition)

        wait_until(is_so, seconds, f"the gateway is {condition}, not {seen[-1:]}")
        return seen[-1]


@pytest.fixture
def stage(lab: Lab) -> Iterator[Stage]:
    with under_systemd(lab, "2026.9.6") as gateway:
        assert isinstance(gateway.home, ManagedHome)
        yield Stage(gateway.bench, gateway.home)


def test_what_is_in_order_or_wanted_is_no_alarm(stage: Stage) -> None:
    assert stage.look()["condition"] == "absent"
    stage.write_unit("Restart=always\nRestartSec=200ms\nTimeoutStopSec=5")
    assert stage.look()["condition"] == "stopped"  # it has never been started

    stage.behave("ready")
    stage.systemd("start")
    ready = stage.becomes("ready")
    assert (ready["unit"], ready["version"], ready["restarts"]) == (UNIT, "2026.9.6", 0)
    stage.behave("draining")
    draining = stage.becomes("draining")
    assert draining["pid"] == ready["pid"]
    stage.systemd("stop")
    stopped = stage.becomes("stopped")

    stage.behave("slow")
    stage.systemd("start")
    starting = stage.becomes("starting")
    stage.systemd("stop")
    stage.write_unit("Type=notify\nTimeoutStartSec=300")
    stage.systemd("start", "--no-block")
    activating = stage.becomes("starting")  # a slow boot, as systemd sees it
    assert [each["findings"] for each in (ready, draining, stopped, starting, activating)] == [[]] * 5


def test_a_loop_and_the_limit_of_it_are_told_apart_and_reset_failed_is_only_told_for_the_latter(stage: Stage) -> None:
    stage.behave("exit 1")
    stage.write_unit("Restart=always\nRestartSec=1", "StartLimitIntervalSec=0")
    stage.systemd("start")
    looping = stage.becomes("crash-looping")
    assert (looping["status"], looping["findings"]) == (1, ["OC402 error"])
    assert not any("reset-failed" in text for text in looping["advice"])

    stage.systemd("stop")
    assert stage.becomes("stopped")["findings"] == []
    stage.write_unit("Restart=always\nRestartSec=100ms")
    stage.systemd("start")
    latched = stage.becomes("start-limit")
    assert latched["findings"] == ["OC402 error"]
    assert f"systemctl --user reset-failed {UNIT}" in latched["advice"]


def test_exit_78_is_told_from_an_end_that_nobody_cares_for(stage: Stage) -> None:
    stage.behave("exit 78")
    stage.write_unit("Restart=always\nRestartSec=100ms")
    stage.systemd("start")
    assert stage.becomes("exit-78")["findings"] == ["OC402 error"]
    stage.systemd("reset-failed")
    assert stage.becomes("stopped")["findings"] == []

    stage.behave("exit 3")
    stage.write_unit("Restart=no")
    stage.systemd("start")
    failed = stage.becomes("failed")
    assert (failed["status"], failed["restarts"]) == (3, 0)


def test_a_port_that_another_process_holds_is_named(stage: Stage) -> None:
    stage.behave("slow")  # 2026.9.6 waits for its port, and lives
    stage.write_unit("Restart=always")
    with closing(socket.create_server(("127.0.0.1", stage.home.port))):
        stage.systemd("start")
        taken = stage.becomes("port-taken")
        assert (taken["cause"], taken["findings"]) == ("PORT", ["OC402 error"])
    assert stage.becomes("starting")["findings"] == []


def test_a_proxy_is_looked_for_in_the_environment_of_the_gateways_own_process(stage: Stage) -> None:
    host = "coding.dashscope.aliyuncs.com"
    text = stage.home.config.read_text()
    write_private(stage.home.config, text.replace(f"{stage.home.provider.url}/v1", f"https://{host}/v1"))
    stage.behave("ready")
    stage.write_unit(f"Environment=HTTPS_PROXY=http://127.0.0.1:9 NO_PROXY={host} no_proxy={host}")
    stage.systemd("start")
    assert stage.becomes("ready")["findings"] == []  # its unit says otherwise than our own environment
    stage.write_unit("Environment=HTTPS_PROXY=http://127.0.0.1:9 NO_PROXY=localhost no_proxy=localhost")
    stage.systemd("restart")
    assert stage.becomes("ready")["findings"] == ["OC401 info"]


@pytest.mark.proves("OC402", "2026.9.6")
def test_a_real_gateway_that_refuses_its_config_says_which_member(lab: Lab) -> None:
    with under_systemd(lab, "2026.9.6") as gateway:
        assert isinstance(gateway.home, ManagedHome)
        home = gateway.home
        stage = Stage(gateway.bench, home)
        text = home.config.read_text()
        gateway.write_unit()
        write_private(home.config, text.replace("logging: {", "nonsense: { a: 1 },\n  logging: {"))
        stage.systemd("start")
        refused = stage.becomes("exit-78", seconds=120)
        assert (refused["status"], refused["cause"], refused["member"]) == (78, "CONFIG", "nonsense")
        assert refused["sentence"].startswith("The gateway is down for its configuration: it ended with exit status 78")
        assert refused["findings"] == ["OC402 error"]

        write_private(home.config, text)
        assert stage.look()["advice"] == [f"systemctl --user start {UNIT}"]  # what it was down for is gone
        stage.systemd("start")
        assert stage.becomes("ready", seconds=200)["version"] == "2026.9.6"


@pytest.mark.proves("OC402", "2026.3.2")
def test_a_real_loop_over_openclaw_json_ends_by_itself_once_that_is_mended(lab: Lab) -> None:
    with under_systemd(lab, "2026.3.2") as gateway:
        assert isinstance(gateway.home, ManagedHome)
        home = gateway.home
        stage = Stage(gateway.bench, home)
        text = home.config.read_text()
        gateway.write_unit()
        broken = text.replace(
            "logging: {", 'auth: { profiles: { "x:y": { provider: "x", mode: "bearer" } } },\n  logging: {'
        )
        write_private(home.config, broken)
        stage.systemd("start")
        refused = stage.becomes("refusing-config", seconds=120)
        assert (refused["cause"], refused["findings"]) == ("CONFIG", ["OC402 error"])
        assert refused["advice"] == ["clawmend repair"]

        repaired = home.clawmend("repair")
        assert (repaired.code, repaired.verdict) == (0, "repaired"), repaired
        assert stage.look()["findings"] == []
        ready = stage.becomes("ready", seconds=120)
        assert ready["version"] == "2026.3.2"
        assert ready["restarts"] >= 2  # systemd's own; nobody else has started it
